"""Taking a request on, by one act of the table: the only way in which it moves."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from psycopg.types.json import Jsonb

from tiercare.apps.access import commands as access
from tiercare.apps.access.queries import EVERYWHERE, scoped
from tiercare.apps.access.rules import Basis, Right, may
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.network import queries as network
from tiercare.kernel.actor import Actor
from tiercare.kernel.clock import day_of
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refusal, Refused, refuse

from .. import events, sql
from ..queries.allowed import RECEIVE, due_at, due_in
from ..queries.desks import is_department, without_desk
from ..queries.requests import parts_of, standing_of
from ..rules import refusals
from ..rules.acting import Said, Standing, judge, lacking, owner_after
from ..rules.kinds import Kind, Urgency, kind_of
from ..rules.owners import Level, Owner
from ..workflow import FREES, OVER, Act, By, State, Transition
from .drafting import SUBJECT
from .placing import Placed, place_with
from .telling import tell_sides


@dataclass(frozen=True, slots=True)
class Turned:
    """How it stands after the act: who owns it, and until when."""

    request_id: UUID
    state: State
    owner: Owner | None
    due_at: datetime | None
    version: int


def turn(
    actor: Actor, *, request_id: UUID, act: Act, said: Said | None = None, version: int | None = None
) -> Turned:
    """Take a request on. With ``version`` only if nobody has gone on with it since that was read.

    What is accepted with a place in hand is scheduled by that.

    Raises:
        Refused: if there is no such request for the actor, it stands where the act does not lead on, the act is the
            other side's, or something that the act needs is missing; nothing has changed then.
        NoPlace: if the place that it is scheduled to is not to be had.
    """
    said = said or Said()
    with scoped(actor, area=_area(actor), whole=True):
        standing = standing_of(request_id)
        if standing is None:
            raise Refused(refusals.NO_SUCH_REQUEST)
        kind = kind_of(standing.kind)
        row = _row(actor, standing, act, kind)
        facts = {**standing.payload, **(said.content or {})}
        refuse(
            *lacking(act, standing, said), *(kind.guards[act](facts, standing) if act in kind.guards else [])
        )
        receiver = _receiver(actor, standing, act, said, kind)
        to = None if receiver is None else receiver.id
        placed = place_with(actor, standing, act, replace(said, to=to))
        after = _take_step(actor, standing, row, said, to, version, placed)
        _grounds(actor, standing, row, receiver)
        tell_sides(actor, standing, act, to=to)
        if act in kind.effects:
            kind.effects[act](actor, standing=standing, said=said)
        if act is Act.ACCEPT and standing.has_place:
            return turn(actor, request_id=request_id, act=Act.SCHEDULE)  # as the same step
    return after


def receive(actor: Actor, *, request_id: UUID) -> None:
    """The receiver's side has opened the request for the first time; again it changes nothing.

    Raises:
        Refused: if the actor answers no requests, or there is no such request for them.
    """
    refuse(may(actor, Right.REQUESTS_ANSWER, institution_id=actor.institution_id))
    with scoped(actor):
        standing = standing_of(request_id)
        if standing is None or actor.institution_id != standing.receiver:
            raise Refused(refusals.NO_SUCH_REQUEST)
        for row in rows(sql.RECEIVED, request=request_id):
            ledger.append(
                actor,
                events.RequestReceived(waited_seconds=row["waited"]),
                subject_type=SUBJECT,
                subject_id=request_id,
                institution_id=actor.institution_id,
                division_code=actor.division_code,
            )


def _area(actor: Actor) -> str:
    """Whoever acts for no institution acts for an area: the commission, or the platform."""
    if actor.institution_id is not None:
        return ""
    return EVERYWHERE if actor.is_system else actor.division_code or ""


def _row(actor: Actor, standing: Standing, act: Act, kind: Kind) -> Transition:
    parts = parts_of(actor, standing)
    found = judge(standing, act, kind, parts)
    if isinstance(found, Refusal):
        raise Refused(found)
    if By.PLATFORM in parts:
        return found
    right = Right.REQUESTS_SEND if found.by is By.SENDER else Right.REQUESTS_ANSWER
    if found.by is By.EITHER:
        right = Right.REQUESTS_SEND if actor.institution_id == standing.sender else Right.REQUESTS_ANSWER
    if actor.institution_id is None:
        right = Right.REQUESTS_OVERSEE
    refuse(may(actor, right, institution_id=actor.institution_id, division=standing.area))
    return found


def _receiver(actor: Actor, standing: Standing, act: Act, said: Said, kind: Kind) -> network.Place | None:
    """The institution it goes to with this act, as it stands today; ``None`` where that stays as it is.

    Raises:
        Refused: if the institution is not open, cannot take such a request, or one of the two has nobody who answers for
            referrals (XH-42); if the department is none of the receiver's.
    """
    to = said.to or standing.receiver
    if said.department is not None and (to is None or not is_department(said.department, of=to)):
        raise Refused(refusals.NOT_A_DEPARTMENT)
    if act not in {Act.SUBMIT, Act.REDIRECT}:
        return None
    assert to is not None
    today = day_of(standing.now)
    place = network.place_of(to, on=today)
    if place is None:
        names = network.names_of_institutions([to], on=today)
        raise Refused(replace(refusals.RECEIVER_CLOSED, fields={"to": names.get(to, "")}))
    refuse(kind.able(actor, standing, to) if kind.able else None)
    missing = without_desk([standing.sender, to], area=standing.area, on=today)
    if missing:
        names = network.names_of_institutions(missing, on=today)
        who = "、".join(names[each] for each in missing)
        raise Refused(replace(refusals.NO_DESK, fields={"who": who}))
    return place


def _take_step(
    actor: Actor,
    standing: Standing,
    row: Transition,
    said: Said,
    to: UUID | None,
    version: int | None,
    placed: Placed,
) -> Turned:
    owner = _who(owner_after(row, standing, replace(said, to=to), account_id=actor.account_id), standing.now)
    due = None
    if owner is not None:
        planned = placed.planned_at or (standing.planned_at if row.act not in FREES else None)
        due = due_in(row.target, standing, planned_at=planned)
    (turned,) = rows(
        sql.TURN,
        request=standing.id,
        read_version=version,
        act=row.act.value,
        sources=[row.source.value],
        target=row.target.value,
        ends=row.target in OVER,
        level=owner.level.value if owner else None,
        institution=owner.institution_id if owner else None,
        account=owner.account_id if owner else None,
        area=owner.area if owner else "",
        due=due,
        to=to,
        department=said.department,
        booking=placed.booking_id,
        planned=placed.planned_at,
        hear=_heard_by(row.act, standing),
        frees=row.act in FREES or placed.frees or (row.act is Act.SUBMIT and placed.booking_id is None),
        by_institution=actor.institution_id,
        by_account=actor.account_id,
        code=said.code,
        words=said.words.strip(),
        alternative=Jsonb(dict(said.alternative)) if said.alternative else None,
        content=Jsonb(dict(said.content or {})),
        step=uuid7(),
    )
    if turned["outcome"] != "done":
        raise Refused(_not_turned(turned["outcome"], row.act, turned["was"]))
    ledger.append(
        actor,
        events.RequestTurned(
            kind=standing.kind,
            act=row.act.value,
            was=turned["was"],
            state=row.target.value,
            resident=standing.resident_id,
            sender=standing.sender,
            receiver=to or standing.receiver,
            owner_level=owner.level.value if owner else None,
            owner=owner.institution_id if owner else None,
            due_at=due,
            code=said.code,
        ),
        subject_type=SUBJECT,
        subject_id=standing.id,
        institution_id=actor.institution_id or standing.sender,
        division_code=actor.division_code,
    )
    return Turned(standing.id, row.target, owner, due, turned["version"])


def _heard_by(act: Act, standing: Standing) -> datetime | None:
    """Until when the receiver's side should have seen that it came."""
    if act not in {Act.SUBMIT, Act.REDIRECT}:
        return None
    return due_at(RECEIVE, Urgency(standing.urgency), standing.area, now=standing.now)


def _who(owner: Owner | None, now: datetime) -> Owner | None:
    """A person who is away has somebody who stands in for them."""
    if owner is None or owner.level is not Level.PERSON:
        return owner
    found = rows(
        sql.STAND_IN,
        institution=owner.institution_id,
        account=owner.account_id,
        on=day_of(now),
    )
    return replace(owner, account_id=found[0]["deputy_id"]) if found else owner


def _not_turned(outcome: str, act: Act, was: str) -> Refusal:
    if outcome == "unknown":
        return refusals.NO_SUCH_REQUEST
    return refusals.CHANGED_MEANWHILE if outcome == "changed" else refusals.not_now(act, State(was))


def _grounds(actor: Actor, standing: Standing, row: Transition, to: network.Place | None) -> None:
    """Sent, the receiver may read the record because of it, and nobody who was to receive it before; returned or over,
    none of them any more. Whoever sent it has a ground of their own from then until it is over: it comes back to them to be mended.

    Most relations are the receivers', whoever brings them about: the wall is moved for these rows alone, and for every
    institution that ever had a part, so that none keeps a ground.
    """
    ends = row.act in {Act.SUBMIT, Act.REDIRECT, Act.RETURN} or row.target in OVER
    if not ends:
        return
    with scoped(actor, also={*standing.parties, *standing.houses, *([to.id] if to else [])}, whole=True):
        if row.act is not Act.SUBMIT:  # what is sent was nobody's ground: returned, it ended
            access.end_relation(actor, kind=Basis.REQUEST, source_id=standing.id)
        if row.target in OVER:
            access.end_relation(actor, kind=Basis.SENT, source_id=standing.id)
        started = [(Basis.REQUEST, to.id, to.division_code)] if to is not None else []
        if row.source is State.DRAFT and row.act is Act.SUBMIT:
            started.append((Basis.SENT, standing.sender, standing.area))
        for kind, institution_id, division_code in started:
            access.relate(
                actor,
                resident_id=standing.resident_id,
                institution_id=institution_id,
                division_code=division_code,
                kind=kind,
                source_id=standing.id,
            )
