"""What happened to entries of the index. Ids and codes only: no name, no number, no address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from tiercare.apps.ledger.events import EventPayload


@dataclass(frozen=True, slots=True)
class ResidentRegistered(EventPayload):
    """A resident has an entry from now on. ``despite`` are entries that looked alike and were said to be others."""

    KIND: ClassVar[str] = "residents.registered"
    identity_kind: str
    temporary: bool
    keeps_file: bool
    despite: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class ResidentsImported(EventPayload):
    """A portion of a file became entries; whoever was known by number was left as they stood."""

    KIND: ClassVar[str] = "residents.imported"
    taken: int
    known: int


@dataclass(frozen=True, slots=True)
class ResidentCorrected(EventPayload):
    """Fields of an entry were corrected, by name only; ``version`` is the entry's from then on."""

    KIND: ClassVar[str] = "residents.corrected"
    fields: tuple[str, ...]
    version: int


@dataclass(frozen=True, slots=True)
class TelephoneReplaced(EventPayload):
    """A desk put another telephone in the place of these, or none; ``former`` are the ids of the numbers that stood."""

    KIND: ClassVar[str] = "residents.telephone_replaced"
    former: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class DoubleReported(EventPayload):
    """A desk says that this entry and another one seem to be the same person."""

    KIND: ClassVar[str] = "residents.double_reported"
    other_id: UUID


@dataclass(frozen=True, slots=True)
class HouseholdChanged(EventPayload):
    """The resident joined a household, left it, or is another relation in it from then on (GB/T 4761 code)."""

    KIND: ClassVar[str] = "residents.household_changed"
    household_id: UUID
    act: str
    relation: str


@dataclass(frozen=True, slots=True)
class GuardianSet(EventPayload):
    """Somebody decides for the resident from then on; ``guardian_id`` only where they have an entry themself."""

    KIND: ClassVar[str] = "residents.guardian_set"
    guardianship_id: UUID
    guardian_id: UUID | None


@dataclass(frozen=True, slots=True)
class GuardianEnded(EventPayload):
    """Somebody no longer decides for the resident."""

    KIND: ClassVar[str] = "residents.guardian_ended"
    guardianship_id: UUID


@dataclass(frozen=True, slots=True)
class KeyGroupChanged(EventPayload):
    """The resident is in one key group more or less. Which one stands in its row, where the wall is."""

    KIND: ClassVar[str] = "residents.key_group_changed"
    entry_id: UUID
    ended: bool


@dataclass(frozen=True, slots=True)
class DoctorAssigned(EventPayload):
    """An institution, by name a clinician, answers for the resident from then on; ``None`` where nobody does."""

    KIND: ClassVar[str] = "residents.doctor_assigned"
    clinician_id: UUID | None
    source: str
    ended: bool


@dataclass(frozen=True, slots=True)
class ProviderChosen(EventPayload):
    """Who provides a service that stands with the resident's own area; ``elsewhere``: another one than the area's own."""

    KIND: ClassVar[str] = "residents.provider_chosen"
    service: str
    provider_id: UUID
    elsewhere: bool


@dataclass(frozen=True, slots=True)
class ResidentsMerged(EventPayload):
    """Two entries are one person from now on; the reason stands with the merge, not here."""

    KIND: ClassVar[str] = "residents.merged"
    merge_id: UUID
    kept: UUID
    merged: UUID


@dataclass(frozen=True, slots=True)
class ResidentsParted(EventPayload):
    """A merge was undone."""

    KIND: ClassVar[str] = "residents.parted"
    merge_id: UUID
    kept: UUID
    merged: UUID


@dataclass(frozen=True, slots=True)
class PairDismissed(EventPayload):
    """A likely pair was found to be two people."""

    KIND: ClassVar[str] = "residents.pair_dismissed"
    first: UUID
    second: UUID


@dataclass(frozen=True, slots=True)
class CardIssued(EventPayload):
    """A resident has a health card from now on."""

    KIND: ClassVar[str] = "residents.card_issued"
    resident_id: UUID


@dataclass(frozen=True, slots=True)
class CardEnded(EventPayload):
    """A card opens nothing from this moment: lost, replaced or withdrawn."""

    KIND: ClassVar[str] = "residents.card_ended"
    resident_id: UUID
    event: str


@dataclass(frozen=True, slots=True)
class CardDoubted(EventPayload):
    """The second item told with a card's number did not fit; somebody may be trying out numbers."""

    KIND: ClassVar[str] = "residents.card_doubted"
    resident_id: UUID


@dataclass(frozen=True, slots=True)
class ResidentArrived(EventPayload):
    """A resident came to an institution with a card, for one of its uses; ``by_token`` if the code was scanned."""

    KIND: ClassVar[str] = "residents.arrived"
    arrival_id: UUID
    card_id: UUID
    use: str
    by_token: bool


@dataclass(frozen=True, slots=True)
class ResidentMovedOut(EventPayload):
    """The resident's file was handed over to another region; ``sha256`` is that of the file. Where to stands with the move."""

    KIND: ClassVar[str] = "residents.moved_out"
    move_id: UUID
    sha256: str
    at_desk: bool


@dataclass(frozen=True, slots=True)
class KeysTurned(EventPayload):
    """Everything sealed lies under key ``number`` from now on; older keys were forgotten."""

    KIND: ClassVar[str] = "residents.keys_turned"
    number: int
    values: int


@dataclass(frozen=True, slots=True)
class DuplicatesHunted(EventPayload):
    """All residents of an area were compared: how many, how many likely pairs, and how many of these were new."""

    KIND: ClassVar[str] = "residents.duplicates_hunted"
    looked_at: int
    proposed: int
    new: int


@dataclass(frozen=True, slots=True)
class CoverChanged(EventPayload):
    """What insures the resident was recorded, or ended. What it is stands in its row, where the wall is."""

    KIND: ClassVar[str] = "residents.cover_changed"
    cover_id: UUID
    source: str
    ended: bool


@dataclass(frozen=True, slots=True)
class CoversImported(EventPayload):
    """A file of covers was taken over: so many recorded, so many that stood already."""

    KIND: ClassVar[str] = "residents.covers_imported"
    taken: int
    known: int


@dataclass(frozen=True, slots=True)
class CareAsked(EventPayload):
    """A resident asked an institution for a service of primary care. What for stands in its row, where the wall is."""

    KIND: ClassVar[str] = "residents.care_asked"
    resident: UUID
    signed: bool


@dataclass(frozen=True, slots=True)
class CareTurned(EventPayload):
    """The request was answered, seen through or withdrawn; ``state`` is where it stands from then on."""

    KIND: ClassVar[str] = "residents.care_turned"
    resident: UUID
    act: str
    state: str
