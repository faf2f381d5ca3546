"""From uploaded files to entries: which sheet is which register, which rows can be read, and which cannot and why.

Knows nothing of what is on record; ``check_entries`` holds the entries against that.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import PurePath
from typing import Generic, TypeVar

from tiercare.engines.sheets import Book, Cell, Line, Problem, Sheet, Unreadable, as_date, normalised, read
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from ...queries.sheets import PROBLEMS
from ...rules.cells import CellProblem, as_text
from ...rules.entries import (
    Entry,
    Registers,
    match_headers,
    read_row,
    register_fitting,
    register_named,
)
from ...rules.registers import REGISTERS, Register, Shape
from . import faults

_HEADER_AT_LEAST = 2  # known column names in a row that is a header
_AS_ABOVE = (
    Text("这一行与前面若干行有同样的问题。", "This row has the same fault as others above."),
    Text("请照前面各行的办法更正这一行。", "Mend it as those."),
)

Cells = Mapping[str, str]
Row = TypeVar("Row")
# From cells by column key, and the place of their row, to a row that can be taken, or what is wrong with it.
ReadRow = Callable[[Register, Mapping[str, Cell], str], tuple[Row | None, tuple[CellProblem, ...]]]


@dataclass(frozen=True, slots=True)
class Source:
    """An uploaded file; ``register`` is what the person said it is (a CSV has no sheet names)."""

    name: str
    content: bytes
    register: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row stands: ``row`` as the spreadsheet program counts it."""

    file: str
    sheet: str
    row: int

    def __str__(self) -> str:
        return f"{self.file} {self.sheet}!{self.row}" if self.file else f"{self.sheet}!{self.row}"


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be taken: its cells as text by column key, and everything that is wrong with them."""

    register: str
    place: Place
    cells: Cells
    problems: tuple[CellProblem, ...]


@dataclass(frozen=True, slots=True)
class StagedSheet:
    """A sheet that was read as a register; ``rows`` counts the lines below its header."""

    register: str
    file: str
    sheet: str
    rows: int


@dataclass(slots=True)
class StagedAs(Generic[Row]):
    """All that was read: entries in order, where each stands, rows that cannot be read, sheets, and notes.

    An entry's ``place`` is a key of ``places``.
    """

    sheets: list[StagedSheet] = field(default_factory=list)
    entries: list[Row] = field(default_factory=list)
    places: dict[str, Place] = field(default_factory=dict)
    bad: list[BadRow] = field(default_factory=list)
    notes: list[Text] = field(default_factory=list)

    @property
    def rows(self) -> Counter[str]:
        """How many rows there are of each register."""
        counted: Counter[str] = Counter()
        for sheet in self.sheets:
            counted[sheet.register] += sheet.rows
        return counted


Staged = StagedAs[Entry]


def digest_of(sources: Sequence[Source]) -> str:
    """What tells one set of files from another: SHA-256 of their contents and of what they were said to be."""
    digest = hashlib.sha256()
    for source in sources:
        digest.update(hashlib.sha256(source.content).digest() + source.register.encode() + b"\0")
    return digest.hexdigest()


def stage(sources: Sequence[Source], *, mended: Mapping[tuple[str, int], Cells] | None = None) -> Staged:
    """Read the files as one set; ``mended`` rows, by sheet and row, stand in for those of the (one) file.

    Raises:
        Refused: a file as a whole cannot be used; all such reasons at once.
    """
    return stage_as(sources, REGISTERS, read_row, mended=mended)


def stage_as(
    sources: Sequence[Source],
    registers: Registers,
    row: ReadRow[Row],
    *,
    mended: Mapping[tuple[str, int], Cells] | None = None,
) -> StagedAs[Row]:
    """The same for other ``registers``, whose rows ``row`` reads: a higher app has some of its own.

    Raises:
        Refused: as ``stage``.
    """
    staged: StagedAs[Row] = StagedAs()
    refusals: list[Refusal] = []
    for source in sources:
        if source.register and source.register not in registers:
            raise Refused(faults.unknown_register(source.register, registers))
        try:
            book = read(source.content, source.name, is_header=partial(is_header, registers=registers))
        except Unreadable as error:
            refusals.append(error.refusal)
            continue
        several = len(sources) > 1
        _Reading(staged, source, book, registers, row, mended or {}, several).read(refusals)
    if refusals:
        raise Refused(*refusals)
    if not staged.sheets or not any(sheet.rows for sheet in staged.sheets):
        raise Refused(faults.no_rows("、".join(source.name for source in sources)))
    return staged


def is_header(texts: Sequence[str], *, registers: Registers = REGISTERS) -> bool:
    """Whether a row of a sheet holds column names of some register."""
    return _nearest(texts, registers) is not None


def _nearest(header: Sequence[str], registers: Registers) -> Register | None:
    """The register most of whose columns stand in ``header``."""
    best = max(registers.values(), key=lambda register: len(match_headers(register, header).positions))
    return best if len(match_headers(best, header).positions) >= _HEADER_AT_LEAST else None


def _told_names(registers: Registers) -> frozenset[str]:
    """What columns are called that are only for the reader's eye."""
    told = {
        normalised(name).lower()
        for register in registers.values()
        for column in register.columns
        if column.told
        for name in (column.key, column.name.zh, column.name.en)
    }
    return frozenset(told | {normalised(name).lower() for name in (PROBLEMS.zh, PROBLEMS.en)})


@dataclass(slots=True)
class _Reading(Generic[Row]):
    """One file on its way into ``staged``."""

    staged: StagedAs[Row]
    source: Source
    book: Book
    registers: Registers
    row: ReadRow[Row]
    mended: Mapping[tuple[str, int], Cells]
    several: bool

    def read(self, refusals: list[Refusal]) -> None:
        """Stage every sheet that is a register; what stands against the file goes to ``refusals``."""
        chosen: dict[str, list[str]] = {}
        found = 0
        for sheet in self.book.sheets:
            register = self._register(sheet, refusals)
            if register is None:
                continue
            found += 1
            chosen.setdefault(register.key, []).append(sheet.name)
            wrong = list(_faults_of(sheet, register, _told_names(self.registers)))
            refusals += wrong
            if not wrong:
                self._stage(sheet, register)
        refusals += [
            faults.register_twice(self.source.name, self.registers[key], names)
            for key, names in chosen.items()
            if len(names) > 1
        ]
        if not found and not refusals:
            names = [sheet.name for sheet in self.book.sheets]
            refusals.append(faults.nothing_recognised(self.source.name, names, self.registers))
        self.staged.notes += [_note(problem) for problem in self.book.problems]

    def _register(self, sheet: Sheet, refusals: list[Refusal]) -> Register | None:
        """What the sheet is; None for one that is none of ours, with the reason in ``refusals`` where it is a fault."""
        if self.source.register:
            register: Register | None = self.registers[self.source.register]
        else:
            name = sheet.name if self.book.kind != "csv" else PurePath(self.source.name).stem
            register = _named(name, self.registers)
        if not sheet.header_at:
            self._headless(sheet, register, refusals)
            return None
        register = register or register_fitting(sheet.header, self.registers)
        if register is None and self.book.kind == "csv":
            nearest = _nearest(sheet.header, self.registers)
            missing = match_headers(nearest, sheet.header).missing if nearest else ()
            refusals.append(faults.register_unclear(self.source.name, nearest, missing, self.registers))
            return None
        return register or _nearest(sheet.header, self.registers)

    def _headless(self, sheet: Sheet, register: Register | None, refusals: list[Refusal]) -> None:
        empty = all(problem.note for problem in sheet.problems)
        if empty:
            return
        if register:
            refusals.append(faults.no_header(sheet.name, register))
        elif self.book.kind == "csv":
            refusals.append(faults.register_unclear(self.source.name, None, (), self.registers))
        else:
            self.staged.notes.append(
                Text(
                    f"工作表“{sheet.name}”不是登记表，没有读取。",
                    f"The sheet “{sheet.name}” is no register and was not read.",
                )
            )

    def _stage(self, sheet: Sheet, register: Register) -> None:
        positions = match_headers(register, sheet.header).positions
        days = self._days_to_count(register, positions)
        wrong = _row_problems(sheet, positions, _told_names(self.registers))
        file = self.source.name if self.several else ""
        self.staged.sheets.append(StagedSheet(register.key, self.source.name, sheet.name, len(sheet.lines)))
        self.staged.notes += [
            _note(p) for p in sheet.problems if p.row is None and p.note and not sheet.lines
        ]
        for line in sheet.lines:
            place = Place(file, sheet.name, line.number)
            mended = self.mended.get((sheet.name, line.number))
            if mended is not None:
                self._take(register, place, mended, ())
                continue
            cells = {key: line.cells[at] for key, at in positions.items()}
            if days:
                cells |= _counted_from_1904(line, days)
            self._take(register, place, cells, wrong.get(line.number, ()))

    def _days_to_count(self, register: Register, positions: Mapping[str, int]) -> dict[str, int]:
        """Columns of days, where the workbook counts its days from 1904."""
        if not self.book.from_1904:
            return {}
        return {key: at for key, at in positions.items() if register.column(key).shape is Shape.DATE}

    def _take(
        self,
        register: Register,
        place: Place,
        cells: Mapping[str, Cell],
        known: tuple[CellProblem, ...],
    ) -> None:
        key = str(place)
        entry, problems = self.row(register, cells, key)
        if entry is not None and not known:
            self.staged.entries.append(entry)
            self.staged.places[key] = place
            return
        told = {problem.column for problem in known}
        together = (*known, *(problem for problem in problems if problem.column not in told))
        texts = {name: text for name, cell in cells.items() if (text := as_text(cell))}
        self.staged.bad.append(BadRow(register.key, place, texts, together))


def _named(name: str, registers: Registers) -> Register | None:
    """The register that a name, or a part of it between hyphens and the like, is the name of."""
    whole = register_named(name, registers)
    if whole:
        return whole
    parts = {
        register.key: register
        for part in re.split(r"[-_ .·()（）]+", name)
        if (register := register_named(part, registers))
    }
    return next(iter(parts.values())) if len(parts) == 1 else None


def _faults_of(sheet: Sheet, register: Register, told: frozenset[str]) -> Iterator[Refusal]:
    """What stands against the sheet as a whole."""
    found = match_headers(register, sheet.header)
    if found.missing:
        yield faults.columns_missing(sheet.name, sheet.header_at, register, found.missing)
    at: dict[str, list[int]] = {}
    for position, name in enumerate(sheet.header):
        own = match_headers(register, (name,)).positions
        if own:
            at.setdefault(next(iter(own)), []).append(position)
        elif normalised(name).lower() not in told and _has_content(sheet.lines, position):
            yield faults.column_unknown(sheet.name, position, name, register)
    for key, positions in at.items():
        if len(positions) > 1:
            yield faults.column_twice(sheet.name, positions, register.column(key))


def _has_content(lines: Iterable[Line], position: int) -> bool:
    return any(line.cells[position] is not None for line in lines)


def _row_problems(
    sheet: Sheet, positions: Mapping[str, int], told: frozenset[str]
) -> dict[int, tuple[CellProblem, ...]]:
    """What the reading found wrong with rows, by row number; columns that are left out do not matter."""
    keys = {sheet.header[at]: key for key, at in positions.items()}
    found: dict[int, list[CellProblem]] = {}
    mentioned = set()
    for problem in sheet.problems:
        if problem.row is None or problem.note:
            continue
        mentioned.add(problem.row)
        known = keys.get(problem.column)
        if known or normalised(problem.column).lower() not in told:
            found.setdefault(problem.row, []).append(
                CellProblem(known or problem.column, problem.value, problem.message, problem.fix)
            )
    for row in sheet.doubtful - mentioned:
        found[row] = [CellProblem("", "", *_AS_ABOVE)]
    return {row: tuple(problems) for row, problems in found.items()}


def _counted_from_1904(line: Line, days: Mapping[str, int]) -> dict[str, Cell]:
    """The cells of days; a number is counted from 1904, anything else stays what it is."""
    cells = {key: line.cells[at] for key, at in days.items()}
    return {
        key: (as_date(cell, from_1904=True) or cell) if isinstance(cell, int | float) else cell
        for key, cell in cells.items()
    }


def _note(problem: Problem) -> Text:
    return Text(
        f"工作表“{problem.sheet}”：{problem.message.zh}{problem.fix.zh}",
        f"Sheet “{problem.sheet}”: {problem.message.en} {problem.fix.en}",
    )
