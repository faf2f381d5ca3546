"""Papers before and after they are signed: which sections are still empty, what their wording starts from, how
long they hold, and how an obligation stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from importlib import resources
from string import Formatter
from typing import Any

import yaml

from tiercare.engines.policy import PackSet
from tiercare.engines.policy.resolve import in_force
from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text

from .paper_cards import ASKERS, OnTheTable, section_key, section_name

# How long before an agreement or a licence ends the calendar says so. Ours: no document sets it; a quarter
# leaves time for parties, commission and printing.
RENEWAL_WARNING = timedelta(days=90)


class Standing(StrEnum):
    """How something with a day stands on the asked day."""

    MET = "MET"
    DUE = "DUE"
    OVERDUE = "OVERDUE"


def standing(due: date, met_on: date | None, on: date) -> Standing:
    """How an obligation stands on ``on``; what was met later counts as open before that day."""
    if met_on is not None and met_on <= on:
        return Standing.MET
    return Standing.OVERDUE if due < on else Standing.DUE


class Life(StrEnum):
    """Where an agreement stands on a day."""

    DRAFT = "DRAFT"
    SIGNED = "SIGNED"  # by all, its first day still to come
    IN_FORCE = "IN_FORCE"
    ENDING = "ENDING"  # in force, and to be renewed soon
    ENDED = "ENDED"


def life(signed_on: date | None, start: date, end: date | None, on: date) -> Life:
    """Where an agreement in force from ``start`` up to, not including, ``end`` stands on ``on``."""
    if signed_on is None or signed_on > on:
        return Life.DRAFT
    if on < start:
        return Life.SIGNED
    if end is not None and end <= on:
        return Life.ENDED
    return Life.ENDING if warns(end, on) else Life.IN_FORCE


def warns(end: date | None, on: date) -> bool:
    """True from the day on which renewal should be prepared."""
    return end is not None and end - RENEWAL_WARNING <= on


@dataclass(frozen=True, slots=True)
class Demand:
    """A section that a card wants in the paper: ``word`` as the pack says it, ``party`` whose section it is."""

    word: str
    party: str
    clauses: tuple[str, ...]
    card: str

    @property
    def key(self) -> str:
        """The key of its wording."""
        return section_key(self.word, self.party)


def demands(packs: PackSet, pack_id: str, table: OnTheTable, *, on: date) -> list[Demand]:
    """The sections that the region's cards want in this paper on ``on``, each once, in the packs' order."""
    found: dict[str, Demand] = {}
    for card in packs.cards_for(pack_id, app="network"):
        asker = ASKERS.get(card.id)
        values = {name: in_force(packs, given, on) for name, given in card.parameters.items()}
        known = {name: parameter.value for name, parameter in values.items() if parameter is not None}
        if asker is None or on not in card.period or len(known) < len(values):
            continue
        for word, party in asker(table, known):
            before = found.get(section_key(word, party))
            clauses = (*(before.clauses if before else ()), *card.clauses)
            found[section_key(word, party)] = Demand(word, party, tuple(dict.fromkeys(clauses)), card.key)
    return list(found.values())


def empty_sections(
    wanted: Iterable[Demand], texts: Mapping[str, str], *, names: Mapping[str, str], given: Sequence[str] = ()
) -> list[Refusal]:
    """A refusal for every section that is wanted and has no wording, naming section and clause.

    ``given`` are words of sections that stand in a paper signed outside the platform.
    """
    return [
        Refusal(
            code="section_empty",
            message=Text(
                "“{section}”一节没有内容，不能签署。",
                "The section “{section}” is empty: it cannot be signed.",
            ),
            instead=Text("请按 {clauses} 补写这一节，再签署。", "Write it as {clauses} asks, then sign."),
            fields={
                "section": section_name(demand.word, demand.party, names=names),
                "clauses": "、".join(demand.clauses),
            },
            clauses=demand.clauses,
            at=demand.key,
            status=422,
        )
        for demand in wanted
        if demand.word not in given and not texts.get(demand.key, "").strip()
    ]


def whole_sections(texts: Mapping[str, str]) -> list[str]:
    """Words of the sections that have wording everywhere: a section by party counts once all parties' parts do."""
    parts: dict[str, bool] = {}
    for key, text in texts.items():
        word = key.partition("@")[0]
        parts[word] = parts.get(word, True) and bool(text.strip())
    return [word for word, whole in parts.items() if whole]


# --- wording -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PaperKind:
    """A kind of agreement to start from: its name, the title it proposes, the sections it brings."""

    key: str
    name: Text
    title: str
    sections: tuple[str, ...]


@cache
def _data() -> Mapping[str, Any]:
    file = resources.files(__package__.rpartition(".")[0]) / "data" / "wording.yaml"
    read: Mapping[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return read


@cache
def paper_kinds() -> Mapping[str, PaperKind]:
    """Kinds of agreement by key, the plain cooperation agreement first."""
    return {
        key: PaperKind(key, Text(row["zh"], row["en"]), row["title"], tuple(row["sections"]))
        for key, row in _data()["kinds"].items()
    }


def wording(word: str, fields: Mapping[str, str], *, party: str = "") -> str:
    """The wording that a section starts from, its fields filled in; empty for a word without a template.

    A section by party starts from ``<word>@`` where there is one: ``{party}`` is then the party's name.
    """
    texts: Mapping[str, str] = _data()["wording"]
    template = (texts.get(f"{word}@") if party else None) or texts.get(word, "")
    known = {name for _, name, _, _ in Formatter().parse(template) if name}
    return template.strip().format_map({name: fields.get(name) or "＿＿＿＿" for name in known})


def wording_fields() -> frozenset[str]:
    """Every field that some template uses."""
    templates = [*_data()["wording"].values(), *(kind.title for kind in paper_kinds().values())]
    return frozenset(name for text in templates for _, name, _, _ in Formatter().parse(text) if name)


@cache
def charter_sections() -> tuple[str, ...]:
    """Sections that a charter starts with, beside those that the pack asks for."""
    return tuple(_data()["charter"])


@dataclass(frozen=True, slots=True)
class Share:
    """Who has to act on which clauses in consortia of a kind: ``actor`` is ``LEAD`` or ``MEMBERS``."""

    kinds: tuple[str, ...]
    actor: str
    clauses: tuple[str, ...]


@cache
def shares() -> tuple[Share, ...]:
    """Whose duty each clause is; gist, wording and dates of the clauses stand in the packs."""
    file = resources.files(__package__.rpartition(".")[0]) / "data" / "responsibilities.yaml"
    rows = yaml.safe_load(file.read_text(encoding="utf-8"))["shares"]
    return tuple(Share(tuple(row["kinds"]), row["actor"], tuple(row["clauses"])) for row in rows)
