"""``/api/residents``: registering, finding, listing, opening and correcting residents.

What identifies a person travels in bodies, never in addresses. Answers are masked; numbers in the clear are a call
of their own (``reveal``), which is recorded and never kept for a replay. The hot answers are written as JSON at once.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router

from tiercare.apps.residents import commands, queries
from tiercare.apps.residents.rules import KEEP, Correction, Registration
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from .etags import CHANGED, IF_MATCH, MATCH_MISSING, as_bytes
from .problems import CONTENT_TYPE, Problem, answer
from .resident_shapes import (
    Corrected,
    CorrectionIn,
    DoublesProblem,
    FoundOut,
    ListPage,
    NameIn,
    NumberIn,
    NumbersOut,
    RegisteredOut,
    ResidentIn,
    ResidentOut,
)
from .writes import once

router = Router(tags=["residents"])

REFUSALS = {403: Problem, 404: Problem, 422: Problem, 429: Problem}
WRITES = {**REFUSALS, 409: Problem, 428: Problem}
_PAGE = 20
_JSON = "application/json"


@router.post("", response={201: RegisteredOut, **WRITES, 409: DoublesProblem}, summary="Register a resident")
def register(request: HttpRequest, body: ResidentIn) -> HttpResponse:
    """Give a resident an entry, once per ``Idempotency-Key``. All that is wrong is told at once."""

    def work() -> RegisteredOut:
        made = commands.register(request.actor, given=_registration(body), despite=body.despite)
        return RegisteredOut(id=made.resident_id, institution=made.institution_id, keeps_file=made.keeps_file)

    return _with_candidates(request, lambda: once(request, 201, work))


@router.post("/find", response={200: FoundOut, **REFUSALS}, summary="Find by an exact number")
def find(request: HttpRequest, body: NumberIn) -> HttpResponse:
    """Who bears exactly this number, anywhere in the region; the least of each. Recorded, also if nobody does."""
    return _json({"items": [_least(each) for each in queries.find(request.actor, number=body.number)]})


@router.post("/search", response={200: ListPage, **REFUSALS}, summary="Search the own list by name")
def search(request: HttpRequest, body: NameIn) -> HttpResponse:
    """Residents of the institution's list whose name is found by characters, pinyin or initials."""
    return _page(queries.listed(request.actor, text=body.name, after=body.cursor, limit=_PAGE + 1))


@router.get("", response={200: ListPage, **REFUSALS}, summary="The own list")
def listed(request: HttpRequest, cursor: UUID | None = None) -> HttpResponse:
    """Residents known at the institution, 20 at a time, in the order of their registration."""
    return _page(queries.listed(request.actor, after=cursor, limit=_PAGE + 1))


@router.get("/{uuid:key}", response={200: ResidentOut, **REFUSALS}, summary="A resident's record")
def read(request: HttpRequest, key: UUID) -> HttpResponse:
    """The record, where there is a ground to open it; who read what on which ground is recorded.

    ``ETag`` is the entry's version, for ``If-Match`` of a correction. 403 in the same words whether there is such a
    person or not.
    """
    sheet = queries.sheet(request.actor, key)
    response = _json(_record(sheet))
    response["ETag"] = f'"{sheet.who.version}"'
    return response


@router.post("/{uuid:key}/reveal", response={200: NumbersOut, **REFUSALS}, summary="Numbers in the clear")
def reveal(request: HttpRequest, key: UUID) -> HttpResponse:
    """Numbers and telephones in the clear. Every call is recorded as one; it takes no ``Idempotency-Key``, since an
    answer kept for a replay would keep the numbers."""
    sheet = queries.sheet(request.actor, key, what="number", clear=True)
    return _json({"id": sheet.who.id, "numbers": _numbers(sheet)})


@router.patch(
    "/{uuid:key}",
    response={200: Corrected, **WRITES, 409: DoublesProblem, 412: Problem},
    summary="Correct an entry",
)
def correct(request: HttpRequest, key: UUID, body: CorrectionIn) -> HttpResponse:
    """Change fields of the entry as it was at ``If-Match``; 412 with what changed if it is another by now."""
    version = _version(request)

    def work() -> Corrected:
        done = commands.correct(request.actor, resident_id=key, version=version, change=_correction(body))
        return Corrected(id=key, version=done.version, fields=list(done.fields))

    return _with_candidates(request, lambda: once(request, 200, work))


def _with_candidates(request: HttpRequest, work: Callable[[], HttpResponse]) -> HttpResponse:
    """The answer of ``work``, or the problem with the entries that seem to be the same person; that they were shown
    is recorded."""
    try:
        return work()
    except commands.AlreadyKnown as known:
        queries.candidates_shown(request.actor, known.candidates)
        problem = answer(request, known.refusals[0], known.refusals)
        body = json.loads(problem.content)
        body["candidates"] = [_least(each) for each in known.candidates]
        return HttpResponse(as_bytes(body), status=problem.status_code, content_type=CONTENT_TYPE)


def _registration(body: ResidentIn) -> Registration:
    return Registration(
        name=body.name,
        sex=body.sex,
        birth_date=body.birth_date,
        division_code=body.division,
        identity_kind=body.identity_kind,
        number=body.number,
        phone=body.phone,
        address=body.address,
        nation=body.nation,
    )


def _correction(body: CorrectionIn) -> Correction:
    sent: dict[str, Any] = body.model_dump(exclude_unset=True)
    for name in ("name", "sex", "division", "phone", "address", "document"):
        if sent.get(name, KEEP) is None:
            raise Refused(_cannot_be_null(name))
    if "division" in sent:
        sent["division_code"] = sent.pop("division")
    if "document" in sent:
        sent["document"] = (sent["document"]["identity_kind"], sent["document"]["number"])
    return Correction(**sent)


def _version(request: HttpRequest) -> int:
    """The version that the client read.

    Raises:
        Refused: 428 without ``If-Match``, 412 for what is no version of ours.
    """
    held = request.headers.get(IF_MATCH)
    if held is None:
        raise Refused(MATCH_MISSING)
    plain = held.strip().strip('"')
    if not (plain.isascii() and plain.isdigit() and len(plain) < 10):
        raise Refused(CHANGED)
    return int(plain)


def _page(found: list[queries.Listed]) -> HttpResponse:
    shown = found[:_PAGE]
    after = shown[-1].id if len(found) > _PAGE else None
    return _json({"items": [_listed(each) for each in shown], "next": after})


def _listed(each: queries.Listed) -> dict[str, Any]:
    return {
        "id": each.id,
        "name": each.name,
        "sex": each.sex,
        "birth_date": each.birth_date,
        "division": each.division_code,
        "identity_kind": each.identity_kind,
        "number": each.number,
        "phone": each.phone,
        "keeps_file": each.keeps_file,
        "temporary": each.temporary,
        "synthetic": each.synthetic,
        "deceased_on": each.deceased_on,
    }


def _least(each: queries.Least) -> dict[str, Any]:
    return {
        "id": each.id,
        "name": each.name,
        "sex": each.sex,
        "birth_year": each.birth_year,
        "division": each.division_code,
        "institution": each.institution_id,
        "identity_kind": each.identity_kind,
        "number": each.number,
        "temporary": each.temporary,
        "deceased": each.deceased,
        "matched": each.matched,
    }


def _record(sheet: queries.Sheet) -> dict[str, Any]:
    who = sheet.who
    return {
        "id": who.id,
        "entries": who.entries,
        "version": who.version,
        "basis": sheet.basis.value,
        "name": who.name,
        "sex": who.sex,
        "birth_date": who.birth_date,
        "nation": who.nation,
        "division": who.division_code,
        "address": who.address,
        "identity_kind": who.identity_kind,
        "numbers": _numbers(sheet),
        "temporary": who.temporary,
        "synthetic": who.synthetic,
        "deceased_on": who.deceased_on,
        "moved_out_at": who.moved_out_at,
        "registered_at": who.registered_at,
        "institution": who.institution_id,
        "keeps_file": who.keeps_file,
        "groups": [
            {"group": each.group, "evidence": each.evidence, "since": each.since} for each in sheet.groups
        ],
        "guardians": [
            {"name": each.name, "relation": each.relation, "phone": each.phone} for each in sheet.guardians
        ],
        "doctor": sheet.doctor.name if sheet.doctor else "",
    }


def _numbers(sheet: queries.Sheet) -> list[dict[str, str]]:
    return [{"kind": each.kind, "value": each.value} for each in sheet.numbers]


def _json(content: Mapping[str, Any]) -> HttpResponse:
    return HttpResponse(as_bytes(content), content_type=_JSON)


def _cannot_be_null(name: str) -> Refusal:
    return Refusal(
        code="residents.cannot_be_null",
        message=Text("“{name}”不能为空值。", "“{name}” cannot be null."),
        instead=Text("不改的请不要提交这一项。", "Leave out what does not change."),
        fields={"name": name},
        at=name,
        status=422,
    )
