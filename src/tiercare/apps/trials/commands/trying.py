"""A trial in the background: asked for, begun by the worker, told how far it has come, stopped, done."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from importlib import import_module
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from procrastinate.contrib.django import app

from tiercare.apps.access.queries import EVERYWHERE, scoped
from tiercare.apps.access.rules import Right, may
from tiercare.apps.evaluation.queries.matters import area_of
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as clock
from tiercare.apps.ledger.prepared import rows
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused, refuse
from tiercare.kernel.text import Text

from .. import events
from ..models import Trial
from ..queries.staging import Played, ready
from ..rules.asked import Asked, faults
from ..rules.trials import BROKE, CHANGED, GOING_ON, NO_SUCH_TRIAL, OVER, WAITING, Stage

SUBJECT = "trials.trial"
TASK = "trials.run"
_TELL = """
UPDATE trials_trial SET progress = %(progress)s::jsonb WHERE id = %(id)s AND stage = 'RUNNING' RETURNING id
"""


class _Stopped(Exception):
    """Somebody stopped it."""


@transaction.atomic
def ask_trial(actor: Actor, region: str, asked: Asked) -> UUID:
    """Queue a trial; answers its id. One of a region goes on at a time.

    Raises:
        Refused: if the actor may not decide about the network there, or with every fault of its name, its size and the levers of both sides, each
            at its field; or a trial of the region goes on.
    """
    refuse(may(actor, Right.NETWORK_DECIDE, division=region))
    asked = replace(asked, title=asked.title.strip(), on=asked.on or clock.today())
    played = _ready(region, asked)
    with scoped(actor, area=area_of(actor)):
        rows("SELECT pg_advisory_xact_lock(hashtextextended(%(key)s, 0))", key=f"trial {region}")
        going = Trial.objects.filter(region=region, stage__in=[each.value for each in GOING_ON])
        refuse(WAITING if going.exists() else None)
        trial = Trial.objects.create(
            region=region,
            pack=played.pack,
            title=asked.title,
            base_on=played.on,
            a=dict(asked.a),
            b=dict(asked.b),
            policy=played.policy,
            notices=played.notices,
            residents=asked.residents,
            seeds=asked.seeds,
            first_seed=asked.first_seed,
            pack_digest=played.pack_digest,
            engine=played.engine,
            inputs=played.inputs,
            stage=Stage.WAITING.value,
            progress=[0, asked.seeds],
            origin=_origin(asked, region),
            asked_by_id=actor.account_id,
            asked_by_name=actor.name,
        )
        app.configure_task(TASK).defer(trial=str(trial.id))
        ledger.append(
            actor,
            events.TrialAsked(region, asked.residents, asked.seeds),
            subject_type=SUBJECT,
            subject_id=trial.id,
            division_code=region,
        )
    return trial.id


def repeat_trial(actor: Actor, trial_id: UUID, *, seeds: int | None = None) -> UUID:
    """Ask for the same once more, under the pack as it is now; with more seeds the intervals are narrower. Answers the new trial's id.

    Raises:
        Refused: if there is none for the actor, or as ``ask_trial``.
    """
    with scoped(actor, area=area_of(actor)):
        row = Trial.objects.filter(id=trial_id).first()
    if row is None:
        raise Refused(NO_SUCH_TRIAL)
    asked = Asked(
        title=row.title,
        a=row.a,
        b=row.b,
        on=row.base_on,
        residents=row.residents,
        seeds=row.seeds if seeds is None else seeds,
        first_seed=row.first_seed,
        origin=row.id,
    )
    return ask_trial(actor, row.region, asked)


@transaction.atomic
def stop_trial(actor: Actor, trial_id: UUID) -> None:
    """Stop a trial; nothing of it is kept but that it was asked for.

    Raises:
        Refused: if there is none for the actor, the actor may not, or it is over.
    """
    with scoped(actor, area=area_of(actor)):
        trial = Trial.objects.select_for_update().filter(id=trial_id).first()
        if trial is None:
            raise Refused(NO_SUCH_TRIAL)
        refuse(
            may(actor, Right.NETWORK_DECIDE, division=trial.region),
            None if Stage(trial.stage) in GOING_ON else OVER,
        )
        _end(trial, Stage.STOPPED)
        ledger.append(
            actor,
            events.TrialStopped(trial.region),
            subject_type=SUBJECT,
            subject_id=trial.id,
            division_code=trial.region,
        )


def run_trial(trial_id: UUID) -> Stage:
    """Play both policies, as the worker does; answers how it ended. One that was begun and killed begins anew; one that is over stays as it is."""
    host = Actor.system("job")
    with scoped(host, area=EVERYWHERE), transaction.atomic():
        trial = Trial.objects.select_for_update().filter(id=trial_id).first()
        if trial is None or Stage(trial.stage) not in GOING_ON:
            return Stage(trial.stage) if trial else Stage.FAILED
        trial.stage, trial.begun_at = Stage.RUNNING.value, clock.now()
        trial.save(update_fields=["stage", "begun_at"])
    try:
        played = _ready(trial.region, _asked(trial))
        if played.inputs != trial.inputs:
            return _failed(trial_id, [CHANGED])
        # The engine is compiled: only the worker waits for it.
        playing: Any = import_module("tiercare.apps.trials.commands.playing")
        result = playing.played_out(played, _seeds(trial.first_seed, trial.seeds), _Told(trial_id))
    except _Stopped:
        return Stage.STOPPED
    except Refused as refused:
        return _failed(trial_id, [_sentence(each) for each in refused.refusals])
    except Exception:
        # Our own mistake: the job fails and is seen there, and nobody waits for a trial that is not going on.
        _failed(trial_id, [BROKE])
        raise
    return _kept(trial_id, result)


def faults_of(region: str, asked: Asked) -> Sequence[Refusal]:
    """What ``ask_trial`` would refuse of the name, the size and the levers; nothing is asked for."""
    try:
        _ready(region, asked)
    except Refused as refused:
        return refused.refusals
    return ()


class _Told:
    """Tells how far a trial has come, and hears whether it was stopped."""

    def __init__(self, trial_id: UUID) -> None:
        self._id = trial_id

    def __call__(self, done: int, of: int) -> None:
        """``done`` of so many steps.

        Raises:
            _Stopped: if the trial is not to go on.
        """
        host = Actor.system("job")
        with scoped(host, area=EVERYWHERE), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_TELL, {"id": self._id, "progress": json.dumps([done, of])})
            if cursor.fetchone() is None:
                raise _Stopped


def _ready(region: str, asked: Asked) -> Played:
    """Every fault at once: of the name and the size, and of the levers."""
    found: list[Refusal] = list(faults(asked))
    try:
        played = ready(
            region,
            on=asked.on or clock.today(),
            sides={"a": asked.a, "b": asked.b},
            residents=asked.residents,
            seeds=_seeds(asked.first_seed, asked.seeds),
        )
    except Refused as refused:
        raise Refused(*found, *refused.refusals) from refused
    refuse(*found)
    return played


def _seeds(first: int, many: int) -> Sequence[int]:
    return range(first, first + many)


def _asked(trial: Trial) -> Asked:
    return Asked(
        trial.title,
        trial.b,
        trial.a,
        trial.base_on,
        trial.residents,
        trial.seeds,
        trial.first_seed,
        trial.origin_id,
    )


def _origin(asked: Asked, region: str) -> Trial | None:
    """The trial that it comes from, if the actor may see it; from another region there is none."""
    return Trial.objects.filter(id=asked.origin, region=region).first() if asked.origin else None


def _kept(trial_id: UUID, result: dict[str, Any]) -> Stage:
    host = Actor.system("job")
    with scoped(host, area=EVERYWHERE), transaction.atomic():
        trial = Trial.objects.select_for_update().get(id=trial_id)
        if Stage(trial.stage) is Stage.RUNNING:
            trial.result = result
            _end(trial, Stage.DONE)
        return Stage(trial.stage)


def _failed(trial_id: UUID, why: Sequence[Text]) -> Stage:
    host = Actor.system("job")
    with scoped(host, area=EVERYWHERE), transaction.atomic():
        trial = Trial.objects.select_for_update().get(id=trial_id)
        if Stage(trial.stage) is Stage.RUNNING:
            trial.why = [[each.zh, each.en] for each in why]
            _end(trial, Stage.FAILED)
        return Stage(trial.stage)


def _end(trial: Trial, stage: Stage) -> None:
    trial.stage, trial.over_at = stage.value, clock.now()
    trial.save()


def _sentence(refusal: Refusal) -> Text:
    return Text(refusal.sentence("zh"), refusal.sentence("en"))
