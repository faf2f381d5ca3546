"""What is known of a person as the guidelines take it: facts with their day, diseases, and how each is controlled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from tiercare.apps.ledger.prepared import rows
from tiercare.apps.residents.rules import Sex
from tiercare.apps.residents.rules.groups import age_on
from tiercare.engines.guidelines import Fact, Guidelines, Kind, Observed
from tiercare.kernel.clock import ZONE, day_of

from ..rules.control import Day, Standing, control_of, with_control
from ..rules.entries import NO, YES

_WHO = """
SELECT r.birth_date, r.sex FROM residents_resident r WHERE r.id = ANY (%(persons)s::uuid[])
ORDER BY r.master_id IS NOT NULL, r.id LIMIT 1
"""
_CODES = """
SELECT code FROM (
    SELECT DISTINCT ON (code) code, status FROM records_condition WHERE resident_id = ANY (%(persons)s::uuid[])
    ORDER BY code, noted_at DESC, id DESC) latest
WHERE status <> 'RESOLVED'
"""
_LATEST = """
SELECT DISTINCT ON (item) item, value, words, taken_at FROM records_observation
WHERE resident_id = ANY (%(persons)s::uuid[]) AND item = ANY (%(items)s::text[]) ORDER BY item, taken_at DESC, id DESC
"""
_SERIES = """
SELECT item, value, words, taken_at FROM records_observation
WHERE resident_id = ANY (%(persons)s::uuid[]) AND item = ANY (%(items)s::text[]) AND taken_at >= %(since)s
ORDER BY taken_at, id
"""
# Signs of the moment: what was so at an earlier visit says nothing of today.
_OF_THE_DAY = frozenset({"alarm", "down"})
# What a disease on the list says about a fact of another.
_TOLD_BY: Mapping[str, frozenset[str]] = {
    "diabetes": frozenset({"diabetes"}),
    "clinical_complication": frozenset({"coronary", "cerebrovascular"}),
}
# GB/T 2261.1 to the guidelines' codes.
_SEX = {Sex.MALE.value: "M", Sex.FEMALE.value: "F"}
# Two years of follow-ups are more than the two that control asks for.
_LOOK_BACK = timedelta(days=730)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known. ``dated`` tells of each fact when it was observed; ``diseases`` have a table in the guidelines;
    ``standings`` tell how those are controlled whose follow-up has classes."""

    observed: Mapping[str, float | bool | str]
    dated: Mapping[str, date]
    diseases: tuple[str, ...]
    standings: tuple[Standing, ...] = ()


def facts(persons: Sequence[UUID], *, on: date, book: Guidelines) -> Facts:
    """What is known of the person on a day. The caller stands in ``residents.queries.opened`` (or ``scoped`` to the person
    for a question whose answer shows nothing of the record) and passes all entries."""
    asked = {"persons": list(persons)}
    who = rows(_WHO, **asked)
    codes = [row["code"] for row in rows(_CODES, **asked)]
    diseases = diseases_of(codes, book)
    fixed = fixed_of(who[0] if who else {}, on)
    observed: dict[str, float | bool | str] = {}
    dated: dict[str, date] = {}
    for row in rows(_LATEST, **asked, items=list(book.facts)):
        fact, day = book.facts[row["item"]], day_of(row["taken_at"])
        value = value_of(row, fact)
        if value is None or day > on or (fact.group in _OF_THE_DAY and day != on):
            continue
        observed[fact.id], dated[fact.id] = value, day
    told: dict[str, float | bool | str] = {
        fact: True for fact, by in _TOLD_BY.items() if fact in book.facts and by & set(diseases)
    }
    standings = _standings(persons, book, diseases, fixed, on)
    known = with_control({**told, **observed, **fixed}, standings)
    return Facts(known, dated, diseases, standings)


def diseases_of(codes: Iterable[str], book: Guidelines) -> tuple[str, ...]:
    """The diseases with a table in the guidelines to which these ICD-10 codes belong."""
    heads = {code[:3] for code in codes}
    return tuple(disease for disease, table in book.tables.items() if heads & set(table.icd10))


def _standings(
    persons: Sequence[UUID], book: Guidelines, diseases: Sequence[str], fixed: Observed, on: date
) -> tuple[Standing, ...]:
    tables = [book.tables[disease] for disease in diseases]
    items = {name for table in tables for each in table.intervals for name in each.when.names} - set(fixed)
    if not items:
        return ()
    since = datetime.combine(on - _LOOK_BACK, time.min, ZONE)
    days: dict[date, dict[str, float | bool | str]] = {}
    for row in rows(_SERIES, persons=list(persons), items=sorted(items), since=since):
        fact = book.facts.get(row["item"])
        value = None if fact is None else value_of(row, fact)
        if value is not None and day_of(row["taken_at"]) <= on:
            days.setdefault(day_of(row["taken_at"]), {})[row["item"]] = value
    series = [Day(day, observed) for day, observed in days.items()]
    return tuple(control_of(book, disease, series, fixed=fixed) for disease in diseases)


def fixed_of(who: Mapping[str, Any], on: date) -> dict[str, float | bool | str]:
    """What does not hang on a measurement: age and sex, of a row with ``birth_date`` and ``sex``."""
    fixed: dict[str, float | bool | str] = {}
    if who.get("birth_date"):
        fixed["age"] = float(age_on(who["birth_date"], on))
    sex = _SEX.get(who.get("sex", ""))
    if sex:
        fixed["sex"] = sex
    return fixed


def value_of(row: Mapping[str, Any], fact: Fact) -> float | bool | str | None:
    """The value of an observation as the guidelines take it; ``None`` where it is of another kind."""
    if fact.kind is Kind.NUMBER:
        return None if row["value"] is None else float(row["value"])
    if fact.kind is Kind.FLAG:
        return row["words"] == YES if row["words"] in (YES, NO) else None
    return row["words"] if row["words"] in (fact.choices or {}) else None
