"""``/confirm``: showing again who one is, before something weighty."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.debug import sensitive_post_parameters

from tiercare.apps.access import queries
from tiercare.apps.access.commands import signing_in
from tiercare.apps.access.rules.sessions import FRESH_AT
from tiercare.kernel.refusal import Refused
from tiercare.web.middleware import before_role
from tiercare.web.source import source

from .devices import known_device
from .forms import CodeForm, ConfirmForm, show
from .going_on import next_of

# What was typed elsewhere is carried through this page, but for what must not stand in a page again.
_NOT_KEPT = ("csrfmiddlewaretoken", "password", "current", "again", "code")

_Form = ConfirmForm | CodeForm


@method_decorator((before_role, sensitive_post_parameters("password", "code")), name="dispatch")
class Confirm(View):
    """``/confirm?next=``: the password, or a code where a second factor is set up."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The empty form."""
        return confirm_page(request, going_on=next_of(request))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Confirm under a new session key, then go on: to ``next``, or to sending what was typed there."""
        going_on, kept = next_of(request), QueryDict(request.POST.get("kept", ""))
        form = _form(request, request.POST)
        if not form.is_valid():
            return confirm_page(request, going_on=going_on, kept=kept, form=form, status=422)
        try:
            signing_in.confirm(
                request.actor,
                secret=form.cleaned_data["code" if request.standing.second_factor else "password"],
                source=source(request),
                device=known_device(request),
            )
        except Refused as refused:
            show(form, refused.refusals)
            status = refused.refusals[0].status
            return confirm_page(request, going_on=going_on, kept=kept, form=form, status=status)
        request.session.cycle_key()
        request.session[FRESH_AT] = queries.wall_clock().timestamp()
        if not kept:
            return HttpResponseRedirect(going_on)
        fields = [(name, value) for name, values in kept.lists() for value in values]
        return render(request, "access/confirmed.html", {"next": going_on, "fields": fields})


def confirm_page(
    request: HttpRequest,
    *,
    going_on: str,
    kept: QueryDict | None = None,
    form: _Form | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page that asks; ``kept`` are the fields of another form, to be sent to ``going_on`` afterwards."""
    carried = kept.copy() if kept else QueryDict(mutable=True)
    for name in _NOT_KEPT:
        carried.pop(name, None)
    context = {"form": form or _form(request), "next": going_on, "kept": carried.urlencode()}
    return render(request, "access/confirm.html", context, status=status)


def _form(request: HttpRequest, data: QueryDict | None = None) -> _Form:
    return CodeForm(data) if request.standing.second_factor else ConfirmForm(data)
