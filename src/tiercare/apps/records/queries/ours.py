"""What the pack in force at an institution says for records: numbers with the clause that sets them, and guidelines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from uuid import UUID

from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network import queries as network
from tiercare.engines.guidelines import Guidelines, load_guidelines
from tiercare.engines.policy import ParameterProblem, Value, carries, parameter
from tiercare.kernel.refusal import Refused


@dataclass(frozen=True, slots=True)
class Said:
    """A value and the clause that says it; ``None`` and none where no text in force does."""

    value: Value = None
    clauses: tuple[str, ...] = ()

    @property
    def number(self) -> int | None:
        """The value where it is a whole number."""
        return self.value if isinstance(self.value, int) and not isinstance(self.value, bool) else None

    @property
    def words(self) -> tuple[str, ...]:
        """The value where it is a list."""
        return tuple(str(each) for each in self.value) if isinstance(self.value, list | tuple) else ()


def said(key: str, institution_id: UUID, *, on: date) -> Said:
    """What the pack in force where the institution is says under ``key`` on that day."""
    return _said(key, pack_at(institution_id, on), on)


def said_in(key: str, area: str, *, on: date) -> Said:
    """The same, where the area is known already."""
    return _said(key, _pack_in(area, on), on)


def _said(key: str, pack: str | None, on: date) -> Said:
    known = mandates.packs()
    if pack is None or not carries(known, key, pack):
        return Said()
    try:
        answer = parameter(known, key, pack, on=on)
    except ParameterProblem:
        return Said()
    return Said(answer.value, (answer.clause.id,))


def guidelines_at(institution_id: UUID, *, on: date) -> Guidelines | None:
    """The criteria and grades that hold where the institution is: those of its pack and of the packs it extends."""
    return guidelines_of_pack(pack_at(institution_id, on))


def guidelines_in(area: str, *, on: date) -> Guidelines | None:
    """The same, where the area is known already."""
    return guidelines_of_pack(_pack_in(area, on))


def guidelines_of_pack(pack: str | None) -> Guidelines | None:
    """The tables of this pack and of those it extends; for pages that only want the names of facts, which ask no database."""
    if pack is None:
        return None
    return guidelines_of(tuple(Path(each.folder) for each in mandates.packs().chain(pack)))


@lru_cache(maxsize=16)
def guidelines_of(folders: Sequence[Path]) -> Guidelines:
    """The tables in these folders of packs, read once.

    Raises:
        PackErrors: if they cannot be used.
    """
    return load_guidelines(folders)


def pack_at(institution_id: UUID, on: date) -> str | None:
    """The pack in force where the institution is; none where it is not open, or no pack is in force."""
    place = network.place_of(institution_id, on=on)
    if place is None:
        return None
    return _pack_in(place.division_code, on)


def _pack_in(area: str, on: date) -> str | None:
    try:
        return mandates.pack_in_force(area, on=on)
    except Refused:
        return None
