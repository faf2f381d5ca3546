"""Taking over covers from a file of the insurer: line by line, each in a transaction of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction

from tiercare.apps.access.queries import EVERYWHERE, scoped
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.apps.ledger.prepared import rows
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refusal, Refused

from .. import events
from ..queries import vault
from ..queries.finding import SUBJECT
from ..queries.opening import person_of
from ..rules import IdentityKind, read_number
from ..rules.cover import NOBODY_WITH_NUMBER, CoverSource
from ..rules.cover_file import CoverLine
from .covering import judged, keep
from .importing import ONLY_THE_PLATFORM

_BEARER = """
SELECT i.resident_id FROM residents_identifier i
WHERE i.kind = %(kind)s AND i.blind = %(blind)s AND i.retired_at IS NULL LIMIT 1
"""
_SAME = """
SELECT 1 AS one FROM residents_cover c
WHERE c.resident_id = ANY (%(persons)s::uuid[]) AND c.scheme = %(scheme)s AND c.insured_area = %(area)s
  AND c.period = daterange(%(since)s::date, %(until)s::date)
"""
Read = tuple[int, CoverLine | tuple[Refusal, ...]]


@dataclass(slots=True)
class CoversTaken:
    """What came of a file: lines taken, lines that stood already, and the bad ones each with its reasons."""

    taken: int = 0
    known: int = 0
    bad: list[tuple[int, tuple[Refusal, ...]]] = field(default_factory=list)


class _OnlyChecked(Exception):
    """Nothing of a check stays."""


def import_covers(
    actor: Actor,
    *,
    lines: Iterable[Read],
    check: bool = False,
    told: Callable[[CoversTaken], None] = lambda _: None,
) -> CoversTaken:
    """Take over the covers of a file; imported twice, a line stands already. With ``check`` each line is judged and
    nothing is kept.

    Raises:
        Refused: if the actor is not the platform itself.
    """
    if actor.account_id is not None:
        raise Refused(ONLY_THE_PLATFORM)
    result = CoversTaken()
    for number, line in lines:
        if isinstance(line, tuple):
            result.bad.append((number, line))
            continue
        try:
            if _take(actor, line, check=check):
                result.taken += 1
            else:
                result.known += 1
        except Refused as refused:
            result.bad.append((number, refused.refusals))
        told(result)
    if result.taken and not check:
        with transaction.atomic():
            ledger.append(
                actor,
                events.CoversImported(taken=result.taken, known=result.known),
                subject_type=SUBJECT,
                subject_id=uuid7(),
            )
    return result


def _take(actor: Actor, line: CoverLine, *, check: bool) -> bool:
    """Keep one line; ``False`` where it stands already.

    Raises:
        Refused: as ``record_cover``; if nobody has the number.
    """
    try:
        with scoped(actor, area=EVERYWHERE):
            persons = _bearer(line)
            values = {"persons": list(persons), "since": line.given.since, "until": line.given.until}
            if rows(_SAME, **values, scheme=line.given.scheme, area=line.given.area):
                return False
            scheme = judged(persons, line.given)
            keep(actor, persons[0], line.given, scheme, CoverSource.FILE)
            if check:
                raise _OnlyChecked
    except _OnlyChecked:
        pass
    return True


def _bearer(line: CoverLine) -> tuple[UUID, ...]:
    number = read_number(IdentityKind.ID_CARD, line.number, today=ledger_queries.today())
    if isinstance(number, Refusal):
        raise Refused(number)
    blind = vault.ring().blind(IdentityKind.ID_CARD.value, number.value)
    found = rows(_BEARER, kind=IdentityKind.ID_CARD.value, blind=blind)
    if not found:
        raise Refused(NOBODY_WITH_NUMBER)
    return person_of(found[0]["resident_id"])
