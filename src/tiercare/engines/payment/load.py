"""Reading ``benefits.yaml`` of a pack and of those it extends; the more local row takes the place of the other."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from tiercare.engines.policy.load import PackErrors
from tiercare.engines.policy.reader import Problem, Source, read
from tiercare.engines.policy.schema import ClauseId, Shape, Words, check
from tiercare.kernel.money import Money
from tiercare.kernel.period import Period
from tiercare.kernel.text import Text

from .estimating import percent
from .model import Benefit, Benefits, Care, Confidence, Continuity, InsuranceKind

Percent = Annotated[int, Field(ge=0, le=100)]
Yuan = Annotated[int, Field(ge=0)]
FILE = "benefits.yaml"


class LevelShape(Shape):
    """Amounts in yuan and per cent, at institutions of these levels."""

    levels: Annotated[list[Annotated[int, Field(ge=0, le=3)]], Field(min_length=1)]
    deductible: Yuan
    percent: Percent
    percent_unreferred: Percent
    cap: Annotated[int, Field(gt=0)] | None = None
    typical: Annotated[int, Field(gt=0)] | None = None


class BenefitShape(Shape):
    """One kind of cover and care, over some time."""

    cover: Literal["EMPLOYEE", "RESIDENT"]
    care: Literal["OUTPATIENT", "INPATIENT"]
    confidence: Literal["text", "assumption"]
    source: Words
    since: date
    until: date | None = None
    levels: Annotated[list[LevelShape], Field(min_length=1)]


class ContinuityShape(Shape):
    """Whether a referral continues the deductible."""

    deductible: Literal["continuous", "anew"]
    source: Words
    clauses: list[ClauseId] = Field(default_factory=list)
    since: date
    until: date | None = None


class BenefitsShape(Shape):
    """``benefits.yaml``."""

    referral: list[ContinuityShape] = Field(default_factory=list)
    benefits: list[BenefitShape] = Field(default_factory=list)
    note: Annotated[str, StringConstraints(max_length=400)] = ""


def load_benefits(folders: Iterable[Path]) -> Benefits:
    """Read the benefits of packs, the one that is extended first; a folder without the file adds nothing.

    Raises:
        PackErrors: with every problem found: file, line, key, and how to mend it.
    """
    rows: list[Benefit] = []
    continuity: list[Continuity] = []
    found: list[Problem] = []
    digest = hashlib.sha256()
    for folder in folders:
        path = folder / FILE
        if not path.is_file():
            continue
        file, problems = read(path, f"{folder.name}/{FILE}")
        digest.update(path.read_bytes())
        shape, wrong = (None, []) if problems else check(BenefitsShape, file)
        found += [*problems, *wrong, *(_faults(shape, file) if shape else [])]
        if shape is not None and not found:
            rows += [_benefit(group, level) for group in shape.benefits for level in group.levels]
            continuity += [_continuity(each) for each in shape.referral]
    if found:
        raise PackErrors(found)
    return Benefits(tuple(rows), tuple(continuity), digest.hexdigest())


def _faults(shape: BenefitsShape, file: Source) -> list[Problem]:
    """What the shape of a row cannot say: periods that end before they start, levels that stand twice, and a referral
    that would cost more than none."""
    problems = []

    def wrong(at: tuple[str | int, ...], message: Text) -> None:
        fix = Text("请对照其他条目更正。", "Correct it after the other entries.")
        problems.append(Problem(file.file, file.line(at), ".".join(map(str, at)), message, fix))

    dated: list[tuple[str, ContinuityShape | BenefitShape, int]] = [
        *(("referral", each, at) for at, each in enumerate(shape.referral)),
        *(("benefits", each, at) for at, each in enumerate(shape.benefits)),
    ]
    for part, each, at in dated:
        if each.until is not None and each.until <= each.since:
            wrong((part, at, "until"), Text("截止日须晚于起始日。", "It ends after it starts."))
    for at, group in enumerate(shape.benefits):
        named = [level for row in group.levels for level in row.levels]
        if len(named) != len(set(named)):
            wrong(("benefits", at, "levels"), Text("同一级别写了两次。", "A level stands twice."))
        for n, row in enumerate(group.levels):
            if row.percent_unreferred > row.percent:
                wrong(
                    ("benefits", at, "levels", n, "percent_unreferred"),
                    Text(
                        "未转诊的支付比例不能高于转诊的。",
                        "Who comes without a referral is not paid more than who is referred.",
                    ),
                )
    return problems


def _benefit(group: BenefitShape, row: LevelShape) -> Benefit:
    return Benefit(
        cover=InsuranceKind(group.cover),
        care=Care(group.care),
        levels=frozenset(row.levels),
        deductible=Money.yuan(row.deductible),
        ratio=percent(row.percent),
        unreferred=percent(row.percent_unreferred),
        cap=None if row.cap is None else Money.yuan(row.cap),
        typical=None if row.typical is None else Money.yuan(row.typical),
        confidence=Confidence(group.confidence),
        source=group.source.text,
        period=Period(group.since, group.until),
    )


def _continuity(shape: ContinuityShape) -> Continuity:
    return Continuity(
        shape.deductible == "continuous",
        shape.source.text,
        tuple(shape.clauses),
        Period(shape.since, shape.until),
    )
