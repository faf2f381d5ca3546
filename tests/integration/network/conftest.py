"""What the tests of the network share."""

from __future__ import annotations

from datetime import date

VERDICT_DAY = date(2019, 7, 1)
