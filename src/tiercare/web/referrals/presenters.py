"""A referral as its form shows it: destinations with their chips, criteria with their source, the record with its boxes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tiercare.apps.exchange.rules.kinds import URGENCY_NAMES, Urgency
from tiercare.apps.network import queries as network
from tiercare.apps.records import queries as records
from tiercare.apps.records.rules.vocabulary import (
    CONDITION_STATUS_NAMES,
    DOCUMENT_KIND_NAMES,
    VISIT_KIND_NAMES,
)
from tiercare.apps.referrals.queries.destinations import Destination
from tiercare.apps.referrals.rules.functions import FUNCTION_NAMES, NEEDED_BELOW
from tiercare.apps.referrals.rules.vocabulary import BEYOND_NAMES, GROUP_NAMES
from tiercare.engines.guidelines import Confidence, Fact, Guidelines, Kind
from tiercare.engines.guidelines.expressions import Reason as Compared
from tiercare.kernel.clock import ZONE
from tiercare.web import labels
from tiercare.web.booking import words as booking_words
from tiercare.web.pages import said
from tiercare.web.records.presenters import value_shown

from .words import CONFIDENCE, SIGNS, YES_NO

# A reason that speaks for a place is green, one that warns amber; the others are plain facts.
_GOOD = frozenset(
    {
        "wish",
        "own_lead",
        "own_collaborator",
        "own_member",
        "partner",
        "alliance",
        "doctor",
        "place",
        "nearest",
        "key_specialty",
    }
)
_WARNS = frozenset({"below", "no_place"})
_URGENCY_TAGS: Mapping[Urgency, tuple[str, str]] = {
    Urgency.EMERGENCY: ("violated", "alert"),
    Urgency.URGENT: ("at_risk", "clock"),
    Urgency.ROUTINE: ("advice", "calendar"),
}
_FIRST_BOXES = 12


def destination(each: Destination, *, chosen: bool) -> dict[str, Any]:
    """One line of the list."""
    language = get_language() or "zh-hans"
    first = each.first
    return {
        "id": each.institution_id,
        "name": each.name,
        "level": labels.name("level", str(each.level)),
        "chosen": chosen,
        "session_id": first.session_id if first else None,
        "estimate": each.estimate,
        "chips": [
            {
                "code": reason.code,
                "words": _away(each) if reason.code == "away" else reason.sentence(language),
                "tone": "met" if reason.code in _GOOD else "at_risk" if reason.code in _WARNS else "",
                "clauses": reason.clauses,
            }
            for reason in each.reasons
        ],
    }


def _away(each: Destination) -> str:
    """How far; by what it is reckoned stands once beneath the list."""
    return _("%(km)s 公里 · %(minutes)s 分钟") % {"km": each.km, "minutes": each.minutes}


def urgencies(chosen: Urgency, lowest: Urgency | None) -> list[dict[str, Any]]:
    """The choices, the most urgent first; what the guidelines propose is marked."""
    return [
        {
            "value": each.value,
            "name": said(name),
            "chosen": each is chosen,
            "proposed": each is lowest,
        }
        for each, name in URGENCY_NAMES.items()
    ]


def urgency_tag(value: Urgency) -> dict[str, str]:
    """Urgency as a tag."""
    colour, icon = _URGENCY_TAGS[value]
    return {"name": said(URGENCY_NAMES[value]), "colour": colour, "icon": icon}


def criteria(held: Sequence[Any], book: Guidelines | None, chosen: str) -> list[dict[str, Any]]:
    """The rows that hold, each with what makes it hold, its source and how sure that is."""
    return [
        {
            "id": each.row.id,
            "says": said(each.row.says),
            "because": "；".join(filter(None, (because(one, book) for one in each.because))),
            "source": said(each.row.source.name),
            "confidence": _(CONFIDENCE[each.row.confidence]),
            "sure": each.row.confidence in {Confidence.SEEN, Confidence.HIGH},
            "urgency": urgency_tag(Urgency(each.row.urgency.value)),
            "to": each.row.to,
            "chosen": each.row.id == chosen,
        }
        for each in held
    ]


def because(one: Compared, book: Guidelines | None) -> str:
    """收缩压 ≥ 180 mmHg."""
    fact = book.facts.get(one.fact) if book else None
    if fact is None:
        return ""
    name = said(fact.name)
    if isinstance(one.limit, bool):
        return name if one.limit else f"{_('无')} {name}"
    if isinstance(one.limit, str):
        choice = (fact.choices or {}).get(one.limit)
        return f"{name}：{said(choice)}" if choice else name
    return f"{name} {SIGNS.get(one.compared, one.compared)} {one.limit:g} {fact.unit}".rstrip()


def questions(
    names: Collection[str], book: Guidelines | None, answered: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """What would have to be known, as fields; what was answered stays there."""
    asked = [*answered, *(each for each in names if each not in answered)]
    return [question(book.facts[name], answered.get(name)) for name in asked if book and name in book.facts]


def question(fact: Fact, value: Any) -> dict[str, Any]:
    """One fact as a field."""
    chosen = "yes" if value is True else "no" if value is False else str(value if value is not None else "")
    options: list[tuple[str, str]] = []
    if fact.kind is Kind.FLAG:
        options = [(code, _(name)) for code, name in YES_NO.items()]
    elif fact.kind is Kind.CHOICE:
        options = [(code, said(name)) for code, name in (fact.choices or {}).items()]
    return {
        "id": fact.id,
        "name": said(fact.name),
        "unit": fact.unit,
        "low": fact.low,
        "high": fact.high,
        "options": options,
        "value": f"{value:g}" if isinstance(value, int | float) and not isinstance(value, bool) else chosen,
    }


def beyond() -> list[tuple[str, str]]:
    """What may be exceeded (XH-46)."""
    return [(each.value, said(name)) for each, name in BEYOND_NAMES.items()]


def groups() -> list[tuple[str, str]]:
    """Whom a hospital sends down (XH-47)."""
    return [(each.value, said(name)) for each, name in GROUP_NAMES.items()]


def needs(chosen: Collection[str]) -> list[tuple[str, str, bool]]:
    """What can be asked for below, by word and name, with what is chosen."""
    return [(word, said(FUNCTION_NAMES[word]), word in chosen) for word in NEEDED_BELOW]


def package(
    found: records.Summary, chosen: Mapping[str, Any] | None, *, on: date, book: Guidelines | None
) -> list[dict[str, Any]]:
    """The record as boxes to tick, part by part; where nobody chose yet, everything is ticked. ``book`` names results that came
    without a name."""
    houses = {
        each.institution_id
        for part in (found.problems, found.drugs, found.results, found.visits, found.documents)
        for each in part
    }
    names = network.names_of_institutions(houses, on=on)
    parts = (
        ("problems", _("诊断"), [_problem(each) for each in found.problems]),
        ("drugs", _("用药"), [_drug(each) for each in found.drugs]),
        ("results", _("检查检验"), [_result(each, book) for each in found.results]),
        ("visits", _("就诊"), [_visit(each) for each in found.visits]),
        ("documents", _("报告和文件"), [_document(each) for each in found.documents]),
    )
    return [
        {
            "code": code,
            "name": name,
            "entries": [
                {
                    "id": entry.id,
                    "what": what,
                    "more": more,
                    "from": names.get(entry.institution_id, ""),
                    "ticked": chosen is None or code not in chosen or str(entry.id) in chosen[code],
                }
                for entry, what, more in entries
            ],
            "long": len(entries) > _FIRST_BOXES,
        }
        for code, name, entries in parts
        if entries
    ]


def _problem(each: Any) -> tuple[Any, str, str]:
    return each, f"{each.name} {each.code}", said(CONDITION_STATUS_NAMES[each.status])


def _drug(each: Any) -> tuple[Any, str, str]:
    return each, each.name, each.dose


def _result(each: Any, book: Guidelines | None) -> tuple[Any, str, str]:
    reading = {"item": each.item, "name": each.name, "unit": each.unit, "value": each.value}
    name, value, _colour, flag = value_shown(reading | {"words": each.words, "flag": each.flag}, book)
    return each, f"{name} {value}", f"{flag} {each.taken_at.astimezone(ZONE):%Y-%m-%d}".strip()


def _visit(each: Any) -> tuple[Any, str, str]:
    kind = said(VISIT_KIND_NAMES[each.kind])
    return (
        each,
        f"{each.started_at.astimezone(ZONE):%Y-%m-%d} {kind}",
        "；".join(each.diagnoses) or each.complaint,
    )


def _document(each: Any) -> tuple[Any, str, str]:
    return (
        each,
        each.title,
        f"{said(DOCUMENT_KIND_NAMES[each.kind])} {each.dated_at.astimezone(ZONE):%Y-%m-%d}",
    )


def line(each: Any) -> dict[str, Any]:
    """A request in a short list: of a person, on the patient page."""
    return {
        "id": each.id,
        "number": each.number,
        "kind": each.kind,
        "problem": each.problem,
        "urgency": urgency_tag(each.urgency),
        "from": each.sender_name,
        "to": each.receiver_name,
        "owner": each.owner_name,
        "due_at": each.due_at,
        "overdue": each.overdue,
        "planned": booking_words.moment(each.planned_at) if each.planned_at else "",
    }
