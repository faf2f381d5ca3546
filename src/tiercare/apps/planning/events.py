"""What happened in planning. Ids, codes and numbers only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from tiercare.apps.ledger.events import EventPayload


@dataclass(frozen=True, slots=True)
class SearchAsked(EventPayload):
    """Somebody asked for a plan of a region."""

    KIND: ClassVar[str] = "planning.search_asked"
    region: str


@dataclass(frozen=True, slots=True)
class SearchStopped(EventPayload):
    """Somebody stopped a search."""

    KIND: ClassVar[str] = "planning.search_stopped"
    region: str


@dataclass(frozen=True, slots=True)
class PlanSaved(EventPayload):
    """A version of a region's plan was kept."""

    KIND: ClassVar[str] = "planning.plan_saved"
    region: str
    number: int
    source: str


@dataclass(frozen=True, slots=True)
class PlanDiscussed(EventPayload):
    """A plan was put to those whom it concerns."""

    KIND: ClassVar[str] = "planning.plan_discussed"
    region: str
    number: int
    parties: int
    matter: UUID


@dataclass(frozen=True, slots=True)
class PlanAdopted(EventPayload):
    """A plan became the region's grids from a day on."""

    KIND: ClassVar[str] = "planning.plan_adopted"
    region: str
    number: int
    start: date
    moved: int


@dataclass(frozen=True, slots=True)
class CentrePlanned(EventPayload):
    """A version of a planned medical centre was kept."""

    KIND: ClassVar[str] = "planning.centre_planned"
    region: str
    series: UUID
    version: int
    kind: str
    specialty: str
    state: str


@dataclass(frozen=True, slots=True)
class ServiceAreaLaid(EventPayload):
    """What an institution of primary care serves was laid down."""

    KIND: ClassVar[str] = "planning.service_area_laid"
    served_by: UUID
    form: str
    places: int
