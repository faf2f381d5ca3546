"""Lending places between the channels of a session, each time with its reason."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from tiercare.apps.access.rules import Right, may
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.apps.ledger.prepared import rows
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused, refuse
from tiercare.kernel.text import Text

from .. import events
from ..models import Lending, Session
from ..rules import refusals
from ..rules.vocabulary import CHANNEL_NAMES, OFFERED, Channel
from .publishing import NOBODY, lock_schedule, promises_short

SUBJECT = "capacity.session"
# Both rows in the order of the locks; nothing goes where less than so much is unused.
_LEND = """
WITH pair AS (
    SELECT q.channel, q.cap - q.used AS unused FROM capacity_quota q
    WHERE q.session_id = %(session)s AND q.holder_id = %(nobody)s AND q.channel IN (%(source)s, %(target)s)
    ORDER BY q.channel FOR NO KEY UPDATE
), given AS (
    UPDATE capacity_quota q SET cap = q.cap - %(units)s FROM pair
    WHERE q.session_id = %(session)s AND q.holder_id = %(nobody)s AND q.channel = %(source)s
      AND pair.channel = %(source)s AND pair.unused >= %(units)s
    RETURNING q.session_id
)
INSERT INTO capacity_quota (session_id, channel, holder_id, cap, release_at)
SELECT given.session_id, %(target)s, %(nobody)s, %(units)s, %(release)s FROM given
ON CONFLICT (session_id, channel, holder_id) DO UPDATE SET cap = capacity_quota.cap + excluded.cap
RETURNING cap
"""


def lend(
    actor: Actor, *, session_id: UUID, source: Channel, target: Channel, units: int, reason: str
) -> None:
    """Move unused places of a session from one channel to another, on record.

    Raises:
        Refused: if the actor does not keep the session, fewer places are unused, or the day would keep less than
            policy promises, with the card's own sentence.
    """
    reason = reason.strip()
    refuse(*_misfits(source, target, units, reason))
    with transaction.atomic():
        session = Session.objects.filter(id=session_id).first()
        if session is None:
            raise Refused(refusals.NO_SUCH_SESSION)
        refuse(may(actor, Right.CAPACITY_KEEP, institution_id=session.institution_id))
        lock_schedule(session.institution_id)
        moved = rows(
            _LEND,
            session=session_id,
            nobody=NOBODY,
            source=source.value,
            target=target.value,
            units=units,
            release=None if target is Channel.OPEN else session.during.lower,
        )
        if not moved:
            raise Refused(_not_so_many(source, units))
        refuse(*promises_short(session.institution_id, session.day))
        Lending.objects.create(
            session=session,
            source=source.value,
            target=target.value,
            units=units,
            reason=reason,
            account_id=actor.account_id,
            lent_at=ledger_queries.now(),
        )
        ledger.append(
            actor,
            events.QuotaLent(source=source.value, target=target.value, units=units, reason=reason),
            subject_type=SUBJECT,
            subject_id=session_id,
            institution_id=session.institution_id,
            division_code=actor.division_code,
        )


def _misfits(source: Channel, target: Channel, units: int, reason: str) -> list[Refusal]:
    found = []
    if source is target or source not in OFFERED or target not in OFFERED:
        found.append(_WRONG_CHANNELS)
    if units < 1:
        found.append(_WRONG_UNITS)
    if not 1 <= len(reason) <= 200:
        found.append(_WITHOUT_REASON)
    return found


def _not_so_many(source: Channel, units: int) -> Refusal:
    return Refusal(
        code="capacity.not_so_many_unused",
        message=Text(
            "{channel}没有 {units} 个未用的号可以调出。", "{channel} has no {units} unused places to lend."
        ),
        instead=Text("请减少数量，或从别的渠道调。", "Lend fewer, or from another channel."),
        fields={"channel": CHANNEL_NAMES[source], "units": units},
        at="units",
    )


_WRONG_CHANNELS = Refusal(
    code="capacity.wrong_channels",
    message=Text(
        "只能在两个不同的预约渠道之间调剂。", "Places are lent between two different booking channels."
    ),
    instead=Text("请重新选择调出和调入的渠道。", "Choose from which to which again."),
    at="target",
    status=422,
)
_WRONG_UNITS = Refusal(
    code="capacity.wrong_units",
    message=Text("调剂数量至少为 1。", "At least one place is lent."),
    instead=Text("请填写数量。", "Give a number."),
    at="units",
    status=422,
)
_WITHOUT_REASON = Refusal(
    code="capacity.lending_without_reason",
    message=Text("调剂要写明理由，会记入兑现证明。", "Give the reason; it stands in the proof."),
    instead=Text("请写一句话（200 字以内）。", "One sentence of at most 200 characters."),
    at="reason",
    status=422,
)
