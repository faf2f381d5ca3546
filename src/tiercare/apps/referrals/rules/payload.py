"""What a referral must say before it goes; the words and parts that documents ask for are passed in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tiercare.kernel.refusal import Refusal

from . import refusals
from .drugs import gap_refusals
from .vocabulary import CRITERIA, SEVERITY

Payload = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """Words that documents in force ask for, and the clauses that do; nothing where none does."""

    words: tuple[str, ...] = ()
    clauses: tuple[str, ...] = ()


def up_refusals(said: Payload, asked: Asked) -> list[Refusal]:
    """What an upward referral lacks: its reason, and what it rests on (XH-46)."""
    found = [] if _text(said, "reason") else [refusals.NO_REASON]
    if asked.words and not _grounded(said.get("ground") or {}, asked.words):
        found.append(refusals.no_ground(asked.clauses))
    return found


def down_refusals(said: Payload, groups: Asked, parts: Asked) -> list[Refusal]:
    """What a downward referral lacks: the group (XH-47) and the parts of the plan (XH-50), and what is done about drugs that
    the receiver has not."""
    found = [] if _text(said, "reason") else [refusals.NO_REASON]
    if groups.words and said.get("group") not in groups.words:
        found.append(refusals.no_group(groups.clauses))
    plan = said.get("plan") or {}
    written = {
        "continuing_treatment": plan.get("treatment"),
        "rehabilitation": plan.get("rehabilitation"),
        "nursing": plan.get("nursing"),
    }
    missing = tuple(part for part in parts.words if part in written and not str(written[part] or "").strip())
    if missing:
        found.append(refusals.no_plan(missing, parts.clauses))
    return [*found, *gap_refusals(plan.get("drugs") or ())]


def advice_refusals(said: Payload) -> list[Refusal]:
    """What a question lacks."""
    return [] if _text(said, "question") else [refusals.NO_QUESTION]


def report_refusals(said: Payload) -> list[Refusal]:
    """What a report on somebody who was seen lacks."""
    return [] if _text(said, "diagnosis") and _text(said, "advice") else [refusals.NO_REPORT]


def answer_refusals(said: Payload) -> list[Refusal]:
    """What an answer lacks."""
    return [] if _text(said, "advice") else [refusals.NO_ANSWER]


def _grounded(ground: Mapping[str, Any], words: tuple[str, ...]) -> bool:
    """A criterion of the tables says how severe it is, as a grade does."""
    for word in words:
        if word == SEVERITY and (ground.get("severity") or ground.get("criterion")):
            return True
        if word != SEVERITY and ground.get("beyond") and CRITERIA.get(word) == ground.get("beyond"):
            return True
    return False


def _text(said: Payload, key: str) -> str:
    return str(said.get(key) or "").strip()
