"""Searching for a plan in the background: asked for, begun by the worker, told how far it has come, stopped, done."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from time import monotonic
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
from tiercare.engines.planning.reading import faults
from tiercare.engines.planning.regions import Plan as Proposed
from tiercare.engines.planning.regions import Region, Wishes
from tiercare.engines.planning.tasks import Found as Sought
from tiercare.engines.planning.tasks import Impossible
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused, refuse
from tiercare.kernel.text import Text

from .. import events
from ..models import Search
from ..queries.plans import plain_wishes, wishes_from
from ..queries.regions import Ground, ground_of
from ..queries.supposing import supposed
from ..rules.plans import (
    BAD_EFFORT,
    GOING_ON,
    LONGEST_TITLE,
    MOST_EFFORT,
    NO_SUCH_SEARCH,
    NO_TITLE,
    OVER,
    WAITING,
    Source,
    Stage,
)
from .saving import Draft, keep, weights_refusal

SUBJECT = "planning.search"
TASK = "planning.search"
_PAUSE = 0.5  # seconds between two words on how far it has come
_POINTS = 60  # of the curve that are kept
_TELL = """
UPDATE planning_search SET progress = %(progress)s::jsonb WHERE id = %(id)s AND stage = 'RUNNING' RETURNING id
"""


class _Stopped(Exception):
    """Somebody stopped it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is searched for: the weights, leads supposed otherwise, a seed (the same gives the same plan), how long to go on (1 is usual), and
    the day whose ground is divided (today if none is named)."""

    title: str
    wishes: Wishes
    what_if: Sequence[Mapping[str, Any]] = ()
    seed: int = 0
    effort: float = 1.0
    on: date | None = None


@transaction.atomic
def ask_search(actor: Actor, region: str, asked: Asked) -> UUID:
    """Queue a search; answers its id. One of a region goes on at a time.

    Raises:
        Refused: if the actor may not decide about the network there, a weight or the effort is out of bounds, the region cannot be divided
            (in the words of ``reading.faults``), or a search of it goes on.
    """
    refuse(
        may(actor, Right.NETWORK_DECIDE, division=region),
        None if 0 < len(asked.title.strip()) <= LONGEST_TITLE else NO_TITLE,
        weights_refusal(asked.wishes),
        None if 0 < asked.effort <= MOST_EFFORT and 0 <= asked.seed < 2**31 else BAD_EFFORT,
    )
    on = asked.on or clock.today()
    _sound(supposed(ground_of(region, on=on), asked.what_if).region)
    with scoped(actor, area=area_of(actor)):
        rows("SELECT pg_advisory_xact_lock(hashtextextended(%(key)s, 0))", key=f"search {region}")
        going = Search.objects.filter(region=region, stage__in=[each.value for each in GOING_ON])
        refuse(WAITING if going.exists() else None)
        search = Search.objects.create(
            region=region,
            title=asked.title.strip(),
            base_on=on,
            wishes=plain_wishes(asked.wishes),
            what_if=[dict(each) for each in asked.what_if],
            seed=asked.seed,
            effort=asked.effort,
            stage=Stage.WAITING.value,
            asked_by_id=actor.account_id,
            asked_by_name=actor.name,
        )
        app.configure_task(TASK).defer(search=str(search.id))
        ledger.append(
            actor,
            events.SearchAsked(region),
            subject_type=SUBJECT,
            subject_id=search.id,
            division_code=region,
        )
    return search.id


@transaction.atomic
def stop_search(actor: Actor, search_id: UUID) -> None:
    """Stop a search; nothing of it is kept.

    Raises:
        Refused: if there is none for the actor, the actor may not, or it is over.
    """
    with scoped(actor, area=area_of(actor)):
        search = Search.objects.select_for_update().filter(id=search_id).first()
        if search is None:
            raise Refused(NO_SUCH_SEARCH)
        refuse(
            may(actor, Right.NETWORK_DECIDE, division=search.region),
            None if Stage(search.stage) in GOING_ON else OVER,
        )
        _end(search, Stage.STOPPED)
        ledger.append(
            actor,
            events.SearchStopped(search.region),
            subject_type=SUBJECT,
            subject_id=search.id,
            division_code=search.region,
        )


def run_search(search_id: UUID) -> Stage:
    """Search, as the worker does; answers how it ended. One that was begun and killed begins anew; one that is over stays as it is.

    The plan is kept in the name of whoever asked, in one transaction with the end of the search.
    """
    host = Actor.system("job")
    with scoped(host, area=EVERYWHERE), transaction.atomic():
        search = Search.objects.select_for_update().filter(id=search_id).first()
        if search is None or Stage(search.stage) not in GOING_ON:
            return Stage(search.stage) if search else Stage.FAILED
        search.stage, search.begun_at = Stage.RUNNING.value, clock.now()
        search.save(update_fields=["stage", "begun_at"])
    wishes, curve = wishes_from(search.wishes), _Curve(search_id)
    try:
        ground = supposed(ground_of(search.region, on=search.base_on), search.what_if)
        _sound(ground.region)
        # The solvers are compiled: only the worker waits for them.
        solver: Any = import_module("tiercare.engines.planning.proposing")
        plan: Proposed = solver.proposed(
            ground.region, wishes, seed=search.seed, effort=search.effort, progress=curve
        )
    except _Stopped:
        return Stage.STOPPED
    except Impossible as problem:
        return _failed(search_id, problem.reasons or (_NO_PLAN,))
    except Refused as refused:
        return _failed(search_id, [_sentence(each) for each in refused.refusals])
    except Exception:
        # Our own mistake: the job fails and is seen there, and nobody waits for a search that is not going on.
        _failed(search_id, [_BROKE])
        raise
    return _kept(search_id, ground, plan)


def _kept(search_id: UUID, ground: Ground, plan: Proposed) -> Stage:
    host = Actor.system("job")
    with scoped(host, area=EVERYWHERE), transaction.atomic():
        search = Search.objects.select_for_update().get(id=search_id)
        if Stage(search.stage) is not Stage.RUNNING:
            return Stage(search.stage)
        draft = Draft(
            title=search.title,
            wishes=wishes_from(search.wishes),
            lead_of=plan.lead_of,
            source=Source.SEARCH,
            what_if=search.what_if,
            bound=plan.bound,
            seed=search.seed,
            on=search.base_on,
        )
        # Whoever asked has made it; the worker is their pen.
        by = (search.asked_by_id, search.asked_by_name)
        search.plan = keep(host, search.region, ground, draft, by=by)
        search.progress = _thinned([(at, cost, bound) for at, cost, bound in plan.trace])
        _end(search, Stage.DONE)
    return Stage.DONE


def _failed(search_id: UUID, why: Sequence[Text]) -> Stage:
    host = Actor.system("job")
    with scoped(host, area=EVERYWHERE), transaction.atomic():
        search = Search.objects.select_for_update().get(id=search_id)
        if Stage(search.stage) is Stage.RUNNING:
            search.why = [[each.zh, each.en] for each in why]
            _end(search, Stage.FAILED)
        return Stage(search.stage)


def _end(search: Search, stage: Stage) -> None:
    search.stage, search.over_at = stage.value, clock.now()
    search.save()


class _Curve:
    """Tells how far a search has come, now and then, and hears whether it was stopped."""

    def __init__(self, search_id: UUID) -> None:
        self._id, self._told, self._begun = search_id, 0.0, monotonic()

    def __call__(self, found: Sought) -> None:
        """As ``tasks.Progress``.

        Raises:
            _Stopped: if the search is not to go on.
        """
        now = monotonic()
        if now - self._told < _PAUSE:
            return
        self._told = now
        points = [*found.trace, (now - self._begun, found.cost, found.bound)]
        host = Actor.system("job")
        with scoped(host, area=EVERYWHERE), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_TELL, {"id": self._id, "progress": json.dumps(_thinned(points))})
            if cursor.fetchone() is None:
                raise _Stopped


def _thinned(points: Sequence[tuple[float, float, float]]) -> list[list[float | None]]:
    """At most so many points, the first and the last among them; what is infinite is none yet."""
    step = max(1, math.ceil(len(points) / _POINTS))
    some = [*points[::step], *([points[-1]] if points and (len(points) - 1) % step else [])]
    return [[each if math.isfinite(each) else None for each in point] for point in some]


def _sound(region: Region) -> None:
    found = faults(region)
    if found:
        raise Refused(
            *(Refusal(each.code, _plain(each.text), _MEND, at="region", status=422) for each in found)
        )


def _sentence(refusal: Refusal) -> Text:
    return Text(refusal.sentence("zh"), refusal.sentence("en"))


def _plain(text: Text) -> Text:
    return Text(text.zh.replace("{", "{{").replace("}", "}}"), text.en.replace("{", "{{").replace("}", "}}"))


_MEND = Text("请更正地区数据后再试。", "Mend the region's data, then try again.")
_BROKE = Text(
    "计算出错，已记录给平台管理员。请重新开始一次。",
    "The search broke off; the platform's operator sees why. Please begin another.",
)
_NO_PLAN = Text("没有找到满足全部条件的划分。", "No division was found that keeps every condition.")
