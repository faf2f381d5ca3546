"""Runs: which there are, and what each rests on."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right, may
from tiercare.apps.ledger.prepared import rows
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused, refuse
from tiercare.kernel.text import Text

from ..rules.spans import shown_first
from .matters import area_of

_RUN = """
SELECT r.id, r.pack, r.pack_digest, r.region, r.spans, r.digest, r.sources, r.synthetic, r.made_at, r.made_by_name,
       (SELECT count(*) FROM evaluation_value v WHERE v.run_id = r.id) AS values
FROM evaluation_run r WHERE r.id = %(run)s
"""
_NEWEST = """
SELECT r.id, r.pack, r.pack_digest, r.region, r.spans, r.digest, r.sources, r.synthetic, r.made_at, r.made_by_name, 0 AS values
FROM evaluation_run r WHERE r.pack = %(pack)s ORDER BY r.made_at DESC, r.id DESC LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class Kept:
    """A run. ``sources``: of every table the first and last month it rests on, a digest, and who sent it."""

    id: UUID
    pack: str
    pack_digest: str
    region: str
    spans: Sequence[str]
    digest: str
    sources: Mapping[str, Mapping[str, str]]
    synthetic: bool
    made_at: datetime
    made_by: str
    values: int

    @property
    def years(self) -> Sequence[str]:
        """The years among its periods, oldest first."""
        return [each for each in self.spans if each.isdigit()]

    @property
    def origin(self) -> str:
        """What the visits that it rests on say of themselves; empty for a run that did not ask them."""
        return self.sources.get("visits", {}).get("origin", "")

    @property
    def shown_first(self) -> str:
        """The period that a page opens with: the newest whole year."""
        return shown_first(self.spans)


def run_of(actor: Actor, run_id: UUID) -> Kept:
    """A run, with how many values the actor may see of it.

    Raises:
        Refused: if the actor sees no indicators, or there is no such run for them.
    """
    refuse(may(actor, Right.EVALUATION_READ))
    with scoped(actor, area=area_of(actor)):
        found = rows(_RUN, run=run_id)
    if not found:
        raise Refused(NO_SUCH_RUN)
    return _kept(found[0])


def newest_runs(actor: Actor, pack: str, *, most: int = 1) -> list[Kept]:
    """The newest runs of a pack, newest first (without the count of values).

    Raises:
        Refused: if the actor sees no indicators.
    """
    refuse(may(actor, Right.EVALUATION_READ))
    with scoped(actor, area=area_of(actor)):
        return [_kept(row) for row in rows(_NEWEST, pack=pack, most=most)]


def _kept(row: Mapping[str, Any]) -> Kept:
    return Kept(
        row["id"],
        row["pack"],
        row["pack_digest"],
        row["region"],
        row["spans"],
        row["digest"],
        json.loads(row["sources"]),  # the kept cursor gives jsonb as text
        row["synthetic"],
        row["made_at"],
        row["made_by_name"],
        row["values"],
    )


NO_SUCH_RUN = Refusal(
    code="evaluation.no_such_run",
    message=Text("没有这次计算的结果，或您无权查看。", "There is no such run, or it is not yours to see."),
    instead=Text("请从指标看板打开最新一次。", "Open the newest from the board."),
    at="run",
    status=404,
)
