"""Institutions merged into one: what belonged to them belongs to it from the day on."""

from __future__ import annotations

from collections.abc import Sequence

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
    TRUSTEESHIPS,
)
from .present import Present, Rows, misfit, stronger

_UNITED = ("specialties", "facilities")


def merge_institutions(present: Present, sources: Sequence[str], into: str) -> Change:
    """Merge ``sources`` into ``into`` from the day on: beds are added, specialties and facilities united;
    memberships (and leads), trusteeships, departments, equipment and clinicians go over; each source has the
    one heir. Agreements stay with whom they name: who takes them on is for the parties to say.

    Raises:
        Refused: if one of them does not exist that day, nothing is merged, or one is merged into itself.
    """
    if not sources or into in sources:
        raise misfit(
            "merges_into_itself",
            Text(
                "请选择要并入的机构，且不能是合并后的机构自己。",
                "Choose what to merge, other than the heir itself.",
            ),
            Text("合并后的机构只填在“并入”一栏。", "Name the heir in its own field only."),
            at="sources",
        )
    rows, notes = Rows(present), []
    heir = present.institution(into)
    gone = [present.institution(code) for code in dict.fromkeys(sources)]
    rows.begin(heir, **_united(heir, gone))
    for source in gone:
        code = source.text("code")
        rows.end_all(present.of(INSTITUTIONS.key, code=code))
        _memberships(present, rows, code, into)
        notes += _trusteeships(present, rows, code, into)
        _belongings(present, rows, code, into)
        notes += _papers(present, code, heir.text("name"))
    heirs = tuple(Heir(source.text("code"), into, present.on, Becoming.MERGED) for source in gone)
    return Change(rows.told(), heirs=heirs, notes=tuple(notes))


def _united(heir: Entry, gone: Sequence[Entry]) -> dict[str, int | tuple[str, ...]]:
    """Beds added up; licences and facilities of all; of one specialty's ranks the heir's own stays."""
    values: dict[str, int | tuple[str, ...]] = {
        key: tuple(sorted({*heir.several(key), *(item for row in gone for item in row.several(key))}))
        for key in _UNITED
    }
    ranks = {
        item.partition("=")[0]: item
        for row in (*reversed(gone), heir)
        for item in row.several("key_specialties")
    }
    values["key_specialties"] = tuple(sorted(ranks.values()))
    values["beds"] = sum(_count(row, "beds") for row in (heir, *gone))
    return values


def _count(row: Entry, key: str) -> int:
    value = row.values.get(key)
    return value if isinstance(value, int) else 0


def _memberships(present: Present, rows: Rows, code: str, into: str) -> None:
    """The heir takes every part that the source had; where it has one already, the stronger one stays."""
    for row in present.of(MEMBERSHIPS.key, institution=code):
        rows.end(row)
        consortium = row.text("consortium")
        own = rows.begun(MEMBERSHIPS.key, consortium=consortium, institution=into) or present.current(
            MEMBERSHIPS.key, consortium=consortium, institution=into
        )
        if own is None:
            rows.begin(row, institution=into)
        elif (role := stronger(own.text("role"), row.text("role"))) != own.text("role"):
            rows.begin(own, role=Role(role).value)


def _trusteeships(present: Present, rows: Rows, code: str, into: str) -> list[Text]:
    notes = []
    for row in present.of(TRUSTEESHIPS.key, trustee=code):
        rows.end(row)
        if row.text("entrusted") != into:
            rows.begin(row, trustee=into)
    for row in present.of(TRUSTEESHIPS.key, entrusted=code):
        rows.end(row)
        if row.text("trustee") != into:
            name, trustee = present.name(code), present.name(row.text("trustee"))
            notes.append(
                Text(
                    f"{name}由{trustee}托管，合并后终止；合并后的机构是否仍由其托管，请另行决定。",
                    f"{trustee} runs {name}, which ends; decide whether it is to run the merged institution.",
                )
            )
    return notes


def _belongings(present: Present, rows: Rows, code: str, into: str) -> None:
    """Departments, equipment and places of practice; what the heir has under the same name is not there twice."""
    for register, own in ((DEPARTMENTS.key, ("name",)), (CLINICIANS.key, ("code",))):
        for row in present.of(register, institution=code):
            rows.end(row)
            same = {key: row.text(key) for key in own}
            if not present.of(register, institution=into, **same) and not rows.begun(
                register, institution=into, **same
            ):
                rows.begin(row, institution=into)
    for row in present.of(EQUIPMENT.key, institution=code):
        rows.end(row)
        same = {"institution": into, "kind": row.text("kind"), "model": row.text("model")}
        there = rows.begun(EQUIPMENT.key, **same) or present.current(EQUIPMENT.key, **same)
        if there is None:
            rows.begin(row, institution=into)
        else:
            rows.begin(there, count=_count(there, "count") + _count(row, "count"))


def _papers(present: Present, code: str, heir: str) -> list[Text]:
    """Agreements that the source signed."""
    titles = [row.text("title") for row in present.of(AGREEMENTS.key) if code in row.several("parties")]
    if not titles:
        return []
    name = present.name(code)
    return [
        Text(
            f"{name}签订的协议不会自动转移：{'、'.join(titles)}。请由{heir}与各方续签。",
            f"What {name} signed does not pass on by itself: {'; '.join(titles)}. Have {heir} sign anew.",
        )
    ]
