"""The policy engine: packs as data, dated parameters, rule cards, compliance.

``load_packs`` reads and validates; ``resolve.parameter`` answers what a number is, where and since when;
``verdicts.evaluate`` holds rule cards against facts on a date; ``compliance.summarise`` tells clause by
clause what is met, at risk, missed or waived.
"""

from .compliance import ClauseStanding, Compliance, summarise
from .ledger import LedgerRow, clause_ledger
from .load import PackErrors, load_packs
from .model import Clause, Document, Force, NamedList, Pack, PackSet, Parameter, RuleCard, Strength, Value
from .reader import Problem
from .resolve import ParameterAnswer, ParameterProblem, carries, parameter
from .verdicts import (
    Finding,
    Measure,
    Outcome,
    State,
    Verdict,
    Waiver,
    evaluate,
    inspect,
    judge,
    parameters_of,
    together,
)

__all__ = [
    "Clause",
    "ClauseStanding",
    "Compliance",
    "Document",
    "Finding",
    "Force",
    "LedgerRow",
    "Measure",
    "NamedList",
    "Outcome",
    "Pack",
    "PackErrors",
    "PackSet",
    "Parameter",
    "ParameterAnswer",
    "ParameterProblem",
    "Problem",
    "RuleCard",
    "State",
    "Strength",
    "Value",
    "Verdict",
    "Waiver",
    "carries",
    "clause_ledger",
    "evaluate",
    "inspect",
    "judge",
    "load_packs",
    "parameter",
    "parameters_of",
    "summarise",
    "together",
]
