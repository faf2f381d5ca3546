"""Handing filings over to the insurers, and keeping what they answer. The platform's own work, run every minute.

Three steps, each on its own: the row is claimed and its message made in one transaction, the message goes over the line in
none, the answer is kept in another. Whoever dies in between leaves a row that comes due again and is sent under the same
key, to which the insurer answers as before.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tiercare.apps.access.queries import scoped
from tiercare.apps.exchange.queries import standing_of
from tiercare.apps.exchange.rules.acting import Standing
from tiercare.apps.exchange.rules.kinds import Urgency
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.network import queries as network
from tiercare.apps.residents import queries as residents
from tiercare.kernel.actor import Actor
from tiercare.kernel.clock import day_of

from ..queries.filing import asking_in
from ..queries.insurers import insurer_of
from ..rules.filing import Act, State, Waits, after
from ..rules.insurer import Answer, Message, Outcome, silence
from .filing import tell_offices, turned

_BATCH = 200
_DUE = """
SELECT f.id, f.request_id, f.resident_id, f.state, f.round, f.tries, f.next_try_at, f.scheme, f.insured_area, f.number,
       r.number AS request_number
FROM referrals_filing f JOIN exchange_request r ON r.id = f.request_id
WHERE f.next_try_at <= tiercare_now() AND NOT (f.insured_area = ANY (%(silent)s::text[]))
ORDER BY f.next_try_at, f.id LIMIT 1 FOR UPDATE OF f SKIP LOCKED
"""
_CLAIMED = """
SELECT f.id, f.request_id, f.state, f.round, f.tries, f.next_try_at, f.scheme, f.insured_area, f.number
FROM referrals_filing f WHERE f.id = %(id)s FOR UPDATE
"""
_KEEP = """
UPDATE referrals_filing SET words = %(words)s, number = coalesce(nullif(%(number)s, ''), number),
    answered_at = coalesce(%(at)s::timestamptz, answered_at)
WHERE id = %(id)s RETURNING number
"""


@dataclass(frozen=True, slots=True)
class _Claimed:
    """A filing that this worker hands over: nobody else does before it comes due again."""

    id: UUID
    state: State
    tries: int
    area: str
    message: Message
    waits: Waits


def send_filings(*, limit: int = _BATCH) -> int:
    """Hand over what is due; returns how many tries were made. An area that does not answer is left alone until the next
    run, so that a dead line holds up no other."""
    host, silent, tried = Actor.system("job"), set[str](), 0
    while tried < limit:
        claimed = _claim(host, silent)
        if claimed is None:
            return tried
        tried += isinstance(claimed, _Claimed)
        if isinstance(claimed, _Claimed) and not _hand_over(host, claimed):
            silent.add(claimed.area)
    return tried


def _claim(host: Actor, silent: Collection[str]) -> _Claimed | State | None:
    """Take the next one that is due, and make its message; a state where one was given up instead, ``None`` where none is
    due."""
    with scoped(host, area="*"):
        found = rows(_DUE, silent=sorted(silent))
        if not found:
            return None
        row = found[0]
        standing, state = standing_of(row["request_id"]), State(row["state"])
        assert standing is not None  # the row has a foreign key to it
        waits = asking_in(standing.area, on=day_of(ledger.now())).waits
        if waits is None or row["tries"] >= waits.most:
            return _given_up(host, row, standing, "")
        tries, now = row["tries"] + 1, ledger.now()
        target = after(state, Act.CLAIM)
        assert target is not None  # what is due can be claimed
        turned(host, row, Act.CLAIM, target, due=now + waits.after(tries), tries=tries)
        residents.record_listed(host, "filing", [row["resident_id"]])
        return _Claimed(row["id"], target, tries, row["insured_area"], _message(row, standing, target), waits)


def _hand_over(host: Actor, claimed: _Claimed) -> bool:
    """Send it, and keep what came of it; ``False`` where nobody answered."""
    try:
        insurer = insurer_of(claimed.area)
        if insurer is None:
            raise ValueError("no interface of this area")
        answer = insurer.hand_over(
            claimed.message, within_seconds=claimed.waits.answer_within.total_seconds()
        )
    except (OSError, ValueError) as error:
        _keep_silence(host, claimed, silence(error))
        return False
    _keep_answer(host, claimed, answer)
    return True


def _keep_answer(host: Actor, claimed: _Claimed, answer: Answer) -> None:
    with scoped(host, area="*"):
        (row,) = rows(_CLAIMED, id=claimed.id)
        now = ledger.now()
        (kept,) = rows(_KEEP, id=row["id"], words=answer.words, number=answer.number, at=now)
        # Ended, given up or answered meanwhile: what the insurer said is kept, and where it stands is left alone.
        if row["state"] != claimed.state.value or row["tries"] != claimed.tries:
            return
        act = Act.ACCEPT if answer.outcome is Outcome.ACCEPTED else Act.REFUSE
        target = after(claimed.state, act)
        assert target is not None
        turned(host, {**row, **kept}, act, target)
        _tell(row["request_id"], target)


def _keep_silence(host: Actor, claimed: _Claimed, words: str) -> None:
    """Nobody answered: it comes due again by itself, as often as the pack lets it."""
    with scoped(host, area="*"):
        (row,) = rows(_CLAIMED, id=claimed.id)
        if row["state"] != claimed.state.value or row["tries"] != claimed.tries:
            return
        rows(_KEEP, id=row["id"], words=words, number="", at=None)
        if claimed.tries >= claimed.waits.most:
            standing = standing_of(row["request_id"])
            assert standing is not None
            _given_up(host, row, standing, words)


def _given_up(host: Actor, row: dict[str, Any], standing: Standing, words: str) -> State:
    """Tried often enough: somebody has to see to it."""
    state = State.SENT if row["state"] == State.WAITING else State(row["state"])
    target = after(state, Act.GIVE_UP)
    assert target is not None
    if words:
        rows(_KEEP, id=row["id"], words=words, number="", at=None)
    turned(host, row, Act.GIVE_UP, target)
    tell_offices(standing, target)
    return target


def _tell(request_id: UUID, state: State) -> None:
    standing = standing_of(request_id)
    assert standing is not None
    tell_offices(standing, state)


def _message(row: dict[str, Any], standing: Standing, state: State) -> Message:
    """What the insurer is told: the least that it takes to know the referral by. Made anew it reads the same."""
    back = state is State.TAKING_BACK
    key = f"{row['id']}-{row['round']}" + ("-back" if back else "")
    persons = residents.person_of(standing.resident_id)
    who = residents.insured_person(persons)
    names = network.names_of_institutions(standing.houses, on=day_of(standing.now))
    body = {
        "message": "take_back" if back else "file",
        "filing": f"{row['id']}-{row['round']}",
        "referral": {
            "number": row["request_number"],
            "kind": standing.kind,
            "urgency": Urgency(standing.urgency).name,
            "problem_code": standing.problem_code,
            "sent_at": _moment(standing.sent_at),
            "from": {"id": str(standing.sender), "name": names.get(standing.sender, "")},
            "to": {
                "id": str(standing.receiver or ""),
                "name": names.get(standing.receiver, "") if standing.receiver else "",
            },
        },
        "person": {
            "name": who.name if who else "",
            "identity_kind": who.identity_kind if who else "",
            "number": who.number if who else "",
        },
        "cover": {"scheme": row["scheme"], "area": row["insured_area"]},
    }
    return Message(key, body)


def _moment(at: datetime | None) -> str:
    return at.isoformat() if at else ""
