"""Making a locked result public to the sector or in part to residents, and taking it back."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right, may
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as clock
from tiercare.apps.ledger.prepared import rows
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused, refuse
from tiercare.kernel.text import Text

from .. import events
from ..models import Publication
from ..queries.matters import area_of
from ..queries.publishing import NO_SUCH_PUBLICATION, READERS, Audience, preview

SUBJECT = "evaluation.publication"
_LONGEST = 300


@transaction.atomic
def publish(
    actor: Actor, *, assessment_id: UUID, audience: Audience, indicators: Sequence[str] | None = None
) -> UUID:
    """Publish what ``preview`` shows, once to each audience; answers the publication's id.

    Raises:
        Refused: as ``preview``; or if the same stands already.
    """
    with scoped(actor, area=area_of(actor)):
        key = f"publish {assessment_id} {audience.value}"
        rows("SELECT pg_advisory_xact_lock(hashtextextended(%(key)s, 0))", key=key)
        found = preview(actor, assessment_id=assessment_id, audience=audience, indicators=indicators)
        standing = Publication.objects.filter(
            matter_id=assessment_id, audience=audience.value, withdrawn_at=None
        )
        if standing.exists():
            raise Refused(PUBLISHED_BEFORE)
        row = Publication.objects.create(
            matter_id=assessment_id,
            run_id=found.run_id,
            region=found.region,
            pack=found.pack,
            period=found.period,
            audience=audience.value,
            indicators=list(found.indicators),
            content=dict(found.content),
            published_at=clock.now(),
            published_by_name=actor.name,
        )
        ledger.append(
            actor,
            events.ResultPublished(audience.value, found.period, len(found.indicators)),
            subject_type=SUBJECT,
            subject_id=row.id,
            division_code=found.region,
            clauses=(READERS[audience].partition(".")[0],),
        )
    return row.id


@transaction.atomic
def take_back(actor: Actor, *, publication_id: UUID, why: str) -> None:
    """Take back what was published; it stays with its reason and is shown to nobody.

    Raises:
        Refused: if there is none that stands, the actor may not, or no reason is given.
    """
    why = why.strip()
    refuse(None if 0 < len(why) <= _LONGEST else WHY_BACK)
    with scoped(actor, area=area_of(actor)):
        row = Publication.objects.select_for_update().filter(id=publication_id, withdrawn_at=None).first()
        if row is None:
            raise Refused(NO_SUCH_PUBLICATION)
        refuse(may(actor, Right.EVALUATION_RUN, division=row.region))
        row.withdrawn_at, row.withdrawn_why = clock.now(), why
        row.save(update_fields=["withdrawn_at", "withdrawn_why"])
        ledger.append(
            actor,
            events.ResultWithdrawn(row.audience, row.period),
            subject_type=SUBJECT,
            subject_id=row.id,
            division_code=row.region,
        )


PUBLISHED_BEFORE = Refusal(
    code="evaluation.published_before",
    message=Text("这份结果已经公布。", "This result is published already."),
    instead=Text(
        "要改动的，先撤回并写明理由，再重新公布。",
        "To change it take it back with a reason and publish again.",
    ),
    at="assessment",
)
WHY_BACK = Refusal(
    code="evaluation.why_taken_back",
    message=Text("请写明为什么撤回，最多 300 字。", "Say why it is taken back, in at most 300 characters."),
    instead=Text("一句话即可，留在记录里。", "A sentence will do; it stays on record."),
    at="why",
    status=422,
)
