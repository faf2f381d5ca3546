"""Whether whoever brings a row may keep that part of the register."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from tiercare.apps.access.rules import Right, may
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text

from ...rules.entries import Entry
from ...rules.registers import (
    AGREEMENTS,
    CONSORTIA,
    INSTITUTIONS,
    JOININGS,
    MEMBERSHIPS,
    OBLIGATIONS,
    OWN_REGISTERS,
    TRUSTEESHIPS,
)
from .problems import Problems
from .references import NAMING, Directory, named

_NOBODY = UUID(int=0)
# Whose commission decides on a row between two.
_DECIDED_BY = {MEMBERSHIPS.key: "consortium", JOININGS.key: "parent", TRUSTEESHIPS.key: "entrusted"}
Side = tuple[str, UUID | None]


class Scope:
    """What one actor may keep, area by area; the answers are remembered."""

    def __init__(self, actor: Actor, directory: Directory, region: str, *, deciding: bool = False) -> None:
        self._actor, self._directory, self._deciding = actor, directory, deciding
        self._region = "" if region == "00" else region
        self._answers: dict[tuple[Right, str, UUID | None], Refusal | None] = {}

    def check(self, n: int, entry: Entry, problems: Problems) -> None:
        """Row ``n`` must lie in the region and within the actor's reach: an institution's or a consortium's
        own row with every area it lies in before and after; a row between two with either of them."""
        own = entry.register in (INSTITUTIONS.key, CONSORTIA.key)
        column, sides = self._own(entry) if own else self._between(entry)
        if not sides:
            return  # it names nothing that is known: that is told already
        inside = [side for side in sides if side[0].startswith(self._region)]
        if not inside or (own and len(inside) < len(sides)):
            problems.add(n, column, *self._elsewhere())
            return
        refusals = [self._may(entry, *side) for side in inside]
        refused = [refusal for refusal in refusals if refusal]
        if refused and (own or len(refused) == len(inside)):
            said = refused[0]
            problems.add(
                n,
                column,
                Text(said.sentence("zh"), said.sentence("en")),
                Text(said.way_on("zh"), said.way_on("en")),
            )

    def _own(self, entry: Entry) -> tuple[str, list[Side]]:
        things = self._directory.things[entry.register]
        code = entry.text("code")
        divisions = {spell.division for spell in things.spells.get(code, ())[-1:]}
        if entry.text("division"):
            divisions.add(entry.text("division"))
        key = things.ids.get(code) if entry.register == INSTITUTIONS.key else None
        return "division", [(division, key) for division in sorted(divisions)]

    def _between(self, entry: Entry) -> tuple[str, list[Side]]:
        found: list[Side] = []
        words = list(named(entry))
        if self._deciding and entry.register in _DECIDED_BY:
            words = [word for word in words if word[0] == _DECIDED_BY[entry.register]]
        if entry.register == OBLIGATIONS.key:
            words = [word for word in words if word[0] != "agreement"]
        for column, code in words:
            kept = NAMING[column]
            if kept == AGREEMENTS.key:
                continue
            spell = self._directory.things[kept].on(code, entry.start)
            if spell:
                key = self._directory.things[kept].ids.get(code) if kept == INSTITUTIONS.key else None
                found.append((spell.division, key))
        for party in (*entry.several("parties"), entry.text("debtor"), entry.text("creditor")):
            if party.startswith("gov:"):
                found.append((party.removeprefix("gov:"), None))
        return (words[0][0] if words else "code"), found

    def _may(self, entry: Entry, division: str, institution_id: UUID | None) -> Refusal | None:
        refusal = self._asked(Right.NETWORK_DECIDE, division, None)
        if refusal and entry.register in OWN_REGISTERS:
            return self._asked(Right.NETWORK_REPORT, division, institution_id or _NOBODY)
        return refusal

    def _asked(self, right: Right, division: str, institution_id: UUID | None) -> Refusal | None:
        asked = (right, division, institution_id)
        if asked not in self._answers:
            self._answers[asked] = may(self._actor, right, division=division, institution_id=institution_id)
        return self._answers[asked]

    def _elsewhere(self) -> tuple[Text, Text]:
        return (
            Text(f"这一行不在本地区（{self._region}）内。", f"This lies outside the region {self._region}."),
            Text("请核对代码，或在所属地区导入。", "Check the code, or bring it where it belongs."),
        )


def check_scope(scope: Scope, entries: Iterable[tuple[int, Entry]], problems: Problems) -> None:
    """Every row within the actor's reach."""
    for n, entry in entries:
        scope.check(n, entry, problems)
