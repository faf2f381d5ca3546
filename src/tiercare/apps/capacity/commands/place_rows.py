"""Rows of files with places, taken over through the commands that pages use: every rule stands once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction

from tiercare.apps.ledger import queries as ledger_queries
from tiercare.apps.network.commands.imports.staging import BadRow, StagedAs
from tiercare.apps.network.rules.cells import CellProblem, cell_text
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused
from tiercare.kernel.text import Text

from ..models import Bed, Pool, Template
from ..queries.place_files import Named, Names, bed_values, names_of, pool_values
from ..rules.beds import BedSex
from ..rules.files import BEDS, POOLS, REGISTERS, SHARES, WEEKS, PlaceRow
from ..rules.pools import PoolGiven, WeekGiven
from ..rules.vocabulary import Grade, Kind
from .keeping_beds import keep_bed
from .pools import keep_pool, keep_week

# What a row came to.
CREATED, CHANGED, UNCHANGED = "created", "changed", "unchanged"


@dataclass(slots=True)
class Outcome:
    """What the rows came to, by their place; and what is wrong with those that cannot be taken."""

    came_to: dict[str, str] = field(default_factory=dict)
    bad: list[BadRow] = field(default_factory=list)


def apply(actor: Actor, institution_id: UUID, staged: StagedAs[PlaceRow]) -> Outcome:
    """Take all rows over, pools first, in the caller's transaction; whoever finds bad ones rolls it back."""
    taking = _Taking(actor, institution_id, staged, names_of(institution_id, ledger_queries.today()))
    rows = taking.once(staged.entries)
    for row in rows:
        if row.register == POOLS.key:
            taking.take([row], taking.pool)
        elif row.register == BEDS.key:
            taking.take([row], taking.bed)
    weeks: dict[str, list[PlaceRow]] = {}
    for row in rows:
        if row.register == WEEKS.key:
            weeks.setdefault(row.text("pool"), []).append(row)
    for lines in weeks.values():
        taking.take(lines, taking.week)
    taking.outcome.bad += staged.bad
    return taking.outcome


class _Unusable(Exception):
    """A row does not say what it must; ``problems`` by the row's place."""

    def __init__(self, problems: Mapping[str, Sequence[CellProblem]]) -> None:
        super().__init__("unusable")
        self.problems = problems


Act = Callable[[Sequence[PlaceRow]], Mapping[str, str]]


@dataclass(slots=True)
class _Taking:
    """One file on its way into the registers."""

    actor: Actor
    institution_id: UUID
    staged: StagedAs[PlaceRow]
    names: Names
    pools: dict[str, Pool] = field(init=False)
    beds: dict[tuple[str, str], Bed] = field(init=False)
    outcome: Outcome = field(default_factory=Outcome)

    def __post_init__(self) -> None:
        own = {"institution_id": self.institution_id}
        self.pools = {pool.code: pool for pool in Pool.objects.filter(**own)}
        self.beds = {(bed.ward, bed.number): bed for bed in Bed.objects.filter(**own)}

    def once(self, rows: Iterable[PlaceRow]) -> list[PlaceRow]:
        """The rows, without those that name what another has named."""
        seen: dict[tuple[str, tuple[Any, ...]], str] = {}
        kept = []
        for row in rows:
            first = seen.setdefault((row.register, row.identity), row.place)
            if first == row.place:
                kept.append(row)
            else:
                self._spoil(row, [_twice(row, first)])
        return kept

    def take(self, rows: Sequence[PlaceRow], act: Act) -> None:
        """One act of these rows, or what is wrong with them."""
        try:
            with (
                transaction.atomic()
            ):  # each act is all or nothing: those that are refused leave the others standing
                self.outcome.came_to.update(act(rows))
        except _Unusable as error:
            for row in rows:
                if row.place in error.problems:
                    self._spoil(row, error.problems[row.place])
        except Refused as refused:
            for row in rows:
                self._spoil(row, _problems(row, refused))

    def _spoil(self, row: PlaceRow, problems: Sequence[CellProblem]) -> None:
        columns = REGISTERS[row.register].by_key
        cells = {key: text for key, value in row.values.items() if (text := cell_text(columns[key], value))}
        self.outcome.bad.append(BadRow(row.register, self.staged.places[row.place], cells, tuple(problems)))

    def pool(self, rows: Sequence[PlaceRow]) -> Mapping[str, str]:
        """One pool; a code that stands already is that pool."""
        (row,) = rows
        department = self._named(row, "department", self.names.departments)
        known = self.pools.get(row.text("code"))
        own = self.names.specialties[department] if department else ""
        specialty = row.text("specialty") or own
        stored = _as_stored(row) | {"specialty": "" if specialty == own else specialty}
        if known is not None and pool_values(known, self.names) == stored:
            return {row.place: UNCHANGED}
        given = PoolGiven(
            code=row.text("code"),
            name=row.text("name"),
            kind=Kind(row.text("kind")),
            grade=Grade(row.text("grade")),
            specialty_code=specialty,
            department_id=department,
            clinician_id=self._named(row, "clinician", self.names.physicians),
            equipment_id=self._named(row, "equipment", self.names.devices),
            item=row.text("item"),
            slot_minutes=row.count("slot_minutes"),
            details=_details(row),
            shares={channel: share for channel, name in SHARES.items() if (share := row.share(name))},
            release_hours=row.count("release_hours"),
        )
        self.pools[row.text("code")] = keep_pool(
            self.actor,
            institution_id=self.institution_id,
            given=given,
            pool_id=None if known is None else known.id,
        )
        return {row.place: CREATED if known is None else CHANGED}

    def week(self, rows: Sequence[PlaceRow]) -> Mapping[str, str]:
        """The whole week of one pool."""
        code = rows[0].text("pool")
        pool = self.pools.get(code)
        if pool is None:
            raise _Unusable({row.place: [_no_pool(code)] for row in rows})
        before = set(Template.objects.filter(pool=pool).values_list("id", flat=True))
        lines = [self._line(row) for row in rows]
        after = keep_week(self.actor, pool_id=pool.id, lines=lines)
        # What stood already comes first in the answer; which line it is does not matter to a count.
        came_to = sorted((CREATED if key not in before else UNCHANGED for key in after), reverse=True)
        return dict(zip((row.place for row in rows), came_to, strict=True))

    def _line(self, row: PlaceRow) -> WeekGiven:
        since = row.values.get("since")
        return WeekGiven(
            weekday=int(row.text("weekday")),
            starts=row.hour("starts"),
            ends=row.hour("ends"),
            capacity=row.count("capacity") or 0,
            slot_capacity=row.count("slot_capacity") or 1,
            walk_ins=row.count("walk_ins") or 0,
            clinician_id=self._named(row, "clinician", self.names.physicians),
            place=row.text("place"),
            on_holidays=bool(row.values.get("on_holidays")),
            since=since if isinstance(since, date) else None,
        )

    def bed(self, rows: Sequence[PlaceRow]) -> Mapping[str, str]:
        """One bed."""
        (row,) = rows
        known = self.beds.get((row.text("ward"), row.text("number")))
        if known is not None and bed_values(known) == _as_stored(row):
            return {row.place: UNCHANGED}
        keep_bed(
            self.actor,
            institution_id=self.institution_id,
            ward=row.text("ward"),
            number=row.text("number"),
            sex=BedSex(row.text("sex") or BedSex.ANY),
            isolation=bool(row.values["isolation"]),
            day=bool(row.values["day"]),
            out_of_use=row.text("out_of_use"),
        )
        return {row.place: CREATED if known is None else CHANGED}

    def _named(self, row: PlaceRow, key: str, named: Named) -> UUID | None:
        """What a name of the register stands for.

        Raises:
            _Unusable: nothing, or several.
        """
        text = row.text(key)
        if not text:
            return None
        found = named.ids.get(text)
        if found is None:
            column = REGISTERS[row.register].column(key)
            raise _Unusable({row.place: [_nobody(key, text, column.name)]})
        return found


def _as_stored(row: PlaceRow) -> dict[str, Any]:
    """The row's values as ``pool_values`` and ``bed_values`` have them: what may be left out stands as left out."""
    values = dict(row.values)
    if values.get("sex") == BedSex.ANY:
        values["sex"] = ""
    return values | {name: row.share(name) or None for name in SHARES.values() if name in values}


def _details(row: PlaceRow) -> dict[str, Any]:
    """What only one kind of pool has; blank columns say nothing, and those of other kinds are refused by the rule."""
    found: dict[str, Any] = {
        key: text for key in ("ward", "sex", "bring", "preparation") if (text := row.text(key))
    }
    found |= {key: True for key in ("isolation", "fasting") if row.values.get(key)}
    if questions := row.text("questions"):
        found["questions"] = questions.split("\n")
    return found


def _problems(row: PlaceRow, refused: Refused) -> list[CellProblem]:
    """What the command refused, at the column that it names."""
    columns = REGISTERS[row.register].by_key
    found = []
    for refusal in refused.refusals:
        key = refusal.at if refusal.at in columns else ""
        found.append(
            CellProblem(
                key or "",
                cell_text(columns[key], row.values.get(key)) if key else "",
                Text(refusal.sentence("zh"), refusal.sentence("en")),
                Text(refusal.way_on("zh"), refusal.way_on("en")),
            )
        )
    return found


def _twice(row: PlaceRow, first: str) -> CellProblem:
    key = REGISTERS[row.register].identity[-1]
    return CellProblem(
        key,
        "",
        Text(f"与 {first} 说的是同一个。", f"It names the same as {first}."),
        Text("请合并成一行。", "Put both into one row."),
    )


def _no_pool(code: str) -> CellProblem:
    return CellProblem(
        "pool",
        code,
        Text(
            f"没有编号为“{code}”的池，或它那一行有误。",
            f"There is no pool “{code}”, or its own row is wrong.",
        ),
        Text("请先登记这个池，或改正编号。", "Enter the pool first, or mend the code."),
    )


def _nobody(key: str, text: str, name: Text) -> CellProblem:
    return CellProblem(
        key,
        text,
        Text(
            f"本机构今天的登记中没有唯一的{name.zh}“{text}”。",
            f"No single {name.en.lower()} “{text}” stands on the institution's register today.",
        ),
        Text(
            "请照登记填写；同名的医师请填人员编码。登记中没有的，请先在“数据导入与导出”中填报。",
            "Write it as on the register; for physicians of one name the code. What is missing is entered there first.",
        ),
    )
