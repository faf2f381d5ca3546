"""Random people do random things to requests (A8): no open one without owner and time, no way that does not end, no ground to
read a record beyond the request, and nobody who may do what the table does not give them.

A hundred thousand steps: ``TIERCARE_SOAK=1 make test ARGS="--timeout=0 <this file>"``.
"""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tiercare.apps.access.models import CareRelation
from tiercare.apps.access.queries import EVERYWHERE, scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.exchange import commands, queries
from tiercare.apps.exchange.models import Request, Step
from tiercare.apps.exchange.rules.acting import Said
from tiercare.apps.exchange.rules.kinds import Urgency
from tiercare.apps.exchange.workflow import OPEN, OVER, Act, By, State, transition
from tiercare.apps.ledger import queries as ledger
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused

from .conftest import REMOTE, VISIT, Parties, later

LONG = bool(os.environ.get("TIERCARE_SOAK"))
RUN = settings(
    deadline=None,
    suppress_health_check=list(HealthCheck),
    database=None,
    max_examples=2_000 if LONG else 20,
    stateful_step_count=50,
    phases=(Phase.generate,),
)
SYSTEM = Actor.system("test")
_DOCTOR, _OFFICE, _OTHER = "doctor", "office", "other"


class Exchange(RuleBasedStateMachine):
    """Requests of one township, with a hospital and another one to which it may be redirected."""

    parties: ClassVar[Parties]

    @initialize()
    def begin(self) -> None:
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        self.model: dict[UUID, dict[str, Any]] = {}
        self.actors = {
            _DOCTOR: self.parties.doctor,
            _OFFICE: self.parties.office,
            _OTHER: self.parties.site.actor(Role.REFERRAL_OFFICE, "stranger"),
        }

    def teardown(self) -> None:
        if hasattr(self, "savepoint"):
            transaction.set_rollback(True)
            self.savepoint.__exit__(None, None, None)

    @rule(remote=st.booleans(), urgency=st.sampled_from(Urgency))
    def draft(self, remote: bool, urgency: Urgency) -> None:
        row = self.parties.draft(REMOTE if remote else VISIT, urgency, again="另一条")
        self.model[row.id] = {
            "state": State.DRAFT,
            "kind": REMOTE if remote else VISIT,
            "to": self.parties.hospital,
            "parties": {self.parties.doctor.institution_id},
            "steps": 0,
        }

    @rule(
        who=st.sampled_from([_DOCTOR, _OFFICE, _OTHER]),
        act=st.sampled_from(Act),
        which=st.integers(0, 50),
        told=st.booleans(),
    )
    def act(self, who: str, act: Act, which: int, told: bool) -> None:
        if not self.model:
            return
        key = list(self.model)[which % len(self.model)]
        self._act(key, who, act, told)

    @rule(which=st.integers(0, 50), pick=st.integers(0, 20))
    def go_on(self, which: int, pick: int) -> None:
        """Something that the platform offers to somebody: done, it must be taken."""
        if not self.model:
            return
        key = list(self.model)[which % len(self.model)]
        offered = []
        for who, actor in self.actors.items():
            try:
                offered += [(who, act) for act in queries.acts_now(actor, request_id=key)]
            except Refused:
                continue
        if offered:
            who, act = offered[pick % len(offered)]
            assert self._act(key, who, act, told=True)
        else:
            assert self.model[key]["state"] in OVER

    def _act(self, key: UUID, who: str, act: Act, told: bool) -> bool:
        known, actor = self.model[key], self.actors[who]
        row = transition(known["state"], act, known["kind"].legs)
        parts = set()
        if actor.institution_id == self.parties.doctor.institution_id:
            parts |= {By.SENDER, By.EITHER}
        if actor.institution_id == known["to"] and actor.institution_id in known["parties"]:
            parts |= {By.RECEIVER, By.EITHER, By.RECEIVER_OR_ABOVE}
        elsewhere = (
            self.actors[_OTHER].institution_id
            if known["to"] == self.parties.hospital
            else self.parties.hospital
        )
        said = (
            Said(
                "other",
                "写明原因",
                {"advice": "…"},
                to=elsewhere if act is Act.REDIRECT else None,
                at=ledger.now() + timedelta(days=1),
            )
            if told
            else Said()
        )
        needs = act in {Act.RETURN, Act.REDIRECT, Act.WITHDRAW, Act.CANCEL, Act.LEAVE, Act.DIE, Act.SCHEDULE}
        allowed = row is not None and row.by in parts and (told or not needs)
        try:
            commands.turn(actor, request_id=key, act=act, said=said)
        except Refused as refused:
            assert not allowed, refused
            return False
        assert allowed, (known["state"], act, who)
        assert row is not None
        known["state"], known["steps"] = row.target, known["steps"] + 1
        if act is Act.REDIRECT:
            known["to"] = elsewhere
        if act in {Act.SUBMIT, Act.REDIRECT}:
            known["parties"].add(known["to"])
        return True

    @rule(hours=st.sampled_from([0.1, 5, 30, 200]))
    def time_passes(self, hours: float) -> None:
        later(hours=hours)
        commands.escalate_overdue()
        with scoped(SYSTEM, area=EVERYWHERE):
            assert not Request.objects.filter(state__in=OPEN, due_at__lte=ledger.now()).exists()

    @invariant()
    def everybody_is_looked_after(self) -> None:
        if not getattr(self, "model", None):
            return
        with scoped(SYSTEM, area=EVERYWHERE):
            stored = {row.id: row for row in Request.objects.filter(id__in=list(self.model))}
            open_at = set(
                CareRelation.objects.filter(source_id__in=list(self.model), until=None).values_list(
                    "source_id", "institution_id"
                )
            )
            steps = Step.objects.filter(request_id__in=list(self.model)).count()
        assert steps == sum(known["steps"] for known in self.model.values())
        for key, known in self.model.items():
            row = stored[key]
            assert row.state == known["state"]
            assert (row.owner_level is None) == (known["state"] in OVER) == (row.due_at is None)
            assert known["parties"] <= set(row.parties)
            reading = {institution for source, institution in open_at if source == key}
            # Who returned it has no ground to read on.
            sent = known["state"] in OPEN - {State.DRAFT, State.RETURNED}
            assert reading == ({known["to"]} if sent else set()), known


@pytest.mark.timeout(0 if LONG else 300)
@pytest.mark.django_db(transaction=False)
def test_random_people_lose_nobody(parties: Parties, synthetic_clock: None) -> None:
    Exchange.parties = parties
    run_state_machine_as_test(Exchange, settings=RUN)
