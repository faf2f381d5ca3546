"""Keeping the drug list of one's own institution: one drug, or a file, all of its rows or none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from psycopg.types.range import DateRange

from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.apps.network.commands.imports import Source
from tiercare.apps.network.commands.imports.staging import StagedAs, stage_as
from tiercare.apps.network.rules.cells import CellProblem
from tiercare.apps.network.rules.entries import read_values
from tiercare.apps.network.rules.registers import Register
from tiercare.engines.sheets import Cell
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused, refuse
from tiercare.kernel.text import Text

from .. import events
from ..models import FormularyItem
from ..rules.formularies import NO_SUCH_ITEM, REGISTERS, Listed, normalised, rows_are_bad, wrong_item
from .ground import one_at_a_time, own_place

SUBJECT = "records.formulary"
# Ours: what a page can show of what is wrong; the rest is counted.
_TOLD_AT_MOST = 300


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a file that can be read."""

    listed: Listed
    place: str


@dataclass(frozen=True, slots=True)
class Taken:
    """What a file came to, or would: rows that are new, that change a code, that stand already, drugs that end; and what is
    wrong with which cell: mappings of ``place``, ``column``, ``value`` and, in both languages, ``message`` and ``fix``."""

    rows: int
    created: int
    changed: int
    unchanged: int
    ended: int
    bad: int
    faults: Sequence[Mapping[str, Any]]
    notes: Sequence[Text] = ()


def keep_drug(actor: Actor, *, name: str, code: str = "", strength: str = "") -> UUID:
    """Put a drug on the list of the actor's institution from today on; what stands there already stays, with the code as
    it is given now. Answers its id.

    Raises:
        Refused: without the right; if it is no drug.
    """
    institution_id, _division = own_place(actor)
    code = code.strip().upper()
    refuse(*wrong_item(code, name.strip(), strength.strip()))
    with transaction.atomic():
        one_at_a_time(institution_id, "formulary", "list")
        key, came_to = _keep(
            actor, institution_id, Listed(code, name.strip(), strength.strip()), ledger_queries.today()
        )
        if came_to != "unchanged":
            _tell(actor, institution_id, **{came_to: 1})
    return key


def end_drug(actor: Actor, *, item_id: UUID) -> None:
    """Take a drug off the list from today on.

    Raises:
        Refused: without the right; if it is not on the list of the actor's institution.
    """
    institution_id, _division = own_place(actor)
    today = ledger_queries.today()
    with transaction.atomic():
        one_at_a_time(institution_id, "formulary", "list")
        row = FormularyItem.objects.filter(
            id=item_id, institution_id=institution_id, period__contains=today
        ).first()
        if row is None:
            raise Refused(NO_SUCH_ITEM)
        _end(row, today)
        _tell(actor, institution_id, ended=1)


def import_drugs(
    actor: Actor, *, file_name: str, content: bytes, whole: bool = False, check: bool = False
) -> Taken:
    """Take the rows of a file over, all or none; ``whole``: what is not in it ends today. With ``check`` nothing is kept.

    Raises:
        Refused: without the right; if the file as a whole cannot be used, or, where it is not only checked, any row is bad.
    """
    institution_id, _division = own_place(actor)
    staged = stage_as([Source(file_name, content)], REGISTERS, _read)
    faults = _faults(staged)
    with transaction.atomic():
        one_at_a_time(institution_id, "formulary", "list")
        done = _apply(actor, institution_id, staged, whole=whole, faults=faults)
        if check:
            transaction.set_rollback(True)
            return done
        if done.bad:
            raise Refused(rows_are_bad(done.bad))
        _tell(actor, institution_id, created=done.created, changed=done.changed, ended=done.ended)
    return done


def _apply(
    actor: Actor, institution_id: UUID, staged: StagedAs[Row], *, whole: bool, faults: list[dict[str, Any]]
) -> Taken:
    today = ledger_queries.today()
    seen: dict[tuple[str, str], Row] = {}
    counted = {"created": 0, "changed": 0, "unchanged": 0}
    for row in staged.entries:
        key = (normalised(row.listed.name), row.listed.strength)
        first = seen.setdefault(key, row)
        if first is not row:
            problem = CellProblem("name", row.listed.name, *_twice(first.place))
            faults.append(_fault(row.place, problem))
            continue
        _id, came_to = _keep(actor, institution_id, row.listed, today)
        counted[came_to] += 1
    ended = 0
    if whole and not faults:
        standing = FormularyItem.objects.filter(institution_id=institution_id, period__contains=today)
        for item in standing:
            if (item.key, item.strength) not in seen:
                _end(item, today)
                ended += 1
    faults.sort(key=lambda each: _row_of(each["place"]))
    bad = len({each["place"] for each in faults})
    return Taken(
        rows=sum(staged.rows.values()),
        **counted,
        ended=ended,
        bad=bad,
        faults=faults[:_TOLD_AT_MOST],
        notes=tuple(staged.notes),
    )


def _keep(actor: Actor, institution_id: UUID, given: Listed, today: date) -> tuple[UUID, str]:
    key = normalised(given.name)
    row = FormularyItem.objects.filter(
        institution_id=institution_id, key=key, strength=given.strength, period__contains=today
    ).first()
    if row is not None and (row.code, row.name) == (given.code or row.code, given.name):
        return row.id, "unchanged"
    if row is not None:
        row.code, row.name = given.code or row.code, given.name
        row.changed_by, row.changed_at = actor.name, ledger_queries.now()
        row.save(update_fields=["code", "name", "changed_by", "changed_at"])
        return row.id, "changed"
    made = FormularyItem.objects.create(
        institution_id=institution_id,
        code=given.code,
        name=given.name,
        strength=given.strength,
        key=key,
        period=DateRange(today, None),
        changed_by=actor.name,
    )
    return made.id, "created"


def _end(row: FormularyItem, today: date) -> None:
    """What was entered today and ends today never was."""
    if row.period.lower >= today:
        row.delete()
        return
    row.period = DateRange(row.period.lower, today)
    row.save(update_fields=["period"])


def _read(
    register: Register, cells: Mapping[str, Cell], place: str
) -> tuple[Row | None, tuple[CellProblem, ...]]:
    values, problems = read_values(register, cells)
    name, strength, code = (str(values.get(key) or "").strip() for key in ("name", "strength", "code"))
    told = {each.column for each in problems}
    for refusal in wrong_item(code.upper(), name, strength):
        if refusal.at not in told and not (refusal.at == "name" and not name):
            problems.append(
                CellProblem(
                    refusal.at or "",
                    {"name": name, "strength": strength, "code": code}.get(refusal.at or "", ""),
                    Text(refusal.sentence("zh"), refusal.sentence("en")),
                    Text(refusal.way_on("zh"), refusal.way_on("en")),
                )
            )
    if problems:
        return None, tuple(problems)
    return Row(Listed(code.upper(), name, strength), place), ()


def _faults(staged: StagedAs[Row]) -> list[dict[str, Any]]:
    return [_fault(str(row.place), problem) for row in staged.bad for problem in row.problems]


def _fault(place: str, problem: CellProblem) -> dict[str, Any]:
    return {
        "place": place,
        "column": problem.column,
        "value": problem.value,
        "message": {"zh": problem.message.zh, "en": problem.message.en},
        "fix": {"zh": problem.fix.zh, "en": problem.fix.en},
    }


def _row_of(place: str) -> int:
    """The number of the row, as the spreadsheet program counts it."""
    return int(place.rpartition("!")[2])


def _twice(first: str) -> tuple[Text, Text]:
    return (
        Text(
            f"与第 {_row_of(first)} 行是同一种药、同一规格。",
            f"The same drug and strength as row {_row_of(first)}.",
        ),
        Text("请合并成一行，或写明规格。", "Put both into one row, or give the strength."),
    )


def _tell(actor: Actor, institution_id: UUID, *, created: int = 0, changed: int = 0, ended: int = 0) -> None:
    ledger.append(
        actor,
        events.FormularyChanged(created=created, changed=changed, ended=ended),
        subject_type=SUBJECT,
        subject_id=institution_id,
        institution_id=institution_id,
        division_code=actor.division_code,
    )
