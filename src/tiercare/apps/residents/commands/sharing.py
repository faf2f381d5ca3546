"""Letting others read, taking it back, breaking the glass, objecting: about one person, found past the wall."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from tiercare.apps.access import rules as access
from tiercare.apps.access.commands import consents, glass, objections
from tiercare.apps.access.rules import Basis, Purpose, Right
from tiercare.apps.access.rules.consent import NO_SUCH_GRANTEE, NO_SUCH_RECORD, Asked, GivenBy
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.apps.ledger.queries.windows import reading_of
from tiercare.apps.network import queries as network
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused, refuse

from ..queries.mine import area_of, grantee_of
from ..queries.opening import Opened, opened, person_of


def give_consent(
    actor: Actor,
    resident_id: UUID,
    *,
    grantee_id: UUID | None,
    purposes: Collection[Purpose],
    until: date | None,
    evidence: str = "",
    by_guardian: bool = False,
) -> UUID:
    """Let an institution or a consortium read this person's record; returns the consent's id.

    The person does, or their guardian; or a desk that has a ground records a signed paper (``evidence`` is its
    number, ``by_guardian`` who signed). A consortium stands for whoever is its member on the day of a reading.

    Raises:
        Refused: if the actor may not read this record, or the consent lacks something (all of it told).
    """
    with opened(actor, resident_id, what="consents") as person:
        division, _ = area_of(person)
        if grantee_id is None:
            raise Refused(NO_SUCH_GRANTEE)
        return consents.give_consent(
            actor,
            persons=person.persons,
            division_code=division,
            grantee=grantee_of(grantee_id, division_code=division, on=ledger_queries.today()),
            asked=Asked(purposes, until, evidence),
            given_by=_speaks(person, by_guardian),
        )


def withdraw_consent(actor: Actor, resident_id: UUID, *, consent_id: UUID) -> None:
    """Take a consent back, at once: from this moment nobody reads on it; what was read stays in the record.

    Raises:
        Refused: if the actor may not read this record, or the person has no such consent in force.
    """
    with opened(actor, resident_id, what="consents") as person:
        division, _ = area_of(person)
        consents.withdraw_consent(
            actor, persons=person.persons, division_code=division, consent_id=consent_id
        )


def break_glass(actor: Actor, resident_id: UUID, *, reason: str, explanation: str) -> datetime:
    """Open this one record in an emergency, for this account and four hours; answers when that ends.

    Raises:
        Refused: if the actor may not, there is no such record, it is their own, or the reason does not suffice.
    """
    refuse(access.may(actor, Right.GLASS_BREAK, institution_id=actor.institution_id))
    assert actor.institution_id is not None  # the right reaches by institution
    persons = person_of(resident_id)
    if not persons:
        raise Refused(NO_SUCH_RECORD)
    place = network.place_of(actor.institution_id, on=ledger_queries.today())
    return glass.break_glass(
        actor,
        persons=persons,
        institution_name=place.name if place else "",
        reason=reason,
        explanation=explanation,
    )


def object_to_reading(actor: Actor, resident_id: UUID, *, event_id: UUID, text: str) -> UUID:
    """Object to one reading of one's own (or a ward's) record; returns the objection's id.

    Raises:
        Refused: if it is not the actor's to do, the reading is none of this person's, or was objected to before.
    """
    with opened(actor, resident_id, what="objections") as person:
        division, _ = area_of(person)
        reading = reading_of(person.persons, event_id)
        institution = reading.institution_id if reading else None
        names = network.names_of_institutions([institution], on=ledger_queries.today()) if institution else {}
        return objections.object_to(
            actor,
            persons=person.persons,
            event_id=event_id,
            institution_name=names.get(institution, "") if institution else "",
            division_code=division,
            text=text,
        )


def _speaks(person: Opened, by_guardian: bool) -> GivenBy:
    """Who consents: whoever acts in the portal, or whoever signed the paper at the desk."""
    guardian = person.basis is Basis.GUARDIAN or (by_guardian and person.basis is not Basis.SELF)
    return GivenBy.GUARDIAN if guardian else GivenBy.RESIDENT
