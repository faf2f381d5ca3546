"""What happened in trials. Codes and numbers only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tiercare.apps.ledger.events import EventPayload


@dataclass(frozen=True, slots=True)
class TrialAsked(EventPayload):
    """Somebody asked what a policy would do."""

    KIND: ClassVar[str] = "trials.trial_asked"
    region: str
    residents: int
    seeds: int


@dataclass(frozen=True, slots=True)
class TrialStopped(EventPayload):
    """Somebody stopped a trial."""

    KIND: ClassVar[str] = "trials.trial_stopped"
    region: str
