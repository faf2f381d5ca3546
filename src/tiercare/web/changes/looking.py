"""What a set of changes would do, in words: for the form while it is filled in, and for whoever decides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tiercare.apps.network.commands import drafts
from tiercare.apps.network.commands.imports.effect import effect_of
from tiercare.apps.network.queries.drafts import names_of
from tiercare.apps.network.rules.drafting import Change
from tiercare.apps.network.rules.sentences import Names, RowChange, cell_changes, sentence
from tiercare.engines.policy import Force
from tiercare.web.pages import english, said


@dataclass(frozen=True, slots=True)
class CardView:
    """A card that would be broken, worsened or healed, with its findings."""

    pack: str
    id: str
    sentence: str
    clauses: tuple[str, ...]
    force: Force
    waivable: bool
    findings: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class RowView:
    """What one row does: a sentence, and the columns that differ (name, before, after)."""

    place: str
    sentence: str
    cells: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class OtherView:
    """Something else that would be allowed; ``remaining`` are rules that it would still break."""

    told: str
    old: str
    code: str
    remaining: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Look:
    """All that is to be said about a set of changes. ``clauses`` ask for the consent of ``area``'s commission."""

    on: date
    area: str
    clauses: tuple[str, ...]
    problems: tuple[dict[str, str], ...]
    broken: tuple[CardView, ...]
    worsened: tuple[CardView, ...]
    healed: tuple[CardView, ...]
    rows: tuple[RowView, ...]
    others: tuple[OtherView, ...]
    notes: tuple[str, ...]
    examined: drafts.Examined

    @property
    def clean(self) -> bool:
        """True if nothing speaks against it."""
        return not self.problems and not self.broken


def look(change: Change, region: str, *, with_others: bool = True) -> Look:
    """Hold ``change`` against the network and its cards.

    Raises:
        Refused: if the region has no pack.
    """
    examined = drafts.examine(change, region=region)
    effect = effect_of(examined.considered, pack_id=examined.pack_id)
    others = drafts.alternatives(examined) if with_others else ()
    return Look(
        on=examined.on,
        area=examined.area,
        clauses=examined.approval.clauses,
        problems=tuple(
            {"place": p.place, "message": said(p.message), "fix": said(p.fix)}
            for p in examined.considered.problems
        ),
        **{part: _cards(effect[part]) for part in ("broken", "worsened", "healed")},
        rows=rows_in_words(examined.rows, change, examined.on),
        others=tuple(
            OtherView(
                said(other.told),
                other.old,
                other.code,
                tuple(said(verdict.card.sentence) for verdict in other.remaining),
            )
            for other in others
        ),
        notes=tuple(said(note) for note in change.notes),
        examined=examined,
    )


def rows_in_words(rows: Sequence[RowChange], change: Change, on: date | None) -> tuple[RowView, ...]:
    """Each row as a sentence, with what it changes."""
    names = names_of([row.entry for row in rows], change.heirs, on=on)
    return tuple(
        RowView(row.entry.place, said(sentence(row, names)), tuple(_cells(row, names))) for row in rows
    )


def _cells(row: RowChange, names: Names) -> Iterable[tuple[str, str, str]]:
    for cell in cell_changes(row, names):
        yield said(cell.column), said(cell.before), said(cell.after)


def _cards(found: Sequence[Mapping[str, Any]]) -> tuple[CardView, ...]:
    language = "en" if english() else "zh"
    return tuple(
        CardView(
            pack=card["pack"],
            id=card["card"],
            sentence=card["sentence"][language],
            clauses=tuple(card["clauses"]),
            force=Force(card["force"]),
            waivable=card["waivable"],
            findings=tuple(
                {
                    "on": finding["on"],
                    "message": finding["message"][language],
                    "remedy": finding["remedy"][language],
                    "links": [link for link in finding["links"] if link["key"]],
                }
                for finding in card["findings"]
            ),
        )
        for card in found
    )
