"""The platform's clock in a demonstration: set, or lent to a process that moves it about over many transactions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction
from django.db.models import F

from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from ..events import ClockSet
from ..models import Installation
from .installation import INSTALLATION_ID
from .recording import append


def set_clock(actor: Actor, *, at: datetime | None) -> None:
    """Stop the platform's clock at ``at``, or let it run again with ``None``. Synthetic databases only.

    Raises:
        Refused: if the database is not marked synthetic.
        ValueError: if ``at`` has no time zone.
    """
    if at is not None and at.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    with transaction.atomic():
        row = Installation.objects.get()
        if not row.synthetic:
            raise Refused(_NOT_SYNTHETIC)
        Installation.objects.update(clock_override=at)
        append(
            actor,
            ClockSet(before=row.clock_override, after=at),
            subject_type="ledger.installation",
            subject_id=INSTALLATION_ID,
        )


@contextmanager
def lent_clock(actor: Actor) -> Iterator[None]:
    """Within it the clock is set as often as one likes; afterwards it stands, or runs, as before.

    What it stood at is kept in the database, since the process may be killed: whoever borrows it next, and every start of
    the platform, first sets back what was not returned (``return_clock``). One borrower at a time; not to be nested.
    """
    return_clock(actor)
    Installation.objects.update(clock_lent=True, clock_before=F("clock_override"))
    try:
        yield
    finally:
        return_clock(actor)


def return_clock(actor: Actor) -> None:
    """Set the clock to what it was before it was lent; nothing where it is not lent."""
    with transaction.atomic():
        row = Installation.objects.select_for_update().get()
        if row.clock_lent:
            set_clock(actor, at=row.clock_before)
            Installation.objects.update(clock_lent=False, clock_before=None)


_NOT_SYNTHETIC = Refusal(
    code="ledger.clock_only_synthetic",
    message=Text(
        "本数据库保存真实数据，时钟不能改动。", "This database holds real data; its clock cannot be set."
    ),
    instead=Text(
        "请在标记为演示数据的数据库中推演。", "Play the month in a database that is marked as synthetic."
    ),
)
