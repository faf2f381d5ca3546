"""From the whole to the place: what the cards found, area by area, down to the township."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from tiercare.apps.terms import queries as terms
from tiercare.engines.policy import ClauseStanding, Finding, State, Verdict

from .. import rules
from . import standing
from .checking import Checked
from .reading import things_named

_OPEN = (State.VIOLATED, State.MISSED, State.AT_RISK, State.ADVICE)


@dataclass(frozen=True, slots=True)
class AreaRow:
    """An area one level below the one looked at: how many findings its cards have, by the state of the card."""

    code: str
    name: str
    found: Mapping[State, int] = field(default_factory=dict)

    @property
    def worst(self) -> State | None:
        """The worst state that anything found there has; ``None`` where nothing was found."""
        return next((state for state in _OPEN if self.found.get(state)), None)

    @property
    def total(self) -> int:
        """All findings."""
        return sum(self.found.values())


def areas_below(checked: Checked, area: str = "") -> list[AreaRow]:
    """What was found in each area one level below ``area`` (the one looked at, if left out), by its code.

    Provinces and prefectures come from what was kept, counties and townships from the facts. Findings that
    lie in no single area below (a group across districts) are counted in each of them.
    """
    at = area or checked.area
    facts = checked.facts
    counts = _kept(checked, at) if facts is None else _found(facts, checked.compliance.verdicts, at)
    own = facts.areas if facts else {}
    strangers = [code for code in counts if code not in own]
    named = terms.divisions(strangers, on=checked.on) if strangers else {}
    return [
        AreaRow(
            code, own[code].name if code in own else named[code].name if code in named else code, dict(count)
        )
        for code, count in sorted(counts.items())
    ]


def _kept(checked: Checked, at: str) -> dict[str, Counter[State]]:
    states = {v.card.key: v.state for v in checked.compliance.verdicts if v.state in _OPEN}
    counts: dict[str, Counter[State]] = defaultdict(Counter)
    for row in standing.by_area(checked.kept, digits=2 if len(at) < 2 else 4):
        counts[row.area]  # an area without findings is shown as well
        if row.found and row.card in states:
            counts[row.area][states[row.card]] += row.found
    return counts


def _found(facts: rules.Network, verdicts: Iterable[Verdict], at: str) -> dict[str, Counter[State]]:
    places = Places(facts)
    deep = len(at) == 6
    shown = facts.areas[at].townships if at in facts.areas else facts.areas if not deep else ()
    counts: dict[str, Counter[State]] = {code: Counter() for code in shown}
    for verdict in verdicts:
        for finding in verdict.findings if verdict.state in _OPEN else ():
            here = places.townships(finding, at) if deep else places.counties(finding)
            for code in here:
                counts.setdefault(code, Counter())[verdict.state] += 1
    return counts


class Places:
    """Where findings lie: codes of counties and townships as the facts have them, which may bear another
    county's digits once a county was renumbered."""

    def __init__(self, facts: rules.Network) -> None:
        self._facts = facts
        self._county = {code: area.code for area in facts.areas.values() for code in area.townships}

    def counties(self, finding: Finding) -> set[str]:
        """Counties that a finding is about."""
        return {self._county.get(code, code[:6]) for code in self._codes(finding) if len(code) >= 6}

    def townships(self, finding: Finding, county: str) -> set[str]:
        """Townships of ``county`` that a finding is about."""
        kind, _, key = finding.subject.partition(":")
        institution = self._facts.institutions.get(key) if kind == "institution" else None
        if institution is not None:
            return (
                {institution.township} if institution.division == county and institution.township else set()
            )
        return {code for code in self._codes(finding) if len(code) == 9 and self._county.get(code) == county}

    def _codes(self, finding: Finding) -> set[str]:
        kind, _, key = finding.subject.partition(":")
        facts = self._facts
        if kind == "area":
            return {key.partition(":")[0]}
        if kind == "institution" and key in facts.institutions:
            return {facts.institutions[key].division}
        if kind == "consortium" and key in facts.consortia:
            return {facts.consortia[key].division}
        if kind == "grid" and key in facts.grids:
            return set(facts.grids[key].places)
        return set()


def narrowed(checked: Checked, area: str) -> Checked:
    """The same verdict with only the findings that lie in ``area`` (a county or township), and only the
    clauses that have any; the states are those of the whole."""
    facts = checked.facts
    if facts is None or len(area) < 6:
        return checked

    places = Places(facts)
    county = next((a.code for a in facts.areas.values() if area in a.townships), area[:6])

    def lies(finding: Finding) -> bool:
        return area in (places.townships(finding, county) if len(area) > 6 else places.counties(finding))

    def here(verdict: Verdict) -> Verdict:
        return replace(verdict, findings=tuple(filter(lies, verdict.findings)))

    standings: list[ClauseStanding] = []
    for clause in checked.compliance.clauses:
        verdicts = tuple(v for v in map(here, clause.verdicts) if v.findings)
        if verdicts:
            standings.append(ClauseStanding(clause.clause, verdicts[0].state, verdicts))
    kept = tuple(here(v) for v in checked.compliance.verdicts)
    return replace(
        checked, area=area, compliance=replace(checked.compliance, verdicts=kept, clauses=tuple(standings))
    )


def counties_waived(checked: Checked) -> set[str]:
    """Counties in which somebody made an exception; known where the facts are at hand."""
    if checked.facts is None:
        return set()
    places = Places(checked.facts)
    return {code for v in checked.compliance.verdicts for f, _ in v.waived for code in places.counties(f)}


def names_in(checked: Checked) -> dict[str, str]:
    """What everything is called that the verdicts' findings are about, by key."""
    facts = checked.facts
    if facts is not None:
        return {
            **{f"consortium:{key}": thing.name for key, thing in facts.consortia.items()},
            **{f"institution:{key}": thing.name for key, thing in facts.institutions.items()},
            **{f"grid:{key}": thing.name for key, thing in facts.grids.items()},
            **{f"area:{code}": name for code, name in facts.division_names.items()},
            **{f"area:{code}": area.name for code, area in facts.areas.items()},
        }
    verdicts = checked.compliance.verdicts
    findings = [f for v in verdicts for f in (*v.findings, *(waived for waived, _ in v.waived))]
    return things_named({key for f in findings for key in (f.subject, *f.links)}, on=checked.on)
