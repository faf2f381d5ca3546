"""What the packs say about supervision and assessments: numbers that no text sets and that they carry as ours, and whom a text
wants assessed."""

from __future__ import annotations

from datetime import date, timedelta

from tiercare.apps.mandates import queries as mandates
from tiercare.engines.policy import parameter

_SUBJECTS = "WH-46.subjects"


def days(key: str, pack: str, *, on: date) -> timedelta:
    """A number of days under ``key`` in the pack on that day.

    Raises:
        ParameterProblem: if no document in force carries it.
        ValueError: if it is no whole number.
    """
    value = parameter(mandates.packs(), key, pack, on=on).value
    if not isinstance(value, int):
        raise ValueError(f"{key} of {pack} is no number of days: {value!r}")
    return timedelta(days=value)


def assessed_divisions(pack: str, *, on: date) -> frozenset[str] | None:
    """Which kinds of divisions a text in force wants assessed: county, district, economic_zone (WH-46); ``None``: no text of the
    pack names any, so all of them."""
    for each in reversed(mandates.packs().parameters_for(pack, _SUBJECTS)):
        if on in each.period and isinstance(each.value, list | tuple):
            return frozenset(map(str, each.value))
    return None
