"""``/invitation``: where a slip is used. Its code is typed, or read by a script from behind the ``#`` of the address,
which browsers send to nobody; it travels in the form alone, so no log holds it."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_safe

from tiercare.apps.access.commands import invitations
from tiercare.kernel.refusal import Refused
from tiercare.web.access.forms import show

from .forms import AcceptForm


@method_decorator(
    (login_not_required, sensitive_post_parameters("token", "password", "again")), name="dispatch"
)
class Accept(View):
    """The slip's code, and a password of one's own."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The empty form."""
        return self._page(request, AcceptForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Set the password; the person then signs in with it."""
        form = AcceptForm(request.POST)
        if not form.is_valid():
            return self._page(request, form, status=422)
        try:
            invitations.accept(
                request.actor, token=form.cleaned_data["token"], password=form.cleaned_data["password"]
            )
        except Refused as refused:
            show(form, refused.refusals)
            return self._page(request, form, status=refused.refusals[0].status)
        return HttpResponseRedirect(reverse("own:invitation-done"))

    def _page(self, request: HttpRequest, form: AcceptForm, status: int = 200) -> HttpResponse:
        response = render(request, "accounts/invitation.html", {"form": form}, status=status)
        response.headers["Cache-Control"] = "no-store"
        return response


@login_not_required
@require_safe
def done(request: HttpRequest) -> HttpResponse:
    """``/invitation/done``: the password is set; on to signing in."""
    return render(request, "accounts/invitation_done.html")
