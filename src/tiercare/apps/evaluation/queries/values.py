"""What a run says: values of indicators, how demands stand, and what was noticed beside them.

Each public function asks once and sees what the wall lets the actor see; those with a leading underscore are for queries of this
app that already stand in ``scoped``.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right, may
from tiercare.apps.ledger.prepared import rows
from tiercare.engines.measures.targets import Met
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import refuse
from tiercare.kernel.text import Text

from .matters import area_of

_VALUES = """
SELECT indicator, version, span, level, key, numerator, denominator, value FROM evaluation_value
WHERE run_id = %(run)s
  AND (%(indicators)s::text[] IS NULL OR indicator = ANY (%(indicators)s::text[]))
  AND (%(levels)s::text[] IS NULL OR level = ANY (%(levels)s::text[]))
  AND (%(spans)s::text[] IS NULL OR span = ANY (%(spans)s::text[]))
  AND (%(keys)s::text[] IS NULL OR key = ANY (%(keys)s::text[]))
  AND (indicator, level, key, span) > (%(after_indicator)s, %(after_level)s, %(after_key)s, %(after_span)s)
ORDER BY indicator, level, key, span LIMIT %(limit)s
"""
_COUNT = """
SELECT count(*) AS n FROM evaluation_value
WHERE run_id = %(run)s
  AND (%(indicators)s::text[] IS NULL OR indicator = ANY (%(indicators)s::text[]))
  AND (%(levels)s::text[] IS NULL OR level = ANY (%(levels)s::text[]))
  AND (%(spans)s::text[] IS NULL OR span = ANY (%(spans)s::text[]))
  AND (%(keys)s::text[] IS NULL OR key = ANY (%(keys)s::text[]))
"""
_STANDINGS = """
SELECT target, clause, indicator, span, op, "limit", met, value, reason_zh, reason_en FROM evaluation_runstanding
WHERE run_id = %(run)s AND (%(indicators)s::text[] IS NULL OR indicator = ANY (%(indicators)s::text[]))
ORDER BY id
"""
_FINDINGS = """
SELECT kind, name, indicator, span, level, key, content FROM evaluation_finding
WHERE run_id = %(run)s AND kind = ANY (%(kinds)s::text[])
  AND (%(spans)s::text[] IS NULL OR span = ANY (%(spans)s::text[]))
  AND (%(levels)s::text[] IS NULL OR level = ANY (%(levels)s::text[]))
  AND (%(keys)s::text[] IS NULL OR key = ANY (%(keys)s::text[]))
ORDER BY id LIMIT %(limit)s
"""
_MOST = 100_000


@dataclass(frozen=True, slots=True)
class Number:
    """A value with its counts. ``value`` is empty over zero; nothing of a zero denominator is ever 0 %."""

    indicator: str
    version: int
    span: str
    level: str
    key: str
    numerator: Decimal | None
    denominator: Decimal | None
    value: Decimal | None

    @property
    def place(self) -> tuple[str, str, str, str]:
        """What it is ordered by."""
        return self.indicator, self.level, self.key, self.span


@dataclass(frozen=True, slots=True)
class Stood:
    """How a clause's demand stands in a run; ``reason`` says why where it cannot be judged, or what to know beside it."""

    target: str
    clause: str
    indicator: str
    span: str
    op: str
    limit: Decimal | None
    met: Met
    value: Decimal | None
    reason: Text | None


@dataclass(frozen=True, slots=True)
class Noted:
    """Something noticed: of kind ``honesty``, ``signal``, ``flow`` or ``volumes``, with its content as it was kept."""

    kind: str
    name: str
    indicator: str
    span: str
    level: str
    key: str
    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Which:
    """Which values; ``None`` narrows nothing. ``after`` is the place of the last value already read."""

    indicators: Collection[str] | None = None
    levels: Collection[str] | None = None
    spans: Collection[str] | None = None
    keys: Collection[str] | None = None
    after: tuple[str, str, str, str] = ("", "", "", "")
    limit: int = _MOST


def numbers(actor: Actor, run_id: UUID, which: Which) -> list[Number]:
    """Values of a run by indicator, level, key and span.

    Raises:
        Refused: if the actor sees no indicators.
    """
    refuse(may(actor, Right.EVALUATION_READ))
    with scoped(actor, area=area_of(actor)):
        return read_numbers(run_id, which)


def count_numbers(actor: Actor, run_id: UUID, which: Which) -> int:
    """How many values there are, wherever ``which`` begins and ends.

    Raises:
        Refused: if the actor sees no indicators.
    """
    refuse(may(actor, Right.EVALUATION_READ))
    with scoped(actor, area=area_of(actor)):
        found = rows(
            _COUNT,
            run=run_id,
            indicators=_listed(which.indicators),
            levels=_listed(which.levels),
            spans=_listed(which.spans),
            keys=_listed(which.keys),
        )
    return int(found[0]["n"])


def series(
    actor: Actor, run_id: UUID, indicator: str, *, level: str, key: str, spans: Sequence[str]
) -> list[Number]:
    """One indicator of one holder over ``spans``, in their order; spans without a value are left out.

    Raises:
        Refused: if the actor sees no indicators.
    """
    found = numbers(actor, run_id, Which({indicator}, {level}, spans, {key}))
    by_span = {each.span: each for each in found}
    return [by_span[each] for each in spans if each in by_span]


def standings(actor: Actor, run_id: UUID, indicators: Collection[str] | None = None) -> list[Stood]:
    """How the demands of all clauses stand for the region, in the order of the packs.

    Raises:
        Refused: if the actor sees no indicators.
    """
    refuse(may(actor, Right.EVALUATION_READ))
    with scoped(actor, area=area_of(actor)):
        return read_standings(run_id, indicators)


def noted(
    actor: Actor,
    run_id: UUID,
    *kinds: str,
    spans: Collection[str] | None = None,
    level: str | None = None,
    key: str | None = None,
    limit: int = 500,
) -> list[Noted]:
    """What was noticed in a run.

    Raises:
        Refused: if the actor sees no indicators.
    """
    refuse(may(actor, Right.EVALUATION_READ))
    with scoped(actor, area=area_of(actor)):
        return read_noted(run_id, kinds, spans=spans, level=level, key=key, limit=limit)


def read_numbers(run_id: UUID, which: Which) -> list[Number]:
    """As ``numbers``, for a query that stands in ``scoped`` and has asked for the right."""
    found = rows(
        _VALUES,
        run=run_id,
        indicators=_listed(which.indicators),
        levels=_listed(which.levels),
        spans=_listed(which.spans),
        keys=_listed(which.keys),
        after_indicator=which.after[0],
        after_level=which.after[1],
        after_key=which.after[2],
        after_span=which.after[3],
        limit=which.limit,
    )
    return [Number(**row) for row in found]


def read_standings(run_id: UUID, indicators: Collection[str] | None = None) -> list[Stood]:
    """As ``standings``, for a query that stands in ``scoped`` and has asked for the right."""
    return [_stood(row) for row in rows(_STANDINGS, run=run_id, indicators=_listed(indicators))]


def read_noted(
    run_id: UUID,
    kinds: Collection[str],
    *,
    spans: Collection[str] | None = None,
    level: str | None = None,
    key: str | None = None,
    limit: int = 500,
) -> list[Noted]:
    """As ``noted``, for a query that stands in ``scoped`` and has asked for the right."""
    found = rows(
        _FINDINGS,
        run=run_id,
        kinds=list(kinds),
        spans=_listed(spans),
        levels=None if level is None else [level],
        keys=None if key is None else [key],
        limit=limit,
    )
    # The kept cursor gives jsonb as text.
    return [Noted(**{**row, "content": json.loads(row["content"])}) for row in found]


def _listed(given: Collection[str] | None) -> list[str] | None:
    return None if given is None else sorted(given)


def _stood(row: Mapping[str, Any]) -> Stood:
    reason = Text(row["reason_zh"], row["reason_en"]) if row["reason_zh"] else None
    return Stood(
        row["target"],
        row["clause"],
        row["indicator"],
        row["span"],
        row["op"],
        row["limit"],
        Met(row["met"]),
        row["value"],
        reason,
    )
