"""Clauses as rows and as a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tiercare.engines.policy import Clause, Force, PackSet, Parameter
from tiercare.engines.policy.ledger import PLANNED, WORKING, recorded_tests
from tiercare.web import labels
from tiercare.web.pages import said

FILTERS = ("pack", "kind", "capability", "force", "work", "card", "q")


@dataclass(frozen=True, slots=True)
class Row:
    """A clause in the ledger; ``work`` is ``working`` or ``planned``, ``cards`` counts the cards that check it."""

    id: str
    gist: str
    section: str
    document: str
    pack: str
    kind: str
    capability: str
    force: Force
    work: str
    cards: int
    tests: int
    defects: int
    text: str


def rows(packs: PackSet) -> list[Row]:
    """Every clause of every pack, in the order of the documents."""
    tests = recorded_tests()
    serving: dict[str, int] = {}
    flawed: dict[str, int] = {}
    for pack in packs:
        for card in pack.cards:
            for clause_id in card.clauses:
                serving[clause_id] = serving.get(clause_id, 0) + 1
        for defect in pack.defects:
            for clause_id in defect.clauses:
                flawed[clause_id] = flawed.get(clause_id, 0) + 1
    return [
        Row(
            id=clause.id,
            gist=said(clause.gist),
            section=clause.section,
            document=clause.document,
            pack=clause.pack,
            kind=clause.kind,
            capability=clause.capability,
            force=clause.force,
            work=WORKING if tests.get(clause.id) else PLANNED,
            cards=serving.get(clause.id, 0),
            tests=len(tests.get(clause.id, ())),
            defects=flawed.get(clause.id, 0),
            text=f"{clause.id} {clause.gist.zh} {clause.gist.en} {clause.section}".lower(),
        )
        for pack in sorted(packs, key=lambda pack: pack.region)
        for clause in pack.clauses
    ]


def fitting(found: Sequence[Row], wanted: Mapping[str, str]) -> list[Row]:
    """Rows that fit every filter."""
    exact = {name: wanted[name] for name in ("pack", "kind", "capability", "work") if wanted.get(name)}
    text = wanted.get("q", "").strip().lower()
    checked = {"yes": True, "no": False}.get(wanted.get("card", ""))
    return [
        row
        for row in found
        if all(getattr(row, name) == value for name, value in exact.items())
        and wanted.get("force") in ("", None, row.force.value)
        and (checked is None or (row.cards > 0) is checked)
        and (not text or text in row.text)
    ]


def offered(packs: PackSet, found: Sequence[Row]) -> dict[str, list[tuple[str, str]]]:
    """What each filter can be set to."""
    capabilities = {row.capability for row in found}
    return {
        "pack": [
            (p.id, f"{p.documents[0].id} {said(p.name)}") for p in sorted(packs, key=lambda p: p.region)
        ],
        "kind": labels.choices("clause_kind"),
        "capability": [(code, name) for code, name in labels.choices("capability") if code in capabilities],
        "force": [(f.value, said(f.label)) for f in Force],
        "work": labels.choices("work"),
    }


def counts(found: Sequence[Row]) -> dict[str, int]:
    """The numbers above the list."""
    return {
        "all": len(found),
        "working": sum(row.work == WORKING for row in found),
        "planned": sum(row.work == PLANNED for row in found),
        "checked": sum(row.cards > 0 for row in found),
        "defects": sum(row.defects > 0 for row in found),
    }


def detail(packs: PackSet, clause: Clause, *, on: date) -> dict[str, Any]:
    """All that is known about one clause."""
    document = packs.document[clause.document]
    return {
        "clause": clause,
        "gist": said(clause.gist),
        "both": (clause.gist.zh, clause.gist.en),
        "document": document,
        "document_title": said(document.title),
        "issued_by": said(document.issued_by),
        "note": said(document.note) if document.note else "",
        "pack_name": said(packs.packs[clause.pack].name),
        "parameters": [_parameter(value, on) for value in clause.parameters],
        "cards": [
            {
                "pack": card.pack,
                "id": card.id,
                "key": card.key,
                "sentence": said(card.sentence),
                "force": card.force,
            }
            for pack in packs
            for card in pack.cards
            if clause.id in card.clauses
        ],
        "beside": _beside(packs, clause, on),
        "defects": [said(d.text) for d in packs.packs[clause.pack].defects if clause.id in d.clauses],
        "lists": [
            {"pack": named.pack, "id": named.id, "name": said(named.name)}
            for named in packs.packs[clause.pack].lists
            if named.clause == clause.id
        ],
        "tests": recorded_tests().get(clause.id, ()),
    }


def _parameter(value: Parameter, on: date) -> dict[str, Any]:
    return {
        "key": value.key,
        "type": labels.name("parameter_type", value.type),
        "shown": labels.shown(value.value, value.type, value.op),
        "period": labels.period(value.period.start, value.period.end),
        "current": on in value.period,
    }


def _beside(packs: PackSet, clause: Clause, on: date) -> list[dict[str, Any]]:
    """The same keys in clauses of other levels that ask about the same business: side by side, none hidden."""
    keys = {value.key for value in clause.parameters}
    return [
        {
            "key": value.key,
            "shown": labels.shown(value.value, value.type, value.op),
            "clause": other.id,
            "level": labels.name("pack_level", packs.packs[other.pack].level),
            "pack_name": said(packs.packs[other.pack].name),
            "period": labels.period(value.period.start, value.period.end),
        }
        for other in packs.clause.values()
        if other.pack != clause.pack and other.capability == clause.capability
        for value in other.parameters
        if value.key in keys
    ]
