"""Whether the codes that a row writes (areas, townships, specialties) stood on its first day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from tiercare.apps.terms import queries as terms
from tiercare.kernel.text import Text

from ...rules.entries import Entry
from ...rules.registers import AGREEMENTS, CONSORTIA, INSTITUTIONS, OBLIGATIONS, REGISTERS, Op, Shape
from .problems import Problems
from .references import Directory

# A day on which whatever has no end yet is in force.
_FAR = date(9999, 1, 1)
# So many codes of a set are traced through their changes, at some queries each; more are taken on trust.
_LOOKED_UP = 100
_SPECIALTY_SHAPES = frozenset({Shape.SPECIALTY, Shape.SPECIALTIES, Shape.RANKED})
_SPECIALTY_COLUMNS: Mapping[str, tuple[str, ...]] = {
    key: tuple(c.key for c in register.columns if c.shape in _SPECIALTY_SHAPES)
    for key, register in REGISTERS.items()
}


def check_codes(entries: Sequence[Entry], directory: Directory, problems: Problems) -> None:
    """Find rows whose codes did not stand on their first day."""
    stated = [(n, entry) for n, entry in enumerate(entries) if entry.op is Op.PUT]
    _check_places(stated, directory, problems)
    _check_specialties(stated, problems)


def _places(entry: Entry) -> list[tuple[str, str]]:
    """The columns of a row that write an area or a township, with the code."""
    if entry.register in (INSTITUTIONS.key, CONSORTIA.key):
        found = [(key, entry.text(key)) for key in ("division", "township")]
    elif entry.register == AGREEMENTS.key:
        found = [("parties", party) for party in entry.several("parties")]
    elif entry.register == OBLIGATIONS.key:
        found = [(key, entry.text(key)) for key in ("debtor", "creditor")]
    else:
        return []
    if entry.register in (AGREEMENTS.key, OBLIGATIONS.key):
        return [(key, word[4:]) for key, word in found if word.startswith("gov:")]
    return [(key, code) for key, code in found if code]


def _check_places(rows: Sequence[tuple[int, Entry]], directory: Directory, problems: Problems) -> None:
    written = [
        (n, entry, column, code, _written_on(entry, directory))
        for n, entry in rows
        for column, code in _places(entry)
    ]
    register = Divisions({(code, day) for _, _, _, code, day in written})
    for n, entry, column, code, day in written:
        there = register.on(code, day)
        if there is None:
            message, fix = _not_in_force(code, day, problems.may_explain())
            problems.add(n, column, message, fix, code)
        elif column == "division" and entry.register == INSTITUTIONS.key and len(code) < 4:
            problems.add(
                n,
                column,
                Text(f"{code} 是省级代码，机构要填县区。", f"{code} is a province; write the county."),
                Text("请填六位县区代码，如 340202。", "Write six digits, as in 340202."),
            )
        elif column == "township" and not _inside(there, entry.text("division")):
            above = there.parent.code if there.parent else ""
            problems.add(
                n,
                column,
                Text(
                    f"{code} {there.name}属于 {above}，不在 {entry.text('division')} 内。",
                    f"{code} {there.name} lies in {above}, not in {entry.text('division')}.",
                ),
                Text(f"请核对：县区填 {above}，或换一个乡镇街道。", f"Write {above}, or another township."),
            )


def _written_on(entry: Entry, directory: Directory) -> date:
    """The day whose codes a row writes: its first; of an obligation, which has a due day only, that of its
    agreement."""
    if entry.register != OBLIGATIONS.key:
        return entry.start
    spells = directory.things[AGREEMENTS.key].all_of(entry.text("agreement"))
    return spells[-1].start if spells else entry.start


def _inside(township: Any, division: str) -> bool:
    above = township.parent
    return above is not None and str(above.code).startswith(division)


def _not_in_force(code: str, day: date, explain: bool) -> tuple[Text, Text]:
    """What the code stands for on that day, where it is worth looking."""
    message = Text(f"区划代码 {code} 在 {day} 无效。", f"The division code {code} was not in force on {day}.")
    fix = Text("请核对代码和生效日期。", "Check the code and the first day.")
    if explain:
        found = terms.resolve(code, on=day)
        if found.codes:
            answer = "、".join(found.codes)
            fix = Text(f"请填 {answer}。{found.explained.zh}", f"Write {answer}. {found.explained.en}")
    return message, fix


class Divisions:
    """The divisions (rows of the register of divisions) that codes stood for on days.

    One answer holds for all days of its period, so this takes a query or two for codes in force throughout
    and one more for each day of which something is left over. The register does not reach back for ever: a
    code that it knows only of later days, and that no change made, is taken to have stood before.
    """

    def __init__(self, wanted: Iterable[tuple[str, date]]) -> None:
        self._rows: dict[str, list[Any]] = defaultdict(list)
        self._of_old: dict[str, bool] = {}
        self._looked_up = 0
        self._asked: set[tuple[str, date]] = set()
        pending: dict[str, set[date]] = defaultdict(set)
        for code, day in wanted:
            pending[code].add(day)
        if pending:
            self._read({*pending, *(code[:n] for code in pending for n in (2, 4, 6))}, _FAR)
        while looks := self._looks(pending):
            for day, codes in looks.items():
                self._read(codes, day)

    def _looks(self, pending: Mapping[str, set[date]]) -> dict[date, set[str]]:
        """Where to look next: on the last day of which nothing is known, or right before the earliest row."""
        looks: dict[date, set[str]] = defaultdict(set)
        for code, days in pending.items():
            open_days = [
                day for day in days if not self._holding(code, day) and (code, day) not in self._asked
            ]
            if not open_days:
                continue
            earliest = self._earliest(code)
            day = max(open_days)
            around = self._earliest(code[:2])
            if earliest is not None and day < earliest.period.lower:
                day = earliest.period.lower - timedelta(days=1)
            elif earliest is None and around is not None:
                day = max(day, around.period.lower)  # where the records of its province begin
            if (code, day) not in self._asked:
                looks[day].add(code)
        return looks

    def _read(self, codes: Iterable[str], day: date) -> None:
        asked = list(codes)
        self._asked |= {(code, day) for code in asked}
        for code, row in terms.divisions(asked, on=day).items():
            self._rows[code].append(row)

    def on(self, code: str, day: date) -> Any | None:
        """The division that the code stood for, or ``None``."""
        there = self._holding(code, day)
        earliest = self._earliest(code)
        if there is None and earliest is not None and day < earliest.period.lower and self._old(earliest):
            return earliest
        return there

    def _holding(self, code: str, day: date) -> Any | None:
        return next((row for row in self._rows.get(code, ()) if day in row.period), None)

    def _earliest(self, code: str) -> Any | None:
        return min(self._rows.get(code, ()), key=lambda row: row.period.lower, default=None)

    def _old(self, row: Any) -> bool:
        """Whether a code's earliest row begins only because the records do: with the area around it, unless
        a change made that; or by itself, though no change is known."""
        if row.code not in self._of_old:
            above = row.parent if len(row.code) > 6 else self._earliest(row.code[:4])
            if above is not None and above.code != row.code and above.period.lower == row.period.lower:
                self._of_old[row.code] = self._old(above) if len(row.code) > 6 else True
            elif self._looked_up == _LOOKED_UP:
                self._of_old[row.code] = True
            else:
                self._looked_up += 1
                before = row.period.lower - timedelta(days=1)
                self._of_old[row.code] = not terms.resolve(row.code, on=before).codes
        return self._of_old[row.code]


def _check_specialties(rows: Sequence[tuple[int, Entry]], problems: Problems) -> None:
    using = [(n, entry) for n, entry in rows if _SPECIALTY_COLUMNS[entry.register]]
    if not using:
        return
    listed = specialties_on({entry.start for _, entry in using})
    for n, entry in using:
        names = listed[entry.start]
        for column in _SPECIALTY_COLUMNS[entry.register]:
            words = entry.several(column) or ((entry.text(column),) if entry.text(column) else ())
            for word in words:
                code = word.partition("=")[0]
                if code not in names:
                    problems.add(n, column, *_not_listed(code, entry.start, names), code)


def _not_listed(code: str, day: date, names: Mapping[str, str]) -> tuple[Text, Text]:
    above = code.rpartition(".")[0] or code[:2]
    near = [f"{c} {name}" for c, name in sorted(names.items()) if c.startswith(above)][:8]
    choices = "、".join(near)
    return (
        Text(f"诊疗科目 {code} 在 {day} 不在名录中。", f"The specialty {code} was not listed on {day}."),
        Text(f"可填：{choices}。", f"Choose from: {choices}.")
        if near
        else Text("请对照诊疗科目名录填写，如 03 内科。", "See the list of specialties, for instance 03."),
    )


def specialties_on(days: Iterable[date]) -> dict[date, Mapping[str, str]]:
    """The specialties listed on each day. Where the list is the same on two days it is taken to be so in
    between, so that a file with many first days costs a handful of queries."""
    ordered = sorted(days)
    found: dict[date, Mapping[str, str]] = {}

    def between(low: int, high: int) -> None:
        for end in (low, high):
            if ordered[end] not in found:
                found[ordered[end]] = terms.specialty_names(on=ordered[end])
        if found[ordered[low]] == found[ordered[high]]:
            found.update((day, found[ordered[low]]) for day in ordered[low:high])
        elif high - low > 1:
            middle = (low + high) // 2
            between(low, middle)
            between(middle, high)

    if ordered:
        between(0, len(ordered) - 1)
    return found
