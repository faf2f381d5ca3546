"""What cannot be, in what a visit or a report says. Facts of the guidelines are held against their bounds there."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from tiercare.engines.guidelines import Guidelines, Kind, misread
from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text

from . import refusals
from .entries import NO, YES, Diagnosis, Drug, Reading
from .vocabulary import ConditionRole

# ICD-10 with the national extensions: a letter and two digits, then a point and up to six signs (I10.x00x002).
_ICD = re.compile(r"[A-Z]\d{2}(\.[0-9A-Za-z]{1,8}([+*])?)?")


def wrong_conditions(conditions: Sequence[Diagnosis]) -> list[Refusal]:
    """Codes that are none, and a second main diagnosis."""
    found = [
        replace(refusals.NOT_ICD, fields={"code": each.code})
        for each in conditions
        if not _ICD.fullmatch(each.code) or not each.name.strip()
    ]
    found += no_text(*(each.name for each in conditions))
    mains = [each for each in conditions if each.role is ConditionRole.MAIN]
    return [*found, refusals.ONE_MAIN] if len(mains) > 1 else found


def wrong_readings(readings: Sequence[Reading], book: Guidelines | None) -> list[Refusal]:
    """Items without a value, ranges upside down, and facts of the guidelines that cannot be so."""
    found: list[Refusal] = []
    for each in readings:
        shown = {"item": each.name or each.item}
        if not _says_something(each):
            found.append(replace(refusals.NO_VALUE, fields=shown))
        elif each.low is not None and each.high is not None and each.low > each.high:
            found.append(replace(refusals.RANGE_UPSIDE_DOWN, fields=shown))
        elif book is not None and each.item in book.facts:
            found += misread(book, {each.item: as_fact(each, book)})
    texts = (text for each in readings for text in (each.item, each.words, each.unit, each.name))
    return found + no_text(*texts)


def _says_something(each: Reading) -> bool:
    return bool(each.item) and (each.words.strip() != "" if each.value is None else each.value.is_finite())


def as_fact(reading: Reading, book: Guidelines) -> float | bool | str:
    """The value as the guidelines take it: a number, a flag, or a code."""
    if reading.value is not None:
        return float(reading.value)
    if book.facts[reading.item].kind is Kind.FLAG and reading.words in {YES, NO}:
        return reading.words == YES
    return reading.words


def wrong_drugs(drugs: Sequence[Drug]) -> list[Refusal]:
    """Medicines without a name, and those that end before they start."""
    found = [refusals.NO_DRUG_NAME for each in drugs if not each.name.strip()][:1]
    found += no_text(*(text for each in drugs for text in (each.name, each.dose, each.code)))
    return found + [
        replace(refusals.TAKEN_TOO_SHORT, fields={"name": each.name})
        for each in drugs
        if each.since is not None and each.until is not None and each.until < each.since
    ]


def wrong_times(started_at: datetime, ended_at: datetime | None, *, now: datetime) -> list[Refusal]:
    """A time in the future, or an end before its start."""
    found = [refusals.IN_FUTURE] if started_at > now or (ended_at is not None and ended_at > now) else []
    if ended_at is not None and ended_at < started_at:
        found.append(refusals.ENDS_BEFORE_START)
    return found


def too_long(said: Mapping[Text, tuple[str, int]]) -> list[Refusal]:
    """Texts longer than their column, or with signs that no column keeps; by name, with the text and how many characters
    it may have."""
    found = [
        replace(refusals.TOO_LONG, fields={"field": name, "most": most})
        for name, (text, most) in said.items()
        if len(text) > most
    ]
    return found + no_text(*(text for text, _ in said.values()))


def no_text(*said: str) -> list[Refusal]:
    """A sign that PostgreSQL cannot keep: NUL, or half of a pair."""
    wrong = any(sign == "\x00" or "\ud800" <= sign <= "\udfff" for text in said for sign in text)
    return [refusals.NO_TEXT] if wrong else []
