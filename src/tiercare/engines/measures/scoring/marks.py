"""Reading a file of marks: who has recorded on which day, and on what evidence, that a panel of a scorecard is complete."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints

from tiercare.engines.measures.shapes import Key
from tiercare.engines.policy.load import PackErrors
from tiercare.engines.policy.reader import Problem, Source, read
from tiercare.engines.policy.schema import Shape, check
from tiercare.kernel.text import Text

from .model import Mark

Said = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


class MarkShape(Shape):
    """A mark; without a body that stands behind it and evidence it is none."""

    panel: Key
    by: Said
    on: date
    evidence: Said


class MarksShape(Shape):
    """A file of marks."""

    marks: Annotated[list[MarkShape], Field(min_length=1)]


def load_marks(path: Path, panels: Collection[str], *, today: date) -> tuple[Mark, ...]:
    """The marks of a file.

    Args:
        panels: ids of the panels that take a mark.

    Raises:
        PackErrors: with every problem found: file, line, key, and how to mend it.
    """
    source, problems = read(path, path.name)
    shape, wrong = (None, []) if problems else check(MarksShape, source)
    faults = _faults(shape, source, panels, today) if shape else []
    if shape is None or faults:
        raise PackErrors([*problems, *wrong, *faults])
    return tuple(Mark(each.panel, each.by, each.on, each.evidence) for each in shape.marks)


def _faults(shape: MarksShape, source: Source, panels: Collection[str], today: date) -> list[Problem]:
    problems = []
    for at, each in enumerate(shape.marks):
        if each.panel not in panels:
            near = get_close_matches(each.panel, panels, 1) or sorted(panels)
            message = Text(f"没有“{each.panel}”这一栏。", f"There is no panel “{each.panel}”.")
            fix = Text(f"可以写：{'、'.join(near)}。", f"There is: {', '.join(near)}.")
            problems.append(_problem(source, at, "panel", message, fix))
        if each.on > today:
            message = Text(f"{each.on} 还没有到。", f"{each.on} has not come yet.")
            fix = Text("请写记录完成的那一天。", "Write the day on which it was recorded.")
            problems.append(_problem(source, at, "on", message, fix))
    return problems


def _problem(source: Source, at: int, key: str, message: Text, fix: Text) -> Problem:
    place = ("marks", at, key)
    return Problem(source.file, source.line(place), ".".join(map(str, place)), message, fix)
