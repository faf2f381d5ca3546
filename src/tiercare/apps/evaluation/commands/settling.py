"""What becomes of an assessment step by step: numbers that are accepted, results, the lock."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings

from tiercare.apps.ledger import queries as clock
from tiercare.engines.measures.periods import span
from tiercare.engines.measures.rounding import stored
from tiercare.engines.measures.scoring import Inputs, Result, inputs_from, ranks, score, text_of, with_own
from tiercare.engines.measures.scoring.replay import digest_of
from tiercare.engines.measures.store import read, writing
from tiercare.engines.measures.store.manifest import regions_in
from tiercare.kernel.actor import Actor

from ..models import Assessed, Matter
from ..rules import assessing as rules
from ..rules.standing import Said, Standing
from ..workflow import OPEN, Act
from .matters import act
from .running import content_of


def accept(actor: Actor, standing: Standing, said: Said) -> None:
    """What was decided line by line becomes what the result will rest on."""
    row = Assessed.objects.get(report_id=standing.id)
    take_over(row, standing, said.figures.get("lines", {}))


def take_over(row: Assessed, report: Standing, review: dict[str, Any]) -> None:
    """Keep decisions on a self-report with who is assessed."""
    own = rules.taken(rules.lines_of(report.payload), report.result.get("lines", {}), review)
    row.review = review
    row.accepted = text_of(with_own(inputs_from(row.inputs, row.digest), own))
    row.save(update_fields=["review", "accepted"])


def scored(row: Assessed) -> tuple[Inputs, Result]:
    """What somebody's result rests on now, and what it comes to."""
    text = row.accepted or row.inputs
    inputs = inputs_from(text, digest_of(text))
    return inputs, score(inputs)


def compute(actor: Actor, standing: Standing, said: Said) -> None:
    """Everybody's result from what was accepted, and their places."""
    units = list(Assessed.objects.filter(assessment_id=standing.id))
    found = {row.id: scored(row) for row in units}
    places = _places([result for _, result in found.values()], [inputs for inputs, _ in found.values()])
    for row in units:
        inputs, result = found[row.id]
        rank = places.get(row.key)
        row.accepted = text_of(inputs)
        row.result = content_of(result, rank.reason if rank else None)
        row.result_digest = result.digest
        row.total = stored(result.total)
        row.place = rank.place if rank else None
        row.save(update_fields=["accepted", "result", "result_digest", "total", "place"])


def _places(results: Sequence[Result], inputs: Sequence[Inputs]) -> dict[str, Any]:
    if not results or not inputs[0].card.weight:
        return {}
    return {each.key: each for each in ranks(results, inputs[0].card)}


def clear(actor: Actor, standing: Standing, said: Said) -> None:
    """No result stands while it is reviewed again."""
    for row in Assessed.objects.filter(assessment_id=standing.id):
        row.result, row.result_digest, row.total, row.place = {}, "", None, None
        row.save(update_fields=["result", "result_digest", "total", "place"])


def lock(actor: Actor, standing: Standing, said: Said) -> None:
    """Results change no more, nor the months that they rest on."""
    _close_months(actor, standing)
    # The last that is written of them: a policy lets nothing follow.
    Assessed.objects.filter(assessment_id=standing.id).update(locked_on=standing.today)


def _close_months(actor: Actor, standing: Standing) -> None:
    """The months that a region's result rests on are closed, so that the same numbers can be drawn again. A county's result
    does not close the city's facts: its numbers are kept whole with it."""
    root, months = Path(settings.FACTS_ROOT), span(standing.period)
    if standing.payload.get("region") != standing.issuer.area:
        return
    for region in regions_in(root):
        if region.startswith(standing.issuer.area):
            with writing(root, region) as writer:
                manifest = read(root, region)
                if any(manifest.lock(month) is None for month in months.months()):
                    writer.lock(months, at=clock.now(), by=actor.name)


def withdraw_reports(actor: Actor, standing: Standing, said: Said) -> None:
    """Reports that nobody needs any more go with their assessment."""
    states = [each.value for each in OPEN]
    for report in Matter.objects.filter(parent_id=standing.id, state__in=states).values_list("id", flat=True):
        act(actor, matter_id=report, act=Act.WITHDRAW, said=Said(words=said.words))
