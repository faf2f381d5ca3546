"""Both sides choose (YN-01): who has to confirm a proposal that ties institutions together, and what is still missing."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text

from .facts import Role
from .registers import JOININGS, MEMBERSHIPS
from .sentences import RowChange

CLAUSE = "YN-01"
MUTUAL = "mutual_choice"


@dataclass(frozen=True, slots=True)
class Link:
    """A tie that a proposal makes: an institution (or, ``whole``, a consortium) comes to a consortium from ``start`` on."""

    consortium: str
    comes: str
    role: str
    start: date
    whole: bool = False


def links(changes: Sequence[RowChange]) -> tuple[Link, ...]:
    """The ties that rows make which did not stand the day before; another part in the same consortium is no new tie."""
    found = []
    for change in changes:
        row = change.after
        if change.before is not None or row is None:
            continue
        if row.register == MEMBERSHIPS.key:
            found.append(Link(row.text("consortium"), row.text("institution"), row.text("role"), row.start))
        elif row.register == JOININGS.key:
            found.append(Link(row.text("parent"), row.text("child"), "", row.start, whole=True))
    return tuple(sorted(found, key=_order))


def _order(link: Link) -> tuple[str, str, str, date]:
    return link.consortium, link.comes, link.role, link.start


def digest_of(found: Iterable[Link]) -> str:
    """What tells one set of ties from another: who confirmed the one has not confirmed the other."""
    said = ["|".join(map(str, (*_order(link), link.whole))) for link in sorted(found, key=_order)]
    return hashlib.sha256("\n".join(said).encode()).hexdigest()


def sides(
    found: Iterable[Link],
    lead_of: Mapping[str, str],
    *,
    category_of: Mapping[str, str],
    excused: Collection[str] = (),
) -> Mapping[str, tuple[str, ...]]:
    """Who has to confirm, by code, each with the consortia it is about: the institution that comes and the lead of what it comes to; of
    consortia that come whole, both leads. ``lead_of`` names the lead of each consortium as it will be; institutions of an ``excused``
    category are asked through their centre, not by themselves."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for link in found:
        comes = lead_of.get(link.comes, "") if link.whole else link.comes
        for side in (comes, lead_of.get(link.consortium, "")):
            if side and category_of.get(side, "").lower() not in excused:
                wanted[side].add(link.consortium)
    return {side: tuple(sorted(consortia)) for side, consortia in sorted(wanted.items())}


def leads_proposed(found: Iterable[Link]) -> Mapping[str, str]:
    """The leads that the ties themselves bring, by consortium."""
    return {link.consortium: link.comes for link in found if link.role == Role.LEAD}


class Answer(StrEnum):
    """How a side stands to a proposal."""

    AGREED = "AGREED"
    DECLINED = "DECLINED"
    OPEN = "OPEN"


ANSWER_NAMES: Mapping[Answer, Text] = {
    Answer.AGREED: Text("已确认", "confirmed"),
    Answer.DECLINED: Text("不同意", "declined"),
    Answer.OPEN: Text("待确认", "not yet confirmed"),
}


@dataclass(frozen=True, slots=True)
class Side:
    """A side and what it said; ``applied``: the proposal is its own, which is its word."""

    code: str
    name: str
    consortia: tuple[str, ...]
    answer: Answer
    words: str = ""
    by: str = ""
    at: datetime | None = None
    applied: bool = False


def choice_missing(found: Sequence[Side]) -> Refusal | None:
    """Why a proposal may not be decided yet: sides that have not confirmed, or declined."""
    left = [side for side in found if side.answer is not Answer.AGREED]
    if not left:
        return None
    return Refusal(
        code="choice_missing",
        message=Text(
            "双向选择须各方确认后才能审批：{who}。",
            "Both sides choose: before a decision each confirms. Still: {who}.",
        ),
        instead=Text(
            "请这些机构用本单位账户在申请页确认；不同意的，先修改申请。",
            "These institutions confirm on the application's page with their own accounts; where one declined, mend the application.",
        ),
        fields={
            "who": Text(
                "、".join(f"{side.name}（{ANSWER_NAMES[side.answer].zh}）" for side in left),
                ", ".join(f"{side.name} ({ANSWER_NAMES[side.answer].en})" for side in left),
            )
        },
        clauses=(CLAUSE,),
        at="choice",
        status=409,
    )


def not_asked(name: str) -> Refusal:
    """Only those whom a proposal ties together confirm it."""
    return Refusal(
        code="choice_not_asked",
        message=Text("这份申请不需要{name}确认。", "This application does not ask {name} to confirm."),
        instead=Text("请由申请写到的机构确认。", "Those whom it ties together confirm it."),
        fields={"name": name},
        status=403,
    )


DECLINED_WITHOUT_WORDS = Refusal(
    code="choice_without_words",
    message=Text("不同意要写明理由。", "Declining needs a reason."),
    instead=Text(
        "请写明哪里不合适，申请人据此修改。", "Say what does not fit, so that the applicant can mend it."
    ),
    at="words",
    status=422,
)
NOT_WAITING = Refusal(
    code="choice_not_waiting",
    message=Text("这份申请不在等待审批，现在不能确认。", "The application does not wait for a decision now."),
    instead=Text("请等申请提交后再确认。", "Confirm once it was submitted."),
    status=409,
)
