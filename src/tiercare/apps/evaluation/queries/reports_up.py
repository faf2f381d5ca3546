"""Papers that leave the region: a locked result for another assessment, participation of provincial hospitals, counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from tiercare.apps.access.queries import scoped
from tiercare.apps.ledger import queries as clock
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network import queries as network
from tiercare.apps.network.queries.reading import area_names
from tiercare.apps.network.rules.facts import Category
from tiercare.apps.terms import queries as terms
from tiercare.engines.measures.bulletins import Counts, Feed
from tiercare.engines.measures.periods import span
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused

from ..rules import bulletins as rules
from ..rules.kinds import KindId
from ..workflow import State
from .book import oversight_of
from .library import shelf
from .matters import Listed, Wanted, area_of, matter, matters
from .participation import COUNTED, participation

_UNITS = """
SELECT level, key, name, area, total, place, result_digest FROM evaluation_assessed WHERE assessment_id = %(matter)s
ORDER BY place NULLS LAST, name
"""


def locked(actor: Actor) -> list[Listed]:
    """Assessments that are locked: what can be handed over.

    Raises:
        Refused: if the actor has no part in them.
    """
    return matters(actor, Wanted(kinds=(KindId.ASSESSMENT,), states=(State.LOCKED,)))


def result_paper(actor: Actor, matter_id: UUID, feed: Feed, county: str = "") -> dict[str, Any]:
    """A locked assessment for another one; of a ``county`` only its own units.

    Raises:
        Refused: if there is no such assessment for the actor, it is not locked, or nobody of the county was assessed.
    """
    found = matter(actor, matter_id=matter_id).standing
    if found.kind != KindId.ASSESSMENT or found.state is not State.LOCKED:
        raise Refused(rules.NOT_LOCKED)
    with scoped(actor, area=area_of(actor)):
        units = [row for row in rows(_UNITS, matter=matter_id) if row["area"].startswith(county)]
    if not units:
        raise Refused(rules.NOTHING_TO_REPORT)
    names = area_names(on=found.today)
    area = names.get(county or found.owner.area, county or found.owner.area)
    head = _head(rules.RESULT, found.issuer.area)
    return {
        **head,
        "synthetic": head["synthetic"] or bool(found.payload.get("synthetic")),
        "title": f"{found.title}结果移交{area}{feed.name.zh}",
        "to": f"{area}{feed.name.zh}",
        "period": found.period,
        "feed": feed.key,
        "assessment": {
            "id": str(found.id),
            "title": found.title,
            "card": rules.text_of(found.payload, "card"),
            "version": found.payload.get("version"),
            "run": rules.text_of(found.payload, "run_digest"),
        },
        "units": [
            {
                "level": row["level"],
                "key": row["key"],
                "name": row["name"],
                "area": names.get(row["area"], row["area"]),
                "total": None if row["total"] is None else f"{row['total']:.2f}",
                "place": row["place"],
                "digest": row["result_digest"],
            }
            for row in units
        ],
    }


def participation_paper(region: str, year: str) -> dict[str, Any]:
    """What provincial hospitals took part in, for the province.

    Raises:
        Refused: if there is no provincial hospital here.
    """
    took, synthetic = participation(region, span(year))
    if not took:
        raise Refused(rules.NOTHING_TO_REPORT)
    head = _head(rules.PARTICIPATION, region)
    return {
        **head,
        "title": f"{year}年省属医院参与和落实{head['area']}医联体建设情况",
        "to": above(region),
        "period": year,
        "synthetic": head["synthetic"] or synthetic,
        "counted": [{"id": name, "name": said.zh} for name, said in COUNTED.items()],
        "hospitals": [
            {
                "key": each.key,
                "name": each.name,
                "consortia": [
                    {"name": name, "role": role, "others": others} for name, role, others in each.consortia
                ],
                "counts": dict(each.counts),
            }
            for each in took
        ],
    }


def counts_paper(actor: Actor, pack: str, region: str, year: str, asked: Counts) -> dict[str, Any]:
    """How many county hospitals, and county TCM hospitals, say that they reached which standard (NHC-33), for those above.

    Raises:
        Refused: if nobody reported for that year.
    """
    topic = oversight_of(pack).reports.get(asked.topic)
    field = next((each for each in topic.sheet if each.id == asked.answer), None) if topic else None
    if topic is None or field is None:
        raise Refused(rules.NOT_ASKED_FOR)
    found = shelf(actor, topic, period=year)
    if not found.filed:
        raise Refused(rules.NOTHING_TO_REPORT)
    known = network.network_facts(region, on=clock.today()).institutions
    counted: dict[str, Counter[str]] = {"general": Counter(), "tcm": Counter()}
    for line in found.filed:
        house = known.get(str(line.standing.owner.institution_id))
        group = "tcm" if house is not None and house.category is Category.TCM else "general"
        counted[group][str(line.standing.result.get(asked.answer, ""))] += 1
    head = _head(rules.COUNTS, region)
    return {
        **head,
        "title": f"{year}年{head['area']}{topic.name.zh}汇总",
        "to": above(region),
        "period": year,
        "answers": [{"id": each.id, "name": each.name.zh} for each in field.answers],
        "groups": [
            {"name": name, "counts": {each.id: counted[group][each.id] for each in field.answers}}
            for group, name in (("general", "县医院"), ("tcm", "县中医医院"))
        ],
        "missing": [each.standing.subject_name for each in found.missing],
        "toward": None if asked.toward is None else asdict(asked.toward),
    }


def above(region: str) -> str:
    """The commission above a region, by name: of the province, or the national one."""
    codes = [code for code in (region[:4], region[:2]) if code and len(code) < len(region)]
    known = terms.divisions(codes, on=clock.today())
    name = next((known[code].name for code in codes if code in known), "")
    return f"{name}卫生健康委员会" if name else "国家卫生健康委员会"


def years_of(spans: Sequence[str]) -> list[str]:
    """The years of a run, the newest first."""
    return sorted((each for each in spans if each.isdigit()), reverse=True)


def _head(kind: str, region: str) -> Mapping[str, Any]:
    today = clock.today()
    names = area_names(on=today) | {pack.region: pack.name.zh for pack in mandates.packs()}
    area = names.get(region, region)
    return {
        "kind": kind,
        "words": "",
        "issuer": f"{area}卫生健康委员会",
        "area": area,
        "day": today.isoformat(),
        "synthetic": clock.installation().synthetic,
    }
