"""A set of changes on its way: rows of the registers, with the successions that go with them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from .cells import CellProblem, cell_text
from .entries import Entry, read_row
from .facts import Kind
from .registers import (
    AGREEMENTS,
    CONSORTIA,
    INSTITUTIONS,
    JOININGS,
    MEMBERSHIPS,
    OBLIGATIONS,
    OWN_REGISTERS,
    REGISTERS,
    TRUSTEESHIPS,
    Op,
)


class Becoming(StrEnum):
    """What becomes of an institution that another one follows."""

    MERGED = "MERGED"
    SPLIT = "SPLIT"


@dataclass(frozen=True, slots=True)
class Heir:
    """From ``on`` what was ``old`` is found at ``new`` (codes of institutions)."""

    old: str
    new: str
    on: date
    kind: Becoming

    def plain(self) -> dict[str, str]:
        """As it is kept."""
        return {"old": self.old, "new": self.new, "on": self.on.isoformat(), "kind": self.kind.value}

    @classmethod
    def read(cls, kept: Mapping[str, str]) -> Heir:
        """What ``plain`` wrote."""
        return cls(kept["old"], kept["new"], date.fromisoformat(kept["on"]), Becoming(kept["kind"]))


@dataclass(frozen=True, slots=True)
class Change:
    """Rows to take over, successions to record (``heirs``) or to take back (``orphaned``), what has still to be
    decided by people (``notes``), and the form it was typed into, so that it can be mended there."""

    entries: tuple[Entry, ...] = ()
    heirs: tuple[Heir, ...] = ()
    orphaned: tuple[Heir, ...] = ()
    notes: tuple[Text, ...] = ()
    form: Mapping[str, Any] = field(default_factory=dict)

    @property
    def payload(self) -> dict[str, Any]:
        """As it is kept with an application."""
        kept: dict[str, Any] = {
            "entries": [{"register": e.register, "cells": coded(e)} for e in self.entries],
        }
        if self.heirs:
            kept["successions"] = [heir.plain() for heir in self.heirs]
        if self.orphaned:
            kept["successions_void"] = [heir.plain() for heir in self.orphaned]
        if self.notes:
            kept["notes"] = [[note.zh, note.en] for note in self.notes]
        if self.form:
            kept["form"] = dict(self.form)
        return kept

    @classmethod
    def read(cls, payload: Mapping[str, Any]) -> Change:
        """What ``payload`` wrote.

        Raises:
            Refused: if the registers no longer read one of its rows: better none of it than a part.
        """
        entries, misread = read_rows(payload.get("entries", ()))
        if misread:
            raise Refused(*(unreadable(row) for row in misread))
        return cls(
            entries=tuple(entries),
            heirs=tuple(Heir.read(kept) for kept in payload.get("successions", ())),
            orphaned=tuple(Heir.read(kept) for kept in payload.get("successions_void", ())),
            notes=tuple(Text(zh, en) for zh, en in payload.get("notes", ())),
            form=payload.get("form", {}),
        )


@dataclass(frozen=True, slots=True)
class Misread:
    """A row that cannot be read: its number from 1, and what is wrong with it."""

    number: int
    problems: tuple[CellProblem, ...]


def read_rows(rows: Iterable[Mapping[str, Any]]) -> tuple[list[Entry], list[Misread]]:
    """Rows kept as ``{"register": …, "cells": {…}}``; each is placed by its number (``#1``)."""
    entries: list[Entry] = []
    misread: list[Misread] = []
    for number, row in enumerate(rows, start=1):
        register = REGISTERS.get(str(row.get("register")))
        if register is None:
            misread.append(Misread(number, (_no_such_register(str(row.get("register"))),)))
            continue
        entry, problems = read_row(register, row.get("cells", {}), f"#{number}")
        if entry is None:
            misread.append(Misread(number, problems))
        else:
            entries.append(entry)
    return entries, misread


def coded(entry: Entry) -> dict[str, str]:
    """The row as texts by column key, with codes for words: what they are called may change while it is kept."""
    register = REGISTERS[entry.register]
    cells = {}
    for key, value in entry.values.items():
        column = register.column(key)
        if column.words is None or not value:
            cells[key] = cell_text(column, value)
        else:
            cells[key] = "、".join(value) if isinstance(value, tuple) else str(value)
    said = {key: text for key, text in cells.items() if text}
    return said if entry.op is Op.PUT else {"op": Op.VOID.value, **said}


def unreadable(row: Misread) -> Refusal:
    """A row that the registers do not read."""
    problem = row.problems[0]
    return Refusal(
        code="row_cannot_be_read",
        message=Text("第 {number} 行：{why}", "Row {number}: {why}"),
        instead=Text("{fix}", "{fix}"),
        fields={"number": row.number, "why": problem.message, "fix": problem.fix},
        at=f"entries.{row.number}.{problem.column}",
        status=422,
    )


def _no_such_register(name: str) -> CellProblem:
    known = "、".join(REGISTERS)
    return CellProblem(
        "register",
        name[:40],
        Text("没有这种登记表。", "There is no such register."),
        Text(f"可用的登记表：{known}。", f"There are: {known}."),
    )


class ChangeKind(StrEnum):
    """What a set of changes comes to; a label only, nothing hangs on it."""

    FORM_ALLIANCE = "FORM_ALLIANCE"
    FORM_CONSORTIUM = "FORM_CONSORTIUM"
    CONSORTIUM = "CONSORTIUM"
    JOINING = "JOINING"
    MEMBERSHIP = "MEMBERSHIP"
    INSTITUTION = "INSTITUTION"
    AGREEMENT = "AGREEMENT"
    TRUSTEESHIP = "TRUSTEESHIP"
    KEEPING = "KEEPING"
    REORGANISATION = "REORGANISATION"
    SEVERAL = "SEVERAL"


CHANGE_KIND_NAMES: Mapping[ChangeKind, Text] = {
    ChangeKind.FORM_ALLIANCE: Text("组建专科联盟", "New specialty alliance"),
    ChangeKind.FORM_CONSORTIUM: Text("组建医联体", "New consortium"),
    ChangeKind.CONSORTIUM: Text("医联体变更", "Consortium changed"),
    ChangeKind.JOINING: Text("医共体整体加入", "Community joins as a whole"),
    ChangeKind.MEMBERSHIP: Text("成员变更", "Members changed"),
    ChangeKind.INSTITUTION: Text("机构变更", "Institution changed"),
    ChangeKind.AGREEMENT: Text("协议", "Agreement"),
    ChangeKind.TRUSTEESHIP: Text("托管", "Trusteeship"),
    ChangeKind.KEEPING: Text("科室、设备和人员", "Departments, equipment, people"),
    ChangeKind.REORGANISATION: Text("重组", "Reorganisation"),
    ChangeKind.SEVERAL: Text("多项变更", "Several changes"),
}

_PAPERS = frozenset({AGREEMENTS.key, OBLIGATIONS.key})
# A label by the registers that a change touches; papers may always come along.
_BY_REGISTERS: Sequence[tuple[frozenset[str], ChangeKind]] = (
    (frozenset({JOININGS.key}), ChangeKind.JOINING),
    (frozenset({MEMBERSHIPS.key}), ChangeKind.MEMBERSHIP),
    (frozenset({INSTITUTIONS.key}), ChangeKind.INSTITUTION),
    (frozenset({TRUSTEESHIPS.key}), ChangeKind.TRUSTEESHIP),
    (frozenset({CONSORTIA.key}), ChangeKind.CONSORTIUM),
    (OWN_REGISTERS, ChangeKind.KEEPING),
    (frozenset(), ChangeKind.AGREEMENT),
)


def kind_of(change: Change, known: Collection[str]) -> ChangeKind:
    """The label of a change; ``known`` are codes of consortia that are on record already."""
    if change.heirs or change.orphaned or str(change.form.get("act", "")).startswith("reorganise"):
        return ChangeKind.REORGANISATION
    formed = [e for e in change.entries if is_new_consortium(e, known)]
    if formed:
        alliances = {e.text("kind") == Kind.SPECIALTY_ALLIANCE for e in formed}
        return ChangeKind.FORM_ALLIANCE if alliances == {True} else ChangeKind.FORM_CONSORTIUM
    registers = {entry.register for entry in change.entries} - _PAPERS
    return next((kind for keys, kind in _BY_REGISTERS if registers <= keys), ChangeKind.SEVERAL)


def is_new_consortium(entry: Entry, known: Collection[str]) -> bool:
    """True for a row that sets up a consortium which is not on record."""
    return entry.register == CONSORTIA.key and entry.op is Op.PUT and entry.text("code") not in known
