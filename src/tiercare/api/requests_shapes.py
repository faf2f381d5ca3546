"""The shapes of ``/api/requests``: what is sent about requests between institutions, and what is answered."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import AwareDatetime, ConfigDict, Field

from tiercare.apps.exchange import commands
from tiercare.apps.exchange.queries import Box
from tiercare.apps.exchange.rules.acting import Said
from tiercare.apps.exchange.rules.kinds import Urgency
from tiercare.apps.exchange.workflow import State

from .problems import Problem
from .requests_payload import AlternativeIn, Line, PayloadIn, Prose, ReportIn
from .writes import Body

UrgencyWord = Literal["EMERGENCY", "URGENT", "ROUTINE"]
# All acts but those that only the platform does (``LOSE_PLACE``): a test holds this against the table.
ActWord = Literal[
    "submit",
    "accept",
    "return",
    "redirect",
    "schedule",
    "arrive",
    "miss",
    "leave",
    "take_in",
    "report",
    "acknowledge",
    "withdraw",
    "cancel",
    "die",
]
_ICD = r"^([A-Z]\d[0-9A-Z](\.[0-9A-Za-z]{1,6})?)?$"
ProblemCode = Annotated[str, Field(max_length=10, pattern=_ICD)]
Specialty = Annotated[str, Field(pattern=r"^(\d{2}(\.\d{2}){0,2})?$")]
_SOME_ID = "0199f0a2-7c1e-7d3a-9b1c-3f6a2e5d8c41"


def _example(**values: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [values]})


class ContentIn(Body):
    """What a request says; what is left out stays as it is. ``payload`` is laid over what stands in it, key by key."""

    model_config = _example(urgency="URGENT", problem="高血压3级，尿蛋白阳性", to=_SOME_ID)

    urgency: UrgencyWord | None = None
    problem_code: ProblemCode | None = None
    problem: Line | None = Field(None, max_length=120)
    to: UUID | None = None
    department: UUID | None = None
    specialty: Specialty | None = None
    payload: PayloadIn | None = None

    def content(self) -> commands.Content:
        """For the command."""
        return commands.Content(
            urgency=None if self.urgency is None else Urgency[self.urgency],
            problem_code=self.problem_code,
            problem=self.problem,
            to_institution=self.to,
            to_department=self.department,
            specialty=self.specialty,
            payload=None if self.payload is None else self.payload.told(),
        )


class DraftIn(Body):
    """A request begun: ``kind`` as registered (``up``, ``down``, ``lateral``, ``advice``); ``again`` is why there should be
    another for a problem for which one is open."""

    model_config = _example(
        kind="up", resident=_SOME_ID, urgency="URGENT", problem_code="I10", problem="原发性高血压"
    )

    kind: Line = Field(max_length=30)
    resident: UUID
    urgency: UrgencyWord = "ROUTINE"
    problem_code: ProblemCode = ""
    problem: Line = Field("", max_length=120)
    to: UUID | None = None
    department: UUID | None = None
    specialty: Specialty = ""
    payload: PayloadIn | None = None
    again: Line = Field("", max_length=300)


class SearchIn(Body):
    """Which requests of a box: ``text`` is a name in characters, pinyin or initials among those that are open, or the
    number of one."""

    model_config = _example(text="wxm", box="in", overdue=True)

    text: Line = Field("", max_length=80)
    box: Box = Box.IN
    state: list[State] = Field(default_factory=list, max_length=20)
    kind: list[Annotated[Line, Field(max_length=30)]] = Field(default_factory=list, max_length=20)
    urgency: UrgencyWord | None = None
    overdue: bool = False
    unheard: bool = False
    department: UUID | None = None
    page: int = Field(1, ge=1, le=10_000)
    per_page: int = Field(20, ge=1, le=100)


class PlaceIn(Body):
    """The slot to be held while the request is written."""

    model_config = _example(slot=_SOME_ID)

    slot: UUID


class SaidIn(Body):
    """What comes with an act; most need nothing. ``alternative`` goes with a return: another ``institution``, ``advice``, or
    what is ``missing``; ``to`` with submitting and redirecting; ``slot`` or ``at`` with scheduling; ``content`` is the
    report, or what the kind asks for."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {},
                {
                    "code": "incomplete",
                    "words": "缺少近一周的血压记录",
                    "alternative": {"missing": ["血压记录"]},
                },
                {"slot": _SOME_ID},
                {
                    "content": {
                        "diagnosis": "高血压3级（很高危）",
                        "treatment": "调整降压方案",
                        "advice": "两周后复查",
                    }
                },
            ]
        }
    )

    code: Line = Field("", max_length=30)
    words: Prose = Field("", max_length=1000)
    alternative: AlternativeIn | None = None
    content: ReportIn | None = None
    to: UUID | None = None
    department: UUID | None = None
    slot: UUID | None = None
    at: AwareDatetime | None = None

    def said(self) -> Said:
        """For the command."""
        instead = self.alternative
        return Said(
            code=self.code,
            words=self.words,
            alternative=None if instead is None else instead.model_dump(mode="json", exclude_defaults=True),
            content=None if self.content is None else self.content.told(),
            to=self.to,
            department=self.department,
            slot=self.slot,
            at=self.at,
        )


class SupplementIn(Body):
    """What is added to a request that was sent."""

    model_config = _example(content={"findings": "心电图：左室高电压"})

    content: ReportIn


class AssignIn(Body):
    """Whose it is within the institution from now on; without an account its office's."""

    model_config = _example(account=_SOME_ID)

    account: UUID | None = None


class SeenIn(Body):
    """Of which request the notices were seen; without one, all of them."""

    model_config = _example(request=_SOME_ID)

    request: UUID | None = None


class NothingIn(Body):
    """Nothing is to be said."""


class PersonOut(Schema):
    """Whom it is about, as lists show people: the name masked."""

    id: UUID
    name: str
    sex: str
    birth_year: int | None
    deceased: bool


class HouseOut(Schema):
    """An institution."""

    id: UUID
    name: str


class OwnerOut(Schema):
    """Who must see to it now: a ``PERSON``, an ``OFFICE``, a ``LEAD`` hospital, or the ``COMMISSION`` of an area."""

    level: str
    institution: UUID | None
    account: UUID | None
    area: str
    name: str


class RequestRow(Schema):
    """A request as lists show it. While it is open it has an owner and a time by which that one must see to it."""

    id: UUID
    number: str
    kind: str
    state: str
    urgency: str
    person: PersonOut | None
    problem_code: str
    problem: str
    sender: HouseOut
    receiver: HouseOut | None
    department: UUID | None
    specialty: str
    owner: OwnerOut | None
    due_at: datetime | None
    overdue: bool
    planned_at: datetime | None
    booking: UUID | None
    parent: UUID | None
    made_at: datetime
    sent_at: datetime | None
    received_at: datetime | None
    alarmed_at: datetime | None
    over_at: datetime | None
    version: int


class RequestsOut(Schema):
    """A page of a box; ``counts`` are of all its open requests: by state, and ``open``, ``overdue``, ``unheard``. ``more``:
    another page follows."""

    items: list[RequestRow]
    counts: dict[str, int]
    page: int
    more: bool


class StepOut(Schema):
    """A step that was taken, by whom; nobody: time, or the platform."""

    act: str
    source: str
    target: str
    institution: HouseOut | None
    who: str
    at: datetime
    code: str
    words: str
    alternative: dict[str, Any] | None
    content: dict[str, Any]


class DeskOut(Schema):
    """The department that answers for referrals at one side."""

    name: str
    phone: str


class RequestOut(RequestRow):
    """A request with what was asked and every step; ``acts`` are what you may do now, the same that the buttons show. Its
    ``ETag`` is the version, to be sent as ``If-Match``."""

    payload: dict[str, Any]
    basis: dict[str, Any]
    steps: list[StepOut]
    acts: list[str]
    desk_from: DeskOut | None
    desk_to: DeskOut | None


class MadeOut(Schema):
    """A request that was begun."""

    id: UUID
    number: str
    kind: str
    state: str
    due_at: datetime | None
    version: int


class VersionOut(Schema):
    """It was kept; ``version`` goes with the next change as ``If-Match``."""

    id: UUID
    version: int


class TurnedOut(Schema):
    """How it stands after the act: who must see to it, and by when."""

    id: UUID
    state: str
    owner: OwnerOut | None
    due_at: datetime | None
    version: int


class NoticeOut(Schema):
    """That a request went on: ``about`` is the act, ``escalated`` or ``unheard``."""

    id: UUID
    request: UUID
    number: str
    kind: str
    problem: str
    about: str
    at: datetime
    seen_at: datetime | None
    urgency: str
    state: str
    due_at: datetime | None
    other: str


class InboxOut(Schema):
    """What one was told, the latest first; ``unseen`` of it nobody has seen. ``alerts`` are answers of a follow-up beyond the
    limits that your institution has to handle; they stand in ``/api/followup/alerts``."""

    items: list[NoticeOut]
    unseen: int
    alerts: int


class SeenOut(Schema):
    """How many were seen by this."""

    seen: int


class ReceivedOut(Schema):
    """The receiver's side has seen it."""

    id: UUID


class DocumentOut(Schema):
    """The document's id; of a draft it is listed in ``payload.package.documents`` to go along."""

    id: UUID
    request: UUID


class NotNowProblem(Problem):
    """The act leads nowhere from where the request stands; ``acts`` are what you may do now."""

    acts: list[str]
