"""What stands on the day of a reorganisation, and the rows that end it, begin it or restate it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from ..cells import Value
from ..entries import Entry
from ..facts import Role
from ..histories import Identity, identity_of
from ..registers import AGREEMENTS, CONSORTIA, INSTITUTIONS, MEMBERSHIPS, Op

# Of two parts that one institution comes to have in a consortium, the one that binds it more stays.
_STRENGTH = (Role.LEAD, Role.MEMBER, Role.ENTRUSTED, Role.COLLABORATOR, Role.ASSISTING)


def stronger(one: str, other: str) -> str:
    """Of two roles in the same consortium, the one that stays."""
    return min(one, other, key=lambda role: _STRENGTH.index(Role(role)))


@dataclass(frozen=True, slots=True)
class Present:
    """Rows that hold on ``on`` or begin later, of everything that a reorganisation is about."""

    on: date
    rows: tuple[Entry, ...]

    def of(self, register: str, **wanted: str) -> list[Entry]:
        """Rows of a register with these values, those of the day before later ones."""
        return [
            row
            for row in self.rows
            if row.register == register and all(row.text(key) == value for key, value in wanted.items())
        ]

    def current(self, register: str, **wanted: str) -> Entry | None:
        """The row that holds on the day, if any."""
        return next((row for row in self.of(register, **wanted) if self.holds(row)), None)

    def holds(self, row: Entry) -> bool:
        """Whether the row holds on the day."""
        end = row.day("to")
        return row.start <= self.on and (end is None or self.on < end)

    def institution(self, code: str) -> Entry:
        """The institution on the day.

        Raises:
            Refused: if there is none.
        """
        row = self.current(INSTITUTIONS.key, code=code)
        if row is None:
            raise Refused(_not_there(code, self.on))
        return row

    def consortium(self, code: str) -> Entry:
        """The consortium on the day.

        Raises:
            Refused: if there is none.
        """
        row = self.current(CONSORTIA.key, code=code)
        if row is None:
            raise Refused(_not_there(code, self.on))
        return row

    def name(self, code: str) -> str:
        """What an institution or a consortium is called on the day; its code where nothing says."""
        row = self.current(INSTITUTIONS.key, code=code) or self.current(CONSORTIA.key, code=code)
        return row.text("name") if row else code

    def lead(self, consortium: str) -> str:
        """The code of its lead on the day, or nothing."""
        row = self.current(MEMBERSHIPS.key, consortium=consortium, role=Role.LEAD)
        return row.text("institution") if row else ""


@dataclass(slots=True)
class Rows:
    """Rows as they come together: at most one a thing and day, the last one said."""

    present: Present
    _said: dict[tuple[str, Identity, date, Op], Entry] = field(default_factory=dict)

    def add(self, entry: Entry) -> None:
        """State this row."""
        self._said[entry.register, identity_of(entry), entry.start, entry.op] = entry

    def end(self, row: Entry) -> None:
        """Let what holds on the day end with it; what would only begin later (or that day) is taken out."""
        self.add(ended(row, self.present.on))

    def end_all(self, rows: Iterable[Entry]) -> None:
        """End all of them."""
        for row in rows:
            self.end(row)

    def begin(self, row: Entry, **changed: Value) -> None:
        """What this row says, with other values, from the day on (or from its own first day, if that is later)."""
        start = max(row.start, self.present.on)
        self.add(replace(row, values={**row.values, "from": start, **changed}))

    def begun(self, register: str, **identity: str) -> Entry | None:
        """A row of this thing that was stated already."""
        return next(
            (
                row
                for row in self._said.values()
                if row.register == register
                and row.op is Op.PUT
                and row.start >= self.present.on
                and all(row.text(key) == value for key, value in identity.items())
            ),
            None,
        )

    def told(self) -> tuple[Entry, ...]:
        """All of them, placed by their number."""
        return numbered(self._said.values())


def ended(row: Entry, on: date) -> Entry:
    """The row that lets ``row`` end on ``on``, stated from its last day: what held before is not said again. An
    agreement is one row for life; what began on ``on`` or later is taken out."""
    if row.start >= on:
        return replace(row, op=Op.VOID)
    said = row.start if row.register == AGREEMENTS.key else on - timedelta(days=1)
    return replace(row, values={**row.values, "from": said, "to": on})


def numbered(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """The rows, each placed by its number."""
    return tuple(replace(entry, place=f"#{n}") for n, entry in enumerate(entries, start=1))


def code_free(code: str, taken: Collection[str]) -> None:
    """Refuse a code that is somebody's already.

    Raises:
        Refused: if it is.
    """
    if code in taken:
        raise Refused(
            Refusal(
                code="code_taken",
                message=Text("编码“{code}”已有登记。", "The code “{code}” is taken."),
                instead=Text("请换一个编码。", "Choose another one."),
                fields={"code": code},
                at="code",
                status=422,
            )
        )


def misfit(code: str, message: Text, instead: Text, *, at: str, **fields: object) -> Refused:
    """A reorganisation that makes no sense as asked."""
    return Refused(Refusal(code=code, message=message, instead=instead, fields=fields, at=at, status=422))


def _not_there(code: str, on: date) -> Refusal:
    return Refusal(
        code="nothing_of_this_code",
        message=Text("{on} 没有“{code}”。", "There is no “{code}” on {on}."),
        instead=Text("请核对名称和日期。", "Check the name and the day."),
        fields={"code": code, "on": on},
        status=404,
    )
