"""What the pages of a referral need of the person, in one opening of the record; the reading is recorded once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Purpose
from tiercare.apps.capacity.queries.patient import Patient
from tiercare.apps.exchange import queries as exchange
from tiercare.apps.exchange.rules import refusals
from tiercare.apps.exchange.workflow import WRITTEN
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.records import queries as records
from tiercare.apps.records.rules.delicate import is_special, sees_record, sees_special
from tiercare.apps.residents import queries as residents
from tiercare.apps.residents.queries.record import identity_of
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused
from tiercare.web.booking import presenters as banners

_NOTHING = records.Summary((), (), (), (), ())
# By kind: where the request is written.
PAGE_OF = {
    "up": "referrals:write",
    "lateral": "referrals:write",
    "down": "referrals:plan",
    "advice": "referrals:ask",
}


@dataclass(frozen=True, slots=True)
class Person:
    """The banner of the page and what of the record the reader's role sees."""

    banner: dict[str, Any]
    summary: records.Summary


def person(actor: Actor, resident_id: UUID) -> Person:
    """Who it is, and their record at a glance.

    Raises:
        Closed: if nothing allows the actor to read this record now.
    """
    today = ledger.today()
    with residents.opened(actor, resident_id, what="request", purpose=Purpose.REFERRAL) as ground:
        who = identity_of(ground, today)
        (least,) = residents.least_of([ground.resident_id])
        found = records.summary(ground.persons, on=today) if sees_record(actor.role) else _NOTHING
    patient = Patient(
        id=who.id,
        name=who.name,
        sex=who.sex,
        age=who.age,
        birth_year=who.birth_date.year if who.birth_date else None,
        identity_kind=who.identity_kind,
        number=least.number,
        temporary=who.temporary,
        synthetic=who.synthetic,
        deceased=who.deceased_on is not None,
        keeper=who.institution_id,
    )
    return Person(banners.banner(patient), _seen_by(actor, found))


def ours(actor: Actor, request_id: UUID) -> exchange.Case:
    """A request that the actor's institution sends; nobody else's reading of it is recorded as one.

    Raises:
        Refused: if there is no such request, or another institution sent it.
    """
    with scoped(actor):
        standing = exchange.standing_of(request_id)
    if standing is None or standing.sender != actor.institution_id:
        raise Refused(refusals.NO_SUCH_REQUEST)
    return exchange.opened(actor, request_id)


def written(actor: Actor, request_id: UUID) -> exchange.Case:
    """One that is being written, or was returned.

    Raises:
        Refused: as ``ours``.
        Gone: if it has been sent.
    """
    case = ours(actor, request_id)
    if case.standing.state not in WRITTEN:
        raise Gone(request_id)
    return case


class Gone(Exception):
    """The request has been sent: its page is another."""

    def __init__(self, request_id: UUID) -> None:
        super().__init__(str(request_id))
        self.request_id = request_id


def gone(request: HttpRequest, sent: Gone) -> HttpResponse:
    """To the page of a request that has been sent; htmx is told to go there."""
    address = f"{reverse('requests:one', args=[sent.request_id])}?{request.frame.query}"
    if request.htmx:
        answer = HttpResponse(status=204)
        answer["HX-Redirect"] = address
        return answer
    return HttpResponseRedirect(address)


def form_of(
    request: HttpRequest, request_id: UUID, here: str, form: Callable[..., HttpResponse]
) -> HttpResponse:
    """The form of a request that is being written; of another kind, or sent, the page where it is."""
    try:
        case = written(request.actor, request_id)
    except Gone as sent:
        return gone(request, sent)
    if PAGE_OF.get(case.line.kind, PAGE_OF["up"]) != here:
        return HttpResponseRedirect(page_of(request, request_id, case.line.kind))
    return form(request, case)


def page_of(request: HttpRequest, request_id: UUID, kind: str) -> str:
    """Where a request of this kind is written."""
    return f"{reverse(PAGE_OF.get(kind, PAGE_OF['up']), args=[request_id])}?{request.frame.query}"


def _seen_by(actor: Actor, found: records.Summary) -> records.Summary:
    if sees_special(actor.role):
        return found
    return replace(found, problems=tuple(each for each in found.problems if not is_special([each.code])))
