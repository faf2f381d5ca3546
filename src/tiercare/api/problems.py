"""Every failure of the API as one shape: problem details (RFC 9457), in the user's language.

``type``, ``title``, ``status``, ``detail`` and ``instance`` are the RFC's; ``code``, ``clauses``, ``way_on`` and
``errors`` are ours: what a program switches on, which clauses say so, what to do instead, and each refusal or
field with its own sentence. Nothing that was sent in is repeated: it may be a patient's data.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError

from tiercare.apps.access.rules import SIGN_IN_FIRST
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from .etags import as_bytes
from .wording import TITLES, UNREADABLE, way_on_for_fields, wrong_field

logger = logging.getLogger("tiercare.api")

CONTENT_TYPE = "application/problem+json"

INVALID = Refusal(
    code="api.invalid",
    message=Text("提交的内容有 {count} 处需要更正。", "{count} part(s) of the request need correcting."),
    instead=Text("请按 errors 逐项更正后重新提交。", "Correct what errors lists, then send it again."),
    status=422,
)
NOT_FOUND = Refusal(
    code="api.not_found",
    message=Text(
        "没有这个地址，或没有这条记录，或您无权看到它。",
        "No such address or record, or it is not yours to see.",
    ),
    instead=Text(
        "可用的地址见 /api/openapi.json。", "The addresses that exist are listed in /api/openapi.json."
    ),
    status=404,
)
FORBIDDEN = Refusal(
    code="api.forbidden",
    message=Text("这次请求没有通过安全检查。", "The request did not pass the security checks."),
    instead=Text(
        "写操作须带 X-CSRFToken 请求头，其值取自 csrftoken Cookie；请刷新页面或重新登录。",
        "Writing needs the X-CSRFToken header with the value of the csrftoken cookie; reload or sign in again.",
    ),
    status=403,
)
WRONG_METHOD = Refusal(
    code="api.wrong_method",
    message=Text("这个地址不支持 {method}。", "This address does not answer {method}."),
    instead=Text("可用的方法见 Allow 响应头。", "The Allow header lists what it answers."),
    status=405,
)
BROKEN = Refusal(
    code="api.broken",
    message=Text(
        "服务器处理这次请求时出错，没有保存任何内容。",
        "The server failed on this request; nothing was saved.",
    ),
    instead=Text(
        "可以用同一个 Idempotency-Key 重试；若仍出错，请把 instance 告诉平台管理员。",
        "You may retry with the same Idempotency-Key; if it fails again, tell the operator the instance.",
    ),
    status=500,
)


class ProblemError(Schema):
    """One reason of a problem: where, and why."""

    at: str | None
    code: str
    detail: str
    way_on: str
    clauses: list[str]


class Problem(Schema):
    """The shape of every answer from 400 up, for the ``response=`` of endpoints (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    clauses: list[str]
    way_on: str
    errors: list[ProblemError]


def answer(
    request: HttpRequest, head: Refusal, reasons: Sequence[Refusal] = (), **beyond: object
) -> HttpResponse:
    """The problem (``Problem``) whose sentence is ``head`` and whose ``errors`` are ``reasons`` (``head`` itself if
    none), with the members that this kind of problem has ``beyond`` those of all."""
    language = str(getattr(request, "LANGUAGE_CODE", "zh-hans"))
    told = reasons or (head,)
    content = {
        "type": f"urn:tiercare:problem:{head.code}",
        "title": _title(head.status, language),
        "status": head.status,
        "detail": head.sentence(language),
        "instance": _instance(request),
        "code": head.code,
        "clauses": list(dict.fromkeys(clause for reason in told for clause in reason.clauses)),
        "way_on": head.way_on(language),
        "errors": [
            {
                "at": reason.at,
                "code": reason.code,
                "detail": reason.sentence(language),
                "way_on": reason.way_on(language),
                "clauses": reason.clauses,
            }
            for reason in told
        ],
        **beyond,
    }
    response = HttpResponse(as_bytes(content), status=head.status, content_type=CONTENT_TYPE)
    vars(response)["refusal_codes"] = tuple(dict.fromkeys(reason.code for reason in told))  # for the log
    if head.status == HTTPStatus.TOO_MANY_REQUESTS and "seconds" in head.fields:
        response["Retry-After"] = str(head.fields["seconds"])
    return response


def install(api: NinjaAPI) -> None:
    """Make ``api`` answer every exception with a problem."""
    handlers: Mapping[type[Exception], Callable[[HttpRequest, Any], HttpResponse]] = {
        Refused: _refused,
        ValidationError: _invalid,
        AuthenticationError: lambda request, exc: answer(request, SIGN_IN_FIRST),
        HttpError: _http_error,
        Http404: lambda request, exc: answer(request, NOT_FOUND),
        PermissionDenied: lambda request, exc: answer(request, FORBIDDEN),
        SuspiciousOperation: lambda request, exc: answer(request, UNREADABLE),
        Exception: _broken,
    }
    for kind, handler in handlers.items():
        api.add_exception_handler(kind, handler)


def as_problems(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """``view`` with the answers that ninja gives outside its handlers (wrong method, no page) as problems."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        try:
            response = view(request, *args, **kwargs)
        except Http404:
            return answer(request, NOT_FOUND)
        if response.status_code != HTTPStatus.METHOD_NOT_ALLOWED:
            return response
        problem = answer(request, replace(WRONG_METHOD, fields={"method": request.method}))
        problem["Allow"] = response["Allow"]
        return problem

    return wrapped


def unknown_address(request: HttpRequest, **_: object) -> HttpResponse:
    """The answer below ``/api/`` where nothing is."""
    return answer(request, NOT_FOUND)


def _refused(request: HttpRequest, exc: Refused) -> HttpResponse:
    return answer(request, exc.refusals[0], exc.refusals)


def _invalid(request: HttpRequest, exc: ValidationError) -> HttpResponse:
    reasons = [_field_refusal(error) for error in exc.errors]
    return answer(request, replace(INVALID, fields={"count": len(reasons)}), reasons)


def _field_refusal(error: Mapping[str, Any]) -> Refusal:
    source, *path = error["loc"]
    place = ".".join(str(part) for part in path)
    context = {key: str(value) for key, value in error.get("ctx", {}).items()}
    return Refusal(
        code=f"api.invalid.{error['type']}",
        message=wrong_field(str(error["type"]), str(error["msg"])),
        instead=way_on_for_fields(str(source)),
        fields={**context, "place": place or str(source)},
        at=place or str(source),
        status=422,
    )


def _http_error(request: HttpRequest, exc: HttpError) -> HttpResponse:
    known = {400: UNREADABLE, 401: SIGN_IN_FIRST, 403: FORBIDDEN, 404: NOT_FOUND}
    return answer(request, known.get(exc.status_code, BROKEN))


def _broken(request: HttpRequest, exc: Exception) -> HttpResponse:
    path = request.path.encode("unicode_escape").decode()  # as sent by anybody: it writes no line of its own
    logger.error("%s %s failed, %s", request.method, path, _instance(request), exc_info=exc)
    return answer(request, BROKEN)


def _filled(refusal: Refusal, **fields: object) -> Refusal:
    return Refusal(
        refusal.code, refusal.message, refusal.instead, fields, refusal.clauses, refusal.at, refusal.status
    )


def _instance(request: HttpRequest) -> str:
    return f"urn:uuid:{request.actor.request_id}"


def _title(status: int, language: str) -> str:
    title = TITLES.get(status)
    return title.in_language(language) if title else HTTPStatus(status).phrase
