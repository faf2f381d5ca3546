"""Forms that somebody is asked by: follow-up after discharge, surveys. Data of the packs, read and judged without Django."""

from .answering import Answer, Answers, asked_of, beyond, wrong_answers
from .load import load_forms
from .model import Form, Item, Kind, Purpose

__all__ = [
    "Answer",
    "Answers",
    "Form",
    "Item",
    "Kind",
    "Purpose",
    "asked_of",
    "beyond",
    "load_forms",
    "wrong_answers",
]
