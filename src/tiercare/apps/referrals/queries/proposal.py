"""What the criteria say of a resident: whether to refer, how urgently, why, and what would have to be known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from tiercare.apps.access.rules import Purpose, Right, may
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.network import queries as network
from tiercare.apps.records import queries as records
from tiercare.apps.records.queries.facts import diseases_of
from tiercare.apps.residents import queries as residents
from tiercare.engines.guidelines import Direction, Follow, Guidelines, Held, Unsure, Urgency, advise, misread
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import refuse

# The tables tell primary care by tiers 0 and 1; some centres bear a higher level.
_PRIMARY = 1


@dataclass(frozen=True, slots=True)
class Proposal:
    """``held`` are the criteria that hold, the most urgent first; ``unsure`` those that may, with the facts to ask for;
    ``tier`` the level from which an institution is able; ``problem`` the diagnosis that it is about, as code and name."""

    held: tuple[Held, ...] = ()
    unsure: tuple[Unsure, ...] = ()
    urgency: Urgency | None = None
    tier: int | None = None
    follow: Follow | None = None
    diseases: tuple[str, ...] = ()
    observed: Mapping[str, Any] = field(default_factory=dict)
    book: Guidelines | None = None
    problem: tuple[str, str] = ("", "")

    def basis(self) -> dict[str, Any]:
        """What is kept with the request: the rows by id with their words, and the version of the tables (XH-39)."""
        return {
            "rows": [
                {
                    "id": each.row.id,
                    "says": {"zh": each.row.says.zh, "en": each.row.says.en},
                    "source": {"zh": each.row.source.name.zh, "en": each.row.source.name.en},
                    "confidence": each.row.confidence.value,
                    "urgency": int(each.row.urgency),
                    "to": each.row.to,
                }
                for each in self.held
            ],
            "version": self.book.version if self.book else "",
            "tier": self.tier,
        }


def proposal(
    actor: Actor,
    resident_id: UUID,
    *,
    direction: Direction,
    observed: Mapping[str, Any] | None = None,
    problem_code: str = "",
) -> Proposal:
    """What the tables in force at the actor's institution say of this resident. ``observed`` are facts that were answered
    just now and come before those of the record; ``problem_code`` narrows to its disease.

    Raises:
        Refused: if the actor sends no requests; for an answer that is no possible value of its fact.
        Closed: if the actor may not read the record.
    """
    refuse(may(actor, Right.REQUESTS_SEND, institution_id=actor.institution_id))
    today = ledger.today()
    assert actor.institution_id is not None  # the right is one of institutions
    book = records.guidelines_at(actor.institution_id, on=today)
    place = network.place_of(actor.institution_id, on=today)
    with residents.opened(actor, resident_id, what="criteria", purpose=Purpose.REFERRAL) as ground:
        problems = records.summary(ground.persons, on=today).problems
        named = (problems[0].code, problems[0].name) if problems else ("", "")
        if book is None or place is None:
            return Proposal(problem=named)
        known = records.facts(ground.persons, on=today, book=book)
    facts = {**known.observed, **(observed or {})}
    refuse(*misread(book, facts))
    diseases = diseases_of([problem_code], book) if problem_code else known.diseases
    told = advise(
        book,
        diseases=diseases,
        observed=facts,
        direction=direction,
        tier=min(place.level, _PRIMARY) if place.primary_care else place.level,
        on=today,
    )
    first = told.held[0].row.disease if told.held else ""
    about = next(
        ((each.code, each.name) for each in problems if first and first in diseases_of([each.code], book)),
        named,
    )
    return Proposal(
        held=told.held,
        unsure=told.unsure,
        urgency=told.urgency,
        tier=told.to,
        follow=told.follow,
        diseases=tuple(diseases),
        observed=facts,
        book=book,
        problem=about,
    )
