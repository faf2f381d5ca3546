"""A matter as rules see it, what is said with an act, and whether the act may be done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text

from ..workflow import ACT_NAMES, OPEN, STATE_NAMES, WITH_WORDS, Act, Leg, Side, State, Transition, step

LONGEST_WORDS = 4000


@dataclass(frozen=True, slots=True)
class Party:
    """One side of a matter: the commission of ``area``, or the institution that lies there."""

    area: str
    institution_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """A matter as it stands."""

    id: UUID
    kind: str
    state: State
    title: str
    pack: str
    period: str
    issuer: Party
    owner: Party
    due_on: date | None
    first_due_on: date
    subject_type: str
    subject_key: str
    subject_name: str
    parent_id: UUID | None
    open_children: int
    payload: Mapping[str, Any]
    result: Mapping[str, Any]
    version: int
    today: date

    @property
    def overdue(self) -> bool:
        """Whether it is still open after its day."""
        return self.state in OPEN and self.due_on is not None and self.due_on < self.today


@dataclass(frozen=True, slots=True)
class File:
    """A file as it came; its type is read from its content."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Said:
    """What is said with an act: the words, numbers and choices in the shape of the kind, files, a new day."""

    words: str = ""
    figures: Mapping[str, Any] = field(default_factory=dict)
    files: tuple[File, ...] = ()
    due_on: date | None = None


NO_SUCH_MATTER = Refusal(
    code="evaluation.no_such_matter",
    message=Text(
        "没有这件督导事项，或它与您的单位无关。", "There is no such matter, or it is not yours to see."
    ),
    instead=Text("请从督导事项清单中打开。", "Open it from the list of matters."),
    at="matter",
    status=404,
)
CHANGED_MEANWHILE = Refusal(
    code="evaluation.changed_meanwhile",
    message=Text(
        "您打开后，这件事项已有新的进展。", "Somebody has gone on with this matter since you opened it."
    ),
    instead=Text("请刷新后核对，再办理。", "Reload it, see how it stands, then go on."),
    at="matter",
    status=412,
)
WORDS_NEEDED = Refusal(
    code="evaluation.words_needed",
    message=Text("请写明情况或理由。", "Say what was done, or why."),
    instead=Text("写一两句即可，留在事项记录里。", "A sentence or two will do; they stay with the matter."),
    at="words",
    status=422,
)
TOO_LONG = Refusal(
    code="evaluation.words_too_long",
    message=Text("最多写 {most} 个字。", "At most {most} characters."),
    instead=Text("较长的材料请作为附件上传。", "Attach what is longer as a file."),
    fields={"most": LONGEST_WORDS},
    at="words",
    status=422,
)
DAY_NEEDED = Refusal(
    code="evaluation.day_needed",
    message=Text("请选择延期到哪一天，并且不早于今天。", "Say until which day, not before today."),
    instead=Text("期限从今天起计。", "It counts from today."),
    at="due_on",
    status=422,
)
OWNER_ONLY = Refusal(
    code="evaluation.owner_only",
    message=Text("这一步由承办单位办理。", "This is for whoever owes it."),
    instead=Text("需要时请督促承办单位，或由下达单位延期、撤销。", "Remind them, or extend or withdraw it."),
    at="matter",
    status=403,
)
ISSUER_ONLY = Refusal(
    code="evaluation.issuer_only",
    message=Text("这一步由下达单位办理。", "This is for whoever issued it."),
    instead=Text("办好后请先报送，由下达单位审核。", "Submit what was done; whoever issued it reviews it."),
    at="matter",
    status=403,
)
CHILDREN_OPEN = Refusal(
    code="evaluation.children_open",
    message=Text(
        "还有 {count} 件由它产生的事项没有办结。", "{count} matters that came from it are still open."
    ),
    instead=Text(
        "请先办结整改等下级事项，或逐件撤销并说明理由。", "Close those first, or withdraw them with a reason."
    ),
    at="matter",
)


def not_now(state: State, act: Act) -> Refusal:
    """The act does not lead on from where the matter stands."""
    return Refusal(
        code="evaluation.not_now",
        message=Text("事项现在是“{state}”，不能{act}。", "The matter is {state}; one cannot {act} it."),
        instead=Text(
            "请刷新页面，按现在可以办的步骤办理。", "Reload the page; it shows what can be done now."
        ),
        fields={"state": STATE_NAMES[state], "act": ACT_NAMES[act]},
        at="matter",
    )


def judge(standing: Standing, act: Act, leg: Leg, sides: frozenset[Side]) -> Transition | Refusal:
    """Whether somebody who stands on ``sides`` may do ``act`` now: the row of the table, or why not."""
    row = step(standing.state, act, leg)
    if row is None:
        return not_now(standing.state, act)
    if row.by not in sides:
        return OWNER_ONLY if row.by is Side.OWNER else ISSUER_ONLY
    return row


def lacking(standing: Standing, act: Act, said: Said) -> list[Refusal]:
    """What every kind asks of an act: words where they are needed, a day to extend to, nothing open below it."""
    found = []
    if act in WITH_WORDS and not said.words.strip():
        found.append(WORDS_NEEDED)
    if len(said.words) > LONGEST_WORDS:
        found.append(TOO_LONG)
    if act is Act.EXTEND and (said.due_on is None or said.due_on < standing.today):
        found.append(DAY_NEEDED)
    if act in {Act.CLOSE, Act.APPROVE, Act.LOCK} and standing.open_children:
        found.append(
            Refusal(
                code=CHILDREN_OPEN.code,
                message=CHILDREN_OPEN.message,
                instead=CHILDREN_OPEN.instead,
                fields={"count": standing.open_children},
                at=CHILDREN_OPEN.at,
            )
        )
    return found
