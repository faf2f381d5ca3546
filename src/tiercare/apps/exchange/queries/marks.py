"""Whether a list is still as it was shown: asked every few seconds by open pages, and no reading of anybody."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from tiercare.apps.access.queries import scoped
from tiercare.apps.ledger.prepared import rows
from tiercare.kernel.actor import Actor

from .. import marks_sql as sql
from .worklist import Box


def mark(actor: Actor, box: Box) -> str:
    """A word that changes whenever anything that is open in the box does: its steps, who saw it, what became overdue.

    Whoever has nothing to do with requests has an empty box.
    """
    return at_a_glance(actor, box, ())[0]


def at_a_glance(actor: Actor, box: Box, boxes: Collection[Box]) -> tuple[str, Mapping[Box, int]]:
    """The mark of a box, and how many are open in each of ``boxes``."""
    area = "" if actor.institution_id else actor.division_code or ""
    values = {"house": actor.institution_id, "account": actor.account_id, "area": area}
    with scoped(actor, area=area):
        (row,) = rows(sql.MARK[box], **values)
        found = rows(sql.UNITS, **values, boxes=sorted(boxes)) if boxes else []
    units = {each["box"]: each["units"] for each in found}
    latest = row.pop("latest")
    parts = [*(str(each) for each in row.values()), f"{latest.timestamp():.0f}" if latest else "0"]
    return ".".join(parts), {each: units[each] for each in boxes}
