"""Keeping the pools of an institution and their weeks: the base registers of places (XH-16)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from psycopg.types.range import DateRange

from tiercare.apps.access import rules as access
from tiercare.apps.access.rules import Right
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused, refuse
from tiercare.kernel.text import Text

from .. import events
from ..models import Pool, Template
from ..rules import refusals
from ..rules.pools import PoolGiven, WeekGiven, pool_faults, week_faults

SUBJECT = "capacity.pool"
# What a pool names must be of the same institution on that day; as the registers of the network have it.
_REFERENCES = """
SELECT
  %(department)s::uuid IS NULL OR EXISTS (SELECT FROM network_department d WHERE d.id = %(department)s
      AND d.institution_id = %(institution)s AND d.period @> %(on)s::date),
  %(clinician)s::uuid IS NULL OR EXISTS (SELECT FROM network_practicesite p WHERE p.clinician_id = %(clinician)s
      AND p.institution_id = %(institution)s AND p.period @> %(on)s::date),
  %(equipment)s::uuid IS NULL OR EXISTS (SELECT FROM network_equipment e WHERE e.id = %(equipment)s
      AND e.institution_id = %(institution)s AND e.period @> %(on)s::date)
"""


def keep_pool(actor: Actor, *, institution_id: UUID, given: PoolGiven) -> Pool:
    """Enter a pool, or change the one of this code; sessions on offer keep what they were published with.

    Raises:
        Refused: if the actor does not keep this institution's places; with everything that is wrong.
    """
    refuse(access.may(actor, Right.CAPACITY_KEEP, institution_id=institution_id))
    refuse(*pool_faults(given))
    today = ledger_queries.today()
    refuse(*_strangers(institution_id, given, today))
    with transaction.atomic():
        row = Pool.objects.select_for_update().filter(institution_id=institution_id, code=given.code).first()
        if row is None:
            row = Pool(institution_id=institution_id, code=given.code, period=DateRange(today, None))
        elif row.kind != given.kind and row.sessions.exists():
            raise Refused(_KIND_FIXED)
        changed = _fill(row, given)
        if changed or row._state.adding:
            row.changed_at = ledger_queries.now()
            row.save()
            ledger.append(
                actor,
                events.PoolKept(
                    code=given.code, kind=given.kind.value, grade=given.grade.value, fields=tuple(changed)
                ),
                subject_type=SUBJECT,
                subject_id=row.id,
                institution_id=institution_id,
                division_code=actor.division_code,
            )
    return row


def keep_week(actor: Actor, *, pool_id: UUID, lines: Sequence[WeekGiven]) -> list[UUID]:
    """Replace the weekly sessions of a pool; what is published already stays as it is.

    Raises:
        Refused: if the pool is not kept by the actor; with everything that is wrong, by line.
    """
    pool = own_pool(actor, pool_id)
    refuse(*(fault for line in lines for fault in week_faults(line)))
    today = ledger_queries.today()
    with transaction.atomic():
        Pool.objects.select_for_update().get(id=pool.id)
        before = Template.objects.filter(pool=pool, period__contains=today)
        for row in before:
            if row.period.lower == today:
                row.delete()
            else:
                row.period = DateRange(row.period.lower, today)
                row.save(update_fields=["period"])
        made = [
            Template.objects.create(
                pool=pool,
                weekday=line.weekday,
                starts=line.starts,
                ends=line.ends,
                capacity=line.capacity,
                slot_capacity=line.slot_capacity,
                walk_ins=line.walk_ins,
                clinician_id=line.clinician_id,
                place=line.place,
                on_holidays=line.on_holidays,
                period=DateRange(line.since or today, None),
            ).id
            for line in lines
        ]
        ledger.append(
            actor,
            events.WeekKept(lines=len(made)),
            subject_type=SUBJECT,
            subject_id=pool.id,
            institution_id=pool.institution_id,
            division_code=actor.division_code,
        )
    return made


def own_pool(actor: Actor, pool_id: UUID) -> Pool:
    """The pool, if the actor keeps it.

    Raises:
        Refused: if there is none, or it is another institution's.
    """
    pool = Pool.objects.filter(id=pool_id).first()
    if pool is None:
        raise Refused(refusals.NO_SUCH_POOL)
    refuse(access.may(actor, Right.CAPACITY_KEEP, institution_id=pool.institution_id))
    return pool


def _fill(row: Pool, given: PoolGiven) -> list[str]:
    """Put what is given into the row; the names of what changed."""
    values: dict[str, Any] = {
        "name": given.name.strip(),
        "kind": given.kind.value,
        "grade": given.grade.value,
        "specialty_code": given.specialty_code,
        "department_id": given.department_id,
        "clinician_id": given.clinician_id,
        "equipment_id": given.equipment_id,
        "item": given.item.strip(),
        "slot_minutes": given.slot_minutes,
        "details": dict(given.details),
        "shares": {channel.value: share for channel, share in given.shares.items()},
        "release_hours": given.release_hours,
    }
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, values[name])
    return changed


def _strangers(institution_id: UUID, given: PoolGiven, on: date) -> list[Refusal]:
    """Refusals for departments, physicians and devices that are not the institution's on that day."""
    with connection.cursor() as cursor:
        cursor.execute(
            _REFERENCES,
            {
                "institution": institution_id,
                "department": given.department_id,
                "clinician": given.clinician_id,
                "equipment": given.equipment_id,
                "on": on,
            },
        )
        found = cursor.fetchone()
    names = ("department", "clinician", "equipment")
    return [_NOT_REGISTERED[name] for name, fits in zip(names, found, strict=True) if not fits]


def _not_registered(at: str, zh: str, en: str) -> Refusal:
    return Refusal(
        code=f"capacity.{at}_not_registered",
        message=Text(
            f"所选{zh}今天不在本机构的登记中。", f"This {en} is not on the institution's register today."
        ),
        instead=Text(
            f"请从列表中选择，或先在机构登记中填报这{zh}。",
            f"Choose from the list, or enter the {en} in the register first.",
        ),
        at=at,
        status=422,
    )


_NOT_REGISTERED = {
    "department": _not_registered("department", "科室", "department"),
    "clinician": _not_registered("clinician", "医师", "physician"),
    "equipment": _not_registered("equipment", "设备", "device"),
}
_KIND_FIXED = Refusal(
    code="capacity.kind_fixed",
    message=Text(
        "已经发布过场次的池不能改变种类。", "A pool that has been published does not change its kind."
    ),
    instead=Text("请另建一个池，停用这一个。", "Make another pool and end this one."),
    at="kind",
)
