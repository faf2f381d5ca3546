"""What the form of a consent sends, for the resident's own pages and for the desk alike."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.http import QueryDict

from tiercare.apps.access.rules import PURPOSE_NAMES, Purpose
from tiercare.apps.access.rules.consent import Grantee
from tiercare.apps.residents import queries
from tiercare.kernel.actor import Actor
from tiercare.web.pages import said

_LONGEST_NAME = 60
# Where nobody's area is known yet, names are looked for in the whole country.
_NATION = "00"


@dataclass(frozen=True, slots=True)
class Given:
    """A consent as typed; what cannot be read is left out, and the command says what is missing."""

    grantee_id: UUID | None
    purposes: tuple[Purpose, ...]
    until: date | None
    evidence: str = ""
    by_guardian: bool = False

    @classmethod
    def read(cls, sent: QueryDict) -> Given:
        """The values of the form."""
        return cls(
            grantee_id=_key(sent.get("grantee", "")),
            purposes=tuple(Purpose(each) for each in sent.getlist("purposes") if each in set(Purpose)),
            until=_day(sent.get("until", "")),
            evidence=sent.get("evidence", "").strip(),
            by_guardian=sent.get("given_by") == "guardian",
        )


def purposes() -> list[tuple[str, str]]:
    """What a consent may be given for, with its name."""
    return [(purpose.value, said(name)) for purpose, name in PURPOSE_NAMES.items()]


def choices(actor: Actor, sent: QueryDict, *, division_code: str = _NATION) -> list[Grantee]:
    """Institutions and consortia of the name that was typed."""
    return queries.grantees_like(
        actor, sent.get("named", "")[:_LONGEST_NAME], division_code=actor.division_code or division_code
    )


def _key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
