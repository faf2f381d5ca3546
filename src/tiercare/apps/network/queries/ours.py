"""What the pack in force says about plans and proposals, above all what no text sets and the packs carry as ours."""

from __future__ import annotations

from datetime import date

from tiercare.apps.mandates import queries as mandates
from tiercare.engines.policy import PackSet, ParameterProblem, Value, carries, parameter


def words(key: str, pack: str, *, on: date, packs: PackSet | None = None) -> tuple[str, ...]:
    """The words under ``key`` in the pack on that day; none where no document in force carries it."""
    value = _said(key, pack, on=on, packs=packs)
    if isinstance(value, str):
        return (value,)
    return tuple(map(str, value)) if isinstance(value, (list, tuple)) else ()


def number(key: str, pack: str, *, on: date, packs: PackSet | None = None) -> float | None:
    """The number under ``key`` in the pack on that day; ``None`` where no document in force carries it."""
    value = _said(key, pack, on=on, packs=packs)
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _said(key: str, pack: str, *, on: date, packs: PackSet | None) -> Value | None:
    known = packs or mandates.packs()
    if not carries(known, key, pack):
        return None
    try:
        return parameter(known, key, pack, on=on).value
    except ParameterProblem:  # not in force on that day
        return None
