"""A proposal that ties institutions together: its ties, who has to confirm them and who did, and what the registers say of each pair."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from tiercare.apps.ledger.prepared import rows
from tiercare.engines.policy import PackSet
from tiercare.kernel.geo import distance_km

from .. import models
from ..rules.choosing import MUTUAL, Answer, Link, Side, digest_of, leads_proposed, links, sides
from ..rules.pairing import CRITERIA, FACTORS, Pair, Partner
from ..rules.sentences import RowChange
from ..workflow import State
from . import ours
from .reading import area_names

EXCUSED = "choice_through_centre"
"""The parameter that names categories which are asked through their centre."""
_LEADS = """
SELECT c.slug AS consortium, i.slug AS lead FROM network_membership m
JOIN network_consortium c ON c.id = m.consortium_id JOIN network_institution i ON i.id = m.institution_id
WHERE m.role = 'LEAD' AND m.period @> %(on)s::date AND c.slug = ANY (%(codes)s::text[]) ORDER BY c.slug, i.slug
"""
_PARTNERS = """
SELECT i.id, i.slug AS code, v.name, v.division_code AS division, v.category, v.level, v.beds, v.lng, v.lat,
       (SELECT count(*)::integer FROM network_practicesite p WHERE p.institution_id = i.id AND p.period @> %(on)s::date) AS staff,
       ARRAY(SELECT DISTINCT split_part(s.code, '.', 1) FROM network_licensedspecialty s
             WHERE s.institution_id = i.id AND s.period @> %(on)s::date) AS specialties,
       ARRAY(SELECT a.id FROM network_agreementparty g JOIN network_agreement a ON a.id = g.agreement_id
             WHERE g.institution_id = i.id AND a.signed_on <= %(on)s::date AND a.period @> %(on)s::date) AS agreements,
       ARRAY(SELECT m.consortium_id FROM network_membership m
             WHERE m.institution_id = i.id AND m.period @> %(on)s::date) AS consortia
FROM network_institution i JOIN LATERAL (
    SELECT * FROM network_institutionversion w WHERE w.institution_id = i.id AND lower(w.period) <= %(on)s::date
    ORDER BY lower(w.period) DESC LIMIT 1
) v ON true
WHERE i.slug = ANY (%(codes)s::text[]) ORDER BY i.slug
"""


@dataclass(frozen=True, slots=True)
class Proposal:
    """The ties that an application makes, and what the pack asks of it on its first day.

    ``leads`` names the lead of each consortium as it will be; ``criteria`` and ``factors`` are the pack's words, empty where no text
    asks. ``mutual``: both sides have to confirm before a decision.
    """

    links: tuple[Link, ...]
    leads: Mapping[str, str]
    digest: str
    on: date
    criteria: tuple[str, ...]
    factors: tuple[str, ...]
    excused: tuple[str, ...]

    @property
    def mutual(self) -> bool:
        """Whether both sides have to confirm before a decision."""
        return MUTUAL in self.criteria

    @property
    def asked(self) -> tuple[tuple[str, str], ...]:
        """Every criterion with the clause that asks for it."""
        return (
            *((CRITERIA.partition(".")[0], word) for word in self.criteria),
            *((FACTORS.partition(".")[0], word) for word in self.factors),
        )


def proposal(
    changes: Sequence[RowChange], pack: str, *, on: date, packs: PackSet | None = None
) -> Proposal | None:
    """What rows propose; ``None`` where they tie nobody to anything, or no text asks how such a tie comes about."""
    found = links(changes)
    said = {key: ours.words(key, pack, on=on, packs=packs) for key in (CRITERIA, FACTORS, EXCUSED)}
    if not found or not (said[CRITERIA] or said[FACTORS]):
        return None
    consortia = {link.consortium for link in found} | {link.comes for link in found if link.whole}
    standing = {row["consortium"]: row["lead"] for row in rows(_LEADS, on=on, codes=sorted(consortia))}
    return Proposal(
        found,
        {**standing, **leads_proposed(found)},
        digest_of(found),
        on,
        said[CRITERIA],
        said[FACTORS],
        said[EXCUSED],
    )


def sides_of(application: models.Application, found: Proposal) -> list[Side]:
    """Who has to confirm a proposal, each with what it said last about just these ties. Institutions that the proposal itself sets up are
    nobody yet and are not asked."""
    codes = _codes(found)
    known = {row["code"]: row for row in rows(_PARTNERS, on=found.on, codes=sorted(codes))}
    wanted = sides(
        found.links,
        found.leads,
        category_of={code: row["category"] for code, row in known.items()},
        excused=found.excused,
    )
    said = {
        row.institution_id: row
        for row in models.Confirmation.objects.filter(
            application_id=application.id, digest=found.digest
        ).order_by("at", "id")
    }
    answers = []
    for code, consortia in wanted.items():
        if code not in known:
            continue
        kept = said.get(known[code]["id"])
        own = known[code]["id"] == application.institution_id and application.state != State.DRAFT
        answer = Answer.AGREED if own else Answer.OPEN
        if kept is not None:
            answer = Answer.AGREED if kept.agreed else Answer.DECLINED
        answers.append(
            Side(
                code,
                known[code]["name"],
                consortia,
                answer,
                kept.words if kept else "",
                kept.by_name if kept else application.applicant_name if own else "",
                kept.at if kept else application.submitted_at if own else None,
                applied=own and kept is None,
            )
        )
    return answers


def _codes(found: Proposal) -> set[str]:
    return {*found.leads.values(), *(link.comes for link in found.links if not link.whole)} - {""}


def partner_ids(found: Proposal) -> Mapping[str, UUID]:
    """Ids of the institutions of a proposal that are on record, by code."""
    ids = models.Institution.objects.filter(slug__in=_codes(found)).values_list("slug", "id")
    return dict(ids)


def pairs_of(
    found: Proposal, *, agreed: Collection[str], requests: Mapping[frozenset[str], int]
) -> list[Pair]:
    """Every institution that comes, with the lead it comes to. ``agreed`` are the codes that confirmed or need not; ``requests`` counts those
    between two institutions, by their codes."""
    known = {row["code"]: row for row in rows(_PARTNERS, on=found.on, codes=sorted(_codes(found)))}
    areas = area_names(on=found.on)
    pairs = []
    for link in found.links:
        lead = known.get(found.leads.get(link.consortium, ""))
        comes = known.get(found.leads.get(link.comes, "") if link.whole else link.comes)
        if lead is None or comes is None or lead["code"] == comes["code"]:
            continue
        pairs.append(
            Pair(
                _partner(lead, areas),
                _partner(comes, areas),
                km=_km(lead, comes),
                requests=requests.get(frozenset({lead["code"], comes["code"]}), 0),
                agreements=len({*lead["agreements"]} & {*comes["agreements"]}),
                together=len({*lead["consortia"]} & {*comes["consortia"]}),
                agreed={lead["code"], comes["code"]} <= set(agreed),
            )
        )
    return pairs


def _partner(row: Mapping[str, Any], areas: Mapping[str, str]) -> Partner:
    return Partner(
        code=row["code"],
        name=row["name"],
        division=row["division"],
        area=areas.get(row["division"], row["division"]),
        category=row["category"],
        level=row["level"],
        beds=row["beds"],
        staff=row["staff"],
        specialties=frozenset(row["specialties"]),
    )


def _km(one: Mapping[str, float | None], other: Mapping[str, float | None]) -> float | None:
    here, there = (one["lng"], one["lat"]), (other["lng"], other["lat"])
    if here[0] is None or here[1] is None or there[0] is None or there[1] is None:
        return None
    return distance_km((here[0], here[1]), (there[0], there[1]))


def scores(application_id: UUID) -> list[models.ProposalScore]:
    """What is kept about an application's criteria, the newest of each first."""
    return list(models.ProposalScore.objects.filter(application_id=application_id).order_by("-at", "-id"))


def waiting_for(institution_id: UUID) -> list[models.Application]:
    """Submitted applications that an institution might have to confirm: those that name it, or a consortium that it leads."""
    institution = models.Institution.objects.filter(id=institution_id).first()
    if institution is None:
        return []
    led = models.Membership.objects.filter(institution_id=institution_id, role="LEAD")
    named = {institution.slug, *led.values_list("consortium__slug", flat=True)}
    found = models.Application.objects.filter(state=State.SUBMITTED).order_by("-id")
    return [row for row in found if named & _named(row.payload)]


def _named(payload: Mapping[str, object]) -> set[str]:
    entries = payload.get("entries", ())
    assert isinstance(entries, (list, tuple)), "how changes are kept"
    return {
        str(entry["cells"].get(key, ""))
        for entry in entries
        for key in ("institution", "consortium", "parent", "child")
    }
