"""Trials that were asked for, as they stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right, may
from tiercare.apps.evaluation.queries.matters import area_of
from tiercare.apps.ledger import queries as clock
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused, refuse

from ..models import Trial
from ..rules.asked import Value
from ..rules.trials import NO_SUCH_TRIAL, Stage
from .staging import engine_digest, resolved_digest

_MOST = 200  # trials of a region that a list shows


@dataclass(frozen=True, slots=True)
class Listed:
    """A trial in a list. ``done`` steps are played; ``policy``: every lever with what the pack set, by which clause, and what each side plays;
    ``beside``: the first side is changed too, so that two scenarios are compared."""

    id: UUID
    region: str
    pack: str
    title: str
    base_on: date
    stage: Stage
    done: int
    residents: int
    seeds: int
    first_seed: int
    asked_at: datetime
    asked_by: str
    policy: Sequence[Mapping[str, Any]]
    beside: bool


@dataclass(frozen=True, slots=True)
class Whole:
    """A trial with what it was asked, what it ran on and what came of it.

    Attributes:
        a, b: levers set otherwise than the pack did.
        result: as ``commands.playing`` makes it, ``None`` while there is none; why: why there is none, in zh and en.
        seconds_left: until it is done, by how fast it went so far; ``None`` before the first step and when it is over.
        stale: the pack or the program has changed since: run again, it might come out otherwise.
    """

    line: Listed
    a: Mapping[str, Value]
    b: Mapping[str, Value]
    notices: Sequence[tuple[str, str]]
    pack_digest: str
    engine: str
    inputs: str
    result: Mapping[str, Any] | None
    why: Sequence[tuple[str, str]]
    origin: UUID | None
    seconds_left: float | None
    stale: bool

    @property
    def policy(self) -> Sequence[Mapping[str, Any]]:
        """Every lever with what the pack set, by which clause, and what each side plays."""
        return self.line.policy


def trials(actor: Actor, region: str) -> list[Listed]:
    """The trials of a region that the actor may see, the newest first.

    Raises:
        Refused: if the actor may not see networks there.
    """
    refuse(may(actor, Right.NETWORK_READ, division=region))
    with scoped(actor, area=area_of(actor)):
        found = Trial.objects.filter(region=region).defer("result").order_by("-asked_at", "-id")
        return [_listed(row) for row in found[:_MOST]]


def trial(actor: Actor, trial_id: UUID) -> Whole:
    """One of them whole.

    Raises:
        Refused: if there is none for the actor.
    """
    with scoped(actor, area=area_of(actor)):
        row = Trial.objects.filter(id=trial_id).first()
    if row is None:
        raise Refused(NO_SUCH_TRIAL)
    refuse(may(actor, Right.NETWORK_READ, division=row.region))
    return Whole(
        line=_listed(row),
        a=row.a,
        b=row.b,
        notices=[(zh, en) for zh, en in row.notices],
        pack_digest=row.pack_digest,
        engine=row.engine,
        inputs=row.inputs,
        result=row.result,
        why=[(zh, en) for zh, en in row.why],
        origin=row.origin_id,
        seconds_left=_left(row),
        stale=(row.pack_digest, row.engine) != (resolved_digest(row.region), engine_digest()),
    )


def _left(row: Trial) -> float | None:
    done, of = row.progress or (0, 0)
    if Stage(row.stage) is not Stage.RUNNING or not done or row.begun_at is None:
        return None
    return max((clock.now() - row.begun_at).total_seconds(), 0.0) / done * max(of - done, 0)


def _listed(row: Trial) -> Listed:
    return Listed(
        row.id,
        row.region,
        row.pack,
        row.title,
        row.base_on,
        Stage(row.stage),
        row.progress[0] if row.progress else 0,
        row.residents,
        row.seeds,
        row.first_seed,
        row.asked_at,
        row.asked_by_name,
        row.policy,
        bool(row.a),
    )
