"""Consortia merged, split, renamed and dissolved."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from tiercare.kernel.text import Text

from ..drafting import Change
from ..entries import Entry
from ..facts import Role
from ..registers import AGREEMENTS, CONSORTIA, JOININGS, MEMBERSHIPS
from .present import Present, Rows, code_free, misfit, stronger


def rename_consortium(present: Present, code: str, name: str) -> Change:
    """Another name from the day on; code and history stay.

    Raises:
        Refused: if there is no such consortium that day, or it is called so already.
    """
    row = present.consortium(code)
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


def merge_consortia(
    present: Present, sources: Sequence[str], into: str, *, consented_on: date | None = None
) -> Change:
    """Let the members of ``sources`` and the communities that joined them go over to ``into`` from the day on;
    their leads become members there. ``consented_on`` is the day on which those who go over agreed, if they did.

    Raises:
        Refused: if one of them does not exist that day, nothing is merged, one is merged into itself, or they
            are of different kinds.
    """
    if not sources or into in sources:
        raise misfit(
            "merges_into_itself",
            Text(
                "请选择要并入的医联体，且不能是合并后的医联体自己。",
                "Choose what to merge, other than the heir itself.",
            ),
            Text("合并后的医联体只填在“并入”一栏。", "Name the heir in its own field only."),
            at="sources",
        )
    heir, rows, notes = present.consortium(into), Rows(present), []
    for code in dict.fromkeys(sources):
        source = present.consortium(code)
        if source.text("kind") != heir.text("kind"):
            raise misfit(
                "kinds_differ",
                Text(
                    "“{one}”与“{other}”类型不同，不能合并。", "“{one}” and “{other}” are of different kinds."
                ),
                Text("请选择同一类型的医联体。", "Choose consortia of one kind."),
                at="sources",
                one=source.text("name"),
                other=heir.text("name"),
            )
        _go_over(present, rows, code, into, consented_on)
        rows.end_all(present.of(CONSORTIA.key, code=code))
        notes += _papers(present, code)
    return Change(rows.told(), notes=tuple(notes))


def _go_over(present: Present, rows: Rows, code: str, into: str, consented_on: date | None) -> None:
    for row in present.of(MEMBERSHIPS.key, consortium=code):
        rows.end(row)
        institution = row.text("institution")
        role = Role.MEMBER.value if row.text("role") == Role.LEAD else row.text("role")
        own = rows.begun(MEMBERSHIPS.key, consortium=into, institution=institution) or present.current(
            MEMBERSHIPS.key, consortium=into, institution=institution
        )
        if own is None:
            rows.begin(row, consortium=into, role=role, consented_on=consented_on)
        elif (strong := stronger(own.text("role"), role)) != own.text("role"):
            rows.begin(own, role=Role(strong).value)
    for row in present.of(JOININGS.key, parent=code):
        rows.end(row)
        same = {"parent": into, "child": row.text("child")}
        if row.text("child") != into and not present.current(JOININGS.key, **same):
            rows.begin(row, parent=into)
    rows.end_all(present.of(JOININGS.key, child=code))


def _papers(present: Present, code: str) -> list[Text]:
    titles = [row.text("title") for row in present.of(AGREEMENTS.key, consortium=code)]
    if not titles:
        return []
    name = present.name(code)
    return [
        Text(
            f"“{name}”名下的协议仍写原医联体，请由各方续签或终止：{'、'.join(titles)}。",
            f"Agreements about “{name}” still name it; have the parties renew or end them: {'; '.join(titles)}.",
        )
    ]


@dataclass(frozen=True, slots=True)
class NewConsortium:
    """What is split off: its code and name, its lead and its members (codes of institutions), and the day on
    which these agreed, if they did."""

    code: str
    name: str
    lead: str
    members: tuple[str, ...]
    consented_on: date | None = None


def split_consortium(
    present: Present, code: str, part: NewConsortium, *, taken: Collection[str] = ()
) -> Change:
    """Let chosen members leave for a new consortium of the same kind and area, with a lead, from the day on.

    Raises:
        Refused: if there is no such consortium, the code is taken, nobody was chosen, one chosen is no member,
            or its own lead was chosen.
    """
    origin, rows = present.consortium(code), Rows(present)
    code_free(part.code, taken)
    chosen = list(dict.fromkeys((part.lead, *part.members)))
    own_lead = present.lead(code)
    if own_lead in chosen:
        raise misfit(
            "splits_its_own_lead",
            Text(
                "{name}是原医联体的牵头单位，不能移出。",
                "{name} leads the consortium and cannot be split off.",
            ),
            Text("请先更换牵头单位，再分设。", "Let another one lead first, then split."),
            at="lead",
            name=present.name(own_lead),
        )
    rows.begin(
        origin,
        code=part.code,
        name=part.name,
        approved_on=None,
        approved_by="",
        charter_on=None,
        effective=False,
    )
    for institution in chosen:
        role = Role.LEAD if institution == part.lead else Role.MEMBER
        _leave(present, rows, code, part, institution, role)
    return Change(rows.told())


def _leave(
    present: Present, rows: Rows, code: str, part: NewConsortium, institution: str, role: Role
) -> None:
    own: list[Entry] = present.of(MEMBERSHIPS.key, consortium=code, institution=institution)
    if not own:
        raise misfit(
            "not_a_member",
            Text("{name}不是“{consortium}”的成员。", "{name} is no member of “{consortium}”."),
            Text("请从成员中选择。", "Choose among its members."),
            at="lead" if role is Role.LEAD else "members",
            name=present.name(institution),
            consortium=present.name(code),
        )
    rows.end_all(own)
    rows.begin(own[0], consortium=part.code, role=role.value, consented_on=part.consented_on)


def dissolve_consortium(present: Present, code: str) -> Change:
    """Let a consortium end on the day: its memberships, what joined it and what it joined, the agreements about
    it, and itself.

    Raises:
        Refused: if there is no such consortium that day.
    """
    present.consortium(code)
    rows = Rows(present)
    rows.end_all(present.of(MEMBERSHIPS.key, consortium=code))
    rows.end_all((*present.of(JOININGS.key, parent=code), *present.of(JOININGS.key, child=code)))
    rows.end_all(row for row in present.of(AGREEMENTS.key, consortium=code) if row.start < present.on)
    rows.end_all(present.of(CONSORTIA.key, code=code))
    return Change(rows.told())
