"""The verdict as plain JSON values: the same answer for the command line, the API and the pages."""

from __future__ import annotations

from datetime import date
from typing import Any

from tiercare.apps.mandates import queries as mandates
from tiercare.engines.policy import Finding, Measure, PackSet, Parameter, State, Verdict
from tiercare.engines.policy.model import Value
from tiercare.kernel.text import Text

from .checking import Checked


def as_json(checked: Checked, packs: PackSet | None = None) -> dict[str, Any]:
    """The verdict with everything that was counted; ``packs`` as given to ``check``.

    Counts of clauses are of those that a rule card serves. Dates are ISO 8601, shares between 0 and 1.
    """
    known = packs or mandates.packs()
    compliance = checked.compliance
    return {
        "region": checked.region,
        "pack": checked.pack,
        "on": checked.on.isoformat(),
        "digest": compliance.digest,
        "violations": compliance.violations,
        "clauses": _counts(compliance.clause_states()),
        "cards": [_card(known, verdict) for verdict in compliance.verdicts],
    }


def _counts(states: Any) -> dict[str, int]:
    return {state.value.lower(): states[state] for state in State}


def _card(packs: PackSet, verdict: Verdict) -> dict[str, Any]:
    card = verdict.card
    return {
        "card": card.id,
        "pack": card.pack,
        "state": verdict.state.value,
        "force": card.force.value,
        "sentence": _both(card.sentence),
        "clauses": list(card.clauses),
        "parameters": {name: _parameter(packs, value) for name, value in verdict.parameters.items()},
        "deadline": verdict.deadline.isoformat() if verdict.deadline else None,
        "checked": verdict.checked,
        "found": verdict.found,
        "measure": _measure(verdict.measure),
        "findings": [_finding(verdict, finding) for finding in verdict.findings],
        "waived": [
            _finding(verdict, finding)
            | {
                "granted_by": waiver.granted_by,
                "reason": waiver.reason,
                "from": waiver.period.start.isoformat(),
                "until": waiver.period.end.isoformat() if waiver.period.end else None,
            }
            for finding, waiver in verdict.waived
        ],
    }


def _parameter(packs: PackSet, parameter: Parameter) -> dict[str, Any]:
    return {
        "value": plain(parameter.value),
        "op": parameter.op,
        "clause": parameter.clause,
        "document": packs.clause[parameter.clause].document,
    }


def _measure(measure: Measure | None) -> dict[str, Any] | None:
    if measure is None:
        return None
    return {"numerator": measure.numerator, "denominator": measure.denominator, "share": measure.share}


def _finding(verdict: Verdict, finding: Finding) -> dict[str, Any]:
    return {
        "subject": finding.subject,
        "links": list(finding.links),
        "message": {language: verdict.sentence(finding, language) for language in ("zh", "en")},
        "remedy": {language: verdict.remedy(finding, language) for language in ("zh", "en")},
    }


def plain(value: Value) -> Any:
    """A parameter's value as JSON holds it."""
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


def _both(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}
