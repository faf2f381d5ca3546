"""Counting how often something is asked, and refusing what comes too often."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from tiercare.apps.ledger.prepared import prepared
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused

from .. import queries, sql
from ..rules.rates import LIMITS, Limit, Per, Rated, too_often
from ..rules.sessions import counted_source


def take(
    actor: Actor,
    *,
    what: Rated,
    source: str | None = None,
    subject: UUID | None = None,
    device: str | None = None,
) -> None:
    """Count one more of ``what`` against every limit it has, in one statement (two where a share is counted first).

    The account and the institution are the actor's; ``source`` is the address of the request, ``subject`` whom
    it is about (an id, never a number of a document) and ``device`` the id of a device of theirs, where the limits
    ask for them. A limit whose key is not known does not count. Call it first and outside any transaction: inside
    one that is rolled back, the attempt would be forgotten, and failed look-ups are just those that must count.

    Raises:
        Refused: 429 while a window is full; ``fields["seconds"]`` is what remains of it.
    """
    now = queries.wall_clock()
    address = counted_source(source) if source else None
    keys = {
        Per.ACCOUNT: actor.account_id,
        Per.INSTITUTION: actor.institution_id,
        Per.SOURCE: address,
        Per.SUBJECT: subject,
        Per.SUBJECT_FROM_SOURCE: f"{subject}@{address}" if subject and address else None,
        Per.SUBJECT_ON_DEVICE: f"{subject}@{device}" if subject and device else None,
    }
    limits = {_key(what, limit, keys[limit.per]): limit for limit in LIMITS[what] if keys[limit.per]}
    # Who has used up their own share takes nothing from what others share with them.
    for shared in (False, True):
        _count({key: limit for key, limit in limits.items() if limit.shared is shared}, what, now)


def _count(limits: Mapping[str, Limit], what: Rated, now: datetime) -> None:
    if not limits:
        return
    with prepared() as cursor:
        cursor.execute(sql.TAKE, [list(limits), [limit.window(now) for limit in limits.values()]])
        counts: dict[str, int] = dict(cursor.fetchall())
    full = [limit for key, limit in limits.items() if counts[key] > limit.most]
    if full:
        raise Refused(too_often(what, max(limit.remaining(now) for limit in full)))


def _key(what: Rated, limit: Limit, of: object) -> str:
    return f"{what}:{limit.per}:{of}:{limit.seconds}"
