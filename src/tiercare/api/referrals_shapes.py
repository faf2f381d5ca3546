"""The shapes of ``/api/referrals``: criteria, destinations, who is ready to go down, what goes along."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import ConfigDict, Field

from tiercare.apps.referrals.queries import Packed, Proposal
from tiercare.apps.referrals.queries.destinations import Destination
from tiercare.engines.guidelines import Follow, Held, Unsure
from tiercare.kernel.text import Text

from .requests_shapes import ContentIn, Line, ProblemCode
from .writes import Body

KindWord = Literal["up", "down", "lateral", "advice"]
_SOME_ID = "0199f0a2-7c1e-7d3a-9b1c-3f6a2e5d8c41"


class StartIn(Body):
    """For whom and which way; what the record and the criteria say is filled in. ``again`` is why there should be another
    for a problem for which one is open."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"kind": "up", "resident": _SOME_ID}]})

    kind: KindWord
    resident: UUID
    problem_code: ProblemCode = ""
    problem: Line = Field("", max_length=120)
    visit: UUID | None = None
    again: Line = Field("", max_length=300)


class ConvertIn(Body):
    """What the answered question becomes."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"kind": "up"}]})

    kind: Literal["up", "lateral"] = "up"


class SendIn(ContentIn):
    """What was written last, kept and sent in one. ``without_place`` gives up a place that was held, or has run out, and
    leaves the time to the receiver."""

    without_place: bool = False


class Both(Schema):
    """A sentence in both languages."""

    zh: str
    en: str


class BecauseOut(Schema):
    """A comparison that holds for the resident."""

    fact: str
    compared: str
    limit: float | str | bool


class CriterionOut(Schema):
    """A row of the tables: what it says, on whose word, and how sure that is (``seen``, ``high``, ``medium``, ``ours``)."""

    id: str
    disease: str
    to: int
    urgency: str
    says: Both
    source: Both
    confidence: str
    because: list[BecauseOut]
    missing: list[str]


class FollowOut(Schema):
    """Within how many days the next contact is due."""

    days: int
    says: Both
    source: Both
    confidence: str


class FactOut(Schema):
    """A fact that would have to be known."""

    id: str
    kind: str
    name: Both
    unit: str
    low: float | None
    high: float | None
    choices: dict[str, Both]


class ProposalOut(Schema):
    """What the tables in force say: criteria that hold, those that may (``unsure``, with the facts to ask for), how urgent,
    and from which level on an institution is able. ``version`` is the digest of the tables."""

    problem_code: str
    problem: str
    urgency: str | None
    tier: int | None
    held: list[CriterionOut]
    unsure: list[CriterionOut]
    follow: FollowOut | None
    ask: list[FactOut]
    version: str


class FirstOut(Schema):
    """The first free place there for this resident."""

    slot: UUID
    session: UUID
    pool: str
    grade: str
    physician: str
    starts_at: datetime
    ends_at: datetime
    free: int
    channel: str


class EstimateOut(Schema):
    """What the usual case would cost, where the cover is known; ``caveat`` says what the figure is worth. ``at_least`` is
    less where this episode's deductible counts on and may have been paid."""

    known: bool
    at_least: Decimal | None
    out_of_pocket: Decimal | None
    fund_pays: Decimal | None
    caveat: Both


class ReasonOut(Schema):
    """Why it stands where it stands."""

    code: str
    text: Both
    clauses: list[str]


class DepartmentOut(Schema):
    """A department of the specialty."""

    id: UUID
    name: str


class DestinationOut(Schema):
    """An institution that can be chosen; kilometres over the straight line and minutes by road are estimates."""

    institution: UUID
    name: str
    level: int
    category: str
    division: str
    km: float | None
    minutes: int | None
    ties: list[str]
    key_rank: str
    wished: bool
    departments: list[DepartmentOut]
    first: FirstOut | None
    estimate: EstimateOut
    reasons: list[ReasonOut]


class DestinationsOut(Schema):
    """The best first, by the region's order; sorted, never closed because of a consortium."""

    items: list[DestinationOut]


class PackageOut(Schema):
    """What of the record went along, as it stood then: entries by part; ``hidden`` counts those that your role does not see.
    ``digest`` is SHA-256 of the whole as it was packed."""

    content: dict[str, list[dict[str, Any]]]
    digest: str
    made_at: datetime
    hidden: int


def proposal_out(told: Proposal) -> dict[str, Any]:
    """A proposal, as ``ProposalOut`` has it."""
    facts = told.book.facts if told.book else {}
    asked = dict.fromkeys(name for each in told.unsure for name in each.missing if name in facts)
    return {
        "problem_code": told.problem[0],
        "problem": told.problem[1],
        "urgency": None if told.urgency is None else told.urgency.name,
        "tier": told.tier,
        "held": [_criterion(each) for each in told.held],
        "unsure": [_criterion(each) for each in told.unsure],
        "follow": _follow(told.follow),
        "ask": [
            {
                "id": name,
                "kind": facts[name].kind.value,
                "name": _both(facts[name].name),
                "unit": facts[name].unit,
                "low": facts[name].low,
                "high": facts[name].high,
                "choices": {key: _both(text) for key, text in (facts[name].choices or {}).items()},
            }
            for name in asked
        ],
        "version": told.book.version if told.book else "",
    }


def destination_out(found: Destination) -> dict[str, Any]:
    """A destination, as ``DestinationOut`` has it."""
    first, estimate = found.first, found.estimate
    return {
        "institution": found.institution_id,
        "name": found.name,
        "level": found.level,
        "category": found.category.value,
        "division": found.division_code,
        "km": found.km,
        "minutes": found.minutes,
        "ties": sorted(found.ties),
        "key_rank": found.key_rank,
        "wished": found.wished,
        "departments": [{"id": key, "name": name} for key, name in found.departments],
        "first": None
        if first is None
        else {
            "slot": first.slot_id,
            "session": first.session_id,
            "pool": first.pool,
            "grade": first.grade.value,
            "physician": first.physician,
            "starts_at": first.starts_at,
            "ends_at": first.ends_at,
            "free": first.free,
            "channel": first.channel.value,
        },
        "estimate": {
            "known": estimate.known,
            "at_least": None if estimate.at_least is None else str(estimate.at_least),
            "out_of_pocket": None if estimate.out_of_pocket is None else str(estimate.out_of_pocket),
            "fund_pays": None if estimate.fund_pays is None else str(estimate.fund_pays),
            "caveat": _both(estimate.caveat),
        },
        "reasons": [
            {
                "code": each.code,
                "text": {"zh": each.sentence("zh"), "en": each.sentence("en")},
                "clauses": each.clauses,
            }
            for each in found.reasons
        ],
    }


def package_out(packed: Packed) -> dict[str, Any]:
    """What went along, as ``PackageOut`` has it."""
    return {
        "content": packed.content,
        "digest": packed.digest,
        "made_at": packed.made_at,
        "hidden": packed.hidden,
    }


def _criterion(each: Held | Unsure) -> dict[str, Any]:
    row = each.row
    return {
        "id": row.id,
        "disease": row.disease,
        "to": row.to,
        "urgency": row.urgency.name,
        "says": _both(row.says),
        "source": _both(row.source.name),
        "confidence": row.confidence.value,
        "because": [
            {"fact": one.fact, "compared": one.compared, "limit": one.limit}
            for one in (each.because if isinstance(each, Held) else ())
        ],
        "missing": list(each.missing) if isinstance(each, Unsure) else [],
    }


def _follow(follow: Follow | None) -> dict[str, Any] | None:
    if follow is None:
        return None
    said = follow.interval
    return {
        "days": said.days,
        "says": _both(said.says),
        "source": _both(said.source.name),
        "confidence": said.confidence.value,
    }


def _both(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}
