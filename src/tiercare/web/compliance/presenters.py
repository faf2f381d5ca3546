"""The board as rows, and what its filters offer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from tiercare.apps.network import queries as network
from tiercare.apps.network.queries import Checked
from tiercare.apps.terms import queries as terms
from tiercare.engines.policy import ClauseStanding, Force, PackSet, State, Verdict
from tiercare.web import labels
from tiercare.web.pages import said

FILTERS = ("state", "force", "document", "capability", "pack", "q", "area")


@dataclass(frozen=True, slots=True)
class Row:
    """A clause that rule cards check, and the worst of their verdicts."""

    id: str
    gist: str
    document: str
    pack: str
    capability: str
    force: Force
    state: State
    cards: tuple[tuple[str, str, str], ...]
    numerator: int | None
    denominator: int | None
    share: str
    deadline: date | None
    findings: int
    waived: int


def row(packs: PackSet, standing: ClauseStanding) -> Row:
    """One line of the board; share and deadline are those of the worst card that has them."""
    clause = standing.clause
    measure = next((v.measure for v in standing.verdicts if v.measure), None)
    return Row(
        id=clause.id,
        gist=said(clause.gist),
        document=clause.document,
        pack=clause.pack,
        capability=clause.capability,
        force=clause.force,
        state=standing.state,
        cards=tuple((v.card.pack, v.card.id, said(v.card.sentence)) for v in standing.verdicts),
        numerator=measure.numerator if measure else None,
        denominator=measure.denominator if measure else None,
        share=labels.share(measure.numerator, measure.denominator) if measure else "",
        deadline=next((v.deadline for v in standing.verdicts if v.deadline), None),
        findings=sum(v.found for v in standing.verdicts),
        waived=sum(len(v.waived) for v in standing.verdicts),
    )


def rows(packs: PackSet, checked: Checked, wanted: Mapping[str, str]) -> list[Row]:
    """Rows that fit every filter; an unknown value simply fits nothing."""
    found = [row(packs, standing) for standing in checked.compliance.clauses]
    exact = {name: wanted[name] for name in ("document", "capability", "pack") if wanted.get(name)}
    text = wanted.get("q", "").strip().lower()
    return [
        each
        for each in found
        if all(getattr(each, name) == value for name, value in exact.items())
        and wanted.get("state") in ("", None, each.state.value)
        and wanted.get("force") in ("", None, each.force.value)
        and (not text or text in _text(each))
    ]


def _text(each: Row) -> str:
    return " ".join((each.id, each.gist, *(f"{card} {sentence}" for _, card, sentence in each.cards))).lower()


def offered(packs: PackSet, checked: Checked) -> dict[str, list[tuple[str, str]]]:
    """What each filter can be set to: only what occurs on this board."""
    standings = checked.compliance.clauses
    documents = list(dict.fromkeys(s.clause.document for s in standings))
    capabilities = {s.clause.capability for s in standings}
    return {
        "state": [(s.value, said(s.label)) for s in State if any(x.state is s for x in standings)],
        "force": [(f.value, said(f.label)) for f in Force if any(x.clause.force is f for x in standings)],
        "document": [(d, f"{d} {said(packs.packs[packs.document[d].pack].name)}") for d in documents],
        "capability": [(code, name) for code, name in labels.choices("capability") if code in capabilities],
    }


def verdicts_of(checked: Checked, clause_id: str) -> Sequence[Verdict]:
    """The verdicts that serve a clause, the worst first; empty where no card serves it."""
    return next((s.verdicts for s in checked.compliance.clauses if s.clause.id == clause_id), ())


def states(checked: Checked) -> list[tuple[State, int]]:
    """Clauses by state, in the order in which people act on them."""
    counted = checked.compliance.clause_states()
    order = (State.VIOLATED, State.MISSED, State.AT_RISK, State.WAIVED, State.MET, State.ADVICE)
    return [(state, counted[state]) for state in order]


@dataclass(frozen=True, slots=True)
class Below:
    """An area one level below: what was found there, and whether one can look further down."""

    code: str
    name: str
    state: State | None
    total: int
    counts: tuple[tuple[State, int], ...]
    opens: bool


def drill(checked: Checked, area: str) -> tuple[list[Below], list[tuple[str, str]]]:
    """The areas below the one looked at, and the way back up to the region: pairs of code and name."""
    at = area or checked.area
    below = [
        Below(row.code, row.name, row.worst, row.total, tuple(row.found.items()), len(row.code) < 9)
        for row in (network.areas_below(checked, at) if len(at) < 9 else [])
    ]
    region = "" if checked.region == "00" else checked.region
    above = [at[:length] for length in (2, 4, 6, 9) if len(region) < length <= len(at)]
    named = terms.divisions(above, on=checked.on) if above else {}
    return below, [(code, named[code].name if code in named else code) for code in above]
