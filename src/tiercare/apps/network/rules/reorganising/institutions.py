"""One institution renamed, split or closed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from ..drafting import Becoming, Change, Heir
from ..entries import Entry
from ..facts import Role
from ..registers import (
    AGREEMENTS,
    CLINICIANS,
    DEPARTMENTS,
    EQUIPMENT,
    INSTITUTIONS,
    MEMBERSHIPS,
    REGISTERS,
    TRUSTEESHIPS,
)
from .present import Present, Rows, code_free, misfit

_TOLD_AT_MOST = 12


def rename_institution(present: Present, code: str, name: str) -> Change:
    """Another name from the day on; code and history stay.

    Raises:
        Refused: if there is no such institution that day, or it is called so already.
    """
    row = present.institution(code)
    if row.text("name") == name:
        raise misfit(
            "same_name",
            Text("它本来就叫“{name}”。", "It is called “{name}” already."),
            Text("请填新的名称。", "Give the new name."),
            at="name",
            name=name,
        )
    rows = Rows(present)
    rows.begin(row, name=name)
    return Change(rows.told())


@dataclass(frozen=True, slots=True)
class NewInstitution:
    """What is split off: its code and name, the beds and departments (by name) that it gets; category and level
    where they differ from its origin's; the day on which it agreed to belong where its origin does, if it did."""

    code: str
    name: str
    beds: int = 0
    departments: tuple[str, ...] = ()
    category: str = ""
    level: str = ""
    consented_on: date | None = None


def split_institution(
    present: Present, code: str, parts: Sequence[NewInstitution], *, taken: Collection[str] = ()
) -> Change:
    """Set up ``parts`` out of an institution from the day on; it keeps what they do not get.

    Each new one lies in the same area and has the same owner; it is licensed for the specialties of the departments that it
    gets, and a member of the consortia that its origin is in. Clinicians stay where they practise.

    Raises:
        Refused: if there is no such institution, a code is taken, or they get more than there is.
    """
    origin, rows = present.institution(code), Rows(present)
    beds = origin.values.get("beds")
    left = (beds if isinstance(beds, int) else 0) - sum(part.beds for part in parts)
    if not parts or left < 0:
        raise misfit(
            "splits_more_than_there_is",
            Text("{name}只有 {beds} 张床位，不够分设。", "{name} has {beds} beds only: not enough to split."),
            Text("请减少分给新机构的床位。", "Give fewer beds to the new ones."),
            at="beds",
            name=origin.text("name"),
            beds=beds,
        )
    rows.begin(origin, beds=left)
    for part in parts:
        code_free(part.code, taken)
        _set_up(present, rows, origin, part)
    notes: tuple[Text, ...] = ()
    if present.of(CLINICIANS.key, institution=code):
        notes = (
            Text(
                "医务人员仍登记在原机构；到新机构执业的，请另行变更执业地点。",
                "Clinicians stay registered at the origin; change the place of those who move.",
            ),
        )
    heirs = tuple(Heir(code, part.code, present.on, Becoming.SPLIT) for part in parts)
    return Change(rows.told(), heirs=heirs, notes=notes)


def _set_up(present: Present, rows: Rows, origin: Entry, part: NewInstitution) -> None:
    moved = [
        row
        for row in present.of(DEPARTMENTS.key, institution=origin.text("code"))
        if row.text("name") in part.departments
    ]
    rows.begin(
        origin,
        code=part.code,
        name=part.name,
        beds=part.beds,
        category=part.category or origin.text("category"),
        level=part.level or origin.text("level"),
        specialties=_licensed(moved),
        key_specialties=(),
        facilities=(),
        credit_code="",
        licence="",
        licence_until=None,
        qualified=False,
        subcentre=False,
        managed_as_level="",
    )
    for row in moved:
        rows.end(row)
        rows.begin(row, institution=part.code)
    for row in present.of(MEMBERSHIPS.key, institution=origin.text("code")):
        rows.begin(
            row,
            institution=part.code,
            role=Role.MEMBER.value if row.text("role") == Role.LEAD else row.text("role"),
            consented_on=part.consented_on,
        )


def _licensed(departments: Sequence[Entry]) -> tuple[str, ...]:
    """The specialties of departments, with the first-level one above each."""
    codes = {row.text("specialty") for row in departments}
    return tuple(sorted(codes | {code.partition(".")[0] for code in codes}))


def close_institution(present: Present, code: str, *, end_all: bool) -> Change:
    """Close an institution from the day on, with everything that rests on it (``end_all``).

    Raises:
        Refused: if there is no such institution; or, without ``end_all``, if anything still rests on it: the
            refusal lists it.
    """
    institution, rows = present.institution(code), Rows(present)
    resting = resting_on(present, code)
    if resting and not end_all:
        raise Refused(_still_rests(institution.text("name"), [_told(present, row) for row in resting]))
    rows.end_all(resting)
    rows.end_all(present.of(INSTITUTIONS.key, code=code))
    leads = [row.text("consortium") for row in resting if row.text("role") == Role.LEAD]
    notes = [
        Text(
            f"“{present.name(consortium)}”从此没有牵头单位，请同时确定新的牵头单位或解散。",
            f"“{present.name(consortium)}” has no lead from then on: name another one, or dissolve it.",
        )
        for consortium in leads
    ]
    titles = [row.text("title") for row in present.of(AGREEMENTS.key) if code in row.several("parties")]
    if titles:
        notes.append(
            Text(
                f"仍在有效期内的协议须由各方终止：{'、'.join(titles)}。",
                f"Agreements still in force are for the parties to end: {'; '.join(titles)}.",
            )
        )
    return Change(rows.told(), notes=tuple(notes))


def resting_on(present: Present, code: str) -> list[Entry]:
    """What ends with an institution: memberships, trusteeships both ways, departments, equipment, practice."""
    found = [
        *present.of(MEMBERSHIPS.key, institution=code),
        *present.of(TRUSTEESHIPS.key, trustee=code),
        *present.of(TRUSTEESHIPS.key, entrusted=code),
    ]
    for register in (DEPARTMENTS.key, EQUIPMENT.key, CLINICIANS.key):
        found += present.of(register, institution=code)
    return found


def _told(present: Present, row: Entry) -> str:
    if row.register == MEMBERSHIPS.key:
        return present.name(row.text("consortium"))
    if row.register == TRUSTEESHIPS.key:
        return f"{present.name(row.text('trustee'))}—{present.name(row.text('entrusted'))}"
    return row.text("name") or row.text("kind") or REGISTERS[row.register].name.zh


def _still_rests(name: str, things: Sequence[str]) -> Refusal:
    listed = "、".join(things[:_TOLD_AT_MOST]) + ("……" if len(things) > _TOLD_AT_MOST else "")
    return Refusal(
        code="institution_still_used",
        message=Text(
            "{name}名下还有 {count} 项登记：{things}。", "{count} things still rest on {name}: {things}."
        ),
        instead=Text(
            "勾选“一并终止”，让它们同日终止；或先逐项处理。",
            "Tick “end them all” to end them the same day, or see to each of them first.",
        ),
        fields={"name": name, "count": len(things), "things": listed},
        at="end_all",
        status=422,
    )
