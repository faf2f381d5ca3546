"""What follows from events of residents, after their commit."""

from __future__ import annotations

from uuid import UUID

from tiercare.apps.access.commands import short_messages
from tiercare.apps.access.queries import scoped
from tiercare.apps.ledger.handlers import subscribe
from tiercare.apps.ledger.models import Event
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.network import queries as network
from tiercare.kernel.actor import Actor
from tiercare.kernel.clock import day_of

from . import events
from .queries import vault
from .queries.opening import person_of
from .rules.telephone import replaced_message

_FORMER = """
SELECT resident_id, kind, sealed FROM residents_identifier
WHERE id = ANY (%(former)s::uuid[]) AND resident_id = ANY (%(persons)s::uuid[]) ORDER BY id
"""


def tell_former_telephone(event: Event) -> None:
    """Send word to every number that stood on the record before a desk changed it; tried again if it cannot be sent.

    Raises:
        OSError: if a message cannot be handed over now. Nothing of the number stands in it: it is kept and logged.
        CannotOpen: if the keys are gone.
    """
    persons = person_of(event.subject_id)
    with scoped(Actor.system(), persons=persons):
        found = rows(_FORMER, former=event.payload["former"], persons=list(persons))
    numbers = {vault.opened_number(row["resident_id"], row["kind"], row["sealed"]) for row in found}
    text = replaced_message(at=event.at, institution=_name(event.institution_id, event))
    for number in sorted(numbers):
        try:
            short_messages.sender().send(number, text)
        except OSError as error:
            raise OSError(f"the message was not taken over ({type(error).__name__})") from None


def _name(institution_id: UUID | None, event: Event) -> str:
    if institution_id is None:
        return ""
    return network.names_of_institutions([institution_id], on=day_of(event.at)).get(institution_id, "")


subscribe(events.TelephoneReplaced.KIND, "residents.tell_former_telephone", tell_former_telephone)
