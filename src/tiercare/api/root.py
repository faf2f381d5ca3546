"""The typed API: one way to sign in, one shape of failure. Routers are added to ``ROUTERS``."""

from __future__ import annotations

from functools import cached_property
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.urls import URLPattern, re_path
from django.urls.resolvers import URLResolver
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI, Router
from ninja.errors import HttpError, ValidationError, ValidationErrorContext
from ninja.openapi.schema import OpenAPISchema
from ninja.security import APIKeyCookie

from tiercare import __version__
from tiercare.kernel.actor import Actor

from . import (
    assessments,
    capacity,
    capacity_beds,
    capacity_cases,
    capacity_centre,
    capacity_feeds,
    capacity_files,
    capacity_proof,
    capacity_queue,
    capacity_waiting,
    cards,
    care,
    changes,
    consents,
    covers,
    duplicates,
    filings,
    followup,
    indicators,
    localities,
    network,
    open_services,
    plans,
    policy,
    problems,
    projects,
    providers,
    records,
    referrals,
    referrals_first_contact,
    referrals_statistics,
    requests,
    residents,
    result_uses,
    session,
    signing,
    supervision,
    surveys,
    trials,
)
from .contract import Contract
from .evaluation import importing as facts_importing
from .evaluation import panels
from .uploads import refuse_endless


class _Csrf(CsrfViewMiddleware):
    """Django's check, answering with the reason instead of a page that would be thrown away."""

    def _reject(self, request: HttpRequest, reason: str) -> str:
        return reason


class SignedIn(APIKeyCookie):
    """The session cookie of the pages, with a CSRF token on everything that writes."""

    param_name = settings.SESSION_COOKIE_NAME

    def __init__(self) -> None:
        super().__init__(csrf=False)  # ninja's own check renders the page; ``authenticate`` checks instead

    def authenticate(self, request: HttpRequest, key: str | None) -> Actor | None:
        """The acting person, or ``None`` (answered 401) for a visitor.

        Raises:
            HttpError: 403 for a write without a valid CSRF token.
            Refused: 413 for a body that says it is larger than any file that is taken here.
        """
        actor: Actor = request.actor
        if actor.account_id is None:
            return None
        refuse_endless(request)  # the check below reads the body
        check = _Csrf(lambda _: HttpResponse())
        request.csrf_processing_done = False
        check.process_request(request)
        if check.process_view(request, lambda: None, (), {}) is not None:
            raise HttpError(HTTPStatus.FORBIDDEN, "no valid CSRF token")
        return actor


class Api(NinjaAPI):
    """Ninja, answering with problems also where it would answer with text or a page."""

    @property
    def urls(self) -> tuple[list[URLResolver | URLPattern], str, str]:
        """The addresses, and a last one that catches what is none."""
        patterns, app_name, namespace = super().urls
        for pattern in patterns:
            pattern.callback = problems.as_problems(pattern.callback)
        unknown = re_path(r"^(?P<rest>.*)$", _unknown, name="unknown")
        return [*patterns, unknown], app_name, namespace

    @cached_property
    def _contract(self) -> OpenAPISchema:
        return Contract(self, self.get_root_path({}))

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        """The contract, made once: anybody may ask for it, and making it costs a third of a second."""
        if path_prefix is None and not path_params:
            return self._contract
        return Contract(self, path_prefix or self.get_root_path(path_params or {}))

    def validation_error_from_error_contexts(
        self, error_contexts: list[ValidationErrorContext[Any]]
    ) -> ValidationError:
        """Pydantic's errors, without the name of our own parameter where the body is one object."""
        found = []
        for context in error_contexts:
            ours = getattr(context.model, "__read_from_single_attr__", None)
            for error in super().validation_error_from_error_contexts([context]).errors:
                source, *path = error["loc"]
                if ours is not None and path[:1] == [ours]:
                    path = path[1:]
                found.append({**error, "loc": (source, *path)})
        return ValidationError(found)


_DESCRIPTION = (
    "Failures are problem details (RFC 9457). Every write takes an Idempotency-Key. "
    "Tiercare-Synthetic: true stands on every answer of a demonstration, in which nobody is real; "
    "in a real database simulated facts and trials say so in their own fields (synthetic, simulated)."
)
_unknown = csrf_exempt(problems.unknown_address)

# Every router of the API, one line each, in the order of the documentation.
ROUTERS: tuple[tuple[str, Router], ...] = (
    ("/session", session.router),
    ("/policy", policy.router),
    ("/network", network.router),
    ("/changes", changes.router),
    ("/residents", residents.router),
    ("/residents", covers.router),
    ("/signing", signing.router),
    ("/records", records.router),
    ("/formulary", followup.formulary),
    ("/followup", followup.router),
    ("/duplicates", duplicates.router),
    ("/cards", cards.router),
    ("/consents", consents.router),
    ("/capacity", capacity.router),
    ("/capacity", capacity_beds.router),
    ("/capacity", capacity_cases.router),
    ("/capacity", capacity_centre.router),
    ("/capacity", capacity_feeds.router),
    ("/capacity", capacity_files.router),
    ("/capacity", capacity_proof.router),
    ("/capacity", capacity_queue.router),
    ("/capacity", capacity_waiting.router),
    ("/care", care.router),
    ("/providers", providers.router),
    ("/localities", localities.router),
    ("/requests", requests.router),
    ("/requests", filings.router),
    ("/referrals", referrals.router),
    ("/referrals", referrals_statistics.router),
    ("/referrals", referrals_first_contact.router),
    ("/indicators", indicators.router),
    ("/supervision", supervision.router),
    ("/projects", projects.router),
    ("/assessments", result_uses.router),
    ("/assessments", assessments.router),
    ("/surveys", surveys.router),
    ("/planning", plans.router),
    ("/trials", trials.router),
    ("/public", assessments.public),
    ("/public", open_services.public),
    ("/evaluation", facts_importing.router),
    ("/evaluation", panels.router),
)


def build(namespace: str | None = None) -> Api:
    """The API with all its routers; tests build one under a ``namespace`` of their own and add to it.

    There is no docs page: ninja's loads its scripts from a CDN. ``/api/openapi.json`` is the contract.
    """
    built = Api(
        title="Tiercare 分级诊疗协同平台",
        version=__version__,
        description=_DESCRIPTION,
        docs_url=None,
        auth=SignedIn(),
        urls_namespace=namespace,
    )
    problems.install(built)
    for prefix, router in ROUTERS:
        built.add_router(prefix, router)
    return built


api = build()
