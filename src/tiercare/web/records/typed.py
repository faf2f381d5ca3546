"""What a form of the record sent, read into what commands take; each value is refused by its field's name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation

from django.http import QueryDict

from tiercare.apps.records.rules import refusals
from tiercare.apps.records.rules.entries import Diagnosis, Drug, Reading, as_reading
from tiercare.apps.records.rules.icd import CATEGORIES, read_diagnosis
from tiercare.apps.records.rules.vocabulary import ConditionRole
from tiercare.apps.terms import queries as terms
from tiercare.engines.guidelines import Fact, Guidelines, Kind
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text
from tiercare.web import given
from tiercare.web.pages import said

OTHERS = ("dx2", "dx3", "dx4")
DRUGS = range(4)
# What nearly every visit measures; everything else the guidelines ask for stands folded below.
FIRST = ("sbp", "dbp", "heart_rate", "temperature", "fpg", "hba1c")
# Told by the index, not measured.
_NOT_ASKED = frozenset({"age", "sex", "onset_age"})
_GROUPS = {
    "alarm": Text("现在有没有", "Present now"),
    "history": Text("既往", "History"),
    "course": Text("病程", "Course"),
    "down": Text("可否转回基层", "Fit to go down"),
    "situation": Text("特殊情况", "Situation"),
}


@dataclass(frozen=True, slots=True)
class Field:
    """A fact as a form asks for it."""

    fact: Fact
    name: str
    value: str
    hint: str = ""


def fields(book: Guidelines | None, sent: QueryDict) -> dict[str, object]:
    """The facts of a form: measured first, more numbers, and flags by group."""
    facts = [each for each in book.facts.values() if each.id not in _NOT_ASKED] if book else []
    numbers = {each.id: _field(each, sent) for each in facts if each.kind is Kind.NUMBER}
    groups = [
        (said(name), [_field(each, sent) for each in facts if each.kind is Kind.FLAG and each.group == key])
        for key, name in _GROUPS.items()
    ]
    return {
        "measured": [numbers[each] for each in FIRST if each in numbers],
        "more": [each for key, each in numbers.items() if key not in FIRST],
        "flags": [(name, each) for name, each in groups if each],
    }


def _field(fact: Fact, sent: QueryDict) -> Field:
    hint = f"{fact.low:g}–{fact.high:g}" if fact.low is not None and fact.high is not None else ""
    return Field(fact, said(fact.name), sent.get(f"f-{fact.id}", "").strip()[:20], hint)


def answers(book: Guidelines | None, sent: QueryDict) -> dict[str, float | bool | str]:
    """The facts that a form states.

    Raises:
        Refused: for a number that is none.
    """
    told: dict[str, float | bool | str] = {}
    for fact in book.facts.values() if book else ():
        text = sent.get(f"f-{fact.id}", "").strip()
        if not text:
            continue
        told[fact.id] = text == "yes" if fact.kind is Kind.FLAG else float(_number(text, fact))
    return told


def readings(book: Guidelines | None, sent: QueryDict) -> list[Reading]:
    """The same as values for the record, with their units.

    Raises:
        Refused: for a number that is none.
    """
    found = []
    for key, value in answers(book, sent).items():
        assert book is not None
        found.append(replace(as_reading(key, value), unit=book.facts[key].unit))
    return found


def _number(text: str, fact: Fact) -> Decimal:
    try:
        value = Decimal(text.replace("．", ".").replace("，", "."))
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        raise Refused(
            replace(_NOT_A_NUMBER, fields={"fact": fact.name, "text": text[:20]}, at=f"f-{fact.id}")
        )
    return value


def diagnoses(sent: QueryDict) -> list[Diagnosis]:
    """The main diagnosis and those beside it, by code, name or pinyin.

    Raises:
        Refused: for one that is none, or means several.
    """
    found, wrong = [], []
    for place, name in enumerate(("dx", *OTHERS)):
        text = given.text(sent, name, longest=120)
        if not text:
            continue
        read = read_diagnosis(text, terms.initials)
        if read is None:
            wrong.append(replace(refusals.NOT_ICD, fields={"code": text[:40]}, at=name))
        else:
            role = ConditionRole.MAIN if place == 0 else ConditionRole.OTHER
            found.append(Diagnosis(read[0], read[1], role))
    if wrong:
        raise Refused(*wrong)
    return found


def drugs(sent: QueryDict) -> list[Drug]:
    """The medicines of the form's lines.

    Raises:
        Refused: for a day that is none.
    """
    found = []
    for number in DRUGS:
        name = given.text(sent, f"drug{number}", longest=100)
        if not name:
            continue
        until: date | None = given.day(sent, f"until{number}") if sent.get(f"until{number}") else None
        dose = given.text(sent, f"dose{number}", longest=200)
        found.append(Drug(name, dose=dose, until=until, long_term=f"long{number}" in sent))
    return found


def drug_lines(sent: QueryDict) -> list[dict[str, object]]:
    """The lines of medicines as they were typed."""
    return [
        {
            "number": number,
            "name": sent.get(f"drug{number}", ""),
            "dose": sent.get(f"dose{number}", ""),
            "until": sent.get(f"until{number}", ""),
            "long": f"long{number}" in sent,
        }
        for number in DRUGS
    ]


def categories() -> Sequence[tuple[str, str]]:
    """What the box of diagnoses offers, with the pinyin initials by which it is found too."""
    return [(f"{code} {name}", terms.initials(name)) for code, name in CATEGORIES.items()]


_NOT_A_NUMBER = Refusal(
    code="records.not_a_number",
    message=Text("“{fact}”填的“{text}”不是数。", "“{text}” for {fact} is no number."),
    instead=Text("请只填数字，如 138。", "Give digits only, such as 138."),
    status=422,
)
