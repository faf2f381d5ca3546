"""A row of a register as a value: read from cells, written back as text, compared with what stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from tiercare.engines.sheets import Cell, normalised
from tiercare.kernel.text import Text

from .cells import CellProblem, Value, cell_text, read_cell
from .registers import REGISTERS, Column, Op, Register

Registers = Mapping[str, Register]


@dataclass(frozen=True, slots=True)
class Entry:
    """A row: the values of its columns by key (never ``op`` or told columns), and where it was found."""

    register: str
    values: Mapping[str, Value]
    op: Op = Op.PUT
    place: str = ""
    identity: tuple[Value, ...] = field(init=False)

    def __post_init__(self) -> None:
        keys = REGISTERS[self.register].identity
        object.__setattr__(self, "identity", tuple(self.values.get(key) for key in keys))

    def text(self, key: str) -> str:
        """The value of a column that holds text or a code."""
        value = self.values.get(key)
        return value if isinstance(value, str) else ""

    def day(self, key: str) -> date | None:
        """The value of a column that holds a date."""
        value = self.values.get(key)
        return value if isinstance(value, date) else None

    def several(self, key: str) -> tuple[str, ...]:
        """The value of a column that holds several words or codes."""
        value = self.values.get(key)
        return value if isinstance(value, tuple) else ()

    @property
    def start(self) -> date:
        """The first day on which it holds (an obligation holds with its agreement, so its due day stands in)."""
        start = self.day("from") or self.day("due")
        assert start is not None, "the column is required"
        return start


def read_row(
    register: Register, cells: Mapping[str, Cell], place: str = ""
) -> tuple[Entry | None, tuple[CellProblem, ...]]:
    """The row in ``cells`` (by column key), or everything that is wrong with it."""
    values, problems = read_values(register, cells)
    op = Op(str(values.pop("op", "") or Op.PUT))
    if not problems:
        problems += _against_itself(register, values)
    if problems:
        return None, tuple(problems)
    return Entry(register.key, values, op, place), ()


def read_values(register: Register, cells: Mapping[str, Cell]) -> tuple[dict[str, Value], list[CellProblem]]:
    """What stands in each column, and everything that is wrong with a cell by itself."""
    values: dict[str, Value] = {}
    problems: list[CellProblem] = []
    for column in register.columns:
        if column.told:
            continue
        value, problem = read_cell(column, cells.get(column.key))
        if problem:
            problems.append(problem)
        else:
            values[column.key] = value
    return values, problems


def _against_itself(register: Register, values: Mapping[str, Value]) -> list[CellProblem]:
    """What can be told from the row alone."""
    problems = []
    start, end = values.get("from"), values.get("to")
    if isinstance(start, date) and isinstance(end, date) and end <= start:
        problems.append(
            CellProblem(
                "to",
                end.isoformat(),
                Text(
                    f"终止日期 {end} 不晚于生效日期 {start}。",
                    f"The end, {end}, is not after the start, {start}.",
                ),
                Text(
                    "请更正其中一个日期，或留空终止日期。", "Mend one of the dates, or leave the end blank."
                ),
            )
        )
    if (values.get("lng") is None) != (values.get("lat") is None):
        problems.append(
            CellProblem(
                "lng" if values.get("lng") is None else "lat",
                "",
                Text("经度和纬度只填了一个。", "Only one of longitude and latitude is given."),
                Text("请两个都填，或都留空。", "Give both or neither."),
            )
        )
    if values.get("ground") == "AGREEMENT" and not values.get("agreement"):
        problems.append(
            CellProblem(
                "agreement",
                "",
                Text("依协议执业，却没有协议编码。", "Practice under an agreement names no agreement."),
                Text(
                    "请填协议编码，或把依据改为“注册”。",
                    "Name the agreement, or set the ground to registered.",
                ),
            )
        )
    if values.get("kind") == "SPECIALTY_ALLIANCE" and not values.get("specialty"):
        problems.append(
            CellProblem(
                "specialty",
                "",
                Text("专科联盟没有写明专科。", "A specialty alliance names no specialty."),
                Text("请填专科代码，如 07 儿科。", "Give its code, for instance 07 for paediatrics."),
            )
        )
    parties = values.get("parties")
    if register.key == "agreements" and isinstance(parties, tuple) and len(parties) < 2:
        problems.append(
            CellProblem(
                "parties",
                "、".join(parties),
                Text("协议至少要有两方。", "An agreement needs two parties."),
                Text("请补充另一方，用顿号分隔。", "Add the other one, separated by a semicolon."),
            )
        )
    return problems


def plain(entry: Entry) -> dict[str, str]:
    """The row as texts by column key: how drafts are kept, and what ``read_row`` reads back to the same."""
    register = REGISTERS[entry.register]
    cells = {
        key: cell_text(register.column(key), value)
        for key, value in entry.values.items()
        if cell_text(register.column(key), value)
    }
    return cells if entry.op is Op.PUT else {"op": Op.VOID.value, **cells}


@dataclass(frozen=True, slots=True)
class Headers:
    """Which column stands where: positions by key; headers that no column is called by; required columns
    that stand nowhere."""

    positions: Mapping[str, int]
    unknown: tuple[str, ...]
    missing: tuple[Column, ...]


def match_headers(register: Register, header: Sequence[str]) -> Headers:
    """Find the register's columns under any of their names (Chinese, English, key, or one understood besides)."""
    called: dict[str, str] = {}
    for column in register.columns:
        for name in (column.key, column.name.zh, column.name.en, *column.also):
            called.setdefault(normalised(name).lower(), column.key)
    positions: dict[str, int] = {}
    unknown = []
    for place, name in enumerate(header):
        key = called.get(normalised(name).lower().rstrip("*＊"))
        if key is None and name.strip():
            unknown.append(name.strip())
        elif key is not None:
            positions.setdefault(key, place)
    missing = tuple(c for c in register.columns if c.required and c.key not in positions)
    return Headers(positions, tuple(unknown), missing)


def register_named(name: str, registers: Registers = REGISTERS) -> Register | None:
    """The register that a sheet or a file is named after, if any."""
    wanted = normalised(name).lower()
    for register in registers.values():
        names = {register.key, normalised(register.name.zh).lower(), register.name.en.lower()}
        if wanted in names:
            return register
    return None


def register_fitting(header: Sequence[str], registers: Registers = REGISTERS) -> Register | None:
    """The register whose required columns all stand in ``header``; the one that leaves the fewest unknown."""
    fits = [(match_headers(register, header), register) for register in registers.values()]
    able = [
        (len(found.unknown), -len(found.positions), n)
        for n, (found, _) in enumerate(fits)
        if not found.missing
    ]
    return fits[min(able)[2]][1] if able else None
