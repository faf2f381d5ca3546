"""What a policy pack holds, as frozen values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property

from tiercare.kernel.period import Period
from tiercare.kernel.text import Text

Value = bool | int | float | str | date | tuple["Value", ...] | None


class Strength(StrEnum):
    """What a wording does when somebody acts against it."""

    BINDING = "BINDING"  # 必须、不得: blocks, cannot be waived
    WAIVABLE = "WAIVABLE"  # 原则上: blocks by default, a named person may waive it for a time
    TARGET = "TARGET"  # 目标、力争: measured against its date, never blocks
    ADVISORY = "ADVISORY"  # 鼓励、探索、可: advises


class Force(StrEnum):
    """The wording of a clause, from 必须 to 探索."""

    MUST = "must"
    FORBID = "forbid"
    SHOULD = "should"
    PRINCIPLE = "principle"
    TARGET = "target"
    STRIVE = "strive"
    GRADUAL = "gradual"
    ENCOURAGE = "encourage"
    EXPLORE = "explore"
    MAY = "may"
    DO = "do"
    IS = "is"

    @property
    def strength(self) -> Strength:
        """What this wording does."""
        return _STRENGTH[self]

    @property
    def label(self) -> Text:
        """The wording as officials say it."""
        return _LABELS[self]


_STRENGTH = {
    Force.MUST: Strength.BINDING,
    Force.FORBID: Strength.BINDING,
    Force.SHOULD: Strength.BINDING,
    Force.DO: Strength.BINDING,
    Force.IS: Strength.BINDING,
    Force.PRINCIPLE: Strength.WAIVABLE,
    Force.TARGET: Strength.TARGET,
    Force.STRIVE: Strength.TARGET,
    Force.GRADUAL: Strength.TARGET,
    Force.ENCOURAGE: Strength.ADVISORY,
    Force.EXPLORE: Strength.ADVISORY,
    Force.MAY: Strength.ADVISORY,
}
_LABELS = {
    Force.MUST: Text("必须", "must"),
    Force.FORBID: Text("不得", "must not"),
    Force.SHOULD: Text("应由", "should"),
    Force.PRINCIPLE: Text("原则上", "in principle"),
    Force.TARGET: Text("目标", "target"),
    Force.STRIVE: Text("力争", "strive"),
    Force.GRADUAL: Text("逐步", "gradually"),
    Force.ENCOURAGE: Text("鼓励", "encouraged"),
    Force.EXPLORE: Text("探索", "to be explored"),
    Force.MAY: Text("可以", "may"),
    Force.DO: Text("要求", "stated"),
    Force.IS: Text("定位", "role"),
}


@dataclass(frozen=True, slots=True)
class Document:
    """A policy document. ``dated_by_text`` is false where the text bears no date and one was assumed."""

    id: str
    title: Text
    number: str | None
    issued_by: Text
    in_force_from: date
    dated_by_text: bool
    note: Text | None
    pack: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """A dated value that a clause sets. ``op`` is how the text compares (``~=`` stands for 左右 or 基本);
    a ``value`` of ``None`` means that the text asks for it without saying how much."""

    clause: str
    key: str
    op: str
    value: Value
    type: str
    period: Period

    @property
    def name(self) -> str:
        """The qualified name, e.g. ``WH-29.max_county_hospital_led``."""
        return f"{self.clause}.{self.key}"


@dataclass(frozen=True, slots=True)
class Clause:
    """One demand of a document, in our own words."""

    id: str
    document: str
    section: str
    gist: Text
    kind: str
    capability: str
    force: Force
    parameters: tuple[Parameter, ...]
    responsible: tuple[str, ...]
    supporting: tuple[str, ...]
    cites: tuple[str, ...]
    pack: str


@dataclass(frozen=True, slots=True)
class NamedList:
    """A package that a text names (六统一 …); ``defined_in_text`` is false where a region must fill it in."""

    id: str
    clause: str
    name: Text
    items: tuple[Text, ...]
    defined_in_text: bool
    pack: str


@dataclass(frozen=True, slots=True)
class Defect:
    """A defect of a source text, kept as it is and flagged."""

    id: str
    clauses: tuple[str, ...]
    text: Text
    pack: str


@dataclass(frozen=True, slots=True)
class Example:
    """Facts in plain form and the verdict that they must get; ``on`` is the day of asking."""

    name: str
    on: date
    facts: Mapping[str, object]
    verdict: str
    line: int


@dataclass(frozen=True, slots=True)
class RuleCard:
    """A rule as an official would read it, with all that makes it run.

    ``parameters`` map the predicate's names to qualified parameter names; ``deadline`` is one too.
    ``replaces`` names the pack whose card of the same id this one takes over from; without it both hold.
    """

    id: str
    pack: str
    app: str
    sentence: Text
    clauses: tuple[str, ...]
    force: Force
    period: Period
    parameters: Mapping[str, str]
    deadline: str | None
    message: Text
    remedy: Text
    constraint: str | None
    replaces: str | None
    approval_before_change: bool
    examples: tuple[Example, ...]
    file: str
    line: int

    @property
    def key(self) -> str:
        """``pack/id``: one predicate may serve cards of several packs."""
        return f"{self.pack}/{self.id}"

    @property
    def waivable(self) -> bool:
        """True where the wording is 原则上."""
        return self.force.strength is Strength.WAIVABLE


@dataclass(frozen=True, slots=True)
class Pack:
    """One region's policy: its own documents, clauses, lists and cards; the rest comes from ``extends``."""

    id: str
    extends: str | None
    region: str
    level: str
    name: Text
    documents: tuple[Document, ...]
    clauses: tuple[Clause, ...]
    lists: tuple[NamedList, ...]
    cards: tuple[RuleCard, ...]
    defects: tuple[Defect, ...]
    folder: str
    digest: str


@dataclass(frozen=True, eq=False)
class PackSet:
    """All packs that were loaded together, by id, with their inheritance checked. Equal is only what was loaded at once:
    what follows from packs may be kept by them.
    """

    packs: Mapping[str, Pack]

    def chain(self, pack_id: str) -> tuple[Pack, ...]:
        """The pack and all it extends, the nation first.

        Raises:
            KeyError: if there is no such pack.
        """
        line: list[Pack] = []
        current: str | None = pack_id
        while current is not None:
            pack = self.packs[current]
            line.append(pack)
            current = pack.extends
        return tuple(reversed(line))

    def find(self, region: str) -> Pack | None:
        """The pack of this id, or the nearest pack whose area contains this division code."""
        if region in self.packs:
            return self.packs[region]
        if not region.isdigit():
            return None
        areas = [p for p in self.packs.values() if p.region != "00" and region.startswith(p.region)]
        national = [p for p in self.packs.values() if p.region == "00"]
        return max(areas, key=lambda p: len(p.region), default=None) or (national[0] if national else None)

    def clauses_for(self, pack_id: str) -> tuple[Clause, ...]:
        """Every clause that holds where this pack is in force, the nation's first."""
        return tuple(clause for pack in self.chain(pack_id) for clause in pack.clauses)

    def parameters_for(self, pack_id: str, key: str) -> tuple[Parameter, ...]:
        """Every value that holds there under ``key``, qualified or not, in the order of the clauses; on any day."""
        if pack_id not in self._by_key:
            found: dict[str, list[Parameter]] = {}
            for clause in self.clauses_for(pack_id):
                for value in clause.parameters:
                    found.setdefault(value.key, []).append(value)
                    found.setdefault(value.name, []).append(value)
            self._by_key[pack_id] = {name: tuple(values) for name, values in found.items()}
        return self._by_key[pack_id].get(key, ())

    @cached_property
    def _by_key(self) -> dict[str, dict[str, tuple[Parameter, ...]]]:
        return {}

    def cards_for(self, pack_id: str, *, app: str | None = None) -> tuple[RuleCard, ...]:
        """Every card that holds there, or those that one app judges. A card that ``replaces`` an inherited one removes just that one;
        without the word both stand side by side, so that no local date silently overrides another."""
        chain = self.chain(pack_id)
        replaced = {(card.replaces, card.id) for pack in chain for card in pack.cards if card.replaces}
        return tuple(
            card
            for pack in chain
            for card in pack.cards
            if (card.pack, card.id) not in replaced and app in {None, card.app}
        )

    def lists_for(self, pack_id: str) -> tuple[NamedList, ...]:
        """Every named list that holds there."""
        return tuple(named for pack in self.chain(pack_id) for named in pack.lists)

    def digest(self, pack_id: str) -> str:
        """A short fingerprint of everything that can change a verdict under this pack."""
        return "-".join(pack.digest[:8] for pack in self.chain(pack_id))

    @cached_property
    def clause(self) -> Mapping[str, Clause]:
        """Every clause of every pack, by id."""
        return {clause.id: clause for pack in self.packs.values() for clause in pack.clauses}

    @cached_property
    def document(self) -> Mapping[str, Document]:
        """Every document, by id."""
        return {document.id: document for pack in self.packs.values() for document in pack.documents}

    @cached_property
    def parameters(self) -> Mapping[str, tuple[Parameter, ...]]:
        """Every parameter by qualified name, in the order of its dates."""
        found: dict[str, list[Parameter]] = {}
        for clause in self.clause.values():
            for value in clause.parameters:
                found.setdefault(value.name, []).append(value)
        return {name: tuple(sorted(values, key=lambda p: p.period.start)) for name, values in found.items()}

    def __iter__(self) -> Iterator[Pack]:
        return iter(self.packs.values())
