"""The patient over every page of the record, and what a form about them is prefilled with: one reading."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from tiercare.apps.ledger import queries as ledger
from tiercare.apps.residents import queries as residents
from tiercare.apps.residents.queries.record import Identity, identity_of
from tiercare.engines.guidelines import Guidelines
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import refuse

from ..rules.delicate import record_refusal
from .facts import Facts, facts
from .ours import guidelines_at
from .summary import Summary, summary


@dataclass(frozen=True, slots=True)
class Patient:
    """Who it is and what is known of them; ``book`` are the guidelines that hold where the reader works."""

    who: Identity
    summary: Summary
    facts: Facts | None
    book: Guidelines | None
    on: date


def patient(actor: Actor, resident_id: UUID) -> Patient:
    """A resident's record at a glance with the facts for the guidelines; the reading is recorded.

    Raises:
        Refused: if the role sees no diagnoses.
        Closed: if nothing allows the actor to read this record now.
    """
    refuse(record_refusal(actor.role))
    on = ledger.today()
    book = None if actor.institution_id is None else guidelines_at(actor.institution_id, on=on)
    with residents.opened(actor, resident_id, what="record") as ground:
        who = identity_of(ground, on)
        known = summary(ground.persons, on=on)
        told = None if book is None else facts(ground.persons, on=on, book=book)
    return Patient(who, known, told, book, on)
