"""What is published, and what would be: what is shown, what is hidden and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from fractions import Fraction
from typing import Any
from uuid import UUID

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right, may
from tiercare.apps.ledger import queries as clock
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network.queries.members import ConsortiumWith, consortia_with_members
from tiercare.apps.network.queries.reading import area_names
from tiercare.engines.measures import publishing as engine
from tiercare.engines.measures.evaluate import Value as Number
from tiercare.engines.measures.indicators import Indicator
from tiercare.engines.measures.rounding import plain, shown
from tiercare.engines.measures.schema import Level
from tiercare.engines.measures.scoring import Inputs, Scorecard, score
from tiercare.engines.policy import parameter
from tiercare.engines.policy.resolve import ParameterProblem
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused, refuse
from tiercare.kernel.text import Text

from ..models import Matter, Publication, Value
from ..rules.standing import NO_SUCH_MATTER
from ..workflow import State
from .assessing import Stands, _number, indicators_of, unit_of, units_of
from .matters import area_of


class Audience(StrEnum):
    """For whom."""

    SECTOR = "SECTOR"
    RESIDENTS = "RESIDENTS"


# The parameters that list for whom results are published.
READERS: Mapping[Audience, str] = {
    Audience.SECTOR: "NHC-65.audience",
    Audience.RESIDENTS: "NHC-66.audience",
}


@dataclass(frozen=True, slots=True)
class HeldBack:
    """Something that is not shown, for whoever publishes."""

    name: str
    indicator: Text
    why: Text


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be published. ``switched`` are the indicators whose public switch is on; ``content`` holds nothing hidden."""

    matter_id: UUID
    audience: Audience
    indicators: Sequence[str]
    switched: Sequence[tuple[str, Text, bool]]
    content: Mapping[str, Any]
    held: Sequence[HeldBack]
    run_id: UUID
    region: str
    pack: str
    period: str


@dataclass(frozen=True, slots=True)
class Shown:
    """Something that is published."""

    id: UUID
    matter_id: UUID | None
    region: str
    period: str
    audience: Audience
    content: Mapping[str, Any]
    published_at: datetime
    published_by: str
    withdrawn_at: datetime | None
    withdrawn_why: str


def preview(
    actor: Actor, *, assessment_id: UUID, audience: Audience, indicators: Sequence[str] | None = None
) -> Preview:
    """What publishing a locked result would show: to the sector all of it, to residents those of ``indicators`` whose public
    switch is on (all of these unless some are named).

    Raises:
        Refused: if the actor may not publish, there is no such assessment, it is not locked, no text asks to publish to
            these readers, or one of the indicators is not switched on.
    """
    refuse(may(actor, Right.EVALUATION_RUN))
    with scoped(actor, area=area_of(actor)):
        matter = Matter.objects.filter(id=assessment_id, kind="ASSESSMENT").first()
        if matter is None:
            raise Refused(NO_SUCH_MATTER)
        refuse(may(actor, Right.EVALUATION_RUN, division=matter.issuer_area))
        if matter.state != State.LOCKED:
            raise Refused(NOT_LOCKED)
        refuse(_asked_for(audience, matter.pack))
        units = [unit_of(actor, assessed_id=each.id) for each in units_of(actor, assessment_id)]
        return _preview(matter, units, audience, indicators)


def _asked_for(audience: Audience, pack: str) -> Refusal | None:
    """Whether a text in force there names these readers."""
    name = READERS[audience]
    try:
        listed = parameter(mandates.packs(), name, pack, on=clock.today()).value
    except ParameterProblem:
        listed = None  # nothing in force says so
    if isinstance(listed, list | tuple) and audience.value.lower() in listed:
        return None
    return replace(NOT_ASKED_FOR, clauses=(name.partition(".")[0],))


def _preview(
    matter: Matter, units: Sequence[Stands], audience: Audience, indicators: Sequence[str] | None
) -> Preview:
    inputs = {unit.key: unit.rests_on for unit in units}
    card = next(iter(inputs.values())).card
    book = indicators_of(matter.pack)
    public = {measure.indicator for measure in card.measures if measure.public}
    listed = [measure.indicator for measure in card.measures if measure.indicator in book]
    chosen = [key for key in listed if audience is Audience.SECTOR or key in public]
    if indicators is not None:
        if set(indicators) - set(chosen):
            raise Refused(NOT_PUBLIC)
        chosen = [key for key in chosen if key in set(indicators)]
    if not chosen:
        raise Refused(NOTHING_PUBLIC)
    definitions = [book[key] for key in chosen]
    cleared = _cleared(definitions, inputs)
    content = {
        "title": matter.title,
        "period": matter.period,
        "region": _region(matter.issuer_area),
        "card": {"zh": card.name.zh, "en": card.name.en, "ours": card.ours},
        "assessor": matter.payload.get("assessor", ""),
        "synthetic": matter.payload.get("synthetic", True),
        "indicators": [_described(book[key], card) for key in chosen],
        "units": [_unit(unit, inputs[unit.key], cleared, book, audience) for unit in units],
    }
    held = _held(cleared, {unit.key: unit.name for unit in units}, book)
    if audience is Audience.RESIDENTS and card.level is Level.CONSORTIUM:
        teams, more = _teams(matter, inputs, cleared, definitions)
        content["teams"], held = teams, [*held, *more]
    switched = [(key, book[key].name, key in public) for key in listed]
    return Preview(
        matter.id,
        audience,
        chosen,
        switched,
        content,
        held,
        UUID(matter.payload["run"]),
        matter.issuer_area,
        matter.pack,
        matter.period,
    )


def _cleared(definitions: Sequence[Indicator], inputs: Mapping[str, Inputs]) -> engine.Cleared:
    """What may be shown of those assessed; the region's own numbers are on everybody's board already."""
    places = {
        key: {each.indicator: each.value for each in found.taken if each.value is not None}
        for key, found in inputs.items()
    }
    region = {
        each.indicator: each.centre
        for found in inputs.values()
        for each in found.taken
        if each.centre is not None
    }
    return engine.cleared(definitions, places, region)


def _teams(
    matter: Matter, inputs: Mapping[str, Inputs], above: engine.Cleared, definitions: Sequence[Indicator]
) -> tuple[list[dict[str, Any]], list[HeldBack]]:
    """Institutions of primary care beside each other, within each consortium; where residents sign."""
    found: list[dict[str, Any]] = []
    held: list[HeldBack] = []
    book = {each.id: each for each in definitions}
    year = next(iter(inputs.values())).span
    rows = Value.objects.filter(
        run_id=matter.payload["run"], level="institution", span=str(year), indicator__in=list(book)
    )
    numbers: dict[str, dict[str, Number]] = {}
    for row in rows:
        numbers.setdefault(row.key, {})[row.indicator] = _number(row, book[row.indicator])
    for each in _consortia(matter, year.last // 100):
        if each.key not in inputs:
            continue
        mine = {member.key: numbers[member.key] for member in each.members if member.key in numbers}
        told = engine.under(above, definitions, mine, each.key)
        names = {member.key: member.name for member in each.members}
        held += _held(told, names, book)
        for member in each.members:
            if member.primary and member.key in mine:
                values = _values(member.key, told, book)
                found.append(
                    {"key": member.key, "name": member.name, "consortium": each.key, "values": values}
                )
    return found, held


def _consortia(matter: Matter, year: int) -> list[ConsortiumWith]:
    return consortia_with_members(matter.issuer_area, on=min(clock.today(), date(year, 12, 31)))


def _unit(
    unit: Stands,
    inputs: Inputs,
    cleared: engine.Cleared,
    book: Mapping[str, Indicator],
    audience: Audience,
) -> dict[str, Any]:
    hidden = [each.indicator for each in cleared.held if each.key == unit.key]
    small = {key: book[key].small for key in hidden}
    told: dict[str, Any] = {"key": unit.key, "name": unit.name, "values": _values(unit.key, cleared, book)}
    if audience is Audience.SECTOR:
        result = score(inputs)
        total = engine.total_shown(result, inputs, hidden, small)
        told |= {
            "total": total,
            "place": unit.place,
            "no_rank": unit.result.get("no_rank"),
            "covered": _share(result.covered),
        }
    return told


def _values(key: str, cleared: engine.Cleared, book: Mapping[str, Indicator]) -> dict[str, dict[str, str]]:
    found = {}
    for (place, indicator), value in cleared.values.items():
        if place == key and value.value is not None:
            definition = book[indicator]
            found[indicator] = {
                "shown": shown(value.value, definition.unit.zh),
                "counts": f"{plain(value.numerator)} / {plain(value.denominator)}",
            }
    return found


def _described(definition: Indicator, card: Scorecard) -> dict[str, Any]:
    weight = next(each.weight for each in card.measures if each.indicator == definition.id)
    return {
        "id": definition.id,
        "name": {"zh": definition.name.zh, "en": definition.name.en},
        "says": {"zh": definition.says.zh, "en": definition.says.en},
        "direction": definition.direction.value,
        "weight": plain(weight),
    }


def _held(cleared: engine.Cleared, names: Mapping[str, str], book: Mapping[str, Indicator]) -> list[HeldBack]:
    return [
        HeldBack(names[each.key], book[each.indicator].name, engine.WHY[each.why]) for each in cleared.held
    ]


def _share(value: Fraction) -> str:
    return shown(value, "%")


def _region(area: str) -> str:
    return area_names(on=clock.today()).get(area, area)


def publications(actor: Actor, *, audience: Audience | None = None) -> list[Shown]:
    """What the actor may read, newest first: what stands in the region where they work; whoever publishes also what was taken
    back.

    Raises:
        Refused: if the actor is nobody's staff.
    """
    refuse(may(actor, Right.POLICY_READ))
    with scoped(actor, area=area_of(actor)):
        found = Publication.objects.exclude(matter_id=None)
        if audience is not None:
            found = found.filter(audience=audience.value)
        mine = [each for each in found.order_by("-published_at") if _near(actor, each.region)]
    return [_shown(each) for each in mine]


def publication(actor: Actor, publication_id: UUID) -> Shown:
    """One of them.

    Raises:
        Refused: if there is none for the actor.
    """
    refuse(may(actor, Right.POLICY_READ))
    with scoped(actor, area=area_of(actor)):
        found = Publication.objects.filter(id=publication_id).first()
    if found is None or not _near(actor, found.region):
        raise Refused(NO_SUCH_PUBLICATION)
    return _shown(found)


def for_residents(region: str, *, period: str = "") -> list[Shown]:
    """What stands for residents of an area (``region`` is a division's code, or begins one): newest year first. Needs no
    sign-in: nothing hidden stands in it."""
    found = Publication.objects.filter(
        audience=Audience.RESIDENTS.value, withdrawn_at=None, region__startswith=region
    )
    if period:
        found = found.filter(period=period)
    with scoped(Actor.system("public")):
        return [_shown(each) for each in found.order_by("-period", "region", "-published_at")[:_MOST]]


_MOST = 40


def _near(actor: Actor, region: str) -> bool:
    """A result of an area is read by those who work in it, and above it."""
    mine = actor.division_code or ""
    return mine.startswith(region) or region.startswith(mine)


def _shown(row: Publication) -> Shown:
    return Shown(
        row.id,
        row.matter_id,
        row.region,
        row.period,
        Audience(row.audience),
        row.content,
        row.published_at,
        row.published_by_name,
        row.withdrawn_at,
        row.withdrawn_why,
    )


def _refusal(code: str, message: Text, instead: Text, status: int = 409) -> Refusal:
    return Refusal(
        code=f"evaluation.{code}", message=message, instead=instead, at="indicators", status=status
    )


NOT_LOCKED = _refusal(
    "not_locked",
    Text("结果还没有锁定，不能公布。", "The result is not locked yet and cannot be published."),
    Text("请先审定、锁定。", "Approve and lock it first."),
)
NOT_ASKED_FOR = _refusal(
    "readers_not_asked_for",
    Text(
        "现行文件没有要求向这些人公布考核结果。", "No text in force asks to publish results to these readers."
    ),
    Text(
        "文件有要求的，请在政策包的条款里写明公布对象。",
        "If a text asks for it, have the policy pack's clause name the readers.",
    ),
)
NOT_PUBLIC = _refusal(
    "not_public",
    Text(
        "有的指标没有打开“向居民公布”，不能公布。",
        "Some of these indicators are not switched on for residents.",
    ),
    Text(
        "请在考核方案里打开，从新的一版起生效。",
        "Switch them on in the scheme; that counts from its next version on.",
    ),
    422,
)
NOTHING_PUBLIC = _refusal(
    "nothing_public",
    Text("没有可以公布的指标。", "There is no indicator to publish."),
    Text(
        "请至少选一项；向居民公布的，先在方案里打开开关。",
        "Choose one; for residents, switch it on in the scheme.",
    ),
    422,
)
NO_SUCH_PUBLICATION = _refusal(
    "no_such_publication",
    Text("没有这份公布的结果，或已经撤回。", "There is no such result, or it was taken back."),
    Text("请从“考核结果”列表打开。", "Open it from the list of results."),
    404,
)
