"""Keeping the pools of an institution and their weeks: the base registers of places (XH-16)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from psycopg.types.range import DateRange

from tiercare.apps.access import rules as access
from tiercare.apps.access.rules import Right
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.apps.ledger.prepared import rows
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused, refuse
from tiercare.kernel.text import Text

from .. import events
from ..models import Pool, Template
from ..rules import refusals
from ..rules.pools import PoolGiven, WeekGiven, pool_faults, week_faults, week_mark

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

_PRACTISING = """
SELECT DISTINCT p.clinician_id FROM network_practicesite p
WHERE p.clinician_id = ANY (%(clinicians)s::uuid[]) AND p.institution_id = %(institution)s AND p.period @> %(on)s::date
"""
_LOCK_CODES = "SELECT pg_advisory_xact_lock(hashtextextended('capacity.pools:' || %s, 0))"
_NOTHING: tuple[Any, ...] = (None, "", {})


def keep_pool(
    actor: Actor,
    *,
    institution_id: UUID,
    given: PoolGiven,
    pool_id: UUID | None = None,
    seen: datetime | None = None,
) -> Pool:
    """Enter a pool, or change the one named by ``pool_id``; sessions on offer keep what they were published with.

    ``seen`` is when the pool had last been changed for whoever changes it now; without it nobody asks.

    Raises:
        Refused: if the actor does not keep this institution's places; with everything that is wrong; if another pool
            has the code; if the pool was changed since ``seen``.
    """
    refuse(access.may(actor, Right.CAPACITY_KEEP, institution_id=institution_id))
    refuse(*pool_faults(given))
    today = ledger_queries.today()
    refuse(*_strangers(institution_id, given, today))
    with transaction.atomic():
        row = _locked(institution_id, given, pool_id, today)
        if seen is not None and row.changed_at != seen:
            raise Refused(_POOL_CHANGED)
        if not row._state.adding and row.kind != given.kind and row.sessions.exists():
            raise Refused(_KIND_FIXED)
        was, now = _fill(row, given)
        if now or row._state.adding:
            row.changed_at = ledger_queries.now()
            row.save()
            ledger.append(
                actor,
                events.PoolKept(
                    code=given.code,
                    kind=given.kind.value,
                    grade=given.grade.value,
                    fields=tuple(now),
                    was=was,
                    now=now,
                ),
                subject_type=SUBJECT,
                subject_id=row.id,
                institution_id=institution_id,
                division_code=actor.division_code,
            )
    return row


def _locked(institution_id: UUID, given: PoolGiven, pool_id: UUID | None, today: date) -> Pool:
    """The pool that is to be changed, or a new one; nobody enters another of this code meanwhile.

    Raises:
        Refused: if there is no such pool, or another one has the code, ended ones too.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_CODES, [str(institution_id)])
    other = Pool.objects.filter(institution_id=institution_id, code=given.code).exclude(id=pool_id).first()
    if other is not None:
        raise Refused(replace(_CODE_TAKEN, fields={"code": given.code, "name": other.name}))
    if pool_id is None:
        return Pool(institution_id=institution_id, code=given.code, period=DateRange(today, None))
    row = Pool.objects.select_for_update().filter(id=pool_id, institution_id=institution_id).first()
    if row is None:
        raise Refused(refusals.NO_SUCH_POOL)
    return row


def keep_week(
    actor: Actor, *, pool_id: UUID, lines: Sequence[WeekGiven], seen: str | None = None
) -> list[UUID]:
    """Have a pool served each week as ``lines`` say, those that begin later included; published sessions stay.

    A line that stands already as it is given stays the same; the others end today. ``seen`` is the ``week_mark`` of
    what whoever changes the week had before them; without it nobody asks.

    Raises:
        Refused: if the pool is not kept by the actor; with everything that is wrong, by line; if the week was changed
            since ``seen``.
    """
    pool = own_pool(actor, pool_id)
    refuse(*(fault for line in lines for fault in week_faults(line)))
    today = ledger_queries.today()
    refuse(*_absent(pool.institution_id, lines, today))
    with transaction.atomic():
        Pool.objects.select_for_update().get(id=pool.id)
        before = [
            row
            for row in Template.objects.filter(pool=pool).order_by("weekday", "starts", "id")
            if row.period.upper is None or row.period.upper > today
        ]
        if seen is not None and seen != week_mark(row.id for row in before):
            raise Refused(_WEEK_CHANGED)
        kept, gone, new = _compared(before, lines, today)
        for row in gone:
            _end(row, today)
        made = [_line(pool, line, today) for line in new]
        if gone or made:
            ledger.append(
                actor,
                events.WeekKept(
                    lines=len(kept) + len(made),
                    removed=tuple(_told(row) for row in gone),
                    added=tuple(_told(row) for row in made),
                ),
                subject_type=SUBJECT,
                subject_id=pool.id,
                institution_id=pool.institution_id,
                division_code=actor.division_code,
            )
    return [row.id for row in (*kept, *made)]


def _compared(
    before: Sequence[Template], lines: Sequence[WeekGiven], today: date
) -> tuple[list[Template], list[Template], list[WeekGiven]]:
    """The rows that stay, the rows that go, and the lines that are new."""
    left, kept, new = list(before), [], []
    for line in lines:
        same = next((row for row in left if _is_as(row, line, today)), None)
        if same is None:
            new.append(line)
        else:
            left.remove(same)
            kept.append(same)
    return kept, left, new


_COLUMNS = (
    *("weekday", "starts", "ends", "capacity", "slot_capacity", "walk_ins", "clinician_id", "place"),
    "on_holidays",
)


def _is_as(row: Template, line: WeekGiven, today: date) -> bool:
    """Whether a row says what the line says; what began earlier is simply under way."""
    same = all(getattr(row, name) == getattr(line, name) for name in _COLUMNS)
    begins = max(row.period.lower, today) == max(line.since or today, today)
    return same and begins and row.period.upper is None


def _end(row: Template, today: date) -> None:
    """It holds until yesterday; what has not begun before today never does."""
    if row.period.lower >= today:
        row.delete()
    else:
        row.period = DateRange(row.period.lower, today)
        row.save(update_fields=["period"])


def _line(pool: Pool, line: WeekGiven, today: date) -> Template:
    values = {name: getattr(line, name) for name in _COLUMNS}
    row: Template = Template.objects.create(
        pool=pool, period=DateRange(max(line.since or today, today), None), **values
    )
    return row


def _told(row: Template) -> str:
    """A line of a week as the history keeps it."""
    return f"{row.weekday} {row.starts:%H:%M}-{row.ends:%H:%M} {row.capacity}"


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


def _fill(row: Pool, given: PoolGiven) -> tuple[dict[str, str], dict[str, str]]:
    """Put what is given into the row; what changed, as it was (nothing of a new row) and as it is, by field."""
    values: dict[str, Any] = {
        "code": given.code,
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
    new = row._state.adding
    changed = [name for name, value in values.items() if new or getattr(row, name) != value]
    was = {} if new else {name: _as_text(getattr(row, name)) for name in changed}
    now = {name: _as_text(values[name]) for name in changed if not new or values[name] not in _NOTHING}
    for name in changed:
        setattr(row, name, values[name])
    return was, now


def _as_text(value: Any) -> str:
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    return "" if value is None else str(value)


def _absent(institution_id: UUID, lines: Sequence[WeekGiven], on: date) -> list[Refusal]:
    """The refusal for physicians who do not practise at the institution."""
    wanted = {line.clinician_id for line in lines if line.clinician_id is not None}
    found = rows(_PRACTISING, clinicians=list(wanted), institution=institution_id, on=on)
    return [_NOT_REGISTERED["clinician"]] if len(found) < len(wanted) else []


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
_CODE_TAKEN = Refusal(
    code="capacity.code_taken",
    message=Text("编号“{code}”已经用于“{name}”。", "“{name}” has the code “{code}”."),
    instead=Text(
        "请换一个编号，或留空由系统编号；要修改“{name}”，请从列表中打开它。",
        "Choose another, or leave it empty and have one made; to change “{name}”, open it in the list.",
    ),
    at="code",
)
_POOL_CHANGED = Refusal(
    code="capacity.pool_changed",
    message=Text("您填写的时候，同事改动了这个池。", "A colleague changed this pool while you were typing."),
    instead=Text(
        "您填的内容还在；请看下面的更改记录，核对后再保存。",
        "What you typed is still there; look at the changes below, then save again.",
    ),
    at="name",
)
_WEEK_CHANGED = Refusal(
    code="capacity.week_changed",
    message=Text(
        "您填写的时候，同事改动了这个池的每周排班。", "A colleague changed this week while you were typing."
    ),
    instead=Text(
        "下面已是最新的排班，您填的内容还在；请核对后再保存。",
        "What stands now is below, with what you typed; look, then save again.",
    ),
    at="starts",
)
_KIND_FIXED = Refusal(
    code="capacity.kind_fixed",
    message=Text(
        "已经发布过场次的池不能改变种类。", "A pool that has been published does not change its kind."
    ),
    instead=Text("请另建一个池，停用这一个。", "Make another pool and end this one."),
    at="kind",
)
