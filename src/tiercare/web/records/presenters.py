"""Entries of the record as pages show them: kinds, values with their unit and flag, medicines, states."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext, gettext_noop

from tiercare.apps.records import queries
from tiercare.apps.records.rules.entries import NO, YES
from tiercare.apps.records.rules.vocabulary import (
    CONTACT_KIND_NAMES,
    DOCUMENT_KIND_NAMES,
    FLAG_NAMES,
    OUTCOME_NAMES,
    STAGE_NAMES,
    VISIT_KIND_NAMES,
    WAY_NAMES,
    ContactKind,
    ContactOutcome,
    DocumentKind,
    Flag,
    Stage,
    VisitKind,
    Way,
)
from tiercare.apps.residents import queries as residents
from tiercare.apps.residents.queries.record import Identity
from tiercare.apps.residents.rules import SEX_NAMES, Sex
from tiercare.engines.guidelines import Direction, Fact, Guidelines, advise
from tiercare.web.booking.presenters import masked
from tiercare.web.pages import said

_ = gettext_noop
_KINDS: Mapping[str, tuple[str, str]] = {
    "visit": (_("就诊"), "building"),
    "document": (_("文件"), "book"),
    "plan": (_("接续方案"), "list"),
    "contact": (_("随访"), "check"),
    "condition": (_("诊断"), "flag"),
    "drug": (_("用药"), "flask"),
}
_WITHDRAWABLE = {
    "visit": "visit",
    "document": "document",
    "condition": "condition",
    "drug": "drug",
}
_FLAGS: Mapping[str, str] = {"LOW": "at_risk", "HIGH": "at_risk", "ABNORMAL": "violated"}


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the timeline. ``values`` are name, value and flag; ``texts`` headed paragraphs; ``stay`` may still be ended
    by the reader's own institution; ``what`` is set where it may withdraw the entry. ``gone``: it was withdrawn, and of its
    own file (``gone_file``) only its institution still has a copy; ``struck`` are its withdrawn lines with the reason,
    ``fewer`` how many of them the reader does not see. ``prompt``: the proposal to go down that nobody has answered."""

    id: UUID
    kind: str
    icon: str
    at: datetime
    title: str
    institution: str
    by_name: str
    source: str
    tags: Sequence[tuple[str, str]]
    diagnoses: Sequence[tuple[str, str]]
    values: Sequence[tuple[str, str, str, str]]
    drugs: Sequence[tuple[str, str]]
    texts: Sequence[tuple[str, str]]
    file: bool
    gone_file: bool
    reference: str
    hidden: bool
    stay: bool
    gone: queries.Gone | None
    fewer: int
    what: str
    struck: Sequence[tuple[str, str]]
    prompt: queries.Prompt | None


def banner(who: Identity) -> dict[str, Any]:
    """The patient over every page of the record."""
    return {
        "who": who,
        "sex": said(SEX_NAMES[Sex(who.sex)]),
        "marks": {
            "temporary": who.temporary,
            "deceased": who.deceased_on is not None,
            "synthetic": who.synthetic,
        },
    }


def lines(
    entries: Iterable[queries.Entry],
    book: Guidelines | None,
    *,
    institution_id: UUID | None,
    prompts: Iterable[queries.Prompt] = (),
) -> list[Line]:
    """Entries in the order in which they come; ``prompts`` stand on the visits at which they were shown."""
    shown = {each.source_id: each for each in prompts}
    return [
        _line(each, book, own=each.institution_id == institution_id, prompt=shown.get(each.id))
        for each in entries
    ]


def _line(entry: queries.Entry, book: Guidelines | None, *, own: bool, prompt: queries.Prompt | None) -> Line:
    name, icon = _KINDS[entry.kind]
    body = entry.body
    conditions = () if entry.kind == "document" else entry.conditions
    staying = entry.kind == "visit" and body.get("kind") == "INPATIENT" and body.get("ended_at") is None
    return Line(
        id=entry.id,
        kind=gettext(name),
        icon=icon,
        at=entry.at,
        title=_title_shown(entry, own=own),
        institution=entry.institution,
        by_name=entry.by_name,
        source="" if entry.source == "here" else entry.source,
        tags=_tags(entry, staying=staying),
        diagnoses=[(each["code"], each["name"]) for each in conditions if _stands(each, entry)],
        values=[value_shown(each, book) for each in _in_order(entry.readings, book) if _stands(each, entry)],
        drugs=[(each["name"], each["dose"]) for each in entry.drugs if _stands(each, entry)],
        texts=[] if entry.gone and not own else _texts(entry),
        file=bool(body.get("held")) and entry.gone is None,
        gone_file=bool(body.get("held")) and entry.gone is not None and own and not entry.hidden,
        reference=body.get("reference", "") if entry.kind == "document" else "",
        hidden=entry.hidden,
        stay=staying and own and not entry.hidden and entry.gone is None,
        gone=entry.gone,
        fewer=entry.fewer,
        what=_WITHDRAWABLE.get(entry.kind, "") if own and not entry.hidden else "",
        struck=_struck(entry, conditions, book),
        prompt=None if entry.gone or entry.hidden else prompt,
    )


def _in_order(readings: Sequence[Mapping[str, Any]], book: Guidelines | None) -> Sequence[Mapping[str, Any]]:
    """As the guidelines name them, upper pressure before the lower; what they do not know comes after, as it was sent."""
    places = {key: place for place, key in enumerate(book.facts)} if book else {}
    return sorted(readings, key=lambda each: places.get(each["item"], len(places)))


def _title_shown(entry: queries.Entry, *, own: bool) -> str:
    if entry.hidden:
        return gettext("内容不对您的角色显示")
    return _title(entry) if own or entry.gone is None else ""


def _stands(row: Mapping[str, Any], entry: queries.Entry) -> bool:
    """A line that holds; of an entry that is withdrawn as a whole all lines are shown with it."""
    return entry.gone is not None or not row["withdrawn"]


def _struck(
    entry: queries.Entry, conditions: Sequence[Mapping[str, Any]], book: Guidelines | None
) -> list[tuple[str, str]]:
    gone = [(f"{each['code']} {each['name']}", each) for each in conditions]
    gone += [(" ".join(value_shown(each, book)[:2]), each) for each in entry.readings]
    gone += [(f"{each['name']} {each['dose']}", each) for each in entry.drugs]
    return [(text, each["withdrawn"]) for text, each in gone if not _stands(each, entry)]


def _title(entry: queries.Entry) -> str:
    body = entry.body
    match entry.kind:
        case "visit":
            return " · ".join(
                filter(None, (said(VISIT_KIND_NAMES[VisitKind(body["kind"])]), body["complaint"]))
            )
        case "document":
            return f"{said(DOCUMENT_KIND_NAMES[DocumentKind(body['kind'])])} · {body['title']}"
        case "plan":
            return f"{body['code']} {body['name']}"
        case "contact":
            way = said(WAY_NAMES[Way(body["way"])])
            return f"{said(CONTACT_KIND_NAMES[ContactKind(body['kind'])])} · {way}"
        case _:
            return ""


def _tags(entry: queries.Entry, *, staying: bool) -> list[tuple[str, str]]:
    body, tags = entry.body, []
    if entry.hidden:
        return []
    if staying:
        tags.append(("advice", gettext("在院")))
    if body.get("stage"):
        tags.append(("at_risk", said(STAGE_NAMES[Stage(body["stage"])])))
    if entry.kind == "contact":
        tags.append(("met", said(OUTCOME_NAMES[ContactOutcome(body["outcome"])])))
        if body.get("alerts"):
            tags.append(("violated", gettext("达到转诊标准")))
    return tags


_TEXTS: Mapping[str, Sequence[tuple[str, str]]] = {
    "visit": (
        ("findings", _("查体和发现")),
        ("treatment", _("处理")),
        ("disposition", _("去向")),
        ("kept_reason", _("未下转原因")),
    ),
    "plan": (
        ("treatment", _("接续治疗")),
        ("rehabilitation", _("康复治疗")),
        ("nursing", _("护理")),
        ("next_visit_on", _("下次就诊")),
    ),
    "contact": (("words", _("安排")), ("note", _("记录"))),
}


def _texts(entry: queries.Entry) -> list[tuple[str, str]]:
    if entry.hidden:
        return []
    found = [
        (gettext(name), str(entry.body[key]))
        for key, name in _TEXTS.get(entry.kind, ())
        if entry.body.get(key)
    ]
    if entry.kind == "plan":
        found += [(gettext("出现以下情况及时就诊"), "；".join(entry.body.get("warnings") or ()))]
        found += [
            (gettext("用药"), "；".join(f"{each['name']} {each['dose']}" for each in entry.body["drugs"]))
        ]
    return [(name, text) for name, text in found if text]


def facts_named(request: HttpRequest) -> Guidelines | None:
    """The tables of the page's region, which name results that came without a name; no database is asked."""
    return queries.guidelines_of_pack(request.frame.pack.id)


def value_shown(reading: Mapping[str, Any], book: Guidelines | None) -> tuple[str, str, str, str]:
    """Name, value with its unit, the colour of its flag and the flag in words."""
    fact = None if book is None else book.facts.get(reading["item"])
    name = reading["name"] or (said(fact.name) if fact else reading["item"])
    unit = reading["unit"] or (fact.unit if fact else "")
    value = plain(reading["value"]) if reading["value"] is not None else _words(reading["words"], fact)
    flag = reading["flag"]
    return name, f"{value} {unit}".strip(), _FLAGS.get(flag, ""), said(FLAG_NAMES[Flag(flag)])


def plain(value: object) -> str:
    """A number without the zeros behind it."""
    text = str(value)
    return text.rstrip("0").rstrip(".") if "." in text else text


def _words(words: str, fact: Fact | None) -> str:
    if words in (YES, NO):
        return gettext("有") if words == YES else gettext("无")
    choice = (fact.choices or {}).get(words) if fact else None
    return said(choice) if choice else words


@dataclass(frozen=True, slots=True)
class ContactLine:
    """A contact in a list."""

    row: queries.Contact
    person: Mapping[str, Any]
    kind: str
    way: str
    colour: str


def contact_lines(found: Sequence[queries.Contact]) -> list[ContactLine]:
    """Contacts in the order in which they come; the query has recorded the reading."""
    people = {each.id: masked(each) for each in residents.least_of({each.resident_id for each in found})}
    return [
        ContactLine(
            each,
            people.get(each.resident_id, {}),
            said(CONTACT_KIND_NAMES[each.kind]),
            said(WAY_NAMES[each.way]),
            "violated" if each.late else "advice",
        )
        for each in found
    ]


def ahead(each: queries.Ahead) -> dict[str, Any]:
    """A contact that is to come."""
    return {
        "id": each.id,
        "kind": said(CONTACT_KIND_NAMES[each.kind]),
        "way": said(WAY_NAMES[each.way]),
        "due_on": each.due_on,
        "institution": each.institution,
        "words": each.words,
        "overdue": each.overdue,
    }


def advised(known: queries.Patient) -> dict[str, Any] | None:
    """When the guidelines want the next contact, and why; ``None`` where they say nothing."""
    if known.book is None or known.facts is None or not known.facts.diseases:
        return None
    follow = advise(
        known.book,
        diseases=known.facts.diseases,
        observed=known.facts.observed,
        direction=Direction.UP,
        tier=1,
        on=known.on,
    ).follow
    if follow is None:
        return None
    return {"due_on": known.on + timedelta(days=follow.interval.days), "says": said(follow.interval.says)}


def control_lines(found: Sequence[queries.Proposal], book: Guidelines | None) -> list[dict[str, Any]]:
    """Patients whose readings ask for another level; the query has recorded the reading."""
    people = {each.id: masked(each) for each in residents.least_of({each.resident_id for each in found})}
    return [
        {
            "row": each,
            "person": people.get(each.resident_id, {}),
            "disease": said(book.tables[each.disease].name) if book else each.disease,
            "up": each.direction is Direction.UP,
        }
        for each in found
    ]
