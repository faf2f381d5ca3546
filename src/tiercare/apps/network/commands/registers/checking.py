"""Check rows of the registers before they are taken over: pure reads, so many as there are registers, however
many rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from tiercare.kernel.actor import Actor
from tiercare.kernel.text import Text

from ... import models
from ...queries.lookups import one_of
from ...rules.entries import Entry
from ...rules.histories import FACETS, Identity, attributes_of, identity_of
from ...rules.registers import (
    AGREEMENTS,
    CLINICIANS,
    INSTITUTIONS,
    JOININGS,
    OBLIGATIONS,
    REGISTERS,
    TRUSTEESHIPS,
    Op,
)
from .codes import check_codes
from .problems import Problems, RowProblem
from .references import Directory
from .scope import Scope, check_scope
from .standing import Standing, check_void


@dataclass(frozen=True, slots=True)
class Checked:
    """Rows that can be taken, with codes for names, and what is wrong with the others."""

    ready: tuple[Entry, ...]
    problems: tuple[RowProblem, ...]


def check_entries(actor: Actor, entries: Sequence[Entry], *, region: str, deciding: bool = False) -> Checked:
    """Hold ``entries`` against each other and against what is on record, for ``region`` (a division code, ``""``
    or ``00`` for the nation). Either side may draft a row between two; ``deciding`` asks for the side that
    may let it hold: the consortium's, the wider one's, or that of the institution that is entrusted.

    What rule cards speak about (two leads, a circle of trusteeship …) is no problem of a row: they answer it.
    """
    region = "" if region == "00" else region
    directory = Directory(entries, region)
    problems = Problems(entries)
    resolved = [directory.resolved(n, entry, problems) for n, entry in enumerate(entries)]
    problems.entries = resolved
    check_codes(resolved, directory, problems)
    _check_twice(resolved, problems)
    _check_selves(resolved, problems)
    _check_credit_codes(resolved, problems)
    _check_people(resolved, problems)
    scope = Scope(actor, directory, region, deciding=deciding)
    check_scope(scope, ((n, e) for n, e in enumerate(resolved) if n not in problems), problems)
    standing = Standing(resolved, directory, problems)
    standing.check()
    check_void(resolved, standing.states, problems)
    ready = tuple(entry for n, entry in enumerate(resolved) if n not in problems)
    return Checked(ready, tuple(problems.in_order()))


def _check_twice(entries: Sequence[Entry], problems: Problems) -> None:
    """No two rows of a set say the same, or different things for the same days."""
    by_thing: dict[tuple[str, Identity], list[int]] = defaultdict(list)
    for n, entry in enumerate(entries):
        if entry.op is Op.PUT:
            by_thing[entry.register, identity_of(entry)].append(n)
    for (register, _), rows in by_thing.items():
        if len(rows) > 1:
            rows.sort(key=lambda n: entries[n].start)
            for earlier, later in pairwise(rows):
                _compare(register, entries, earlier, later, problems)


def _compare(register: str, entries: Sequence[Entry], earlier: int, later: int, problems: Problems) -> None:
    one, other = entries[earlier], entries[later]
    first = "due" if register == OBLIGATIONS.key else "from"
    once = register == AGREEMENTS.key
    if one.start == other.start or once:
        problems.add(
            later,
            REGISTERS[register].identity[0] if once else first,
            Text(
                f"{other.place}与{one.place}重复：同一登记、同一生效日期。",
                f"{other.place} repeats {one.place}: the same thing from the same day.",
            ),
            Text("请只留一行。", "Keep one of them."),
        )
        if one.values != other.values and earlier not in problems:
            problems.add(
                earlier,
                first,
                Text(
                    f"{one.place}与{other.place}说法不同：同一登记、同一生效日期。",
                    f"{one.place} and {other.place} differ on the same thing from the same day.",
                ),
                Text("请只留正确的一行。", "Keep the right one."),
            )
        return
    end = one.day("to")
    if end and end > other.start and attributes_of(one) != attributes_of(other):
        problems.add(
            later,
            "from",
            Text(
                f"{other.place}从 {other.start} 起，与{one.place}（至 {end}）重叠，内容却不同。",
                f"{other.place} begins on {other.start}, while {one.place} holds until {end} and says otherwise.",
            ),
            Text(
                f"请让{one.place}在 {other.start} 终止，或改{other.place}的生效日期。",
                f"Let {one.place} end on {other.start}, or let {other.place} begin later.",
            ),
        )


def _check_selves(entries: Sequence[Entry], problems: Problems) -> None:
    """Nothing joins or runs itself."""
    pairs = {JOININGS.key: ("parent", "child"), TRUSTEESHIPS.key: ("trustee", "entrusted")}
    for n, entry in enumerate(entries):
        if entry.register not in pairs:
            continue
        one, other = pairs[entry.register]
        if entry.op is Op.PUT and entry.text(one) == entry.text(other):
            joins = entry.register == JOININGS.key
            problems.add(
                n,
                other,
                Text("医联体不能加入自己。", "A consortium cannot join itself.")
                if joins
                else Text("机构不能托管给自己。", "An institution cannot be entrusted to itself."),
                Text("请填另一家的编码。", "Write the code of another one."),
            )


def _check_credit_codes(entries: Sequence[Entry], problems: Problems) -> None:
    """A social credit code belongs to one institution."""
    last: dict[str, tuple[str, int]] = {}
    for n, entry in enumerate(entries):
        if entry.register == INSTITUTIONS.key and entry.op is Op.PUT:
            last[entry.text("code")] = (entry.text("credit_code"), n)
    wanted = [credit for credit, _ in last.values() if credit]
    if not wanted:
        return
    holders = models.Institution.objects.filter(one_of("social_credit_code", wanted))
    held = {
        credit: (code, "")
        for credit, code in holders.values_list("social_credit_code", "slug")
        if code not in last
    }
    for code, (credit, n) in last.items():
        if not credit:
            continue
        other, place = held.setdefault(credit, (code, entries[n].place))
        if other != code:
            where = f"（{place}）" if place else ""
            problems.add(
                n,
                "credit_code",
                Text(
                    f"统一社会信用代码 {credit} 已属于机构 {other}{where}。",
                    f"The social credit code {credit} belongs to the institution {other}{where}.",
                ),
                Text("请对照登记证书核对，或留空。", "Compare it with the certificate, or leave it blank."),
            )


def _check_people(entries: Sequence[Entry], problems: Problems) -> None:
    """One code is one person: rows of a set that begin on the same day or name different people disagree."""
    first: dict[str, int] = {}
    for n, entry in enumerate(entries):
        if entry.register != CLINICIANS.key or entry.op is Op.VOID:
            continue
        one = entries[first.setdefault(entry.text("code"), n)]
        for column in FACETS[CLINICIANS.key]:
            if entry.text(column) != one.text(column):
                problems.add(
                    n,
                    column,
                    Text(
                        f"{entry.place}与{one.place}是同一人员编码 {entry.text('code')}，内容却不同："
                        f"“{entry.text(column)}”和“{one.text(column)}”。",
                        f"{entry.place} and {one.place} bear the same code {entry.text('code')} but differ: "
                        f"“{entry.text(column)}” and “{one.text(column)}”.",
                    ),
                    Text(
                        "一人一码：请更正编码，或使两行一致。",
                        "One code a person: mend it, or let both agree.",
                    ),
                )
