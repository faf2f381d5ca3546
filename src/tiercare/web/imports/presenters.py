"""Uploaded files as templates show them: plain values in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext, gettext_noop

from tiercare.apps.network.queries import imports as queries
from tiercare.apps.network.rules.registers import REGISTERS, Column, Register, Shape
from tiercare.engines.policy import Force, State
from tiercare.web.pages import english, said
from tiercare.web.verdicts import Link

# A state in the colours of cards; the word is its own.
_STATES: Mapping[str, tuple[str, str, str]] = {
    "CHECKED": (gettext_noop("待导入"), "at_risk", "calendar"),
    "APPLIED": (gettext_noop("已导入"), "met", "check"),
    "DISCARDED": (gettext_noop("已放弃"), "not_applicable", "minus"),
}


@dataclass(frozen=True, slots=True)
class StateView:
    """A state with its name, and the tag's colour and icon."""

    code: str
    name: str
    tag: str
    icon: str


@dataclass(frozen=True, slots=True)
class BatchView:
    """An uploaded file; ``ready`` and ``bad`` count rows."""

    id: UUID
    file_name: str
    state: StateView
    open: bool
    on: date
    uploaded_by: str
    uploaded_at: datetime
    checked_at: datetime
    applied_at: datetime | None
    rows: int
    ready: int
    bad: int


@dataclass(frozen=True, slots=True)
class CountView:
    """What a file holds of one register."""

    name: str
    rows: int
    ready: int
    created: int
    changed: int
    unchanged: int
    voided: int
    bad: int


@dataclass(frozen=True, slots=True)
class CellView:
    """A cell to be mended: ``choices`` are code and name where only words of a list may stand."""

    key: str
    name: str
    help: str
    text: str
    required: bool
    choices: tuple[tuple[str, bool], ...]
    off_list: bool
    problems: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class RowView:
    """A row in quarantine: what is wrong with the row as a whole, cells that are wrong, and the other ones."""

    id: UUID
    place: str
    register: str
    problems: tuple[tuple[str, str], ...]
    wrong: tuple[CellView, ...]
    others: tuple[CellView, ...]
    mended_by: str


@dataclass(frozen=True, slots=True)
class CardView:
    """A rule card that the file would break, worsen or heal."""

    pack: str
    id: str
    sentence: str
    clauses: tuple[str, ...]
    force: Force
    state: State
    findings: tuple[Mapping[str, Any], ...]


def batches(rows: Iterable[Any]) -> list[BatchView]:
    """Rows of the list."""
    return [batch(row) for row in rows]


def batch(row: Any) -> BatchView:
    """One file."""
    registers = row.counts.get("registers", {}).values()
    name, tag, icon = _STATES[row.state]
    return BatchView(
        id=row.id,
        file_name=row.file_name,
        state=StateView(row.state, gettext(name), tag, icon),
        open=row.state == "CHECKED",
        on=date.fromisoformat(row.counts["on"]),
        uploaded_by=row.uploaded_by,
        uploaded_at=row.uploaded_at,
        checked_at=datetime.fromisoformat(row.counts["checked_at"]),
        applied_at=row.applied_at,
        rows=sum(counted["rows"] for counted in registers),
        ready=sum(counted["ready"] for counted in registers),
        bad=sum(counted["bad"] for counted in registers),
    )


def counts(row: Any) -> list[CountView]:
    """Counts by register, in the order in which rows are taken over."""
    found = row.counts.get("registers", {})
    return [
        CountView(name=said(register.name), **found[key])
        for key, register in REGISTERS.items()
        if key in found
    ]


def bad_row(row: Any) -> RowView:
    """A row in quarantine, its wrong cells first."""
    register = REGISTERS[row.register]
    by_column: dict[str, list[tuple[str, str]]] = {}
    whole: list[tuple[str, str]] = []
    for problem in row.problems:
        told = (_in(problem["message"]), _in(problem["fix"]))
        if problem["column"] in register.by_key:
            by_column.setdefault(problem["column"], []).append(told)
        else:
            whole.append(told)
    cells = [_cell(column, row.cells, by_column.get(column.key, ())) for column in _asked(register)]
    return RowView(
        id=row.id,
        place=str(row),
        register=said(register.name),
        problems=tuple(whole),
        wrong=tuple(cell for cell in cells if cell.problems),
        others=tuple(cell for cell in cells if not cell.problems),
        mended_by=row.mended_by,
    )


def _asked(register: Register) -> list[Column]:
    return [column for column in register.columns if not column.told]


def _cell(column: Column, cells: Mapping[str, str], problems: Iterable[tuple[str, str]]) -> CellView:
    text = cells.get(column.key, "")
    names: list[str] = []
    if column.shape is Shape.WORD and column.words:
        names = [said(name) for name in column.words.values() if name.zh]
        code = next((c for c, n in column.words.items() if text in {c, n.zh, n.en} and text), None)
        text = said(column.words[code]) if code else text
    elif column.shape is Shape.YES_NO:
        names = [gettext("是"), gettext("否")]
    return CellView(
        key=column.key,
        name=said(column.name),
        help=said(column.help),
        text=text,
        required=column.required,
        choices=tuple((name, name == text) for name in names),
        off_list=bool(names) and bool(text) and text not in names,
        problems=tuple(problems),
    )


def effect(row: Any) -> dict[str, Any] | None:
    """What taking the good rows over would do to the rule cards."""
    found = row.counts.get("effect")
    if not found:
        return None
    return {part: [_card(card) for card in found[part]] for part in ("broken", "worsened", "healed")}


def _card(card: Mapping[str, Any]) -> CardView:
    return CardView(
        pack=card["pack"],
        id=card["card"],
        sentence=_in(card["sentence"]),
        clauses=tuple(card["clauses"]),
        force=Force(card["force"]),
        state=State(card["state"]),
        findings=tuple(
            {
                "message": _in(finding["message"]),
                "remedy": _in(finding["remedy"]),
                "rows": finding["rows"],
                "links": [Link(link["kind"], link["key"], link["name"]) for link in finding["links"]],
            }
            for finding in card["findings"]
        ),
    )


def written(row: Any) -> list[dict[str, Any]]:
    """What was taken over, by register, with links to institutions and consortia."""
    found = row.counts.get("written", {})
    named = [item for rows in found.values() for item in rows]
    institutions, consortia = queries.slugs_known(
        {item["code"] for item in named if item["kind"] == "institution"},
        {item["code"] for item in named if item["kind"] == "consortium"},
    )
    known = {"institution": institutions, "consortium": consortia}
    return [
        {
            "name": said(register.name),
            "items": [
                {**item, "act": _act(item["act"]), "id": known.get(item["kind"], {}).get(item["code"])}
                for item in found[key]
            ],
        }
        for key, register in REGISTERS.items()
        if found.get(key)
    ]


def _act(act: str) -> str:
    return {
        "created": gettext("新增"),
        "changed": gettext("变更"),
        "voided": gettext("作废"),
    }[act]


def _in(both: Mapping[str, str]) -> str:
    return both["en" if english() else "zh"]
