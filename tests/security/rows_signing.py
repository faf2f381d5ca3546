"""Registered poor residents, signed and not: counts of an area and of one's own list, names of one's own list only."""

from __future__ import annotations

from tiercare.apps.access.rights import Right

from .matrix import Row

# A table, one endpoint a line.
# fmt: off
_AREA, _OWN = Right.RECORDS_MEASURE, Right.RESIDENTS_LIST

SIGNING: tuple[Row, ...] = (
    # Counts only.
    Row("GET", "api/signing/poor", _AREA),
    Row("GET", "api/signing/own", _OWN),
    Row("GET", "signing/poor", _AREA),
    Row("GET", "signing/poor/file", _AREA),
    Row("GET", "signing/own", _OWN),
    Row("GET", "signing/own/file", _OWN),
    # Names, each reading recorded.
    Row("GET", "api/signing/own/unsigned", _OWN, reads="unsigned"),
    Row("GET", "signing/own/unsigned", _OWN, reads="unsigned"),
    Row("GET", "signing/own/unsigned/file", _OWN, reads="unsigned"),
)
