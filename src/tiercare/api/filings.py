"""``/api/requests/{id}/filing``: how a referral was filed with the insurer, and going on with it by hand."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import ConfigDict, StringConstraints

from tiercare.apps.referrals import commands, queries
from tiercare.apps.referrals.queries import Filed
from tiercare.apps.referrals.rules.filing import NO_SUCH_FILING, State
from tiercare.apps.residents.rules.cover import Scheme
from tiercare.kernel.refusal import Refused

from .etags import as_bytes
from .requests import REFUSALS, WRITES
from .writes import Body, once

router = Router(tags=["requests"])
_Number = Annotated[str, StringConstraints(max_length=60)]


class FilingOut(Schema):
    """``task``: somebody of either side has to see to it. ``number`` and ``words`` are the insurer's last answer, or what
    was entered by hand; ``next_try_at`` stands while it is sent by itself."""

    id: UUID
    state: State
    task: bool
    scheme: Scheme | None
    area: str
    area_name: str
    tries: int
    next_try_at: datetime | None
    number: str
    words: str
    answered_at: datetime | None
    made_at: datetime


class FilingTaskOut(Schema):
    """A filing that waits for either office."""

    id: UUID
    request: UUID
    number: str
    kind: str
    state: State
    words: str
    made_at: datetime
    sender: str
    receiver: str


class FilingTasksOut(Schema):
    """The oldest first."""

    items: list[FilingTaskOut]


class NumberIn(Body):
    """The number that the agency gave at its counter."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"number": "示例备案2026-0001"}]})

    number: _Number


@router.get("/filings", response={200: FilingTasksOut, **REFUSALS}, summary="待办备案 · Filings to see to")
def filings(request: HttpRequest) -> HttpResponse:
    """Between your institution and others; the readings are recorded."""
    items = [
        {
            "id": each.id,
            "request": each.request_id,
            "number": each.request_number,
            "kind": each.kind,
            "state": each.state.value,
            "words": each.words,
            "made_at": each.made_at,
            "sender": each.sender,
            "receiver": each.receiver,
        }
        for each in queries.filings_to_see_to(request.actor)
    ]
    return HttpResponse(as_bytes({"items": items}), content_type="application/json")


@router.get(
    "/{uuid:key}/filing", response={200: FilingOut, **REFUSALS}, summary="医保备案 · The filing of a referral"
)
def filing(request: HttpRequest, key: UUID) -> HttpResponse:
    """The same for both sides; 404 where none was begun."""
    return HttpResponse(_told(request, key).model_dump_json().encode(), content_type="application/json")


@router.post(
    "/{uuid:key}/filing/again", response={200: FilingOut, **WRITES}, summary="重新备案 · File it again"
)
def again(request: HttpRequest, key: UUID) -> HttpResponse:
    """With what insures the resident now; after a refusal it is another filing to the insurer."""

    def work() -> FilingOut:
        commands.file_again(request.actor, request_id=key)
        return _told(request, key)

    return once(request, 200, work)


@router.post(
    "/{uuid:key}/filing/number",
    response={200: FilingOut, **WRITES},
    summary="登记备案号 · It was filed by hand",
)
def number(request: HttpRequest, key: UUID, body: NumberIn) -> HttpResponse:
    """Keep the number that the agency gave."""

    def work() -> FilingOut:
        commands.filed_by_hand(request.actor, request_id=key, number=body.number)
        return _told(request, key)

    return once(request, 200, work)


@router.post(
    "/{uuid:key}/filing/undone",
    response={200: FilingOut, **WRITES},
    summary="已在窗口撤销 · It was taken back by hand",
)
def undone(request: HttpRequest, key: UUID) -> HttpResponse:
    """Of a referral that is off."""

    def work() -> FilingOut:
        commands.taken_back_by_hand(request.actor, request_id=key)
        return _told(request, key)

    return once(request, 200, work)


def _told(request: HttpRequest, key: UUID) -> FilingOut:
    found = queries.filing_of(request.actor, key)
    if found is None:
        raise Refused(NO_SUCH_FILING)
    return _out(found)


def _out(found: Filed) -> FilingOut:
    return FilingOut(
        id=found.id,
        state=found.state,
        task=found.task,
        scheme=found.scheme,
        area=found.area,
        area_name=found.area_name,
        tries=found.tries,
        next_try_at=found.next_try_at,
        number=found.number,
        words=found.words,
        answered_at=found.answered_at,
        made_at=found.made_at,
    )
