"""``/api/requests``: requests between institutions, whatever their kind, and every step they take.

``acts`` of a request are what you may do now; an act that leads nowhere is answered 409 with them. Its version is its
``ETag``: sent as ``If-Match``, nothing is done if somebody has gone on with it since (412). The sender, the owner and the
time are the server's to know: a body that names them is refused.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.http import parse_etags
from ninja import File, Form, Query, Router
from ninja.files import UploadedFile

from tiercare.apps.exchange import commands, queries
from tiercare.apps.exchange.queries import Box
from tiercare.apps.exchange.rules.kinds import Urgency, kinds
from tiercare.apps.exchange.workflow import WRITTEN, Act, State
from tiercare.apps.records import commands as records
from tiercare.apps.records import queries as record
from tiercare.apps.records.rules.files import size_refusal
from tiercare.apps.records.rules.vocabulary import DocumentKind
from tiercare.apps.referrals import commands as referrals
from tiercare.kernel.refusal import OnRecord, Refusal, Refused, refuse
from tiercare.kernel.text import Text

from . import requests_shapes as shapes
from .capacity import NoPlaceProblem, TakenOut, taken_out, with_alternatives
from .etags import CHANGED, IF_MATCH, MATCH_MISSING, as_bytes
from .imports import once_of_form
from .paging import known_only
from .problems import Problem, answer
from .requests_told import case_out, made_out, row_out, turned_out
from .writes import Body, once

router = Router(tags=["requests"])

REFUSALS = {401: Problem, 403: Problem, 404: Problem, 422: Problem}
WRITES = {**REFUSALS, 409: Problem, 428: Problem}
CHANGES = {**WRITES, 412: Problem}
_NOT_NOW = "exchange.not_in_this_state"
_STATES: list[State] = Query([], alias="state")
_KINDS: list[str] = Query([], alias="kind", max_length=20)
_FILTERS = (
    *("box", "state", "kind", "urgency", "overdue", "unheard", "department", "number"),
    *("page", "per_page"),
)
_FILE: Any = File(None)
_INBOX = 50


class DocumentIn(Body):
    """Beside a document: what it is, its title, and its address where the file lies in an archive."""

    kind: DocumentKind = DocumentKind.OTHER
    title: shapes.Line = ""
    reference: shapes.Line = ""


@router.get("", response={200: shapes.RequestsOut, **REFUSALS}, summary="工作列表 · The worklists")
def worklist(
    request: HttpRequest,
    box: Box = Box.IN,
    states: list[State] = _STATES,
    of_kinds: list[str] = _KINDS,
    urgency: shapes.UrgencyWord | None = None,
    overdue: bool = False,
    unheard: bool = False,
    department: UUID | None = None,
    number: str = Query("", pattern=r"^([0-9A-Za-z]{10})?$"),
    page: int = Query(1, ge=1, le=10_000),
    per_page: int = Query(20, ge=1, le=100),
) -> HttpResponse:
    """What came in, went out, is yours to see to, or came up the line to you. Open ones by urgency and time; where
    ``state`` asks for what is over, the latest first. For names see ``search``."""
    known_only(request, *_FILTERS)
    asked = shapes.SearchIn(
        text=number,
        box=box,
        state=states,
        kind=of_kinds,
        urgency=urgency,
        overdue=overdue,
        unheard=unheard,
        department=department,
        page=page,
        per_page=per_page,
    )
    return _listed(request, asked)


@router.post("/search", response={200: shapes.RequestsOut, **REFUSALS}, summary="查找 · Search the worklists")
def search(request: HttpRequest, body: shapes.SearchIn) -> HttpResponse:
    """As the worklists, by a name in characters, pinyin or initials, or a number. A name stands in no address, hence a
    body; nothing is written, so no key is needed."""
    return _listed(request, body)


def _listed(request: HttpRequest, asked: shapes.SearchIn) -> HttpResponse:
    found = queries.worklist(
        request.actor,
        box=asked.box,
        states=asked.state,
        kinds=asked.kind,
        urgency=None if asked.urgency is None else Urgency[asked.urgency],
        overdue=asked.overdue,
        unheard=asked.unheard,
        department=asked.department,
        text=asked.text,
        page=asked.page,
        per_page=asked.per_page,
    )
    items = [row_out(each) for each in found.rows]
    # A full page may be the last one; the next is then empty.
    more = len(items) == asked.per_page
    return _json({"items": items, "counts": found.counts, "page": asked.page, "more": more})


@router.post("", response={201: shapes.MadeOut, **WRITES}, summary="起草 · Begin a request")
def draft(request: HttpRequest, body: shapes.DraftIn) -> HttpResponse:
    """A draft of yours; nobody else sees it until it is sent."""
    if body.kind not in kinds():
        raise Refused(UNKNOWN_KIND)

    def work() -> shapes.MadeOut:
        row = commands.draft(
            request.actor,
            kind=body.kind,
            resident_id=body.resident,
            urgency=Urgency[body.urgency],
            problem_code=body.problem_code,
            problem=body.problem,
            to_institution=body.to,
            to_department=body.department,
            specialty=body.specialty,
            payload=None if body.payload is None else body.payload.told(),
            again=body.again,
        )
        return made_out(row)

    return once(request, 201, work)


@router.get("/inbox", response={200: shapes.InboxOut, **REFUSALS}, summary="收件箱 · What you were told")
def inbox(request: HttpRequest, unseen_only: bool = False) -> HttpResponse:
    """You and your office, of requests that others went on with; the latest 50."""
    found = queries.notices(request.actor, unseen_only=unseen_only, limit=_INBOX)
    items = [
        {
            "id": each.id,
            "request": each.request_id,
            "number": each.number,
            "kind": each.kind,
            "problem": each.problem,
            "about": each.about,
            "at": each.at,
            "seen_at": each.seen_at,
            "urgency": each.urgency.name,
            "state": each.state.value,
            "due_at": each.due_at,
            "other": each.other,
        }
        for each in found
    ]
    waiting = queries.bell(request.actor)
    return _json({"items": items, "unseen": waiting.unseen, "alerts": waiting.alerts})


@router.post("/inbox/seen", response={200: shapes.SeenOut, **WRITES}, summary="标为已读 · Mark as seen")
def seen(request: HttpRequest, body: shapes.SeenIn) -> HttpResponse:
    """What you were told of one request, or of all."""
    return once(
        request,
        200,
        lambda: shapes.SeenOut(seen=commands.see_notices(request.actor, request_id=body.request)),
    )


@router.get("/{uuid:key}", response={200: shapes.RequestOut, **REFUSALS}, summary="一条申请 · One request")
def one(request: HttpRequest, key: UUID) -> HttpResponse:
    """With what was asked, every step, and what you may do now. That you saw the resident is recorded."""
    case = queries.opened(request.actor, key)
    response = _json(case_out(case))
    response["ETag"] = f'"{case.line.version}"'
    return response


@router.patch("/{uuid:key}", response={200: shapes.VersionOut, **CHANGES}, summary="修改草稿 · Write on")
def amend(request: HttpRequest, key: UUID, body: shapes.ContentIn) -> HttpResponse:
    """As long as it is a draft, or was returned; ``If-Match`` is needed, so that nobody writes over another."""
    version = version_read(request, required=True)

    def work() -> shapes.VersionOut:
        kept = commands.amend(request.actor, request_id=key, content=body.content(), version=version)
        return shapes.VersionOut(id=key, version=kept)

    return tagged(once(request, 200, work))


@router.post(
    "/{uuid:key}/place",
    response={201: TakenOut, **WRITES, 409: NoPlaceProblem},
    summary="占号 · Hold a place while writing",
)
def hold(request: HttpRequest, key: UUID, body: shapes.PlaceIn) -> HttpResponse:
    """Another place that was held goes back; its institution becomes the receiver. Without a place the nearest others are
    answered."""

    def work() -> TakenOut:
        taken = commands.hold_place(request.actor, request_id=key, slot_id=body.slot)
        return TakenOut(**taken_out(taken))

    return with_alternatives(request, lambda: once(request, 201, work))


@router.post(
    "/{uuid:key}/acts/{act}",
    response={200: shapes.TurnedOut, **CHANGES, 409: shapes.NotNowProblem},
    summary="办理 · Take it on by an act",
)
def turn(request: HttpRequest, key: UUID, act: shapes.ActWord, body: shapes.SaidIn) -> HttpResponse:
    """With ``If-Match`` only as it was read. What is accepted with a place in hand is scheduled by that."""
    version = version_read(request)

    def work() -> shapes.TurnedOut:
        said = body.said()
        if act == Act.SUBMIT:  # what is asked before anything goes is asked on every way
            content = None if said.content is None else commands.Content(payload=said.content)
            sent = referrals.send(
                request.actor,
                request_id=key,
                content=content,
                to=said.to,
                department=said.department,
                version=version,
            )
            return turned_out(sent)
        turned = commands.turn(request.actor, request_id=key, act=Act(act), said=said, version=version)
        return turned_out(turned)

    return with_acts(request, key, lambda: tagged(once(request, 200, work)))


@router.post("/{uuid:key}/receive", response={200: shapes.ReceivedOut, **WRITES}, summary="签收 · It came")
def receive(request: HttpRequest, key: UUID, body: shapes.NothingIn) -> HttpResponse:
    """Your side, which is to receive it, has seen that it came; again it changes nothing."""

    def work() -> shapes.ReceivedOut:
        commands.receive(request.actor, request_id=key)
        return shapes.ReceivedOut(id=key)

    return once(request, 200, work)


@router.post("/{uuid:key}/assign", response={200: shapes.VersionOut, **CHANGES}, summary="分派 · Give it to")
def assign(request: HttpRequest, key: UUID, body: shapes.AssignIn) -> HttpResponse:
    """Somebody of the institution that must see to it now, or back to its office; the time stays."""
    version = version_read(request)

    def work() -> shapes.VersionOut:
        kept = commands.assign(request.actor, request_id=key, account_id=body.account, version=version)
        return shapes.VersionOut(id=key, version=kept)

    return tagged(once(request, 200, work))


@router.post(
    "/{uuid:key}/documents",
    response={201: shapes.DocumentOut, **WRITES, 413: Problem, 415: Problem},
    summary="附件 · Add a document",
)
def add_document(
    request: HttpRequest, key: UUID, said: Form[DocumentIn], file: UploadedFile | None = _FILE
) -> HttpResponse:
    """Multipart: ``file`` (PDF, JPEG, PNG; what it is its bytes tell), or ``reference`` where it lies in an archive. It is
    of the request's own resident. Of a draft it goes along if ``payload.package.documents`` lists it."""
    if file is not None:
        refuse(size_refusal(file.size or 0, record.document_limit(request.actor)))
    content = None if file is None else file.read()

    def work() -> bytes:
        standing = queries.opened(request.actor, key).standing
        made = records.add_document(
            request.actor,
            resident_id=standing.resident_id,
            kind=said.kind,
            title=said.title or (file.name or "" if file else ""),
            content=content,
            media_type=(file.content_type or "") if file else "",
            reference=said.reference,
            request_id=None if standing.state in WRITTEN else key,
        )
        return shapes.DocumentOut(id=made, request=key).model_dump_json().encode()

    hashed = None if content is None else hashlib.sha256(content).hexdigest()
    try:
        return once_of_form(request, as_bytes((said.model_dump(mode="json"), hashed)), work)
    except OnRecord as refused:
        refused.leave_record()  # the transaction has undone the first note
        raise


def with_acts(request: HttpRequest, key: UUID, work: Callable[[], HttpResponse]) -> HttpResponse:
    """The answer of ``work``; where the request does not stand so that the act leads on, the problem with what may be done;
    where there is no place, with the nearest others."""
    try:
        return with_alternatives(request, work)
    except Refused as refused:
        if refused.refusals[0].code != _NOT_NOW:
            raise
        acts = [each.value for each in queries.acts_now(request.actor, request_id=key)]
        return answer(request, refused.refusals[0], refused.refusals, acts=acts)


def version_read(request: HttpRequest, *, required: bool = False) -> int | None:
    """The version that the client last read, of ``If-Match``.

    Raises:
        Refused: 412 for what is no version of ours, 428 if it is ``required`` and not there.
    """
    held = request.headers.get(IF_MATCH)
    if held is None:
        refusal = MATCH_MISSING if required else None
        if refusal is not None:
            raise Refused(refusal)
        return None
    tags = [each.strip('"') for each in parse_etags(held)]
    if "*" in tags:
        return None
    versions = [int(each) for each in tags if each.isascii() and each.isdigit() and len(each) < 10]
    if not versions:
        raise Refused(CHANGED)
    return max(versions)  # of several that were read, the one read last


def tagged(response: HttpResponse) -> HttpResponse:
    """The answer with its version as ``ETag``."""
    response["ETag"] = f'"{json.loads(response.content)["version"]}"'
    return response


def _json(content: dict[str, Any]) -> HttpResponse:
    return HttpResponse(as_bytes(content), content_type="application/json")


UNKNOWN_KIND = Refusal(
    code="exchange.unknown_kind",
    message=Text("没有这一类申请。", "There is no such kind of request."),
    instead=Text(
        "请用：up（上转）、down（下转）、lateral（平转）、advice（咨询）。",
        "Use up, down, lateral or advice.",
    ),
    at="kind",
    status=422,
)
