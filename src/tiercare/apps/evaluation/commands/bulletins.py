"""Bulletins: drafted (by hand, or by the platform when a run brings a new period), submitted, approved, sent, read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right, may
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as clock
from tiercare.apps.ledger.prepared import insert, rows
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused, refuse

from .. import events, sql
from ..models import Delivery
from ..queries import bulletins as queries
from ..queries.book import book_of
from ..queries.composing import compose, digest
from ..queries.deliveries import delivery, outbox, received_by
from ..queries.matters import area_of, standing_of
from ..queries.runs import run_of
from ..rules import bulletins as rules
from ..rules.bulletins import Choice
from ..rules.kinds import KindId
from ..rules.standing import Party, Said, Standing
from ..workflow import Act, State
from .matters import Issue, act, issue

SUBJECT = "evaluation.delivery"
# A paper of a matter is sent once: whoever comes second waits here and then finds the first one's.
_NUMBERED = "SELECT pg_advisory_xact_lock(hashtextextended(%(key)s, 0))"
_TAKEN = "SELECT count(*) AS n FROM evaluation_delivery WHERE starts_with(number, %(prefix)s)"
_READ = """
UPDATE evaluation_delivery SET read_at = tiercare_now(), read_by_name = %(name)s
WHERE id = %(delivery)s AND read_at IS NULL AND withdrawn_at IS NULL RETURNING id
"""
_REMIND = """
UPDATE evaluation_delivery SET reminded = reminded + 1, reminded_at = tiercare_now()
WHERE matter_id = %(matter)s AND read_at IS NULL AND withdrawn_at IS NULL RETURNING id, purpose, to_area, outside
"""
_WITHDRAW = """
UPDATE evaluation_delivery SET withdrawn_at = tiercare_now(), withdrawn_why = %(why)s
WHERE matter_id = %(matter)s AND withdrawn_at IS NULL RETURNING id
"""
_NEWEST = "SELECT DISTINCT ON (pack) id FROM evaluation_run ORDER BY pack, made_at DESC, id DESC"
_ALL_READ = """
SELECT m.id FROM evaluation_matter m WHERE m.kind = 'BULLETIN' AND m.state = 'APPROVED'
  AND EXISTS (SELECT FROM evaluation_delivery d WHERE d.matter_id = m.id)
  AND NOT EXISTS (SELECT FROM evaluation_delivery d WHERE d.matter_id = m.id AND d.read_at IS NULL)
LIMIT 200
"""


@transaction.atomic
def draft(actor: Actor, choice: Choice) -> UUID:
    """Begin a bulletin; answers its matter.

    Raises:
        Refused: if the actor may not circulate indicators of the run's region, or something of the choice is wrong.
    """
    run = run_of(actor, choice.run)
    refuse(may(actor, Right.EVALUATION_RUN, division=run.region))
    refuse(*rules.wrong_with(choice, run.spans, book_of(run.pack).indicators))
    found = issue(actor, _matter(choice, run.pack, run.region))
    assert found is not None, "it has no origin"
    return found


def draft_regular(run_id: UUID) -> UUID | None:
    """Lay a draft of the newest regular period on the commission's list, once for each period; ``None`` where there is one,
    or the pack wants none."""
    host = Actor.system("job")
    run = run_of(host, run_id)
    circular = queries.circulation_of(run.pack).circular
    period = rules.newest_of(circular.every, run.spans, today=clock.today()) if circular else ""
    if not period:
        return None
    choice = queries.first_choice(run, period=period)
    what = _matter(choice, run.pack, run.region, origin=f"bulletin:{run.pack}:{period}")
    return issue(host, what, issuer=Party(run.region))


def draft_all() -> int:
    """``draft_regular`` for the newest run of every pack; returns how many drafts are new."""
    host = Actor.system("job")
    with scoped(host, area=area_of(host)):
        newest = [row["id"] for row in rows(_NEWEST)]
    return sum(draft_regular(each) is not None for each in newest)


@transaction.atomic
def change(actor: Actor, matter_id: UUID, choice: Choice) -> None:
    """Choose otherwise for a bulletin that is not submitted; its history keeps what was chosen before.

    Raises:
        Refused: if there is no such bulletin for the actor, it is submitted, or something of the choice is wrong.
    """
    _bulletin(actor, matter_id)
    run = run_of(actor, choice.run)
    refuse(*rules.wrong_with(choice, run.spans, book_of(run.pack).indicators))
    said = Said(words="修改了通报的内容", figures={"choice": choice.plain()})
    act(actor, matter_id=matter_id, act=Act.NOTE, said=said)


@transaction.atomic
def submit(actor: Actor, matter_id: UUID) -> None:
    """Freeze the paper as it is now and submit it: a later run changes nothing of it.

    Raises:
        Refused: if there is no such bulletin for the actor, or it cannot be submitted now.
    """
    with scoped(actor, area=area_of(actor)):
        standing = _bulletin(actor, matter_id)
        choice = queries.chosen(matter_id, standing.payload)
    content = compose(actor, choice)
    said = Said(words="报请审定", figures={"content": content, "sha256": digest(content)})
    act(actor, matter_id=matter_id, act=Act.SUBMIT, said=said)


@transaction.atomic
def send(actor: Actor, matter_id: UUID) -> int:
    """Send an approved bulletin to everybody whom the pack names, each with a number; returns to how many.

    Raises:
        Refused: if there is no such bulletin for the actor, it is not approved, was sent already, or nobody would receive it.
    """
    with scoped(actor, area=area_of(actor)):
        rows(sql.LOCKED, matter=matter_id)
        standing = _bulletin(actor, matter_id)
        refuse(rules.sendable(standing.state, len(outbox(actor, matter_id=matter_id, limit=1))))
        region = standing.owner.area
        to = queries.receivers(standing.pack, region, on=standing.today)
        if not to:
            raise Refused(rules.NOBODY)
        content = standing.result["content"]
        for each in to:
            row = Delivery(
                matter_id=matter_id,
                purpose=rules.BULLETIN,
                title=content["title"],
                from_area=region,
                to_area=each.area,
                to_institution=each.institution_id,
            )
            hand_over(actor, row, content)
    return len(to)


def hand_over(actor: Actor, row: Delivery, content: Mapping[str, Any]) -> UUID:
    """Number a delivery, seal its content and keep it; answers its id. The caller stands in ``scoped``."""
    prefix = f"{row.from_area}-{clock.today():%Y%m%d}-"
    rows(_NUMBERED, key=f"delivery {prefix}")
    row.number = f"{prefix}{rows(_TAKEN, prefix=prefix)[0]['n'] + 1:03d}"
    row.content, row.sha256 = dict(content), digest(content)
    row.sent_by_name = actor.name
    insert(row)
    ledger.append(
        actor,
        events.Delivered(row.purpose, row.to_area, bool(row.outside)),
        subject_type=SUBJECT,
        subject_id=row.id,
        institution_id=row.to_institution,
        division_code=row.to_area or row.from_area,
    )
    return row.id


@transaction.atomic
def receive(actor: Actor, delivery_id: UUID) -> None:
    """Say that a delivery came; from then on it can be read. Saying it again changes nothing.

    Raises:
        Refused: if there is none for the actor, it is not theirs to sign, or was withdrawn.
    """
    sent = delivery(actor, delivery_id)
    if sent.withdrawn_at is not None:
        raise Refused(rules.WITHDRAWN)
    if not received_by(actor, sent):
        raise Refused(rules.NOT_YOURS_TO_SIGN)
    with scoped(actor, area=area_of(actor)):
        if rows(_READ, delivery=delivery_id, name=actor.name):
            ledger.append(
                actor,
                events.Received(sent.purpose),
                subject_type=SUBJECT,
                subject_id=delivery_id,
                institution_id=sent.to_institution,
                division_code=sent.to_area or sent.from_area,
            )


@transaction.atomic
def remind(actor: Actor, matter_id: UUID) -> int:
    """Remind those who have not read a bulletin; returns how many.

    Raises:
        Refused: if there is no such bulletin for the actor, or nobody is left to remind.
    """
    with scoped(actor, area=area_of(actor)):
        standing = _bulletin(actor, matter_id)
        found = rows(_REMIND, matter=matter_id)
        if not found:
            raise Refused(rules.NOT_SENT)
        ledger.append(
            actor,
            events.DeliveryReminded(rules.BULLETIN, len(found)),
            subject_type="evaluation.matter",
            subject_id=matter_id,
            division_code=standing.owner.area,
        )
    return len(found)


@transaction.atomic
def withdraw(actor: Actor, matter_id: UUID, why: str) -> None:
    """Take a bulletin back, sent or not; whoever received it reads the reason in its place.

    Raises:
        Refused: if there is no such bulletin for the actor, it is filed away already, or no reason is given.
    """
    refuse(rules.reason_refusal(why))
    with scoped(actor, area=area_of(actor)):
        standing = _bulletin(actor, matter_id)
        if standing.state is State.APPROVED:
            act(actor, matter_id=matter_id, act=Act.REOPEN, said=Said(words=why))
        act(actor, matter_id=matter_id, act=Act.WITHDRAW, said=Said(words=why))
        rows(_WITHDRAW, matter=matter_id, why=why.strip())


def file_away() -> int:
    """Lock bulletins that everybody has read: nothing is left to do; returns how many."""
    host = Actor.system("job")
    with scoped(host, area=area_of(host)), transaction.atomic():
        found = [row["id"] for row in rows(_ALL_READ)]
        for each in found:
            act(host, matter_id=each, act=Act.LOCK)
    return len(found)


def _matter(choice: Choice, pack: str, region: str, *, origin: str | None = None) -> Issue:
    circular = queries.circulation_of(pack).circular
    days = circular.read_days if circular else 1
    return Issue(
        KindId.BULLETIN,
        choice.title.strip(),
        Party(region),
        clock.today() + timedelta(days=days),
        words=choice.words,
        clauses=circular.clauses if circular else (),
        pack=pack,
        period=choice.period,
        origin=origin,
        payload={"choice": choice.plain()},
    )


def _bulletin(actor: Actor, matter_id: UUID) -> Standing:
    """The bulletin as it stands.

    Raises:
        Refused: if there is none that the actor may work on.
    """
    with scoped(actor, area=area_of(actor)):
        found = standing_of(matter_id)
    if found is None or found.kind != KindId.BULLETIN:
        raise Refused(rules.NO_SUCH_BULLETIN)
    refuse(may(actor, Right.EVALUATION_RUN, division=found.owner.area))
    return found
