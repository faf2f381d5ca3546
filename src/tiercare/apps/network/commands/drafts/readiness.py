"""What has to be on record before an application is decided: an override where it exceeds the plan, both sides' word, its scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tiercare.apps.ledger import queries as clock
from tiercare.apps.mandates import queries as mandates
from tiercare.kernel.refusal import Refusal, Refused

from ... import models
from ...queries import institution_plans as plans
from ...queries import proposals
from ...queries.drafts import row_changes
from ...queries.reading import area_names
from ...rules.choosing import Side, choice_missing
from ...rules.drafting import Change
from ...rules.institution_plans import Mark, covered, exceeds_plan
from ...rules.pairing import not_scored
from ...rules.sentences import RowChange
from .shared import Weighed


@dataclass(frozen=True, slots=True)
class Readiness:
    """``marks``: what it exceeds, ``overridden`` if an override on record covers them; the ``proposal`` if it ties institutions together
    where a text asks how, with the ``sides`` that have to confirm; ``missing``: why it cannot be decided yet."""

    marks: tuple[Mark, ...]
    overridden: bool
    proposal: proposals.Proposal | None
    sides: tuple[Side, ...]
    missing: tuple[Refusal, ...]


def ready(application: models.Application, *, changes: Sequence[RowChange] | None = None) -> Readiness:
    """How an application stands to what has to be on record before somebody decides; ``changes`` are its rows, where the caller has told
    them already.

    Raises:
        Refused: if the region has no pack, or its rows cannot be read any more.
    """
    pack = mandates.packs().find(application.region)
    if pack is None:
        raise Refused(mandates.region_without_pack(application.region))
    rows = changes_of(application) if changes is None else changes
    return _ready(application, rows, pack.id, application.starts_on or clock.today())


def ready_as_weighed(application: models.Application, weighed: Weighed) -> tuple[Refusal, ...]:
    """The same for the command that decides, which has weighed it already: only why not."""
    return _ready(application, weighed.rows, weighed.pack_id, weighed.on).missing


def _ready(application: models.Application, rows: Sequence[RowChange], pack: str, on: date) -> Readiness:
    found = tuple(plans.marks_of(rows, application.region, pack, on=on))
    kept = plans.overrides(application.id) if found else []
    overridden = any(covered(found, override.marks) for override in kept)
    proposed = proposals.proposal(rows, pack, on=on)
    sides = tuple(proposals.sides_of(application, proposed)) if proposed else ()
    missing: list[Refusal | None] = []
    if found and not overridden:
        missing.append(exceeds_plan(found, area_names(on=on)))
    if proposed is not None and proposed.mutual:
        missing.append(choice_missing(sides))
    if proposed is not None and proposed.asked:
        missing.append(_unscored(application, proposed))
    return Readiness(
        found, overridden, proposed, sides, tuple(refusal for refusal in missing if refusal is not None)
    )


def _unscored(application: models.Application, proposed: proposals.Proposal) -> Refusal | None:
    kept = {
        (row.clause, row.criterion)
        for row in proposals.scores(application.id)
        if row.digest == proposed.digest
    }
    missing = [each for each in proposed.asked if each not in kept]
    clauses = list(dict.fromkeys(clause for clause, _ in missing))
    return not_scored(clauses, list(dict.fromkeys(word for _, word in missing)))


def changes_of(application: models.Application) -> tuple[RowChange, ...]:
    """What an application that waits would do, row by row."""
    return row_changes(Change.read(application.payload).entries)
