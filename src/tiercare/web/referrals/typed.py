"""What the forms of a referral send, as the content of a request. Whatever is half typed is kept as it is: only sending
asks whether it is whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest
from typing import Any
from uuid import UUID

from django.http import QueryDict

from tiercare.apps.exchange.commands import Content
from tiercare.apps.exchange.rules.kinds import Urgency
from tiercare.apps.referrals.rules.functions import NEEDED_BELOW
from tiercare.engines.guidelines import Guidelines, Kind, misread

LONGEST = 2000
FACT = "fact-"
PARTS = ("problems", "drugs", "results", "visits", "documents")
TEXTS = ("reason", "findings", "treatment", "wanted", "question")
_PROBLEM, _CODE = 120, 10


@dataclass(frozen=True, slots=True)
class Typed:
    """A form as the command takes it. ``version`` is that of the page that was filled in."""

    content: Content
    version: int | None
    to: UUID | None
    department: UUID | None


def referral(given: QueryDict, book: Guidelines | None) -> Typed:
    """A referral up or across, or a question."""
    return _typed(given, _common(given, book))


def down(given: QueryDict, book: Guidelines | None) -> Typed:
    """A referral down with its plan and the dates of guidance."""
    payload = _common(given, book) | {
        "group": line(given, "group", 20),
        "plan": {
            **{part: long(given, part) for part in ("rehabilitation", "nursing")},
            "treatment": long(given, "plan_treatment"),
            "drugs": drugs(given),
            "warnings": [each.strip() for each in long(given, "warnings").splitlines() if each.strip()],
            "next_visit_on": _day(given.get("next_visit_on", "")),
        },
        "guidance": [
            {"due_on": _day(on), "words": words.strip()[:LONGEST]}
            for on, words in zip(given.getlist("guidance_on"), given.getlist("guidance_words"), strict=False)
            if on.strip() or words.strip()
        ],
    }
    return _typed(given, payload)


def line(given: Mapping[str, Any], name: str, longest: int = _PROBLEM) -> str:
    """One line, cut where it is longer than the field lets anybody type."""
    return str(given.get(name, "")).strip()[:longest]


def long(given: Mapping[str, Any], name: str) -> str:
    """A text, cut as ``line``."""
    return str(given.get(name, "")).strip()[:LONGEST]


def key(text: str) -> UUID | None:
    """An id, where it is one."""
    try:
        return UUID(text)
    except ValueError:
        return None


def version(given: QueryDict) -> int | None:
    """The version of the page; ``None`` where the form does not say."""
    sent = given.get("version", "")
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 10 else None


def urgency(given: Mapping[str, Any]) -> Urgency | None:
    """What was chosen."""
    sent = str(given.get("urgency", ""))
    return Urgency(int(sent)) if sent in {str(each.value) for each in Urgency} else None


def observed(given: Mapping[str, Any], book: Guidelines | None) -> dict[str, float | bool | str]:
    """The answers to what was asked, as the guidelines take them; what cannot be is left out, and the field says so."""
    found: dict[str, float | bool | str] = {}
    for name, sent in given.items():
        fact = book.facts.get(name.removeprefix(FACT)) if book and name.startswith(FACT) else None
        if book is None or fact is None or not str(sent).strip():
            continue
        value: float | bool | str | None = str(sent).strip()
        if fact.kind is Kind.NUMBER:
            value = _number(str(sent))
        elif fact.kind is Kind.FLAG:
            value = {"yes": True, "no": False}.get(str(sent))
        if value is not None and not misread(book, {fact.id: value}):
            found[fact.id] = value
    return found


def functions(given: QueryDict) -> list[str]:
    """What is needed below, as far as it can be asked for."""
    return [each for each in NEEDED_BELOW if each in given.getlist("function")]


def _choice(given: QueryDict) -> dict[str, Any]:
    """Who chose, among how many, and whom the resident asked for by name."""
    offered, wish = given.get("offered", ""), key(given.get("wish", ""))
    found: dict[str, Any] = {"by": line(given, "choice", 10)} if "choice" in given else {}
    found["offered"] = int(offered) if offered.isascii() and offered.isdigit() and len(offered) < 5 else 0
    return found if wish is None else found | {"wish": str(wish)}


def _common(given: QueryDict, book: Guidelines | None) -> dict[str, Any]:
    payload: dict[str, Any] = {each: long(given, each) for each in TEXTS if each in given}
    if "beyond" in given or "criterion" in given:
        payload["ground"] = {
            "criterion": line(given, "criterion", 40),
            "severity": long(given, "severity"),
            "beyond": line(given, "beyond", 20),
        }
    if "choice" in given:
        payload["needs_admission"] = given.get("needs_admission") == "1"
    if "wish" in given or "choice" in given:
        payload["choice"] = _choice(given)
    if "needing" in given:
        payload["functions"] = functions(given)
    if "observing" in given:
        payload["observed"] = observed(given, book)
    if "packing" in given:
        payload["package"] = {part: _ids(given.getlist(f"with-{part}")) for part in PARTS}
    if "again" in given:
        payload["again"] = line(given, "again", 200)
    return payload


def _typed(given: QueryDict, payload: dict[str, Any]) -> Typed:
    to, department = key(given.get("to", "")), key(given.get("department", ""))
    content = Content(
        urgency=urgency(given),
        problem_code=line(given, "problem_code", _CODE).upper() if "problem_code" in given else None,
        problem=line(given, "problem") if "problem" in given else None,
        to_institution=to,
        to_department=department,
        any_department="department" in given and department is None,
        specialty=line(given, "specialty", _CODE) if "specialty" in given else None,
        payload=payload,
    )
    return Typed(content, version(given), to, department)


def drugs(given: QueryDict) -> list[dict[str, str]]:
    """The rows of the table of drugs, with what is done where the receiver has one not. A code is that of the name with which
    it was shown: where another drug was typed over it, it is gone."""
    columns = ("drug_name", "drug_dose", "drug_code", "drug_of", "drug_instead", "drug_words")
    rows = zip_longest(*(given.getlist(each) for each in columns), fillvalue="")
    return [
        {
            "name": name.strip()[:100],
            "dose": dose.strip()[:100],
            "code": code.strip()[:40] if name.strip() == of.strip() else "",
        }
        | ({"instead": instead[:12], "instead_words": said.strip()[:100]} if instead else {})
        for name, dose, code, of, instead, said in rows
        if name.strip()
    ]


def _ids(sent: Sequence[str]) -> list[str]:
    return [str(each) for each in map(key, sent) if each is not None]


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text.strip()).isoformat()
    except ValueError:
        return ""


def _number(text: str) -> float | None:
    try:
        return float(text.replace("，", "").replace(",", ""))
    except ValueError:
        return None
