"""Who may do what to a request now: the one judgement behind buttons, API and commands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from tiercare.kernel.refusal import Refusal

from ..workflow import ACT_NAMES, Act, By, Side, State, Transition, transition, ways
from . import refusals
from .kinds import Kind
from .owners import Level, Owner

# Acts that somebody will ask about later.
_WITH_REASON = frozenset({Act.WITHDRAW, Act.CANCEL, Act.LEAVE, Act.REDIRECT, Act.DIE})


@dataclass(frozen=True, slots=True)
class Standing:
    """A request as far as judging an act needs it, read at ``now``; ``booking_id`` is the place that it has then, or had:
    ``has_place`` says whether it still stands. One may be missed before anybody answers the request."""

    id: UUID
    kind: str
    state: State
    urgency: int
    resident_id: UUID
    sender: UUID
    sender_account: UUID
    receiver: UUID | None
    area: str
    owner: Owner | None
    booking_id: UUID | None
    version: int
    now: datetime
    planned_at: datetime | None = None
    has_place: bool = False
    sent_at: datetime | None = None
    payload: Mapping[str, Any] = field(default_factory=dict)
    problem_code: str = ""
    problem: str = ""
    specialty: str = ""
    parties: tuple[UUID, ...] = ()

    @property
    def houses(self) -> tuple[UUID, ...]:
        """Both sides, as far as they are known."""
        return (self.sender,) if self.receiver is None else (self.sender, self.receiver)


@dataclass(frozen=True, slots=True)
class Said:
    """What comes with an act. ``alternative`` of a return: another institution, advice, or what is missing. ``slot`` is
    the place that it is scheduled to, ``at`` a time agreed on where there is no place to take."""

    code: str = ""
    words: str = ""
    alternative: Mapping[str, Any] | None = None
    content: Mapping[str, Any] | None = None
    to: UUID | None = None
    department: UUID | None = None
    slot: UUID | None = None
    at: datetime | None = None


def sides(
    standing: Standing, *, institution_id: UUID | None, above: bool, platform: bool = False
) -> frozenset[By]:
    """In which parts an institution acts; ``above``: the request was escalated to whoever acts."""
    parts = {By.PLATFORM} if platform else set()
    if institution_id is not None and institution_id == standing.sender:
        parts |= {By.SENDER, By.EITHER}
    if institution_id is not None and institution_id == standing.receiver:
        parts |= {By.RECEIVER, By.EITHER, By.RECEIVER_OR_ABOVE}
    if above:
        parts.add(By.RECEIVER_OR_ABOVE)
    return frozenset(parts)


def judge(standing: Standing, act: Act, kind: Kind, parts: frozenset[By]) -> Transition | Refusal:
    """The row of the table that the act takes, or why not."""
    if not parts:
        return refusals.NO_SUCH_REQUEST
    row = transition(standing.state, act, kind.legs)
    if row is None:
        return refusals.not_now(act, standing.state)
    if By.PLATFORM in parts:
        return row
    if row.by not in parts:
        return refusals.SENDER_ONLY if row.by is By.SENDER else refusals.RECEIVER_ONLY
    return row


def possible(standing: Standing, kind: Kind, parts: frozenset[By]) -> tuple[Act, ...]:
    """What those in these parts may do now, in the order of the table."""
    return tuple(row.act for row in ways(kind.legs) if row.source is standing.state and row.by in parts)


def lacking(act: Act, standing: Standing, said: Said) -> list[Refusal]:
    """What the act needs and did not get."""
    found = []
    if act is Act.RETURN:
        if not said.code or not said.words.strip():
            found.append(refusals.RETURN_WITHOUT_REASON)
        if not any((said.alternative or {}).values()):
            found.append(refusals.RETURN_WITHOUT_ALTERNATIVE)
    if act in _WITH_REASON and not said.words.strip():
        found.append(replace(refusals.WITHOUT_REASON, fields={"act": ACT_NAMES[act]}))
    if act is Act.SCHEDULE and said.slot is None and said.at is None and not standing.has_place:
        found.append(refusals.NO_TIME)
    receiver = said.to if act is Act.REDIRECT else said.to or standing.receiver
    if act in {Act.SUBMIT, Act.REDIRECT}:
        if receiver is None:
            found.append(refusals.NO_RECEIVER)
        elif receiver == standing.sender or (act is Act.REDIRECT and receiver == standing.receiver):
            found.append(refusals.TO_ONESELF)
    return found


def owner_after(row: Transition, standing: Standing, said: Said, *, account_id: UUID | None) -> Owner | None:
    """Who must see to it from then on: of the sender the doctor who sent it, of the receiver its office until somebody
    has taken the patient in."""
    if row.owner is None:
        return None
    if row.owner is Side.SENDER:
        return Owner(Level.PERSON, standing.sender, standing.sender_account)
    receiver = said.to or standing.receiver
    if row.act is Act.TAKE_IN and account_id is not None:
        return Owner(Level.PERSON, receiver, account_id)
    return Owner(Level.OFFICE, receiver)
