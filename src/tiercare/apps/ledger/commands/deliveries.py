"""Handing events to their handlers, one transaction each."""

from __future__ import annotations

import logging

from django.db import connection, transaction

from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from .. import handlers, sql
from ..events import DeadLetterRetried
from ..models import Delivery, DeliveryState, Event
from .recording import append

log = logging.getLogger(__name__)

# About 17 minutes of attempts: 1 s, 2 s, 4 s ... 512 s, each between half and one and a half times as long.
MOST_ATTEMPTS = 10
LONGEST_WAIT_SECONDS = 600


def deliver_next() -> bool:
    """Take the first due delivery and run its handler; ``False`` if none is due.

    The handler's transaction also marks the delivery done, so that its effects in this database happen
    exactly once, wherever the process dies. A failure is written to the delivery and tried again later; after
    ``MOST_ATTEMPTS`` the delivery is a dead letter, and holds back the later events of its subject for this
    handler until ``retry_dead_letter``.

    Raises:
        RuntimeError: inside a transaction: the handler needs its own.
    """
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(sql.CLAIM, {"most": MOST_ATTEMPTS, "longest": LONGEST_WAIT_SECONDS})
        claimed = cursor.fetchone()
    if claimed is None:
        return False
    delivery_id, event_id, handler, attempts = claimed
    try:
        _run(delivery_id, event_id, handler, attempts)
    except Exception as error:
        log.warning("handler %s failed on event %s, attempt %d", handler, event_id, attempts, exc_info=True)
        _record_failure(delivery_id, attempts, f"{type(error).__name__}: {error}"[:2000])
    return True


def _run(delivery_id: int, event_id: object, handler: str, attempts: int) -> None:
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(sql.HOLD, {"id": delivery_id, "attempts": attempts})
        if cursor.fetchone() is None:
            return  # we were so slow that somebody else took it again
        handlers.find(handler)(Event.objects.get(pk=event_id))
        cursor.execute(sql.DONE, {"id": delivery_id})


def _record_failure(delivery_id: int, attempts: int, error: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            sql.FAIL, {"id": delivery_id, "attempts": attempts, "error": error, "most": MOST_ATTEMPTS}
        )
        row = cursor.fetchone()
    if row and row[0] == DeliveryState.FAILED:
        log.error("delivery %d is a dead letter after %d attempts: %s", delivery_id, attempts, error)


def bury_exhausted() -> int:
    """Give up deliveries whose last attempt ended with its process; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(sql.BURY, {"most": MOST_ATTEMPTS})
        buried = cursor.fetchall()
    for delivery_id, handler in buried:
        log.error("delivery %d is a dead letter: handler %s ends its process", delivery_id, handler)
    return len(buried)


def retry_dead_letter(actor: Actor, *, delivery_id: int) -> None:
    """Have a dead letter tried again at once, with all attempts before it; the order is an event of its own.

    Raises:
        Refused: if there is no such delivery, or it is not a dead letter.
    """
    with transaction.atomic():
        delivery = Delivery.objects.select_for_update().filter(pk=delivery_id).first()
        if delivery is None or delivery.state != DeliveryState.FAILED:
            raise Refused(
                Refusal(
                    code="ledger.not_a_dead_letter",
                    message=Text(
                        "投递 {delivery} 不在已放弃之列。", "Delivery {delivery} is not a dead letter."
                    ),
                    instead=Text(
                        "请刷新已放弃列表，从中选择一条。",
                        "Reload the list of dead letters and pick one of them.",
                    ),
                    fields={"delivery": delivery_id},
                )
            )
        append(
            actor,
            DeadLetterRetried(delivery_id=delivery.pk, handler=delivery.handler, error=delivery.last_error),
            subject_type=delivery.event.subject_type,
            subject_id=delivery.subject_id,
        )
        with connection.cursor() as cursor:
            cursor.execute(sql.RETRY, {"id": delivery_id})
