"""What the bench of capacity is held against: what must hold on any machine, and what is wanted of a small one."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

Compare = Callable[[Any, Any], bool]
_IS, _MOST, _LEAST, _MORE = (operator.eq, "="), (operator.le, "≤"), (operator.ge, "≥"), (operator.gt, ">")

# Where the figure stands, how it compares, with what. These hold or something is wrong, however slow the machine.
MUST: tuple[tuple[str, tuple[Compare, str], Any], ...] = (
    ("a2 oversold", _MORE, 0),
    ("races oversold", _IS, 0),
    ("races more_than_one", _IS, 0),
    ("races none", _IS, 0),
    ("races losers_without_alternatives", _IS, 0),
    ("holds a4 oversold", _IS, 0),
    ("holds a4 drift", _IS, 0),
    ("holds a5 more_or_less_than_one", _IS, 0),
    ("random oversold", _IS, 0),
    ("random drift", _IS, 0),
    ("random reserve_eaten", _IS, 0),
    ("random deadlocks", _IS, 0),
    ("random errors", _IS, {}),
    ("rush oversold", _IS, 0),
    ("rush errors_5xx", _IS, 0),
    ("kills acknowledged_but_lost", _IS, 0),
    ("kills doubled", _IS, 0),
    ("kills booked_unasked", _IS, 0),
    ("kills drift", _IS, 0),
    ("deadlocks", _IS, 0),
    *(
        (f"bookings {where} {clients} spurious", _IS, 0)
        for where in ("hot", "spread")
        for clients in (1, 8, 32)
    ),
)
# These are of two cores that server, database and generator share with nobody else.
WANTED: tuple[tuple[str, tuple[Compare, str], Any], ...] = (
    ("bookings hot 32 per_s", _LEAST, 400),
    ("bookings hot 32 p95", _MOST, 120),
    ("bookings hot 32 cpu", _MOST, 4),
    ("bookings spread 32 per_s", _LEAST, 400),
    ("bookings spread 32 p95", _MOST, 120),
    ("bookings spread 32 cpu", _MOST, 4),
    ("levels ratio hot", _LEAST, 0.6),
    ("levels ratio spread", _LEAST, 0.4),
    ("lists list of 20 bookings cpu", _MOST, 3),
    ("lists slots of a clinic's day (32) cpu", _MOST, 3),
    ("mass search first places p95", _MOST, 150),
    ("mass search nearest others, open p95", _MOST, 150),
    ("mass p95 change", _MOST, 0.2),
    ("rush p95", _MOST, 1000),
    ("kills web worker: seconds", _MOST, 5),
    ("kills backend: seconds", _MOST, 5),
    ("kills postmaster: seconds", _MOST, 5),
)


def held_against(found: dict[str, Any]) -> bool:
    """Print every figure beside what is wanted of it; false if one of those that must hold does not."""
    broken = False
    print(f"\n{'':<46}{'measured':>12}  wanted")
    for rows, must in ((MUST, True), (WANTED, False)):
        for name, (compare, sign), wanted in rows:
            value = _at(found, name)
            if value is None:
                continue
            good = compare(value, wanted)
            broken = broken or (must and not good)
            print(f"{name:<46}{value!s:>12}  {sign} {wanted}{'' if good else '   ✗'}")
    return not broken


def _at(found: Any, name: str) -> Any:
    """The figure that a name leads to; the keys of the result may hold spaces themselves."""
    if not name:
        return found
    if not isinstance(found, dict):
        return None
    for key, value in found.items():
        if name == key or name.startswith(f"{key} "):
            return _at(value, name[len(key) + 1 :])
    return None
