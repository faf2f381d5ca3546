"""When a doctor is shown that a patient can go down (NHC-51): the terms are the pack's, what each means stands here."""

from __future__ import annotations

from collections.abc import Mapping

CLEAR, STABLE = "diagnosis_clear", "condition_stable"
# Chapters of ICD-10 that name a complaint or a reason to come, and no disease: R and Z.
_NO_DISEASE = frozenset("RZ")


def proposes_down(condition: str, facts: Mapping[str, bool]) -> bool:
    """Whether all terms of the condition hold; none where there is no condition, or one with a term that nobody knows."""
    terms = [term.strip() for term in condition.split("&") if term.strip()]
    return bool(terms) and all(facts.get(term, False) for term in terms)


def is_disease(code: str) -> bool:
    """Whether an ICD-10 code names a disease."""
    return bool(code) and code[0] not in _NO_DISEASE
