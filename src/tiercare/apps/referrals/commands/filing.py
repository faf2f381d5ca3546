"""Filing accepted referrals with the insurer: begun with the acceptance, gone on with by hand where the line does not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right, may
from tiercare.apps.exchange import commands as exchange
from tiercare.apps.exchange.commands.drafting import SUBJECT
from tiercare.apps.exchange.queries import standing_of
from tiercare.apps.exchange.rules import refusals as exchange_refusals
from tiercare.apps.exchange.rules.acting import Standing
from tiercare.apps.exchange.workflow import State as RequestState
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.residents import queries as residents
from tiercare.kernel.actor import Actor
from tiercare.kernel.clock import day_of
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refusal, Refused, refuse

from .. import events
from ..queries.filing import Asking, asking_in
from ..queries.insurers import connected
from ..rules.filing import DUE, NO_NUMBER, NO_SUCH_FILING, NOT_NOW, STATE_NAMES, TASKS, Act, State, after
from ..rules.filing import beginning as begins

# Beside one that stands, none is begun: an arrival after an acceptance, an acceptance that was heard twice.
_BEGIN = """
INSERT INTO referrals_filing (id, request_id, resident_id, state, scheme, insured_area, next_try_at)
VALUES (%(id)s, %(request)s, %(resident)s, %(state)s, %(scheme)s, %(area)s, %(due)s::timestamptz)
ON CONFLICT DO NOTHING RETURNING id
"""
_STANDS = """
SELECT f.id, f.request_id, f.state, f.round, f.tries, f.next_try_at, f.scheme, f.insured_area, f.number
FROM referrals_filing f WHERE f.request_id = %(request)s ORDER BY f.made_at DESC, f.id DESC LIMIT 1 FOR UPDATE
"""
_TURN = """
UPDATE referrals_filing
SET state = %(state)s, round = %(round)s, tries = %(tries)s, next_try_at = %(due)s::timestamptz, scheme = %(scheme)s,
    insured_area = %(area)s, number = %(number)s,
    words = CASE WHEN %(anew)s THEN '' ELSE words END,
    answered_at = CASE WHEN %(anew)s THEN NULL ELSE coalesce(%(answered)s::timestamptz, answered_at) END
WHERE id = %(id)s RETURNING id
"""
# Until the patient has come, a referral that is off needs no filing; afterwards the bill does.
_NOT_COME = frozenset({RequestState.ACCEPTED, RequestState.SCHEDULED, RequestState.NO_SHOW})
_LONGEST_NUMBER = 60


def begin(actor: Actor, standing: Standing) -> UUID | None:
    """Begin the filing of a referral in the transaction that accepts it; ``None`` where the region asks for none, or one
    stands already. The caller is scoped to the request."""
    asking = asking_in(standing.area, on=day_of(standing.now))
    if not asking.files:
        return None
    state, scheme, area = _beginning(standing, asking)
    key = uuid7()
    made = rows(
        _BEGIN,
        id=key,
        request=standing.id,
        resident=standing.resident_id,
        state=state.value,
        scheme=scheme,
        area=area,
        due=standing.now if state in DUE else None,
    )
    if not made:
        return None
    _told(actor, standing.id, key, act="begin", was="", state=state, tries=0)
    tell_offices(standing, state)
    return key


def end(actor: Actor, standing: Standing) -> None:
    """The referral is off before the patient came: what was filed is taken back, what was not stays away. The caller is
    scoped to the request."""
    found = rows(_STANDS, request=standing.id) if standing.state in _NOT_COME else []
    state = after(State(found[0]["state"]), Act.END) if found else None
    if state is None:
        return
    row = found[0]
    # What is under way may still arrive: the taking back waits until then.
    due = max(row["next_try_at"] or standing.now, standing.now) if state in DUE else None
    turned(actor, row, Act.END, state, due=due, tries=0)
    tell_offices(standing, state)


def file_again(actor: Actor, *, request_id: UUID) -> State:
    """Have it filed again, with what insures the resident now; answers where it stands. After a refusal it is another
    filing to the insurer, after a silence the same one.

    Raises:
        Refused: if there is no such filing for the actor, or it does not wait for anybody.
    """
    with _changing(actor, request_id) as (standing, row):
        was = State(row["state"])
        target = after(was, Act.AGAIN)
        if target is None or (target is State.TAKING_BACK and not row["tries"] and not row["number"]):
            raise Refused(_not_now(was))
        if target is State.TAKING_BACK:
            turned(actor, row, Act.AGAIN, target, due=standing.now, tries=0)
            return target
        state, scheme, area = _beginning(standing, asking_in(standing.area, on=day_of(standing.now)))
        turned(
            actor,
            {**row, "scheme": scheme, "insured_area": area},
            Act.AGAIN,
            target if state is State.WAITING else state,
            due=standing.now if state is State.WAITING else None,
            tries=0,
            again=was is State.REFUSED,
        )
        return target if state is State.WAITING else state


def filed_by_hand(actor: Actor, *, request_id: UUID, number: str) -> None:
    """It was filed at the insurer's counter: keep the number that was given there.

    Raises:
        Refused: without a number, if there is no such filing for the actor, or it stands otherwise.
    """
    said = number.strip()
    refuse(None if 0 < len(said) <= _LONGEST_NUMBER and said.isprintable() else NO_NUMBER)
    with _changing(actor, request_id) as (standing, row):
        state = after(State(row["state"]), Act.NUMBER)
        refuse(_not_now(State(row["state"])) if state is None else None)
        assert state is not None
        turned(actor, row, Act.NUMBER, state, number=said, answered=standing.now)


def taken_back_by_hand(actor: Actor, *, request_id: UUID) -> None:
    """It was taken back at the insurer's counter.

    Raises:
        Refused: if there is no such filing for the actor, or it stands otherwise.
    """
    with _changing(actor, request_id) as (standing, row):
        state = after(State(row["state"]), Act.UNDONE)
        refuse(_not_now(State(row["state"])) if state is None else None)
        assert state is not None
        turned(actor, row, Act.UNDONE, state, answered=standing.now)


def begin_where_cover_came(resident_id: UUID) -> int:
    """What waited for the resident's cover goes on, now that one was recorded; returns how many. The platform's work."""
    host = Actor.system("job")
    gone_on = 0
    with scoped(host, area="*"):
        waiting = rows(
            "SELECT request_id FROM referrals_filing WHERE state = %(state)s AND resident_id = ANY (%(persons)s::uuid[])",
            state=State.NO_COVER.value,
            persons=list(residents.person_of(resident_id)),
        )
        for each in waiting:
            standing = standing_of(each["request_id"])
            (row,) = rows(_STANDS, request=each["request_id"])
            if standing is None or row["state"] != State.NO_COVER.value:
                continue
            state, scheme, area = _beginning(standing, asking_in(standing.area, on=day_of(standing.now)))
            if state is not State.NO_COVER:
                due = standing.now if state in DUE else None
                changed = {**row, "scheme": scheme, "insured_area": area}
                turned(host, changed, Act.AGAIN, state, due=due, tries=0)
                gone_on += 1
    return gone_on


def turned(
    actor: Actor,
    row: dict[str, Any],
    act: Act,
    state: State,
    *,
    due: datetime | None = None,
    tries: int | None = None,
    again: bool = False,
    number: str | None = None,
    answered: datetime | None = None,
) -> None:
    """Take a locked row to ``state``, and say so; ``again`` makes it another filing to the insurer."""
    rows(
        _TURN,
        id=row["id"],
        state=state.value,
        round=row["round"] + int(again),
        tries=row["tries"] if tries is None else tries,
        due=due,
        scheme=row["scheme"],
        area=row["insured_area"],
        number=row["number"] if number is None else number,
        answered=answered,
        anew=act is Act.AGAIN,
    )
    _told(
        actor, row["request_id"], row["id"], act=act.value, was=row["state"], state=state, tries=row["tries"]
    )


def tell_offices(standing: Standing, state: State) -> None:
    """Both offices hear of a filing that waits for somebody."""
    if state in TASKS:
        exchange.tell_of_filing(standing.id, [(house, None) for house in standing.houses])


@contextmanager
def _changing(actor: Actor, request_id: UUID) -> Iterator[tuple[Standing, dict[str, Any]]]:
    """The request and its filing, locked, for somebody of either office.

    Raises:
        Refused: if the actor works with no requests, or there is no such filing for them.
    """
    refuse(may(actor, Right.REQUESTS_SEND, institution_id=actor.institution_id))
    with scoped(actor):
        standing = standing_of(request_id)
        if standing is None or actor.institution_id not in standing.houses:
            raise Refused(exchange_refusals.NO_SUCH_REQUEST)
        found = rows(_STANDS, request=request_id)
        refuse(None if found else NO_SUCH_FILING)
        yield standing, found[0]


def _beginning(standing: Standing, asking: Asking) -> tuple[State, str, str]:
    """How it begins, with the scheme and the area that it goes to."""
    cover = residents.cover_at(residents.person_of(standing.resident_id), on=ledger_queries.today())
    if cover is None:
        return begins(None, connected=False), "", ""
    reached = asking.sends and connected(cover.area)
    return begins(cover.scheme, connected=reached), cover.scheme.value, cover.area


def _not_now(state: State) -> Refusal:
    return replace(NOT_NOW, fields={"state": STATE_NAMES[state]})


def _told(
    actor: Actor, request_id: UUID, filing_id: UUID, *, act: str, was: str, state: State, tries: int
) -> None:
    ledger.append(
        actor,
        events.FilingTurned(filing=filing_id, act=act, was=was, state=state.value, tries=tries),
        subject_type=SUBJECT,
        subject_id=request_id,
        institution_id=actor.institution_id,
        division_code=actor.division_code,
    )
