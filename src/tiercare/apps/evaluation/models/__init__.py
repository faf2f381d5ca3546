"""The tables of evaluation."""

from .facts import FactsDue
from .imports import FactMapping, FactUpload
from .marks import PanelMark
from .matters import Entry, Matter, Proof
from .posts import Post
from .publishing import Delivery, Publication
from .runs import Finding, Run, RunStanding, Score, Value
from .schemes import Assessed, FactorTable, Scheme
from .surveys import SurveyInvitation, SurveyRound, SurveySheet

__all__ = [
    "Assessed",
    "Delivery",
    "Entry",
    "FactMapping",
    "FactUpload",
    "FactorTable",
    "FactsDue",
    "Finding",
    "Matter",
    "PanelMark",
    "Post",
    "Proof",
    "Publication",
    "Run",
    "RunStanding",
    "Scheme",
    "Score",
    "SurveyInvitation",
    "SurveyRound",
    "SurveySheet",
    "Value",
]
