"""Rows against what is on record: whether the histories have room for them, and whether what they name
stands on their first day. Rows are gone through as they will be written, so that a row may rest on another of
its set, and falls with it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

from django.db.models import Q

from tiercare.kernel.text import Text

from ... import models
from ...queries.histories import TABLES, states
from ...rules.entries import Entry
from ...rules.histories import FACETS, NOTHING, Identity, State, identity_of, step
from ...rules.registers import (
    AGREEMENTS,
    CONSORTIA,
    INSTITUTIONS,
    OBLIGATIONS,
    REGISTERS,
    Op,
)
from ...rules.timeline import Clash, NothingThere
from .problems import Problems
from .references import NAMING, WHAT, Directory, named

# Registers whose rows must begin while that stands which they name.
_DATED = frozenset(key for key in REGISTERS if key not in (INSTITUTIONS.key, CONSORTIA.key, OBLIGATIONS.key))
_NEVER = ("kind", "specialty")


class Standing:
    """Goes through the rows register by register; remembers the states they lead to."""

    def __init__(self, entries: Sequence[Entry], directory: Directory, problems: Problems) -> None:
        self._entries, self._directory, self._problems = entries, directory, problems
        self.states: dict[str, dict[Identity, State]] = {}
        self._rows: dict[str, list[int]] = defaultdict(list)
        for n, entry in enumerate(entries):
            self._rows[entry.register].append(n)

    def check(self) -> None:
        """Find rows that have no room, or name what does not stand."""
        for register in REGISTERS:
            if self._rows[register]:
                wanted = {identity_of(self._entries[n]) for n in self._rows[register]}
                self.states[register] = states(register, wanted)
        for void, registers in ((True, list(REGISTERS)[::-1]), (False, list(REGISTERS))):
            for register in registers:
                rows = [
                    n
                    for n in self._rows[register]
                    if n not in self._problems and (self._entries[n].op is Op.VOID) == void
                ]
                for n in sorted(rows, key=lambda n: self._entries[n].start):
                    self._take(n, self._entries[n])
        self._check_moved()

    def _check_moved(self) -> None:
        """An obligation is one row: of two that differ only in their due day the later one moved the other."""
        for n in self._rows[OBLIGATIONS.key]:
            entry = self._entries[n]
            if n in self._problems or entry.op is Op.VOID:
                continue
            state = self.states[OBLIGATIONS.key][identity_of(entry)]
            if not any(segment.start == entry.start for segment in state.segments):
                due = state.segments[-1].start
                self._problems.add(
                    n,
                    "due",
                    Text(
                        f"同一义务另有一行，期限为 {due}。",
                        f"Another row states the same obligation, due on {due}.",
                    ),
                    Text(
                        "请只留一行；逐年的义务请在内容中写明年度。",
                        "Keep one; name the year in the text of an obligation that recurs.",
                    ),
                )

    def _take(self, n: int, entry: Entry) -> None:
        states, identity = self.states[entry.register], identity_of(entry)
        state = states.get(identity, NOTHING)
        if entry.op is Op.PUT and not (self._may_be(n, entry, state) and self._named_stand(n, entry)):
            return
        try:
            states[identity], _ = step(state, entry)
        except Clash as clash:
            self._problems.add(n, "to", *_no_room(entry, clash.begins))
        except NothingThere:
            self._problems.add(n, "from" if "from" in entry.values else "due", *_not_there(entry, state))

    def _may_be(self, n: int, entry: Entry, state: State) -> bool:
        """What never changes stays."""
        if entry.register != CONSORTIA.key or not state.facets:
            return True
        for column, before in zip(FACETS[CONSORTIA.key], state.facets, strict=True):
            if column in _NEVER and before and entry.text(column) != before:
                words = REGISTERS[CONSORTIA.key].column(column).words
                was = words[str(before)] if words else Text(str(before), str(before))
                self._problems.add(
                    n,
                    column,
                    Text(
                        f"医联体 {entry.text('code')} 登记为“{was.zh}”，设立后不变。",
                        f"{entry.text('code')} is on record as {was.en}, which never changes.",
                    ),
                    Text(
                        f"请改回“{was.zh}”，或另用一个编码设立新的医联体。",
                        f"Write {was.en}, or give a new consortium a code of its own.",
                    ),
                )
                return False
        return True

    def _named_stand(self, n: int, entry: Entry) -> bool:
        """Whatever the row names stands, on its first day where it has one."""
        fine = True
        for column, code in named(entry):
            spells = self._spells(NAMING[column], code)
            what = WHAT[NAMING[column]]
            if not spells:
                self._problems.add(
                    n,
                    column,
                    Text(
                        f"所指的{what.zh} {code} 没有登记，或登记它的那一行有问题。",
                        f"{code}, which it names, is not on record, or the row that records it is wrong.",
                    ),
                    Text(f"请先更正登记{what.zh}的那一行。", "Mend the row that records it first."),
                    code,
                )
                fine = False
            elif entry.register in _DATED and NAMING[column] != AGREEMENTS.key:
                fine = self._there_on(n, entry, column, code, spells) and fine
        return fine

    def _spells(self, register: str, code: str) -> list[tuple[date, date | None]]:
        """The days of something: after the set where the set has rows of it, else as they are on record."""
        simulated = self.states.get(register, {}).get((code,))
        if simulated is not None:
            return [(segment.start, segment.end) for segment in simulated.segments]
        return [(s.start, s.end) for s in self._directory.things[register].spells.get(code, ())]

    def _there_on(
        self, n: int, entry: Entry, column: str, code: str, spells: Sequence[tuple[date, date | None]]
    ) -> bool:
        day = entry.start
        if any(start <= day and (end is None or day < end) for start, end in spells):
            return True
        name = self._name(NAMING[column], code)
        begins = min((start for start, _ in spells if start > day), default=None)
        ended = max((end for _, end in spells if end is not None and end <= day), default=None)
        if ended is None or begins is not None:
            message = Text(
                f"生效日期 {day} 早于“{name}”的起始日期 {begins}。",
                f"The first day, {day}, is before “{name}” begins on {begins}.",
            )
            fix = Text(f"请把生效日期改为 {begins} 或更晚。", f"Let it begin on {begins} or later.")
        else:
            message = Text(
                f"生效日期 {day} 时“{name}”已于 {ended} 终止。",
                f"On the first day, {day}, “{name}” had ended on {ended}.",
            )
            fix = Text(
                f"请把生效日期改到 {ended} 之前，或更正“{name}”的终止日期。",
                f"Let it begin before {ended}, or mend the end of “{name}”.",
            )
        self._problems.add(n, "from", message, fix)
        return False

    def _name(self, register: str, code: str) -> str:
        spells = self._directory.things[register].all_of(code)
        return spells[-1].name if spells else code


def _no_room(entry: Entry, begins: date) -> tuple[Text, Text]:
    if entry.register in (INSTITUTIONS.key, CONSORTIA.key):
        message = Text(
            f"终止日期 {entry.day('to')} 越过了 {begins} 起的另一段登记。",
            f"Its end, {entry.day('to')}, reaches over what begins on {begins}.",
        )
    else:
        message = Text(
            f"与 {begins} 起的同一登记重叠（终止日期 {entry.day('to')}）。",
            f"It overlaps what begins on {begins} (its end is {entry.day('to')}).",
        )
    return message, Text(
        f"请把终止日期改为 {begins} 或更早，或先作废 {begins} 起的一行。",
        f"Let it end on {begins} or earlier, or void the row that begins on {begins}.",
    )


def _not_there(entry: Entry, state: State) -> tuple[Text, Text]:
    starts = "、".join(segment.start.isoformat() for segment in state.segments[-5:])
    return (
        Text(
            f"要作废的登记不存在：没有从 {entry.start} 起的一行。",
            f"There is nothing to void: no row begins on {entry.start}.",
        ),
        Text(f"现有各行的起始日期：{starts}。", f"Rows begin on: {starts}.")
        if starts
        else Text("请核对编码；也许已经作废。", "Check the codes; it may be void already."),
    )


def check_void(
    entries: Sequence[Entry], states: Mapping[str, Mapping[Identity, State]], problems: Problems
) -> None:
    """What is taken out altogether must carry nothing: neither rows of other registers nor papers."""
    gone: dict[str, dict[str, int]] = defaultdict(dict)
    voided = set()
    for n, entry in enumerate(entries):
        if entry.op is Op.VOID and n not in problems:
            voided.add((entry.register, identity_of(entry), entry.start))
            left = states[entry.register].get(identity_of(entry), NOTHING)
            if entry.register in WHAT and not left.segments:
                gone[entry.register][entry.text("code")] = n
    for register, codes in gone.items():
        resting = _resting(register, codes, voided)
        for code, n in codes.items():
            if code in resting:
                names = resting[code]
                problems.add(
                    n,
                    "code",
                    Text(
                        f"{code} 还不能作废：{'、'.join(text.zh for text in names)}仍以它为准。",
                        f"{code} cannot be void: {', '.join(text.en for text in names)} rest on it.",
                    ),
                    Text(
                        "请在同一批中一并作废，或改填终止日期。",
                        "Void those too in the same set, or give it an end instead.",
                    ),
                )


def _resting(
    register: str, codes: Mapping[str, int], voided: set[tuple[str, Identity, date]]
) -> dict[str, list[Text]]:
    """By code: the registers that have rows which rest on it and are not void with it."""
    found: dict[str, list[Text]] = defaultdict(list)
    for key, table in TABLES.items():
        for column, place in (*table.identity.items(), *table.attributes.items()):
            if NAMING.get(column) != register:
                continue
            paths = [p.source for p in table.identity.values()]
            rows = table.model._default_manager.filter(**{f"{place.source}__in": list(codes)})
            for code, period, *identity in rows.values_list(place.source, "period", *paths):
                name = REGISTERS[key].name
                if (key, tuple(identity), period.lower) not in voided and name not in found[code]:
                    found[code].append(name)
    if register in (INSTITUTIONS.key, CONSORTIA.key):
        path = "parties__institution__slug" if register == INSTITUTIONS.key else "consortium__slug"
        rows = models.Agreement.objects.filter(**{f"{path}__in": list(codes)})
        for code, slug, period in rows.values_list(path, "slug", "period"):
            name = REGISTERS[AGREEMENTS.key].name
            if (AGREEMENTS.key, (slug,), period.lower) not in voided and name not in found[code]:
                found[code].append(name)
    if register == AGREEMENTS.key:
        papers = models.Agreement.objects.filter(slug__in=list(codes)).filter(
            Q(parties__signed_on__isnull=False) | ~Q(texts={}) | Q(renewals__isnull=False)
        )
        for code in set(papers.values_list("slug", flat=True)):
            found[code].append(Text("本平台的正文、签署或续签", "wording, signatures or renewals"))
    return {code: names for code, names in found.items() if names}
