"""Which visits belong to one episode of care: those for one problem, none of them long after the one before.

No text says what an episode is. A problem is a disease of the guidelines, otherwise the ICD-10 category of the main diagnosis;
how long after is a parameter of the packs (ours).
"""

from __future__ import annotations

from collections.abc import Sequence

from tiercare.engines.guidelines import Guidelines

from .entries import Diagnosis
from .vocabulary import ConditionRole


def problem_of(conditions: Sequence[Diagnosis], book: Guidelines | None) -> str:
    """For what a visit was: of its main diagnosis, or the first where none is; empty without any diagnosis."""
    main = [each for each in conditions if each.role is ConditionRole.MAIN] or list(conditions)
    return problem_named(main[0].code, book) if main else ""


def problem_named(code: str, book: Guidelines | None) -> str:
    """The disease of the guidelines to which an ICD-10 code belongs, otherwise its category."""
    head = code[:3]
    tables = {} if book is None else book.tables
    return next((disease for disease, table in tables.items() if head in table.icd10), head)
