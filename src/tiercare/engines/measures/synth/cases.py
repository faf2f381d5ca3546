"""Visits and referrals before they have columns: a few arrays each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TypeVar

import numpy as np

from .columns import Array

SELF, UP, DOWN, URGENT = range(4)  # in the order of the words of visits.arrival
HOME, TRANSFER, COMMUNITY, AGAINST, DIED, OTHERWISE = range(6)  # of visits.discharge
OPEN, CLOSED, RETURNED, WITHDRAWN, NO_SHOW, DEAD, CANCELLED = range(7)  # of referrals.state


@dataclass(slots=True)
class Cases:
    """Visits. ``day`` is the day of the visit, of a stay the day of discharge; ``stay`` its days, 0 otherwise.

    ``left`` is the discharge of a stay or -1; ``moved`` the number of the siphon that drew the patient, from 1, or 0.
    """

    person: Array
    day: Array
    code: Array
    site: Array
    kind: Array
    arrival: Array
    stay: Array
    left: Array
    moved: Array


@dataclass(slots=True)
class Sent:
    """Referrals. ``arrived`` is a day or NOBODY; ``direction`` 0 up, 1 down, 2 lateral."""

    person: Array
    direction: Array
    source: Array
    target: Array
    submitted: Array
    arrived: Array
    code: Array
    urgency: Array
    stable: Array
    state: Array


_TYPES = {
    "person": np.int32, "day": np.int32, "code": np.int16, "site": np.int32, "kind": np.int8, "arrival": np.int8,
    "stay": np.int16, "left": np.int8, "moved": np.int8, "direction": np.int8, "source": np.int32, "target": np.int32,
    "submitted": np.int32, "arrived": np.int32, "urgency": np.int8, "stable": np.bool_, "state": np.int8,
}  # fmt: skip
Some = TypeVar("Some", Cases, Sent)


def made(sort: type[Some], /, **given: Array | int) -> Some:
    """Arrays of the right types; a single number stands for a whole column of it."""
    length = max(len(each) for each in given.values() if isinstance(each, np.ndarray))
    return sort(
        **{name: np.broadcast_to(np.asarray(each, _TYPES[name]), length) for name, each in given.items()}
    )


def those(some: Some, which: Array | slice) -> Some:
    """Some of the rows, in the order asked for."""
    return type(some)(**{each.name: getattr(some, each.name)[which] for each in fields(some)})


def joined(kind: type[Some], parts: Sequence[Some]) -> Some:
    """One after the other."""
    return kind(
        **{each.name: np.concatenate([getattr(part, each.name) for part in parts]) for each in fields(kind)}
    )


def none(kind: type[Some]) -> Some:
    """No rows."""
    return kind(**{each.name: np.empty(0, _TYPES[each.name]) for each in fields(kind)})
