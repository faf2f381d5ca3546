"""Charters (章程): written by the lead, adopted whole, kept edition by edition."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from django.db import transaction

from tiercare.apps.access.rules import Right, may
from tiercare.apps.ledger import commands as ledger
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from ... import events, models
from ...queries.tables import charter_table
from ...rules.papers import empty_sections
from ..judging import lock_prefectures
from .shared import consortium_area


@transaction.atomic
def adopt_charter(
    *,
    actor: Actor,
    consortium_id: UUID,
    adopted_on: date,
    text: str = "",
    texts: Mapping[str, str] | None = None,
) -> models.Charter:
    """Record that a consortium adopted a charter, as one text or section by section; earlier ones stay.

    Raises:
        Refused: if the actor may not, it is empty, a charter was adopted on this or a later day, or a section
            is missing that the region's pack wants (duties of the lead, of each government-run member …).
    """
    division = consortium_area(consortium_id)
    written = {key: wording.strip() for key, wording in (texts or {}).items() if wording.strip()}
    refusal = may(actor, Right.NETWORK_DECIDE, division=division)
    refusal = refusal or _misfits(consortium_id, adopted_on, bool(text.strip() or written))
    if refusal:
        raise Refused(refusal)
    table = charter_table(consortium_id, on=adopted_on)
    missing = empty_sections(table.demands, written, names=table.names)
    if missing:
        raise Refused(*missing)
    lock_prefectures([division])
    charter = models.Charter.objects.create(
        consortium_id=consortium_id, adopted_on=adopted_on, text=text.strip(), texts=written
    )
    ledger.append(
        actor,
        events.CharterAdopted(str(consortium_id), adopted_on),
        subject_type="consortium",
        subject_id=consortium_id,
        division_code=division,
        clauses=tuple(dict.fromkeys(clause for demand in table.demands for clause in demand.clauses)),
    )
    return charter


def _misfits(consortium_id: UUID, adopted_on: date, written: bool) -> Refusal | None:
    if not written:
        return Refusal(
            code="charter_without_text",
            message=Text("章程没有内容。", "The charter has no text."),
            instead=Text("请录入牵头医院制定的章程全文。", "Enter the text that the lead hospital wrote."),
            at="text",
            status=422,
        )
    later = models.Charter.objects.filter(consortium_id=consortium_id, adopted_on__gte=adopted_on)
    newest = later.order_by("-adopted_on").values_list("adopted_on", flat=True).first()
    if newest is None:
        return None
    return Refusal(
        code="charter_in_the_past",
        message=Text("已有 {day} 通过的章程。", "There is a charter adopted on {day}."),
        instead=Text(
            "请填写更晚的通过日期；旧章程保留在沿革中。", "Enter a later day; older charters are kept."
        ),
        fields={"day": newest},
        at="adopted_on",
        status=422,
    )
