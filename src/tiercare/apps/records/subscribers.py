"""What follows when somebody is marked as a special patient, or was contacted as one: the next contact is planned; when
a stay ended: it is followed up; and when entries turn out to be one person, or two: their episodes of care are found
anew."""

from __future__ import annotations

from uuid import UUID

from tiercare.apps.access.queries import scoped
from tiercare.apps.ledger.handlers import subscribe
from tiercare.apps.ledger.models import Event
from tiercare.apps.residents import events as residents
from tiercare.apps.residents.queries import person_of
from tiercare.kernel.actor import Actor

from . import events
from .commands.discharging import follow_up_discharge
from .commands.episodes import settle
from .commands.special import EVERY, SOURCE, plan_special
from .models import PlannedContact


def after_marking(event: Event) -> None:
    """A resident entered a key group: the first contact is planned."""
    if not event.payload["ended"] and event.institution_id is not None:
        plan_special(resident_id=event.subject_id, institution_id=event.institution_id)


def after_contact(event: Event) -> None:
    """A special patient was contacted: the next contact is planned while they are marked."""
    assert event.institution_id is not None
    with scoped(Actor(None, "系统", "system", event.institution_id)):
        source = (
            PlannedContact.objects.filter(id=UUID(event.payload["contact_id"]))
            .values_list("source", flat=True)
            .first()
        )
    if source == SOURCE:
        plan_special(resident_id=event.subject_id, institution_id=event.institution_id, key=EVERY)


def after_discharge(event: Event) -> None:
    """A stay ended: it is followed up at the levels of the region's text (TY-66)."""
    assert event.institution_id is not None
    follow_up_discharge(encounter_id=UUID(event.payload["encounter_id"]), institution_id=event.institution_id)


def after_merge(event: Event) -> None:
    """Entries became one person, or two again: whose visits belong together has changed."""
    for entry in (event.payload["kept"], event.payload["merged"]):
        persons = person_of(UUID(entry))
        if persons:
            settle(persons)


subscribe(residents.KeyGroupChanged.KIND, "records.after_marking", after_marking)
subscribe(events.ContactDone.KIND, "records.after_contact", after_contact)
subscribe(events.EncounterEnded.KIND, "records.after_discharge", after_discharge)
subscribe(residents.ResidentsMerged.KIND, "records.after_merge", after_merge)
subscribe(residents.ResidentsParted.KIND, "records.after_merge", after_merge)
