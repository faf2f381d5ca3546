"""What projects of work programmes add to the one table of matters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused

from ..queries.matters import entries_of
from ..rules import projects
from ..rules.kinds import Kind, KindId, register
from ..rules.standing import Said, Standing
from ..workflow import Act

_NAMED = 5


def _in_turn(actor: Actor, standing: Standing, said: Said) -> None:
    """The steps of an ordered project are gone one after the other."""
    part = str(said.figures.get("part", ""))
    if part:
        left = projects.out_of_turn(
            standing, projects.parts_now(standing.payload, entries_of(standing.id)), part
        )
        if left:
            raise Refused(_naming(projects.EARLIER_FIRST, left))


def _all_settled(actor: Actor, standing: Standing, said: Said) -> None:
    left = projects.unsettled(standing, projects.parts_now(standing.payload, entries_of(standing.id)))
    if left:
        raise Refused(_naming(projects.PARTS_LEFT, left))


def _naming(refusal: Refusal, left: Sequence[Mapping[str, Any]]) -> Refusal:
    zh, en = (
        "、".join(each["zh"] for each in left[:_NAMED]),
        ", ".join(each["en"] for each in left[:_NAMED]),
    )
    return replace(refusal, fields={"count": len(left), "zh": zh, "en": en})


KINDS = (
    Kind(
        KindId.PROJECT,
        guards={Act.NOTE: projects.note_guard, Act.SUBMIT: projects.end_guard},
        effects={Act.NOTE: _in_turn, Act.SUBMIT: _all_settled},
    ),
)


def register_projects() -> None:
    """Make them known; once."""
    for each in KINDS:
        register(each)
