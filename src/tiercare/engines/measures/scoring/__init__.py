"""Scorecards of the packs: weights and targets as data, scores without cliffs, exact and replayed to the digit."""

from .change import Change, Split, changes, split
from .inputs import inputs_of
from .laws import law_of
from .load import load_scorecards, read_card
from .marks import load_marks
from .model import WHY, Curve, Mark, Measure, Panel, PanelScore, Result, Scorecard, Scored, Taken, Why
from .outcomes import Outcome, outcomes
from .own import REPORTED, Own, with_own
from .ranks import Funnel, Rank, funnel, ranks, value_ranks
from .replay import Inputs, Touched, inputs_from, text_of
from .score import score

__all__ = [
    "REPORTED",
    "WHY",
    "Change",
    "Curve",
    "Funnel",
    "Inputs",
    "Mark",
    "Measure",
    "Outcome",
    "Own",
    "Panel",
    "PanelScore",
    "Rank",
    "Result",
    "Scorecard",
    "Scored",
    "Split",
    "Taken",
    "Touched",
    "Why",
    "changes",
    "funnel",
    "inputs_from",
    "inputs_of",
    "law_of",
    "load_marks",
    "load_scorecards",
    "outcomes",
    "ranks",
    "read_card",
    "score",
    "split",
    "text_of",
    "value_ranks",
    "with_own",
]
