"""Random people do random things to requests (A8): no open one without owner and time, no way that does not end, no ground to
read a record beyond the request, and nobody who may do what the table does not give them.

Every step is judged by a model of its own: who was allowed was served, who was not changed nothing. In rounds, so that workers
share them; fourteen thousand steps in all. A hundred thousand: ``TIERCARE_SOAK=1 make test ARGS="--timeout=0 <this file>"``.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import ClassVar
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from tiercare.apps.access.rules import Role
from tiercare.apps.exchange import commands, queries
from tiercare.apps.exchange.rules.acting import Said
from tiercare.apps.exchange.rules.kinds import Kind, Urgency
from tiercare.apps.exchange.workflow import OPEN, OVER, Act, By, State, transition
from tiercare.apps.ledger import queries as ledger
from tiercare.kernel.refusal import Refused

from .conftest import REMOTE, VISIT, Parties, later
from .playing import LONG, Seen, Throw, changed, look, play, seeds, throw

ROUNDS, PROMISED = (1, 100_000) if LONG else (4, 3_500)
_DOCTOR, _OFFICE, _OTHER = "doctor", "office", "other"
_WHO = (_DOCTOR, _OFFICE, _OTHER)
# Most tries meet a refusal: that is what is asked of them. What is offered leads on.
_DICE = [*["act"] * 14, *["go_on"] * 13, *["draft"] * 2, *["time"] * 2]
_HOURS = (0.1, 5, 30, 200)
_TELLS = {Act.RETURN, Act.REDIRECT, Act.WITHDRAW, Act.CANCEL, Act.LEAVE, Act.DIE, Act.SCHEDULE}
_GIVES_UP = {Act.WITHDRAW, Act.CANCEL, Act.DIE}
_URGENCIES, _ACTS = list(Urgency), list(Act)


@dataclass
class Known:
    """A request as the model has it."""

    kind: Kind
    sender: UUID
    to: UUID
    parties: set[UUID]
    state: State = State.DRAFT
    steps: int = 0

    def check(self, row: Seen) -> None:
        """The stored one is this one."""
        row.check()
        assert (row.state, row.steps) == (self.state, self.steps)
        assert self.parties <= set(row.parties)
        # Who returned it has no ground to read on.
        sent = self.state in OPEN - {State.DRAFT, State.RETURNED}
        assert list(row.reading) == ([self.to] if sent else []), self
        # Whoever sent it may mend it, until it is over.
        assert list(row.sending) == ([self.sender] if self.state in OPEN - {State.DRAFT} else []), self


@dataclass
class Model:
    """What is known of all of them, and how they were seen last."""

    known: dict[UUID, Known] = field(default_factory=dict)
    seen: dict[UUID, Seen] = field(default_factory=dict)


class Exchange(RuleBasedStateMachine):
    """Requests of one township, with a hospital and another one to which it may be redirected."""

    parties: ClassVar[Parties]
    counted: ClassVar[Counter[str]]

    def __init__(self) -> None:
        super().__init__()
        self.taking_back = transaction.atomic()
        self.taking_back.__enter__()
        self.model = Model()
        self.actors = {
            _DOCTOR: self.parties.doctor,
            _OFFICE: self.parties.office,
            _OTHER: self.parties.site.actor(Role.REFERRAL_OFFICE, "stranger"),
        }

    def teardown(self) -> None:
        try:
            for key, row in look(self.model.known).items():
                self.model.known[key].check(row)
        finally:
            transaction.set_rollback(True)
            self.taking_back.__exit__(None, None, None)

    @initialize(seed=seeds)
    def begin(self, seed: int) -> None:
        self.dice = Random(seed)
        self._look(self._draft(throw(self.dice, ["draft"])))

    @rule()
    def step(self) -> None:
        """One thing that somebody does; afterwards only what they did has happened."""
        self.counted["step"] += 1
        self._do(throw(self.dice, _DICE))

    def _do(self, throw: Throw) -> None:
        keys = list(self.model.known)
        key = keys[throw.which % len(keys)]
        match throw.what:
            case "draft":
                self._look(self._draft(throw))
            case "act":
                told = bool(throw.where % 4)
                act = _ACTS[throw.pick % len(_ACTS)]
                self._look(key if self._act(key, _WHO[throw.where % 3], act, told) else None)
            case "go_on":
                # The oldest that are open, so that some come to the far ends of the table.
                still = [each for each in keys if self.model.known[each].state in OPEN][:3] or keys
                self._look(self._go_on(still[throw.which % len(still)], throw))
            case "time":
                self._time_passes(_HOURS[throw.pick % len(_HOURS)])

    def _look(self, touched: UUID | None) -> None:
        """Only this one has changed, and stands as the model has it."""
        now = look(self.model.known)
        assert changed(self.model.seen, now) == ({touched} if touched else set())
        self.model.seen = now
        if touched:
            self.model.known[touched].check(now[touched])

    def _draft(self, throw: Throw) -> UUID:
        kind = (VISIT, REMOTE)[throw.where % 2]
        row = self.parties.draft(kind, _URGENCIES[throw.pick % len(_URGENCIES)], again="另一条")
        doctor = self.parties.doctor.institution_id
        assert doctor is not None
        self.model.known[row.id] = Known(kind, doctor, self.parties.hospital, {doctor})
        return row.id

    def _go_on(self, key: UUID, throw: Throw) -> UUID | None:
        """Something that the platform offers to somebody: done, it must be taken. Who is offered nothing has no part now."""
        ways: list[tuple[str, Act]] = []
        for turn in range(3):
            who = _WHO[(throw.where + turn) % 3]
            try:
                ways += [(who, act) for act in queries.acts_now(self.actors[who], request_id=key)]
            except Refused:
                continue
            onward = [way for way in ways if way[1] not in _GIVES_UP]
            if onward or (ways and not throw.pick % 8):
                ways = onward if throw.pick % 8 else ways
                break
        if ways:
            who, act = ways[throw.pick // 8 % len(ways)]
            assert self._act(key, who, act, told=True)
            return key
        assert self.model.known[key].state in OVER
        return None

    def _act(self, key: UUID, who: str, act: Act, told: bool) -> bool:
        """Whether it was done, as it should be."""
        known, actor = self.model.known[key], self.actors[who]
        row = transition(known.state, act, known.kind.legs)
        parts = set()
        if actor.institution_id == self.parties.doctor.institution_id:
            parts |= {By.SENDER, By.EITHER}
        if actor.institution_id == known.to and actor.institution_id in known.parties:
            parts |= {By.RECEIVER, By.EITHER, By.RECEIVER_OR_ABOVE}
        stranger = self.actors[_OTHER].institution_id
        elsewhere = stranger if known.to == self.parties.hospital else self.parties.hospital
        to = elsewhere if act is Act.REDIRECT else None
        at = ledger.now() + timedelta(days=1) if act is Act.SCHEDULE else None
        said = Said("other", "写明原因", {"advice": "…"}, to=to, at=at) if told else Said()
        allowed = row is not None and row.by in parts and (told or act not in _TELLS)
        try:
            commands.turn(actor, request_id=key, act=act, said=said)
        except Refused as refused:
            assert not allowed, refused
            self.counted[f"{act}: {refused.refusals[0].code}"] += 1
            return False
        assert allowed, (known.state, act, who)
        assert row is not None
        self.counted[act.value] += 1
        known.state, known.steps = row.target, known.steps + 1
        if to is not None:
            known.to = to
        if act in {Act.SUBMIT, Act.REDIRECT}:
            known.parties.add(known.to)
        return True

    def _time_passes(self, hours: float) -> None:
        """Nothing is left overdue; who is asked and until when has changed, nothing else."""
        later(hours=hours)
        late = {key for key, row in self.model.seen.items() if row.due_at and row.due_at <= ledger.now()}
        assert commands.escalate_overdue() == len(late)
        now = look(self.model.known)
        assert changed(self.model.seen, now) == late
        for key in late:
            self.model.known[key].check(now[key])
            due = now[key].due_at
            assert due is not None and due > ledger.now()
        self.model.seen = now
        self.counted["time"] += 1
        self.counted["escalated"] += len(late)


@pytest.mark.timeout(0 if LONG else 900)
@pytest.mark.django_db(transaction=False)
@pytest.mark.parametrize("round_", range(ROUNDS))
def test_random_people_lose_nobody(
    parties: Parties, synthetic_clock: None, pytestconfig: pytest.Config, round_: int
) -> None:
    class Round(Exchange):
        counted: ClassVar[Counter[str]] = Counter()

    Round.parties = parties
    play(Round, Round.counted, pytestconfig, promised=PROMISED)
    done = {name for name in Round.counted if ":" not in name}
    assert {each.value for each in Act} - {Act.LOSE_PLACE, Act.SUPPLEMENT} <= done, (
        "the dice no longer lead everywhere"
    )
