"""Listing the cases behind a number: unnamed, for those who may, and on record each time (NHC-60 and what drills)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from uuid import UUID

from django.db import transaction

from tiercare.apps.access.rules import Right, may
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as clock
from tiercare.apps.network.queries.holders import holders
from tiercare.engines.measures.cases import Listed, NothingBehind, Side, cases
from tiercare.engines.measures.periods import span as span_named
from tiercare.engines.measures.schema import Level
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused, refuse
from tiercare.kernel.text import Text

from .. import events
from ..queries.book import indicator_of
from ..queries.closer import store_of
from ..queries.indicator import span_of
from ..queries.runs import Kept
from ..queries.whose import area_of_place
from .running import SUBJECT

MOST = 200
_NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Found:
    """The cases of a side, part by part; ``amount`` is what the definition makes of them now."""

    parts: Sequence[Listed]

    @property
    def total(self) -> int:
        """How many rows there are, shown or not."""
        return sum(each.total for each in self.parts)

    @property
    def amount(self) -> Fraction:
        """The side, counted anew."""
        return sum((each.amount for each in self.parts), Fraction(0))


def refusal_of(actor: Actor, run: Kept, level: Level, key: str) -> Refusal | None:
    """Why the actor may not list the cases of somebody, if so: a commission those of its area, an office its own."""
    refusal = may(actor, Right.EVALUATION_CASES)
    if refusal is not None:
        return refusal
    today = clock.today()
    if actor.institution_id is None:
        return may(actor, Right.EVALUATION_CASES, division=area_of_place(run.region, level, key, on=today))
    known = holders(on=today)
    of = {Level.INSTITUTION: known.institutions, Level.CONSORTIUM: known.consortia}.get(level, {})
    own = actor.institution_id if actor.institution_id in of.get(key, ()) else _NOBODY
    return may(actor, Right.EVALUATION_CASES, institution_id=own, division=run.region)


def list_cases(
    actor: Actor, run: Kept, *, indicator: str, side: Side, span: str, level: Level, key: str
) -> Found:
    """List the newest cases of a side of an indicator, at most 200 of each part; that it was done is on record.

    Raises:
        Refused: if they are not the actor's to see, there is no such indicator or period, or nothing is behind the side.
    """
    refuse(refusal_of(actor, run, level, key))
    asked = indicator_of(run.pack, indicator)
    period = span_named(span_of(run, span))
    try:
        with store_of(run) as store:
            found = Found(
                cases(store, asked, side, period, level=level, key=key, region=run.region, most=MOST)
            )
    except NothingBehind as nothing:
        raise Refused(NOTHING_BEHIND) from nothing
    _recorded(actor, run, indicator, str(period), key, found.total)
    return found


@transaction.atomic
def _recorded(actor: Actor, run: Kept, indicator: str, span: str, key: str, count: int) -> None:
    ledger.append(
        actor,
        events.CasesListed(indicator, span, key, count),
        subject_type=SUBJECT,
        subject_id=run.id,
        institution_id=actor.institution_id,
        division_code=run.region,
    )


NOTHING_BEHIND = Refusal(
    code="evaluation.nothing_behind",
    message=Text(
        "这个数由别的指标算出，或不归到这一级，后面没有自己的个案。",
        "This number is made of other indicators, or is not given to such places: no cases of its own are behind it.",
    ),
    instead=Text(
        "请打开组成它的指标，或换一级再看。", "Open the indicators it is made of, or look at another level."
    ),
    at="side",
    status=422,
)
