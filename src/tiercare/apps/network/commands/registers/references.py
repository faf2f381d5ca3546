"""Whom a row names: codes, or full names that only one bears that day, in the database or in the same set."""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import NamedTuple
from uuid import UUID

from django.db.models import Model

from tiercare.kernel.text import Text

from ... import models
from ...queries.lookups import a_day, one_of, plain_rows
from ...rules.cells import Value
from ...rules.entries import Entry
from ...rules.registers import AGREEMENTS, CONSORTIA, INSTITUTIONS, REGISTERS, Op
from .problems import Problems

# How many names are looked through for what somebody meant.
_POOL = 2000
# Which columns name what, by the register that keeps it.
NAMING: Mapping[str, str] = {
    "institution": INSTITUTIONS.key,
    "trustee": INSTITUTIONS.key,
    "entrusted": INSTITUTIONS.key,
    "debtor": INSTITUTIONS.key,
    "creditor": INSTITUTIONS.key,
    "parties": INSTITUTIONS.key,
    "consortium": CONSORTIA.key,
    "parent": CONSORTIA.key,
    "child": CONSORTIA.key,
    "agreement": AGREEMENTS.key,
}
WHAT: Mapping[str, Text] = {
    INSTITUTIONS.key: Text("机构", "institution"),
    CONSORTIA.key: Text("医联体", "consortium"),
    AGREEMENTS.key: Text("协议", "agreement"),
}


class Spell(NamedTuple):
    """What something was called, and where it lay, from ``start`` until ``end``."""

    start: date
    end: date | None
    name: str
    division: str

    def holds(self, on: date) -> bool:
        """Whether that was so on ``on``."""
        return self.start <= on and (self.end is None or on < self.end)


@dataclass(slots=True)
class Things:
    """Institutions, consortia or agreements that rows name: their spells and ids by code."""

    spells: dict[str, list[Spell]] = field(default_factory=lambda: defaultdict(list))
    ids: dict[str, UUID] = field(default_factory=dict)
    coming: dict[str, list[Spell]] = field(default_factory=lambda: defaultdict(list))
    by_name: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def add(self, code: str, key: UUID, spell: Spell) -> None:
        """A spell on record."""
        self.spells[code].append(spell)
        self.ids[code] = key
        self.by_name[spell.name].add(code)

    def expect(self, code: str, spell: Spell) -> None:
        """A spell that a row of the set states."""
        self.coming[code].append(spell)
        self.by_name[spell.name].add(code)

    def knows(self, code: str) -> bool:
        """Whether the code stands for something, now or after the set."""
        return code in self.spells or code in self.coming

    def all_of(self, code: str) -> list[Spell]:
        """What is on record and what the set states."""
        return [*self.spells.get(code, ()), *self.coming.get(code, ())]

    def on(self, code: str, day: date) -> Spell | None:
        """How it stands on a day, or the spell nearest to it."""
        spells = self.all_of(code)
        holding = [spell for spell in spells if spell.holds(day)]
        return holding[-1] if holding else spells[-1] if spells else None


class Directory:
    """Everything that the rows of a set name; a few queries, however many rows."""

    def __init__(self, entries: Sequence[Entry], region: str) -> None:
        self.region, self._entries = region, entries
        self.things: dict[str, Things] = {key: Things() for key in WHAT}
        wanted: dict[str, set[str]] = {key: set() for key in WHAT}
        for entry in entries:
            for column, word in named(entry):
                wanted[NAMING[column]].add(word)
            if entry.register in WHAT:
                wanted[entry.register].add(entry.text("code"))
        for key, words in wanted.items():
            if words:
                self._load(key, words)
        for entry in entries:
            if entry.register in WHAT and entry.op is Op.PUT:
                name = entry.text("title") if entry.register == AGREEMENTS.key else entry.text("name")
                spell = Spell(entry.start, entry.day("to"), name, entry.text("division"))
                self.things[entry.register].expect(entry.text("code"), spell)

    def _load(self, key: str, words: set[str]) -> None:
        things, source = self.things[key], _SOURCES[key]
        for code, thing, spell in source.spells(slug=list(words)):
            things.add(code, thing, spell)
        unknown = [word for word in words if word not in things.spells]
        if unknown:
            for code, thing, spell in source.spells(name=unknown):
                if code not in words:
                    things.add(code, thing, spell)

    def resolved(self, n: int, entry: Entry, problems: Problems) -> Entry:
        """The row with codes where it had names; whatever cannot be told is a problem of row ``n``."""
        changed: dict[str, Value] = {}
        for column, word in named(entry):
            things = self.things[NAMING[column]]
            if things.knows(word):
                continue
            code = self._by_name(n, column, word, entry.start, problems)
            if code is None:
                continue
            if column == "parties":
                parties = changed.get(column, entry.several(column))
                assert isinstance(parties, tuple)
                changed[column] = tuple(sorted({code if party == word else party for party in parties}))
            else:
                changed[column] = code
        return replace(entry, values={**entry.values, **changed}) if changed else entry

    def _by_name(self, n: int, column: str, word: str, day: date, problems: Problems) -> str | None:
        key = NAMING[column]
        things, what = self.things[key], WHAT[key]
        bearing = sorted(things.by_name.get(word, ()))
        there = [
            code for code in bearing if any(s.name == word and s.holds(day) for s in things.all_of(code))
        ]
        if len(there) == 1:
            return there[0]
        if there:
            codes = "、".join(there)
            problems.add(
                n,
                column,
                Text(
                    f"{day} 有 {len(there)} 家{what.zh}名为“{word}”：{codes}。",
                    f"On {day}, {len(there)} bear the name “{word}”: {', '.join(there)}.",
                ),
                Text("请改填其中一个编码。", "Write one of these codes instead."),
                word,
            )
            return None
        fix = Text(
            f"请核对；新的{what.zh}要在{REGISTERS[key].name.zh}表中登记。",
            f"Check it; a new {what.en} must stand in the table of {REGISTERS[key].name.en.lower()}.",
        )
        if bearing:
            fix = Text(
                f"编码 {'、'.join(bearing)} 在别的日期用过这个名称：请填编码。",
                f"{', '.join(bearing)} bore that name on other days: write the code.",
            )
        elif problems.may_explain() and (meant := self._meant(key, word)):
            fix = Text(f"是不是：{'、'.join(meant)}？", f"Did you mean {', '.join(meant)}?")
        problems.add(
            n,
            column,
            Text(
                f"没有编码或名称为“{word}”的{what.zh}。", f"No {what.en} has the code or the name “{word}”."
            ),
            fix,
            word,
        )
        return None

    def _meant(self, key: str, word: str) -> list[str]:
        """Codes and names that look alike."""
        pool = self._pools[key]
        return [pool[found] for found in difflib.get_close_matches(word, list(pool), n=3, cutoff=0.6)]

    @cached_property
    def _pools(self) -> Mapping[str, Mapping[str, str]]:
        """What somebody may have meant: codes and names of the region and of the set, as they are told."""
        pools: dict[str, dict[str, str]] = {}
        for key, source in _SOURCES.items():
            pool: dict[str, str] = {}
            known = source.near(self.region)
            coming = [(c, s.name) for c, spells in self.things[key].coming.items() for s in spells[-1:]]
            for code, name in (*known, *coming[:_POOL]):
                pool |= {code: f"{code}（{name}）", name: f"{code}（{name}）"}
            pools[key] = pool
        return pools


def named(entry: Entry) -> list[tuple[str, str]]:
    """The columns of a row that name something, with what they name (not governments)."""
    found = []
    for column in _NAMING_COLUMNS[entry.register]:
        words = entry.several(column) if column == "parties" else (entry.text(column),)
        found += [(column, word) for word in words if word and not word.startswith("gov:")]
    return found


_NAMING_COLUMNS: Mapping[str, tuple[str, ...]] = {
    key: tuple(column.key for column in register.columns if column.key in NAMING)
    for key, register in REGISTERS.items()
}


@dataclass(frozen=True, slots=True)
class _Source:
    """Where spells are read from: a table, and the paths to code, id, name, days and area."""

    model: type[Model]
    code: str
    key: str
    name: str
    division: str

    def spells(
        self, *, slug: Sequence[str] = (), name: Sequence[str] = ()
    ) -> Iterable[tuple[str, UUID, Spell]]:
        """Codes, ids and spells of these codes, or of whoever bears one of these names."""
        wanted = one_of(self.code, slug) if slug else one_of(self.name, name)
        found = self.model._default_manager.filter(wanted).order_by("period")
        days = ("period__startswith", "period__endswith")
        for code, key, called, start, end, division in plain_rows(
            found, self.code, self.key, self.name, *days, self.division
        ):
            yield code, UUID(key), Spell(date.fromisoformat(start), a_day(end), called, division)

    def near(self, region: str) -> list[tuple[str, str]]:
        """Codes and names of the region, so many as are worth looking through."""
        found = self.model._default_manager.all()
        if self.division != "slug":
            found = found.filter(**{f"{self.division}__startswith": region})
        return list(found.values_list(self.code, self.name)[:_POOL])


_SOURCES: Mapping[str, _Source] = {
    INSTITUTIONS.key: _Source(
        models.InstitutionVersion, "institution__slug", "institution_id", "name", "division_code"
    ),
    CONSORTIA.key: _Source(
        models.ConsortiumVersion, "consortium__slug", "consortium_id", "name", "division_code"
    ),
    # An agreement lies nowhere: its code stands in for the area, which nobody reads.
    AGREEMENTS.key: _Source(models.Agreement, "slug", "id", "title", "slug"),
}
