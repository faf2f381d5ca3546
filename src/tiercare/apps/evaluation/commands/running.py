"""Keeping what was computed: the run, its values, how the clauses' demands stand, scores and what was noticed, in one transaction."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right, may
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as clock
from tiercare.apps.ledger.prepared import insert, rows
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network.queries.holders import Holders, holders
from tiercare.engines.measures.evaluate import Value
from tiercare.engines.measures.rounding import stored
from tiercare.engines.measures.schema import Level
from tiercare.engines.measures.scoring import Result
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import refuse
from tiercare.kernel.text import Text

from .. import events
from ..models import Run
from ..queries.marks import marks_of
from ..queries.matters import area_of
from .computing import Computed, compute
from .noticed import Noticed

SUBJECT = "evaluation.run"
# COPY knows no row-level security; arrays of a column each come near it.
_VALUES = """
INSERT INTO evaluation_value (run_id, indicator, version, span, level, key, holders, area, numerator, denominator, value)
SELECT %(run)s, a, b::smallint, c, d, e, f::uuid[], g, h::numeric, i::numeric, j::numeric
FROM unnest(%(a)s::text[], %(b)s::text[], %(c)s::text[], %(d)s::text[], %(e)s::text[], %(f)s::text[], %(g)s::text[],
            %(h)s::text[], %(i)s::text[], %(j)s::text[]) AS t (a, b, c, d, e, f, g, h, i, j)
"""
_STANDINGS = """
INSERT INTO evaluation_runstanding
    (run_id, target, clause, indicator, span, op, "limit", met, value, reason_zh, reason_en)
SELECT %(run)s, a, b, c, d, e, f::numeric, g, h::numeric, i, j
FROM unnest(%(a)s::text[], %(b)s::text[], %(c)s::text[], %(d)s::text[], %(e)s::text[], %(f)s::text[], %(g)s::text[],
            %(h)s::text[], %(i)s::text[], %(j)s::text[]) AS t (a, b, c, d, e, f, g, h, i, j)
"""
_SCORES = """
INSERT INTO evaluation_score (run_id, card, version, span, level, key, holders, area, total, covered, place, content, digest)
SELECT %(run)s, a, b::smallint, c, d, e, f::uuid[], g, h::numeric, i::numeric, j::smallint, k::jsonb, l
FROM unnest(%(a)s::text[], %(b)s::text[], %(c)s::text[], %(d)s::text[], %(e)s::text[], %(f)s::text[], %(g)s::text[],
            %(h)s::text[], %(i)s::text[], %(j)s::text[], %(k)s::text[], %(l)s::text[]) AS t (a, b, c, d, e, f, g, h, i, j, k, l)
"""
_FINDINGS = """
INSERT INTO evaluation_finding (run_id, span, level, key, holders, area, kind, name, indicator, content)
SELECT %(run)s, a, b, c, d::uuid[], e, f, g, h, i::jsonb
FROM unnest(%(a)s::text[], %(b)s::text[], %(c)s::text[], %(d)s::text[], %(e)s::text[], %(f)s::text[], %(g)s::text[],
            %(h)s::text[], %(i)s::text[]) AS t (a, b, c, d, e, f, g, h, i)
"""
_LETTERS = "abcdefghijkl"
_AT_A_TIME = 20_000
_NEWEST = """
SELECT id, digest, pack_digest, spans FROM evaluation_run WHERE region = %(region)s AND pack = %(pack)s
ORDER BY made_at DESC, id DESC LIMIT 1
"""


@transaction.atomic
def keep(actor: Actor, computed: Computed) -> UUID:
    """Keep a run; answers its id. The newest one is answered again where nothing has changed: same facts, same pack.

    Raises:
        Refused: if the actor may not compute indicators of the region.
    """
    refuse(may(actor, Right.EVALUATION_RUN, division=computed.region))
    digest = computed.digest
    spans = [str(each) for each in computed.periods.all]
    with scoped(actor, area=area_of(actor)):
        rows("SELECT pg_advisory_xact_lock(hashtextextended(%(key)s, 0))", key=f"run {computed.pack}")
        newest = rows(_NEWEST, region=computed.region, pack=computed.pack)
        same = ("digest", digest), ("pack_digest", computed.pack_digest), ("spans", spans)
        if newest and all(newest[0][name] == value for name, value in same):
            return UUID(str(newest[0]["id"]))
        run = Run(
            pack=computed.pack,
            pack_digest=computed.pack_digest,
            region=computed.region,
            spans=spans,
            digest=digest,
            sources=dict(computed.sources),
            synthetic=computed.synthetic,
            made_by_name=actor.name,
        )
        insert(run)
        behind = holders(on=clock.today())
        _insert(run.id, _VALUES, (_value(v, behind) for v in computed.values if v.numerator is not None))
        _insert(run.id, _STANDINGS, _standings(computed))
        _insert(run.id, _SCORES, _scores(computed, behind))
        _insert(run.id, _FINDINGS, (_finding(each, behind) for each in computed.noticed))
        ledger.append(
            actor,
            events.RunKept(computed.pack, digest, len(computed.values)),
            subject_type=SUBJECT,
            subject_id=run.id,
            division_code=computed.region,
        )
    return run.id


def run(actor: Actor, pack: str, *, years: Sequence[int] = (), root: Path | None = None) -> UUID:
    """Compute and keep; answers the run's id.

    Raises:
        Refused: as ``compute`` and ``keep``; whether the actor may is asked before anything is computed.
    """
    known = mandates.packs().packs.get(pack)
    if known is not None:
        refuse(may(actor, Right.EVALUATION_RUN, division=known.region))
    recorded = marks_of(actor, known.region) if known is not None else {}
    return keep(actor, compute(pack, years=years, root=root, marks=recorded))


def _insert(run_id: UUID, statement: str, lines: Iterable[Sequence[Any]]) -> None:
    left = iter(lines)
    with connection.cursor() as cursor:
        while chunk := list(islice(left, _AT_A_TIME)):
            columns = [
                [None if each is None else str(each) for each in column]
                for column in zip(*chunk, strict=True)
            ]
            cursor.execute(statement, {"run": run_id, **dict(zip(_LETTERS, columns, strict=False))})


def _value(v: Value, behind: Holders) -> Sequence[Any]:
    holding = _held(v.level, v.key, behind)
    numbers = (stored(v.numerator), stored(v.denominator), stored(v.value))
    return (v.indicator, v.version, str(v.span), v.level.value, v.key, *holding, *numbers)


def _held(level: Level, key: str, behind: Holders) -> tuple[str, str]:
    """The institutions behind a key, as an array, and where it lies."""
    of = {Level.INSTITUTION: behind.institutions, Level.CONSORTIUM: behind.consortia}.get(level, {})
    area = behind.areas.get(key, "") if of else ""
    return "{" + ",".join(str(each) for each in of.get(key, ())) + "}", area


def _standings(computed: Computed) -> Iterator[Sequence[Any]]:
    for each in computed.assessment.standings:
        target, why = each.target, each.reason or each.target.note
        yield (
            target.id,
            target.clause,
            target.indicator or "",
            str(target.span or (each.value.span if each.value else "")),
            target.op,
            stored(target.limit),
            each.met.value,
            stored(each.value.value) if each.value else None,
            why.zh if why else "",
            why.en if why else "",
        )


def _scores(computed: Computed, behind: Holders) -> Iterator[Sequence[Any]]:
    for outcome in computed.cards:
        places = {rank.key: rank for rank in outcome.ranks}
        for result in (outcome.region, *outcome.consortia):
            rank = places.get(result.key)
            yield (
                result.scorecard,
                result.version,
                str(result.span),
                result.level.value,
                result.key,
                *_held(result.level, result.key, behind),
                stored(result.total),
                stored(result.covered),
                rank.place if rank else None,
                json.dumps(
                    {
                        **content_of(result, rank.reason if rank else None),
                        "record": outcome.records[result.digest],
                    },
                    ensure_ascii=False,
                ),
                result.digest,
            )


def content_of(result: Result, no_rank: Text | None = None) -> dict[str, Any]:
    """A result's lines and panels as they are kept; fractions as text, so that nothing of them is lost."""
    return {
        "lines": [
            {
                "indicator": each.indicator,
                "weight": str(each.weight),
                "points": None if each.points is None else str(each.points),
                "why": each.why.value if each.why else None,
                "clause": each.standing.target.clause if each.standing else None,
                "met": each.standing.met.value if each.standing else None,
                "small": each.small,
                "ordinary": each.ordinary,
            }
            for each in result.scored
        ],
        "panels": [
            {"panel": each.panel, "points": str(each.points), "of": str(each.of), "complete": each.complete}
            for each in result.panels
        ],
        "firm": str(result.firm),
        "established": result.established,
        "no_rank": None if no_rank is None else {"zh": no_rank.zh, "en": no_rank.en},
    }


def _finding(each: Noticed, behind: Holders) -> Sequence[Any]:
    holding = _held(each.level, each.key, behind)
    return (
        str(each.span),
        each.level.value,
        each.key,
        *holding,
        each.kind,
        each.name,
        each.indicator,
        json.dumps(dict(each.content), ensure_ascii=False),
    )
