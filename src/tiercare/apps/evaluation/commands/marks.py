"""Recording that a panel of a scorecard is complete (XH-06: four systems are established when each was recorded so)."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right, may
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as clock
from tiercare.apps.ledger.prepared import insert, rows
from tiercare.apps.mandates import queries as mandates
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, refuse
from tiercare.kernel.text import Text

from .. import events
from ..models import PanelMark
from ..queries.marks import recorded, standing
from ..queries.matters import area_of
from ..queries.scorecards import card_of

SUBJECT = "evaluation.panel"
LONGEST = 1000


@transaction.atomic
def record_panel(
    actor: Actor, *, pack: str, card: str, panel: str, complete: bool, on: date, evidence: str
) -> UUID:
    """Record a panel of a pack's scorecard as complete from a day on, or take that back; counts from the next run.

    Raises:
        Refused: if the actor may not compute indicators of the region, there is no such card or panel, it takes no record,
            nothing says why, the day has not come, or it stands so already.
    """
    region = mandates.packs().packs[pack].region if pack in mandates.packs().packs else ""
    refuse(may(actor, Right.EVALUATION_RUN, division=region))
    takes = {each.id for each in card_of(pack, card).panels if each.marked}
    refuse(
        None if panel in takes else NO_SUCH_PANEL,
        None if 0 < len(evidence.strip()) <= LONGEST else NO_EVIDENCE,
        None if on <= clock.today() else NOT_YET,
    )
    with scoped(actor, area=area_of(actor)):
        rows(
            "SELECT pg_advisory_xact_lock(hashtextextended(%(key)s, 0))", key=f"panel {region} {card} {panel}"
        )
        last = standing(recorded(actor, region, card)).get((card, panel))
        refuse(AS_IT_STANDS if complete == (last is not None and last.complete) else None)
        mark = PanelMark(
            region=region,
            card=card,
            panel=panel,
            complete=complete,
            since_on=on,
            evidence=evidence.strip(),
            by_id=actor.account_id,
            by_name=actor.name,
        )
        insert(mark)
        ledger.append(
            actor,
            events.PanelMarked(card, panel, complete, on),
            subject_type=SUBJECT,
            subject_id=mark.id,
            division_code=region,
            clauses=card_of(pack, card).clauses,
        )
    return mark.id


NO_SUCH_PANEL = Refusal(
    code="evaluation.no_such_panel",
    message=Text(
        "这张评分表里没有这一栏，或这一栏不需要记录完成。",
        "This scorecard has no such panel, or the panel takes no record.",
    ),
    instead=Text("请在评分表页面上选一栏。", "Choose a panel on the scorecard's page."),
    at="panel",
    status=422,
)
NO_EVIDENCE = Refusal(
    code="evaluation.panel_evidence",
    message=Text("请写明依据，最多 1000 字。", "Say on what evidence, in at most 1,000 characters."),
    instead=Text(
        "写文件名、文号，或在哪里能看到。", "Name the document and its number, or where it can be seen."
    ),
    at="evidence",
    status=422,
)
NOT_YET = Refusal(
    code="evaluation.panel_not_yet",
    message=Text("这一天还没有到。", "That day has not come yet."),
    instead=Text("请写完成的那一天。", "Write the day on which it was complete."),
    at="on",
    status=422,
)
AS_IT_STANDS = Refusal(
    code="evaluation.panel_as_it_stands",
    message=Text("这一栏已经是这个状态。", "The panel stands so already."),
    instead=Text("请刷新页面，看最后一条记录。", "Reload the page and see the last record."),
    at="panel",
    status=409,
)
