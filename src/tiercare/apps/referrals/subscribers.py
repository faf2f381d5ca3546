"""What follows for referrals from what happens elsewhere, after its commit."""

from __future__ import annotations

from uuid import UUID

from tiercare.apps.access.queries import scoped
from tiercare.apps.exchange import commands as exchange
from tiercare.apps.ledger.handlers import subscribe
from tiercare.apps.ledger.models import Event
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.records import events as records
from tiercare.apps.records.queries import withdrawn_with
from tiercare.apps.residents import events as residents
from tiercare.apps.residents import queries as people
from tiercare.kernel.actor import Actor

from .commands.filing import begin_where_cover_came

# Requests whose newest package carries one of these entries, whatever part of it they stand in.
_CARRYING = """
SELECT n.request_id FROM (
    SELECT DISTINCT ON (p.request_id) p.request_id, p.content FROM referrals_package p
    WHERE p.resident_id = ANY (%(persons)s::uuid[]) ORDER BY p.request_id, p.made_at DESC, p.id DESC) n
WHERE EXISTS (
    SELECT FROM jsonb_each(n.content) AS part (name, entries), jsonb_array_elements(part.entries) AS entry
    WHERE jsonb_typeof(part.entries) = 'array' AND entry ->> 'id' = ANY (%(ids)s::text[]))
"""


def after_withdrawing(event: Event) -> None:
    """An entry of a record was withdrawn: both sides of open requests that carry it, or what went with it, are told."""
    host, persons = Actor.system("job"), people.person_of(event.subject_id)
    with scoped(host, persons=persons):
        gone = withdrawn_with(UUID(event.payload["entry_id"]))
    with scoped(host, area="*"):
        found = rows(_CARRYING, persons=list(persons), ids=sorted(map(str, gone)))
        exchange.warn_of_record([row["request_id"] for row in found])


def after_cover(event: Event) -> None:
    """What insures a resident was recorded: filings that waited for it go on."""
    if not event.payload["ended"]:
        begin_where_cover_came(event.subject_id)


subscribe(records.EntryWithdrawn.KIND, "referrals.after_withdrawing", after_withdrawing)
subscribe(residents.CoverChanged.KIND, "referrals.after_cover", after_cover)
