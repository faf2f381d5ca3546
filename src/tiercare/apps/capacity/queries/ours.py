"""What the pack in force at an institution says; above all numbers that no text sets and the packs carry as ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date, timedelta
from uuid import UUID

from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network import queries as network
from tiercare.engines.policy import PackSet, ParameterProblem, Value, parameter
from tiercare.kernel.refusal import Refused

from ..rules.absence import Limits


def days(key: str, institution_id: UUID, *, on: date) -> timedelta | None:
    """A number of days; as ``number``."""
    found = number(key, institution_id, on=on)
    return None if found is None else timedelta(days=found)


def minutes(key: str, institution_id: UUID, *, on: date) -> timedelta | None:
    """A number of minutes; as ``number``."""
    found = number(key, institution_id, on=on)
    return None if found is None else timedelta(minutes=found)


def number(key: str, institution_id: UUID, *, on: date) -> int | None:
    """The whole number under ``key`` in the pack that holds where the institution is on that day; ``None`` where no
    document in force carries it, or the institution is not open."""
    value = said_at(institution_id, (key,), on=on).get(key)
    return value if isinstance(value, int) else None


def said_at(
    institution_id: UUID, keys: Sequence[str], *, on: date, packs: PackSet | None = None
) -> Mapping[str, Value]:
    """What the pack in force at the institution says on that day, by key; what no text in force says is left out, and so
    is everything where the institution is not open or no pack is in force."""
    place = network.place_of(institution_id, on=on)
    if place is None:
        return {}
    known = packs or mandates.packs()
    try:
        pack = mandates.pack_in_force(place.division_code, on=on)
    except Refused:
        return {}
    said: dict[str, Value] = {}
    for key in keys:
        with suppress(ParameterProblem):
            said[key] = parameter(known, key, pack, on=on).value
    return said


def absence_limits(institution_id: UUID, *, on: date) -> Limits | None:
    """How many absences pause booking for oneself at this institution; ``None`` where nothing says so."""
    most = number("absence_most", institution_id, on=on)
    within, pause = (
        days(key, institution_id, on=on) for key in ("absence_within_days", "absence_pause_days")
    )
    if most is None or within is None or pause is None:
        return None
    return Limits(most, within, pause)
