"""Consortia as rows and as a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from tiercare.apps.network.queries import Checked, ConsortiumRow
from tiercare.apps.network.queries.detail import Change, ConsortiumDetail
from tiercare.apps.network.rules import Network
from tiercare.engines.policy import State, Verdict
from tiercare.web import labels
from tiercare.web.pages import english
from tiercare.web.verdicts import FindingView, Viewer

FILTERS = ("kind", "area", "state", "institution", "q")
_OPEN = (State.VIOLATED, State.MISSED, State.AT_RISK, State.ADVICE)


@dataclass(frozen=True, slots=True)
class Row:
    """A consortium in the list: the worst state of the cards whose findings name it."""

    of: ConsortiumRow
    state: State
    findings: int

    @property
    def kind(self) -> str:
        """Code of its kind."""
        return self.of.kind.value


def rows(found: Sequence[ConsortiumRow], checked: Checked) -> list[Row]:
    """Each with its state."""
    return [Row(each, *_standing(checked, str(each.id))) for each in found]


def _standing(checked: Checked, consortium_id: str) -> tuple[State, int]:
    naming = naming_verdicts(checked, consortium_id)
    for state in _OPEN:
        count = sum(len(findings) for verdict, findings in naming if verdict.state is state)
        if count:
            return state, sum(len(findings) for _, findings in naming)
    key = f"consortium:{consortium_id}"
    waived = any(key in (f.subject, *f.links) for v in checked.compliance.verdicts for f, _ in v.waived)
    return (State.WAIVED if waived else State.MET), 0


def naming_verdicts(checked: Checked, consortium_id: str) -> list[tuple[Verdict, tuple[Any, ...]]]:
    """Verdicts with the findings that name this consortium."""
    key = f"consortium:{consortium_id}"
    pairs = [
        (verdict, tuple(f for f in verdict.findings if key in (f.subject, *f.links)))
        for verdict in checked.compliance.verdicts
    ]
    return [(verdict, findings) for verdict, findings in pairs if findings]


def fitting(found: Sequence[Row], facts: Network, wanted: Mapping[str, str]) -> list[Row]:
    """Rows that fit every filter; the search takes characters or pinyin initials."""
    text = wanted.get("q", "").strip().lower()
    having = {m.consortium for m in facts.by_institution.get(wanted.get("institution", ""), ())}
    return [
        row
        for row in found
        if wanted.get("kind") in ("", None, row.kind)
        and wanted.get("area") in ("", None, row.of.division_code)
        and wanted.get("state") in ("", None, row.state.value)
        and (not wanted.get("institution") or str(row.of.id) in having)
        and (not text or text in f"{row.of.name} {row.of.initials} {row.of.lead_name} {row.of.slug}".lower())
    ]


def narrowed(facts: Network, wanted: Mapping[str, str]) -> str:
    """The name of the institution that the list is narrowed to, if it is."""
    institution = facts.institutions.get(wanted.get("institution", ""))
    return institution.name if institution else ""


def offered(found: Sequence[Row]) -> dict[str, list[tuple[str, str]]]:
    """What each filter can be set to."""
    kinds = {row.kind for row in found}
    areas = {row.of.division_code: row.of.area_name for row in found}
    return {
        "kind": [(code, name) for code, name in labels.choices("kind") if code in kinds],
        "area": sorted(areas.items()),
        "state": [
            (s.value, s.label.en if english() else s.label.zh)
            for s in State
            if any(r.state is s for r in found)
        ],
    }


def detail(of: ConsortiumDetail, viewer: Viewer) -> dict[str, Any]:
    """The page of one consortium."""
    checked = viewer.checked
    naming = naming_verdicts(checked, str(of.row.id))
    named = {verdict.card.key for verdict, _ in naming}
    state, _count = _standing(checked, str(of.row.id))
    findings: list[tuple[Verdict, list[FindingView]]] = [
        (verdict, [viewer.finding(verdict, f) for f in found]) for verdict, found in naming
    ]
    met = [v for v in checked.compliance.verdicts if v.state is State.MET and v.card.key not in named]
    return {
        "of": of,
        "row": of.row,
        "state": state,
        "findings": [{"card": viewer.card(verdict), "findings": found} for verdict, found in findings],
        "met": [viewer.card(verdict) for verdict in met],
        "agreements": [_agreement(agreement) for agreement in of.agreements],
        "history": _grouped(of.history),
        "beds": sum(member.beds for member in of.members),
    }


def _grouped(changes: Sequence[Change]) -> list[dict[str, Any]]:
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


def _agreement(agreement: Any) -> dict[str, Any]:
    return {
        "of": agreement,
        "obligations": [
            {
                "of": owed,
                "text": owed.text_en if english() else owed.text_zh,
                "state": _STANDINGS[owed.standing.value],
            }
            for owed in agreement.obligations
        ],
    }


# An obligation's standing in the colours of cards; the word is its own.
_STANDINGS = {"MET": "met", "DUE": "not_applicable", "OVERDUE": "missed"}
