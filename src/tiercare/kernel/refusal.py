"""A refusal: why something may not be done, which clause says so, and what can be done instead.

Made once, in a rule or a command, and shown everywhere the same way: as a form error, as a disabled button
with its reason, as an API problem (RFC 9457), as a FHIR OperationOutcome.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from .text import Text


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why not, in the user's language.

    ``code`` is stable and for machines (the rule card's id where a card refuses); ``fields`` fill both
    sentences and, with ``at``, tell a form which input to mark; ``clauses`` are clause ids such as
    ``WH-27``; ``instead`` says what the user can do now.
    """

    code: str
    message: Text
    instead: Text
    fields: Mapping[str, object] = field(default_factory=dict)
    clauses: tuple[str, ...] = ()
    at: str | None = None
    status: int = 409

    def sentence(self, language: str = "zh") -> str:
        """Why not."""
        return self.message.fill(self.fields, language)

    def way_on(self, language: str = "zh") -> str:
        """What can be done instead."""
        return self.instead.fill(self.fields, language)


class Refused(Exception):
    """Raised by a command; carries one or more refusals and leaves nothing half-done."""

    def __init__(self, *refusals: Refusal) -> None:
        if not refusals:
            raise ValueError("Refused needs at least one refusal")
        self.refusals = refusals
        super().__init__("; ".join(f"{r.code}: {r.sentence('en')}" for r in refusals))


class OnRecord(Refused):
    """A refusal that stands on record. ``leave_record`` writes the record again, for a caller whose transaction the
    refusal has undone."""

    def __init__(self, refusal: Refusal, leave_record: Callable[[], object]) -> None:
        super().__init__(refusal)
        self.leave_record = leave_record


def refuse(*found: Refusal | None) -> None:
    """Raise ``Refused`` with all refusals that were found, if any."""
    refusals = [refusal for refusal in found if refusal is not None]
    if refusals:
        raise Refused(*refusals)
