"""Consortia as rows and as a page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from uuid import UUID

from tiercare.apps.network.queries import Checked
from tiercare.apps.network.queries.consortium import Began, ConsortiumPage
from tiercare.apps.network.queries.detail import AgreementRow
from tiercare.apps.network.queries.listing import Listed, ListedConsortium
from tiercare.apps.network.rules import words
from tiercare.apps.network.rules.reach import PROVINCE_NAMES, REACH_NAMES, Reach
from tiercare.engines.policy import Finding, State, Verdict
from tiercare.web import labels
from tiercare.web.pages import english, said
from tiercare.web.verdicts import FindingView, Viewer

_OPEN = (State.VIOLATED, State.MISSED, State.AT_RISK, State.ADVICE)
_WORST_FIRST = (*_OPEN, State.WAIVED)
_OFFERED = (*_WORST_FIRST, State.MET)


@dataclass(frozen=True, slots=True)
class Row:
    """A consortium in the list: the worst state of the cards whose findings name it; ``None`` where the list
    spans more than one prefecture and nothing was held against the cards."""

    of: ListedConsortium
    state: State | None
    findings: int

    @property
    def kind(self) -> str:
        """Code of its kind."""
        return self.of.kind.value


@dataclass(frozen=True)
class Standings:
    """Which consortia the findings of one check name, and how badly."""

    worst: Mapping[str, State]
    findings: Mapping[str, int]

    @classmethod
    def of(cls, checked: Checked) -> Standings:
        """Looked up once for the whole list."""
        worst: dict[str, State] = {}
        findings: Counter[str] = Counter()

        def note(finding: Finding, state: State) -> None:
            for key in {finding.subject, *finding.links}:
                worst[key] = min(worst.get(key, state), state, key=_WORST_FIRST.index)

        for verdict in checked.compliance.verdicts:
            for finding in verdict.findings:
                findings.update({finding.subject, *finding.links})
                if verdict.state in _OPEN:
                    note(finding, verdict.state)
            for finding, _ in verdict.waived:
                note(finding, State.WAIVED)
        return cls(worst, findings)

    def state(self, consortium: object) -> State:
        """The state of one consortium."""
        return self.worst.get(f"consortium:{consortium}", State.MET)

    def count(self, consortium: object) -> int:
        """How many findings name it while it is not as it should be."""
        open_ = self.state(consortium) in _OPEN
        return self.findings.get(f"consortium:{consortium}", 0) if open_ else 0


def rows(found: Sequence[ListedConsortium], standings: Standings | None) -> list[Row]:
    """Each with its state."""
    return [
        Row(each, standings.state(each.id), standings.count(each.id)) if standings else Row(each, None, 0)
        for each in found
    ]


def in_state(state: str, checked: Checked | None, standings: Standings | None) -> frozenset[UUID] | None:
    """The consortia in this state; ``None`` where none is asked for or known."""
    if state not in {each.value for each in _OFFERED} or checked is None or standings is None:
        return None
    known: Collection[str] = checked.facts.consortia if checked.facts is not None else ()
    return frozenset(UUID(key) for key in known if standings.state(key).value == state)


def states() -> list[tuple[str, str]]:
    """What the filter by state offers."""
    return [(state.value, said(state.label)) for state in _OFFERED]


def counted(found: Listed[ListedConsortium]) -> dict[str, list[tuple[str, str, int]]]:
    """How many of each kind, and how many reach beyond their own area: code, word, number."""
    return {
        "kinds": [
            (code, name, found.counts[code]) for code, name in labels.choices("kind") if code in found.counts
        ],
        "reaches": [
            (reach.value, said(REACH_NAMES[reach]), found.reaches[reach])
            for reach in (Reach.PREFECTURES, Reach.PROVINCES)
            if reach in found.reaches
        ],
    }


def naming_verdicts(checked: Checked, consortium_id: str) -> list[tuple[Verdict, tuple[Any, ...]]]:
    """Verdicts with the findings that name this consortium."""
    key = f"consortium:{consortium_id}"
    pairs = [
        (verdict, tuple(f for f in verdict.findings if key in (f.subject, *f.links)))
        for verdict in checked.compliance.verdicts
    ]
    return [(verdict, findings) for verdict, findings in pairs if findings]


def detail(of: ConsortiumPage, viewer: Viewer) -> dict[str, Any]:
    """The page of one consortium."""
    checked = viewer.checked
    naming = naming_verdicts(checked, str(of.id))
    named = {verdict.card.key for verdict, _ in naming}
    findings: list[tuple[Verdict, list[FindingView]]] = [
        (verdict, [viewer.finding(verdict, f) for f in found]) for verdict, found in naming
    ]
    met = [v for v in checked.compliance.verdicts if v.state is State.MET and v.card.key not in named]
    return {
        "of": of,
        "state": Standings.of(checked).state(of.id),
        "findings": [{"card": viewer.card(verdict), "findings": found} for verdict, found in findings],
        "met": [viewer.card(verdict) for verdict in met],
        "agreements": [_agreement(agreement) for agreement in of.agreements],
        "history": _grouped(of.history),
        "beds": sum(member.row.beds for member in of.members),
        "members": [(member, _outside(of, member.division_code)) for member in of.members],
        "partners": [(key, name, _outside(of, code)) for key, name, code in of.partners],
        "outside": [_place(of, code) for code in (*of.reached.provinces, *of.reached.prefectures)],
        "categories": _categories(of),
        "unified": [_word(words.UNIFIED_NAMES, code) for code in of.unified],
    }


def _word(known: words.Words, code: str) -> str:
    return said(known[code]) if code in known else code


def _place(of: ConsortiumPage, code: str) -> str:
    if code in of.place_names:
        return of.place_names[code]
    return said(PROVINCE_NAMES[code]) if code in PROVINCE_NAMES else code


def _outside(of: ConsortiumPage, division: str) -> str:
    """The province, else the prefecture, of somebody who lies outside the consortium's own area."""
    for code in (division[:2], division[:4]):
        if code in of.reached.provinces or code in of.reached.prefectures:
            return _place(of, code)
    return ""


def _categories(of: ConsortiumPage) -> list[tuple[str, int]]:
    """Members counted by kind of institution, in the order of the kinds."""
    numbers = Counter(member.row.category.value for member in of.members)
    return [(name, numbers[code]) for code, name in labels.choices("category") if numbers[code]]


def _grouped(changes: Sequence[Began]) -> list[dict[str, Any]]:
    """Changes of one day and kind as one line: twenty members that joined together are one thing that happened."""
    lines = []
    for (on, began, what, role), group in groupby(changes, key=lambda c: (c.on, c.began, c.what, c.role)):
        names = [change.name for change in group]
        lines.append(
            {
                "on": on,
                "began": began,
                "what": what,
                "role": labels.name("role", role.value) if role else "",
                "names": names,
                "count": len(names),
            }
        )
    return lines


def _agreement(agreement: AgreementRow) -> dict[str, Any]:
    return {
        "of": agreement,
        "obligations": [
            {
                "of": owed,
                "text": owed.text_en if english() and owed.text_en else owed.text_zh,
                "state": _STANDINGS[owed.standing.value],
            }
            for owed in agreement.obligations
        ],
    }


# An obligation's standing in the colours of cards; the word is its own.
_STANDINGS = {"MET": "met", "DUE": "not_applicable", "OVERDUE": "missed"}
