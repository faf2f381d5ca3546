"""``tiercare_now()`` as a default of columns."""

from __future__ import annotations

from django.db.models import DateTimeField, Func


class TiercareNow(Func):
    """The platform's time, for ``db_default=``: the transaction's time, or the synthetic override."""

    function = "tiercare_now"
    output_field = DateTimeField()


class WallClock(Func):
    """The machine's time. Only for machinery that must go on while a synthetic clock stands still."""

    function = "clock_timestamp"
    output_field = DateTimeField()
