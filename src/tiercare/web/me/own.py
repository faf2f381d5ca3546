"""What every page of a resident does first: whose record it is about, and what surrounds it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from tiercare.apps.access import rules as access
from tiercare.apps.residents import queries as residents
from tiercare.apps.residents.queries import Least
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.web.pages import refused_page, told

View = Callable[..., HttpResponse]
LETTERS = "tiercare_letters"
LARGE = "large"


def mine(view: View) -> View:
    """A page of the acting resident, or of a ward of theirs (``/of/<id>/…``); ``request.whose`` says of whom.

    That a ward is theirs is found out each time anew. A visitor is sent to sign in with the card; staff are told
    that these pages are residents'. A ``Refused`` becomes a page that says why.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, ward: UUID | None = None, **kwargs: Any) -> HttpResponse:
        actor = request.actor
        if actor.account_id is None:
            return HttpResponseRedirect(reverse("me:sign-in"))
        refusal = access.may(actor, access.Right.READS_OF_MINE, resident_id=actor.resident_id)
        if refusal is not None:
            return refused_page(request, [refusal])
        request.ward, request.whose = None, ward or actor.resident_id
        try:
            request.ward = None if ward is None else residents.ward_of(actor, ward)
            return view(request, *args, **kwargs)
        except Refused as refused:
            return own_page(request, "me/refused.html", {}, refusals=refused.refusals)

    return login_not_required(wrapped)


def own_page(
    request: HttpRequest, template: str, context: dict[str, Any], *, refusals: Sequence[Refusal] = ()
) -> HttpResponse:
    """A page in the residents' shell; with refusals it says them first, under the status of the first."""
    context = {**context, "refusals": [told(refusal) for refusal in refusals]}
    return render(request, template, context, status=refusals[0].status if refusals else 200)


def to(request: HttpRequest, name: str, **kwargs: Any) -> str:
    """The address of one of the own pages, about the same person; of another area's with its namespace."""
    ward: Least | None = getattr(request, "ward", None)
    return reverse(
        name if ":" in name else f"me:{name}", kwargs=kwargs if ward is None else {**kwargs, "ward": ward.id}
    )


def surroundings(request: HttpRequest) -> dict[str, Any]:
    """What the residents' shell shows: whose pages these are, and how large the letters."""
    ward: Least | None = getattr(request, "ward", None)
    return {
        "name": request.user.display_name if ward is None else ward.name,
        "ward": ward is not None,
        "large": request.COOKIES.get(LETTERS) == LARGE,
        "here": request.resolver_match.url_name if request.resolver_match else "",
    }
