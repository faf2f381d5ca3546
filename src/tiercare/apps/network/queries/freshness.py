"""When each register of an institution was last kept, and by whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from tiercare.kernel.clock import day_of
from tiercare.kernel.text import Text

from ..rules import freshness as rule
from ..rules.registers import CLINICIANS, DEPARTMENTS, EQUIPMENT, INSTITUTIONS, OWN_REGISTERS, REGISTERS

# The registers that say something about a single institution.
CONFIRMABLE = (INSTITUTIONS.key, DEPARTMENTS.key, EQUIPMENT.key, CLINICIANS.key)


@dataclass(frozen=True, slots=True)
class Freshness:
    """One register of an institution: ``rows`` in force, ``last`` day on which somebody kept or confirmed it
    (``by`` whom; empty where only the latest row tells), ``own`` if the institution keeps it itself."""

    register: str
    name: Text
    rows: int
    last: date | None
    by: str
    age: int | None
    stale: bool
    own: bool


def registers(
    kept: Mapping[str, tuple[int, date | None]], reports: Sequence[Sequence[Any]], *, on: date
) -> tuple[Freshness, ...]:
    """Every register of an institution on ``on``.

    ``kept`` is, by register, how many rows are in force and when the latest one began; ``reports`` are rows of
    register, time and person.
    """
    said = {register: (_day(at), by) for register, at, by in reports}
    found = []
    for key in CONFIRMABLE:
        rows, began = kept.get(key, (0, None))
        reported, by = said.get(key, (None, ""))
        last = max((each for each in (reported, began) if each is not None), default=None)
        found.append(
            Freshness(
                register=key,
                name=REGISTERS[key].name,
                rows=rows,
                last=last,
                by=by if last == reported else "",
                age=rule.age(last, on),
                stale=rule.stale(last, on),
                own=key in OWN_REGISTERS,
            )
        )
    return tuple(found)


def _day(at: str) -> date:
    return day_of(datetime.fromisoformat(at))
