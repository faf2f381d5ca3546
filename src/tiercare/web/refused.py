"""Who was refused what, in the log: ids and codes only, one line a request, so that patterns can be seen."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from http import HTTPStatus

from django.http import HttpRequest, HttpResponseBase

from tiercare.kernel.refusal import Refusal

logger = logging.getLogger("tiercare.refused")

_LOGGED = frozenset({HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.TOO_MANY_REQUESTS})
# The refusals told by the page that is being made; the API leaves its codes with the answer.
_told: ContextVar[list[Refusal] | None] = ContextVar("refusals_told", default=None)


def note(refusal: Refusal) -> None:
    """Remember that the page of this request tells of ``refusal``."""
    told = _told.get()
    if told is not None:
        told.append(refusal)


class LoggedRefusals:
    """One line for each answer 403 and 429, each 404 of an address that leads somewhere, and each resident sent back to
    their own pages: who asked, as what, where.

    Nothing that was sent stands in it, nor the address itself, but the pattern that it fits: that tells what was asked.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        token = _told.set([])
        try:
            response = self.get_response(request)
            told = _told.get() or []
        finally:
            _told.reset(token)
        status, codes = response.status_code, vars(response).get("refusal_codes", ())
        sent_away = bool(codes) and status < HTTPStatus.BAD_REQUEST
        if (status in _LOGGED or sent_away) and request.resolver_match is not None:
            # A page tells of more than why it is refused (why a button is grey): of those with its status one is why.
            _log(request, status, codes or [refusal.code for refusal in told if refusal.status == status])
        return response


def _log(request: HttpRequest, status: int, codes: Sequence[str]) -> None:
    actor = request.actor
    logger.info(
        "status=%d codes=%s account=%s role=%s institution=%s method=%s route=/%s request=%s",
        status,
        ",".join(dict.fromkeys(codes)) or "-",
        actor.account_id or "-",
        actor.role,
        actor.institution_id or "-",
        request.method,
        request.resolver_match.route,
        actor.request_id,
    )
