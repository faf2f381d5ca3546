"""Write rows of the registers: raw and in bulk, whoever asks; rights, cards and the ledger are the caller's.

Every row is a step of its thing's history (``rules.histories``); only things whose history changed are
written, and the rows that take it all back are told.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db import connection
from django.db.models import Q

from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from ... import models
from ...queries.histories import Found, Histories, histories, obligations
from ...rules.entries import Entry
from ...rules.histories import (
    ATTRIBUTES,
    NOTHING,
    Identity,
    Outcome,
    State,
    entry_of,
    identity_of,
    inverse,
    step,
)
from ...rules.registers import AGREEMENTS, CLINICIANS, CONSORTIA, INSTITUTIONS, OBLIGATIONS, REGISTERS, Op
from ...rules.timeline import Clash, NothingThere
from .consortia import save_consortia
from .institutions import save_institutions
from .papers import save_agreements, save_obligations
from .relations import save_relations
from .tables import Changes, consortium_ids, institution_ids


@dataclass(frozen=True, slots=True)
class Touched:
    """Whose network changed: codes of areas (before and after), ids of institutions and consortia; and what
    every row came to: created, changed, unchanged, voided."""

    divisions: frozenset[str]
    institutions: frozenset[UUID]
    consortia: frozenset[UUID]
    rows: tuple[tuple[Entry, str], ...]


@dataclass(frozen=True, slots=True)
class Written:
    """How many rows came to what, and the rows that take exactly this back."""

    created: int
    changed: int
    unchanged: int
    voided: int
    inverse: tuple[Entry, ...]
    touched: Touched

    @property
    def rows(self) -> tuple[tuple[Entry, str], ...]:
        """Every row with what it came to."""
        return self.touched.rows


def write_entries(entries: Sequence[Entry]) -> Written:
    """Write ``entries``, whose codes are canonical (``check_entries``): first what is void, from the last
    register to the first, then what is stated, from the first to the last.

    Must run in a transaction. Constraints are deferred from here on: the caller makes them immediate again
    (``SET CONSTRAINTS ALL IMMEDIATE``) when it wants to hear of them.

    Raises:
        Refused: for a row that its history has no room for, or that names or voids what does not stand.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    work = _Work()
    for void, registers in ((True, list(REGISTERS)[::-1]), (False, list(REGISTERS))):
        for register in registers:
            rows = [
                (n, entry)
                for n, entry in enumerate(entries)
                if entry.register == register and (entry.op is Op.VOID) == void
            ]
            if register == AGREEMENTS.key and void and rows:
                work.void_obligations_of({entry.text("code") for _, entry in rows})
            if rows:
                work.take(register, rows)
    return work.written(entries)


@dataclass(slots=True)
class _Work:
    """States as they were found first and as they were left last, by register and thing."""

    first: dict[str, dict[Identity, State]] = field(default_factory=lambda: defaultdict(dict))
    last: dict[str, dict[Identity, State]] = field(default_factory=lambda: defaultdict(dict))
    outcomes: dict[int, Outcome] = field(default_factory=dict)

    def take(self, register: str, rows: Sequence[tuple[int, Entry]]) -> None:
        """One register's rows, from the earliest day on."""
        found = histories(register, {identity_of(entry) for _, entry in rows})
        states: dict[Identity, State] = {}
        siblings = _siblings(register, found)
        for n, entry in sorted(rows, key=lambda row: row[1].start):
            identity = identity_of(entry)
            if identity not in states:
                state = found[identity].state if identity in found else siblings.get(identity[0], NOTHING)
                states[identity] = state
                self.first[register].setdefault(identity, state)
            states[identity], self.outcomes[n] = _stepped(states[identity], entry)
        self._save(register, found, states)

    def _save(self, register: str, found: Histories, states: Mapping[Identity, State]) -> None:
        changes: Changes = {
            identity: (found.get(identity) or Found(NOTHING), state)
            for identity, state in states.items()
            if identity not in found or found[identity].state != state
        }
        self.last[register] |= states
        if not changes:
            return
        if register == INSTITUTIONS.key:
            save_institutions(changes)
        elif register == CONSORTIA.key:
            save_consortia(changes)
        elif register == AGREEMENTS.key:
            save_agreements(changes)
        elif register == OBLIGATIONS.key:
            save_obligations(changes)
        else:
            save_relations(register, changes)

    def void_obligations_of(self, agreements: set[str]) -> None:
        """An agreement that is void takes its obligations along."""
        found = obligations(Q(agreement__slug__in=list(agreements)))
        for identity, there in found.items():
            self.first[OBLIGATIONS.key].setdefault(identity, there.state)
        self._save(OBLIGATIONS.key, found, dict.fromkeys(found, NOTHING))

    def written(self, entries: Sequence[Entry]) -> Written:
        """What all came to."""
        rows = tuple((entry, self.outcomes[n].value) for n, entry in enumerate(entries))
        counts = dict.fromkeys(Outcome, 0)
        for outcome in self.outcomes.values():
            counts[outcome] += 1
        return Written(
            counts[Outcome.CREATED],
            counts[Outcome.CHANGED],
            counts[Outcome.UNCHANGED],
            counts[Outcome.VOIDED],
            tuple(self._inverse()),
            self._touched(rows),
        )

    def _inverse(self) -> Iterable[Entry]:
        voids: list[Entry] = []
        puts: list[Entry] = []
        for register in REGISTERS:
            for identity, before in self.first[register].items():
                after = self.last[register][identity]
                if before == after:
                    continue
                for entry in inverse(register, identity, before, after):
                    (voids if entry.op is Op.VOID else puts).append(entry)
        return (*reversed(voids), *puts)

    def _touched(self, rows: tuple[tuple[Entry, str], ...]) -> Touched:
        institutions: set[str] = set()
        consortia: set[str] = set()
        divisions: set[str] = set()
        for register in REGISTERS:
            division = ATTRIBUTES[register].index("division") if "division" in ATTRIBUTES[register] else None
            for identity, before in self.first[register].items():
                after = self.last[register][identity]
                if before == after:
                    continue
                for segment in (*before.segments, *after.segments):
                    if division is not None:
                        divisions.add(str(segment.attributes[division]))
                    said = entry_of(register, identity, segment, ())
                    _name(said, institutions, consortia, divisions)
        return _located(institutions, consortia, divisions, rows)


def _siblings(register: str, found: Histories) -> dict[str, State]:
    """A clinician who is new at an institution but known elsewhere has a name already."""
    if register != CLINICIANS.key:
        return {}
    return {identity[0]: State((), there.state.facets) for identity, there in found.items()}


def _stepped(state: State, entry: Entry) -> tuple[State, Outcome]:
    try:
        return step(state, entry)
    except (Clash, NothingThere) as error:
        begins = error.begins if isinstance(error, Clash) else None
        raise Refused(no_room(entry, begins)) from error


def no_room(entry: Entry, begins: object) -> Refusal:
    """A row that cannot be written as things stand; ``check_entries`` says so before, with more words."""
    message = (
        Text("{place}这一行与 {begins} 起的登记重叠。", "Row {place} reaches over what begins on {begins}.")
        if begins
        else Text("{place}这一行要作废的登记不存在。", "What row {place} voids is not on record.")
    )
    return Refusal(
        code="network.row_without_room",
        message=message,
        instead=Text("请重新检查后再导入。", "Check the rows again before taking them over."),
        fields={"place": entry.place, "begins": begins},
        status=422,
    )


def _name(entry: Entry, institutions: set[str], consortia: set[str], divisions: set[str]) -> None:
    """Collect what a row is about."""
    if entry.register == INSTITUTIONS.key:
        institutions.add(entry.text("code"))
    elif entry.register == CONSORTIA.key:
        consortia.add(entry.text("code"))
    institutions |= {entry.text(key) for key in ("institution", "trustee", "entrusted")}
    consortia |= {entry.text(key) for key in ("consortium", "parent", "child")}
    for word in (*entry.several("parties"), entry.text("debtor"), entry.text("creditor")):
        if word.startswith("gov:"):
            divisions.add(word.removeprefix("gov:"))
        else:
            institutions.add(word)


def _located(
    institutions: set[str], consortia: set[str], divisions: set[str], rows: tuple[tuple[Entry, str], ...]
) -> Touched:
    """Ids for the codes, and the areas in which they ever lay."""
    institution_keys = set(institution_ids(institutions).values())
    consortium_keys = set(consortium_ids(consortia).values())
    lay = models.InstitutionVersion.objects.filter(institution_id__in=institution_keys)
    divisions |= set(lay.values_list("division_code", flat=True).distinct())
    stood = models.ConsortiumVersion.objects.filter(consortium_id__in=consortium_keys)
    divisions |= set(stood.values_list("division_code", flat=True).distinct())
    return Touched(frozenset(divisions - {""}), frozenset(institution_keys), frozenset(consortium_keys), rows)
