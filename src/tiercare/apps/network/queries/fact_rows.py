"""The network's fact tables as they stood at the end of a day: rows in the columns of ``facts.yaml``, sorted by their key.

What the registers do not hold stays empty. Staff are the clinicians of the register, no others.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from tiercare.apps.ledger.prepared import rows
from tiercare.apps.terms import queries as terms
from tiercare.apps.terms.rules import DivisionLevel

from ..rules.facts import Kind
from . import fact_sql as sql
from .fact_places import FORMS, Places, Where

Row = dict[str, Any]
_NODE = "telemedicine_node"
# Under which codes of the service register (ours, ``policies/cn/indicators``) what an institution runs is counted.
_ITEMS: Mapping[str, tuple[str, ...]] = {
    _NODE: ("centre.teleconsultation",),
    "pathology": ("centre.pathology", "centre.telepathology"),
    "imaging": ("centre.imaging", "centre.teleimaging"),
    "ecg": ("centre.ecg", "centre.teleecg"),
    "lab": ("centre.central_lab", "centre.laboratory"),
    "teletraining": ("centre.teletraining",),
    "psychiatric_clinic": ("clinic.psychiatry",),
}
_PSYCHIATRY = "15"  # 精神科 in the register of licensed specialties
_TCM = "50"  # 中医科
_GENERAL_PRACTICE = "02"  # 全科医疗科
_TITLES = (("主任", "senior"), ("主治", "middle"), ("主管", "middle"), ("师", "junior"), ("士", "junior"))
_PROFESSIONS = (("护", "nurse"), ("药", "pharmacist"), ("技", "technician"), ("乡村医生", "village_doctor"))
_LEVELS = {DivisionLevel.COUNTY: "county", DivisionLevel.TOWNSHIP: "township"}
_RANKS = {"primary": 0, "other": 1, "secondary": 2, "tertiary": 3}


def fact_consortia(region: str, *, on: date, places: Places) -> Iterator[Row]:
    """Consortia of the region; of one without a lead nothing is said: the rule cards already do."""
    for row in rows(sql.CONSORTIA, on=on, region=region):
        lead = places.institutions.get(row["lead"])
        if lead is not None:
            yield {
                "consortium": row["slug"],
                "form": FORMS[row["kind"]],
                "tight": row["tight"],
                "division": row["division"],
                "lead": lead.key,
                "lead_level": lead.level,
                "lead_public": lead.public,
                "group_led": lead.tier == "tertiary",
                "telemedicine": row["telemedicine"],
                "effective": row["effective"],
                "started": row["started"],
            }


def fact_institutions(region: str, *, on: date, places: Places) -> Iterator[Row]:
    """Institutions of the region that are open. All of them are connected to the region's platform: it is this one."""
    runs = _facilities(on)
    tcm = {row["id"] for row in rows(sql.SPECIALTIES, on=on, codes=[_TCM])}
    for each in places.within(region):
        yield {
            "institution": each.key,
            "division": each.division,
            "category": each.category,
            "tier": each.tier,
            "grade": each.grade,
            "county_hospital": each.county_hospital,
            "public": each.public,
            "urban": each.urban,
            "consortium": each.consortium,
            "role": each.role,
            "tight": each.tight,
            "form": each.form,
            "beds": each.beds,
            "telemedicine": _NODE in runs.get(each.id, {}),
            "connected": True,
            "ecg": "ecg" in runs.get(each.id, {}),
            "tcm_service": each.category == "TCM" or each.id in tcm,
        }


def fact_capabilities(region: str, *, on: date, places: Places) -> Iterator[Row]:
    """What the region's institutions run, by code and since when."""
    runs = _facilities(on)
    clinics = {row["id"]: row["since"] for row in rows(sql.SPECIALTIES, on=on, codes=[_PSYCHIATRY])}
    for each in places.within(region):
        items = {
            item: since
            for kind, since in runs.get(each.id, {}).items()
            for item in _ITEMS.get(kind, (f"service.{kind}",))
        }
        if each.id in clinics:
            items.setdefault("clinic.psychiatry", clinics[each.id])
        for item, since in sorted(items.items()):
            yield {
                "institution": each.key,
                "division": each.division,
                "tier": each.tier,
                "role": each.role,
                "item": item,
                "active": True,
                "since": since,
                "county_hospital": each.county_hospital,
            }


def fact_staff(region: str, *, on: date, places: Places, pseudonym: Callable[[UUID], str]) -> Iterator[Row]:
    """Clinicians where they practise; ``pseudonym`` says the key of a person."""
    found = [
        (pseudonym(row["person"]), places.institutions[row["id"]], row)
        for row in rows(sql.STAFF, on=on)
        if places.lies_in(row["id"], region) and places.institutions[row["id"]].stands
    ]
    for person, where, row in sorted(found, key=_person_and_place):
        yield {
            "person": person,
            "institution": where.key,
            "division": where.division,
            "tier": where.tier,
            "category": where.category,
            "consortium": where.consortium,
            "role": where.role,
            "urban": where.urban,
            "profession": _first(_PROFESSIONS, row["title"], "physician"),
            "gp": row["scope_code"].partition(".")[0] == _GENERAL_PRACTICE,
            "title": _first(_TITLES, row["title"], "none"),
            "technical_post": True,
            "specialty": row["scope_code"] or None,
            "county_hospital": where.county_hospital,
        }


def fact_agreements(region: str, *, on: date, places: Places) -> Iterator[Row]:
    """Agreements in force between an upper and a lower institution, of which the lower stands in the region."""
    for row in rows(sql.AGREEMENTS, on=on):
        known = (places.institutions[each] for each in row["parties"] if each in places.institutions)
        sides = sorted(known, key=_rank)
        if len(sides) > 1 and sides[0].county.startswith(region):
            lower, upper = sides[0], sides[-1]
            yield {
                "agreement": row["slug"],
                "kind": _kind_of(row),
                "lower": lower.key,
                "lower_category": lower.category,
                "lower_county_hospital": lower.county_hospital,
                "division": lower.division,
                "upper": upper.key,
                "upper_tier": upper.tier,
                "specialty": row["specialty"] or None,
                "since": row["since"],
            }


def fact_grids(region: str, *, on: date, places: Places) -> Iterator[Row]:
    """Counties and townships of the region: whether somebody answers for them, and whether telemedicine stands there."""
    communities = {row["division"] for row in rows(sql.COMMUNITIES, on=on)}
    runs = _facilities(on)
    nodes = {each.division for each in places.within(region) if _NODE in runs.get(each.id, {})}
    nodes |= {each[:6] for each in nodes}
    for code, level in sorted(_divisions(region, on).items()):
        yield {
            "division": code,
            "kind": _LEVELS[level],
            "covered": places.answering(code) is not None or _below_answered(code, places),
            "community": bool({code, code[:6]} & communities),
            "telemedicine": code in nodes,
        }


def fact_milestones(region: str, *, on: date, places: Places) -> Iterator[Row]:
    """What signed agreements owe by a clause: who, by when, and when it was done."""
    by_key = {each.key: each for each in places.institutions.values()}
    for row in rows(sql.DUTIES, on=on):
        what, _, key = row["body"].partition(":")
        where = by_key.get(key)
        division = key if what == "gov" else where.division if where else ""
        if division.startswith(region):
            yield {
                "clause": row["clause"],
                "body": row["body"],
                "division": division,
                "stage": "done",
                "due": row["due"],
                "done": row["done"],
            }


def _facilities(on: date) -> Mapping[UUID, Mapping[str, date]]:
    found: dict[UUID, dict[str, date]] = defaultdict(dict)
    for row in rows(sql.FACILITIES, on=on):
        found[row["id"]][row["kind"]] = row["since"]
    return found


def _divisions(region: str, on: date) -> Mapping[str, DivisionLevel]:
    counties = [region] if len(region) == len("340200") else _counties(region, on)
    townships = terms.township_codes(counties, on=on)
    below = {code: DivisionLevel.TOWNSHIP for codes in townships.values() for code in codes}
    return dict.fromkeys(counties, DivisionLevel.COUNTY) | below


def _counties(region: str, on: date) -> list[str]:
    return sorted(
        code for code in terms.codes(on=on) if len(code) == len("340200") and code.startswith(region)
    )


def _below_answered(code: str, places: Places) -> bool:
    """A county that is shared out by townships is covered by what answers for these."""
    return len(code) == len("340200") and any(each.startswith(code) for each in places.answers)


def _kind_of(row: Mapping[str, Any]) -> str:
    if row["trust"]:
        return "trusteeship"
    if row["consortium"] == Kind.SPECIALTY_ALLIANCE:
        return "alliance"
    return "support" if row["posts"] else "cooperation"


def _first(words: Sequence[tuple[str, str]], title: str, otherwise: str) -> str:
    return next((word for part, word in words if part in title), otherwise)


def _rank(where: Where) -> tuple[int, int, str]:
    return _RANKS[where.tier], where.level, where.key


def _person_and_place(found: tuple[str, Where, Mapping[str, Any]]) -> tuple[str, str]:
    return found[0], found[1].key
