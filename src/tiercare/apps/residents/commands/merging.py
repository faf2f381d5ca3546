"""Declaring two entries one person, parting them again, and saying that a likely pair is two people.

A merge writes one column of one row: ``master_id`` of the entry that led the one person, which from then on stands
below the entry that leads the other. Nothing that hangs on any entry is rewritten, neither its numbers and spellings
nor ``known_at``: readers resolve the person (``queries.person_of``), so parting gives each back exactly what was theirs.

An institution that knew only the merged entry goes on finding it in its own lists, under the name it wrote itself,
and opens the whole person there; where it knew several entries of the person, its lists show one (``sql.LIST``).
So nobody learns anything by a merge but those who have a ground to read the person; ``queries.effect`` names them
beforehand. Look-ups across the region (number, card, likeness) answer with the leading entry.

Merges form trees: only an entry that leads its person is put below another that does so, both rows being locked, so
no circle can come of two desks at once. Parting cuts one edge; what stood below the entry goes with it.
"""

from __future__ import annotations

from uuid import UUID

from django.db import connection

from tiercare.apps.access.queries import scoped
from tiercare.apps.ledger import commands as ledger
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refused, refuse

from .. import events
from ..queries.finding import SUBJECT
from ..queries.merging import numbers_refusal, pair_of, refuse_without_index
from ..queries.opening import person_of
from ..rules.doubles import CHANGED_MEANWHILE, NO_SUCH_MERGE, NOT_WAITING, reason_refusal

_HOLD = "SELECT id FROM residents_resident WHERE id = ANY (%(leads)s) ORDER BY id FOR UPDATE"
_MERGE = """
WITH merged AS (
    UPDATE residents_resident SET master_id = %(kept)s, version = version + 1 WHERE id = %(merged)s
)
INSERT INTO residents_merge (id, kept_id, merged_id, division_code, reason, at, by)
VALUES (%(id)s, %(kept)s, %(merged)s, %(division)s, %(reason)s, tiercare_now(), %(by)s)
"""
_PART = """
WITH undone AS (
    UPDATE residents_merge SET undone_at = tiercare_now(), undone_by = %(by)s, undone_reason = %(reason)s
    WHERE id = %(id)s AND undone_at IS NULL
    RETURNING kept_id, merged_id, division_code
)
UPDATE residents_resident r SET master_id = NULL, version = r.version + 1
FROM undone WHERE r.id = undone.merged_id AND r.master_id = undone.kept_id
RETURNING undone.kept_id, undone.merged_id, undone.division_code
"""
_DECIDE = """
UPDATE residents_duplicate SET decision = 'different', decided_at = tiercare_now(), decided_by = %(by)s, remark = %(remark)s
WHERE first_id = least(%(one)s::uuid, %(other)s::uuid) AND second_id = greatest(%(one)s::uuid, %(other)s::uuid)
  AND decision IS NOT DISTINCT FROM %(was)s
"""
# All pairs between two persons wait for nobody once they are one, and wait again when they are parted.
_BETWEEN = """(first_id = ANY (%(first)s) AND second_id = ANY (%(second)s)
    OR first_id = ANY (%(second)s) AND second_id = ANY (%(first)s))"""
_SETTLE = " ".join(
    (
        """UPDATE residents_duplicate SET decision = 'merged', decided_at = tiercare_now(), decided_by = %(by)s,
               remark = %(remark)s
        WHERE decision IS NULL AND""",
        _BETWEEN,
    )
)
_REOPEN = " ".join(
    (
        """UPDATE residents_duplicate SET decision = NULL, decided_at = NULL, decided_by = NULL, remark = ''
        WHERE decision = 'merged' AND""",
        _BETWEEN,
    )
)


def merge(actor: Actor, *, kept_id: UUID, merged_id: UUID, reason: str) -> UUID:
    """Two entries are one person from now on, led by whoever leads ``kept_id``; returns the merge, which can be undone.

    An entry that was merged before stands for its person: what is joined are the two persons as wholes.

    Raises:
        Refused: if the actor keeps no index that holds both, the two are one person already, each bears a valid
            identity number, somebody was quicker, or no reason is given.
    """
    refuse(reason_refusal(reason))
    pair = pair_of(actor, kept_id, merged_id)
    kept, merged = pair.first[0], pair.second[0]
    merge_id, said = uuid7(), reason.strip()
    with scoped(actor, persons=pair.entries, area=actor.division_code or ""), connection.cursor() as cursor:
        cursor.execute(_HOLD, {"leads": [kept, merged]})
        if (person_of(kept_id), person_of(merged_id)) != (pair.first, pair.second):
            raise Refused(CHANGED_MEANWHILE)
        refuse(numbers_refusal(pair))
        written = {"id": merge_id, "kept": kept, "merged": merged, "division": pair.division_code}
        cursor.execute(_MERGE, written | {"reason": said, "by": actor.account_id})
        between = {"first": list(pair.first), "second": list(pair.second)}
        cursor.execute(_SETTLE, between | {"by": actor.account_id, "remark": said})
        told = events.ResidentsMerged(merge_id=merge_id, kept=kept, merged=merged)
        _tell(actor, told, kept, pair.division_code)
    return merge_id


def part(actor: Actor, *, merge_id: UUID, reason: str) -> None:
    """The two are different people after all: each stands for itself again, with all that was its own.

    Raises:
        Refused: if there is no such merge in the actor's index, it was undone already, or no reason is given.
    """
    refuse(reason_refusal(reason))
    refuse_without_index(actor)
    with scoped(actor, area=actor.division_code or ""), connection.cursor() as cursor:
        cursor.execute(_PART, {"id": merge_id, "by": actor.account_id, "reason": reason.strip()})
        row = cursor.fetchone()
        if row is None:
            raise Refused(NO_SUCH_MERGE)
        kept, merged, division = row
        _different(actor, kept, merged, reason, was="merged")
        cursor.execute(_REOPEN, {"first": list(person_of(kept)), "second": list(person_of(merged))})
        _tell(actor, events.ResidentsParted(merge_id=merge_id, kept=kept, merged=merged), kept, division)


def dismiss(actor: Actor, *, first_id: UUID, second_id: UUID, remark: str) -> None:
    """A likely pair is two people; it is not proposed again.

    Raises:
        Refused: if the actor keeps no index that holds both, they are one person already, the pair waits for no
            decision, or no reason is given.
    """
    refuse(reason_refusal(remark))
    pair = pair_of(actor, first_id, second_id)
    with scoped(actor, area=actor.division_code or ""):
        if not _different(actor, first_id, second_id, remark, was=None):
            raise Refused(NOT_WAITING)
        _tell(actor, events.PairDismissed(first=first_id, second=second_id), first_id, pair.division_code)


def _different(actor: Actor, one: UUID, other: UUID, remark: str, *, was: str | None) -> bool:
    """Write at the pair that it is two people, if it is listed and stands as ``was``; whether it did."""
    values = {"one": one, "other": other, "was": was, "by": actor.account_id, "remark": remark.strip()}
    with connection.cursor() as cursor:
        cursor.execute(_DECIDE, values)
        return cursor.rowcount == 1


def _tell(actor: Actor, payload: events.EventPayload, subject: UUID, division: str) -> None:
    ledger.append(actor, payload, subject_type=SUBJECT, subject_id=subject, division_code=division)
