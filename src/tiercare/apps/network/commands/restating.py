"""One thing restated by somebody who has read it: refused where it changed after it was read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from uuid import UUID

from django.db import transaction

from tiercare.apps.access.rules import Right, may
from tiercare.apps.mandates import queries as mandates
from tiercare.engines.sheets import Cell
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from .. import models
from ..queries.registers import register_rows
from ..rules.entries import Entry, plain, read_row
from ..rules.registers import CONSORTIA, INSTITUTIONS, REGISTERS
from .imports import mend_row
from .judging import lock_prefectures
from .trying import take_over

Still = Callable[[], None]


@transaction.atomic
def restate_organization(
    *, actor: Actor, key: UUID, start: date, cells: Mapping[str, Cell], still: Still
) -> str:
    """State an institution or a consortium anew from ``start`` on: its row of that day with ``cells`` (by column
    key) in the place of its own. Answers ``changed`` or ``unchanged``.

    ``still`` is asked with the prefecture's changes locked, and raises if the thing is no longer what was read.

    Raises:
        Refused: there is none that day, the actor may not, a cell cannot be read, it is no longer what was read,
            or as ``take_over``.
    """
    register, division = _where(key, start)
    refusal = may(actor, Right.NETWORK_DECIDE, division=division)
    if refusal:
        raise Refused(refusal)
    lock_prefectures([division])
    still()
    old = _row(register, key, division, start)
    able = [c.key for c in REGISTERS[register].columns if not c.told and c.key not in _FIXED]
    unknown = [name for name in cells if name not in able]
    if unknown:
        raise Refused(*(_not_here(able, name) for name in unknown))
    entry, problems = read_row(
        REGISTERS[register],
        {**plain(old), "from": start.isoformat(), **cells},
        f"{register}:{old.text('code')}",
    )
    if entry is None:
        raise Refused(
            *(
                Refusal(
                    "row_cannot_be_taken", _said(p.message), _said(p.fix), at=f"cells.{p.column}", status=422
                )
                for p in problems
            )
        )
    pack = mandates.pack_in_force(division, on=start)
    written = take_over(actor, [entry], pack_id=pack, on=start)
    return "unchanged" if written.unchanged else "changed"


_FIXED = frozenset({"op", "code", "from"})


def _where(key: UUID, on: date) -> tuple[str, str]:
    """Which register the thing stands in on the day, and where it lies."""
    of = {"period__contains": on}
    here = models.InstitutionVersion.objects.filter(institution_id=key, **of)
    for division in here.values_list("division_code", flat=True):
        return INSTITUTIONS.key, division
    there = models.ConsortiumVersion.objects.filter(consortium_id=key, **of)
    for division in there.values_list("division_code", flat=True):
        return CONSORTIA.key, division
    raise Refused(
        Refusal(
            code="network.not_there_that_day",
            message=Text("{on} 没有这家机构或医联体。", "There is no such organisation on {on}."),
            instead=Text(
                "请改选生效日期；新设的用登记表“机构”或“医联体”登记。",
                "Choose another day; a new one is recorded in the register of institutions or consortia.",
            ),
            fields={"on": on},
            at="from",
            status=404,
        )
    )


def _row(register: str, key: UUID, division: str, on: date) -> Entry:
    """Its row of the day."""
    if register == INSTITUTIONS.key:
        return register_rows(register, division, on=on, institution_id=key)[0]
    code = models.Consortium.objects.values_list("slug", flat=True).get(id=key)
    return next(row for row in register_rows(register, division, on=on) if row.text("code") == code)


def _not_here(able: Sequence[str], name: str) -> Refusal:
    return Refusal(
        code="row_has_no_such_column",
        message=Text("“{name}”不能在这里变更。", "“{name}” cannot be changed here."),
        instead=Text("可变更：{columns}。", "What can be changed: {columns}."),
        fields={"name": name[:40], "columns": "、".join(able)},
        at=f"cells.{name[:40]}",
        status=422,
    )


def _said(text: Text) -> Text:
    """A finished sentence: a brace in it must not be taken for a field."""
    return Text(text.zh.replace("{", "{{").replace("}", "}}"), text.en.replace("{", "{{").replace("}", "}}"))


@transaction.atomic
def mend_row_read(
    *, actor: Actor, batch_id: UUID, row_id: UUID, cells: Mapping[str, str], still: Still
) -> models.ImportBatch:
    """``mend_row`` by somebody who has read the row: ``still`` is asked with the file locked.

    Raises:
        Refused: as ``mend_row``, or what ``still`` raises.
    """
    list(models.ImportBatch.objects.select_for_update().filter(id=batch_id).values_list("id"))
    still()
    return mend_row(actor=actor, batch_id=batch_id, row_id=row_id, cells=cells)
