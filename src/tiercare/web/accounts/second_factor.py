"""``/second-factor``: one's own second step of signing in. Codes that were just made are shown in the answer only."""

from __future__ import annotations

import io

import segno
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST, require_safe

from tiercare.apps.access.commands import second_factor as commands
from tiercare.apps.access.queries.second_factor import own_enrolment, own_factor
from tiercare.apps.access.rules import staff
from tiercare.kernel.refusal import Refused
from tiercare.web.access.forms import show
from tiercare.web.fresh import recently_confirmed
from tiercare.web.middleware import before_role
from tiercare.web.pages import said

from .forms import AnyCodeForm, CodeForm


@require_safe
@before_role
def overview(request: HttpRequest) -> HttpResponse:
    """How it stands, and what can be done."""
    return _page(request)


@require_safe
@before_role
def qr(request: HttpRequest) -> HttpResponse:
    """The QR code while it is being set up; afterwards nobody gets it again."""
    enrolment = own_enrolment(request.actor)
    if enrolment is None:
        raise Http404
    picture = io.BytesIO()
    segno.make(enrolment.address, error="m", micro=False).save(picture, kind="svg", scale=5, border=3)
    return HttpResponse(picture.getvalue(), content_type="image/svg+xml")


@require_POST
@before_role
@recently_confirmed()
def begin(request: HttpRequest) -> HttpResponse:
    """A new secret; by whoever has just shown who they are, not by who finds the desk empty."""
    try:
        commands.begin(request.actor)
    except Refused as refused:
        messages.warning(request, said(refused.refusals[0].message))
    return HttpResponseRedirect(reverse("own:second-factor"))


@require_POST
@before_role
@sensitive_post_parameters()
@sensitive_variables("codes")
def confirm(request: HttpRequest) -> HttpResponse:
    """The first code: from now on it counts. Answered with the recovery codes."""
    form = CodeForm(request.POST)
    if not form.is_valid():
        return _page(request, setting_up=form, status=422)
    try:
        codes = commands.confirm(request.actor, code=form.cleaned_data["code"])
    except Refused as refused:
        show(form, refused.refusals)
        return _page(request, setting_up=form, status=refused.refusals[0].status)
    return _codes(request, codes)


@require_POST
@before_role
@sensitive_post_parameters()
@sensitive_variables("codes")
def renew(request: HttpRequest) -> HttpResponse:
    """New recovery codes."""
    form = AnyCodeForm(request.POST, prefix="renew")
    if not form.is_valid():
        return _page(request, renewing=form, status=422)
    try:
        codes = commands.renew_codes(request.actor, code=form.cleaned_data["code"])
    except Refused as refused:
        show(form, refused.refusals)
        return _page(request, renewing=form, status=refused.refusals[0].status)
    return _codes(request, codes)


@require_POST
@before_role
@sensitive_post_parameters()
def off(request: HttpRequest) -> HttpResponse:
    """Without it from now on, or to begin anew on another telephone."""
    form = AnyCodeForm(request.POST, prefix="off")
    if not form.is_valid():
        return _page(request, switching_off=form, status=422)
    try:
        commands.switch_off(request.actor, code=form.cleaned_data["code"])
    except Refused as refused:
        show(form, refused.refusals)
        return _page(request, switching_off=form, status=refused.refusals[0].status)
    messages.success(request, _("已停用第二步验证。"))
    return HttpResponseRedirect(reverse("own:second-factor"))


def _codes(request: HttpRequest, codes: tuple[str, ...]) -> HttpResponse:
    context = {"codes": codes, "username": request.user.username}
    return render(request, "accounts/recovery_codes.html", context)


def _page(
    request: HttpRequest,
    *,
    setting_up: CodeForm | None = None,
    renewing: CodeForm | None = None,
    switching_off: CodeForm | None = None,
    status: int = 200,
) -> HttpResponse:
    roles = {grant.role for grant in request.grants}
    factor = own_factor(request.actor)
    context = {
        "factor": factor,
        "enrolment": None if factor else own_enrolment(request.actor),
        "must": staff.must_enrol(
            roles,
            synthetic=request.user.synthetic,
            has_factor=factor is not None,
            of_all=settings.SECOND_FACTOR_OF_ALL,
        ),
        "demanded_by": said(staff.must_have_text(roles)),
        "exempt": request.user.synthetic,
        "setting_up": setting_up or CodeForm(),
        "renewing": renewing or AnyCodeForm(prefix="renew"),
        "switching_off": switching_off or AnyCodeForm(prefix="off"),
        "codes_made": staff.RECOVERY_CODES,
    }
    return render(request, "accounts/second_factor.html", context, status=status)
