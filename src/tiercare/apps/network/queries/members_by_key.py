"""Who belongs to a consortium, by register key."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from tiercare.apps.ledger.prepared import rows

_MEMBERS = """
SELECT c.slug AS consortium, i.slug AS institution, m.role FROM network_membership m
JOIN network_consortium c ON c.id = m.consortium_id
JOIN network_institution i ON i.id = m.institution_id
WHERE m.period @> %(on)s::date ORDER BY c.slug, i.slug
"""


@dataclass(frozen=True, slots=True)
class Member:
    """An institution of a consortium; ``lead`` leads it."""

    key: str
    lead: bool


def members_by_key(*, on: date) -> Mapping[str, tuple[Member, ...]]:
    """The members of every consortium on a day, by its register key; one query."""
    found: dict[str, list[Member]] = defaultdict(list)
    for row in rows(_MEMBERS, on=on):
        found[row["consortium"]].append(Member(row["institution"], row["role"] == "LEAD"))
    return {key: tuple(members) for key, members in found.items()}
