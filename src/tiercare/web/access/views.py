"""Pages of signing in. Each POST makes one command call and redirects (Post/Redirect/Get)."""

from __future__ import annotations

from django.conf import settings
from django.contrib import auth
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.views import View
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from tiercare.apps.access import commands, queries
from tiercare.apps.ledger import queries as ledger
from tiercare.kernel.refusal import Refused
from tiercare.web.middleware import GRANT, SEEN_AT, SIGNED_IN_AT, before_role

from .forms import LanguageForm, PasswordForm, RoleForm, SignInForm, show

_BACKEND = "django.contrib.auth.backends.ModelBackend"
_A_YEAR = 365 * 24 * 3600


@method_decorator((login_not_required, sensitive_post_parameters("password")), name="dispatch")
class SignIn(View):
    """``/sign-in``: name and password; in a demonstration also the list of accounts to pick from."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The empty form, with the name filled in where a demonstration account was clicked."""
        if request.actor.account_id is not None:
            return HttpResponseRedirect(_next(request))
        return self._page(request, SignInForm(initial={"username": request.GET.get("username", "")}))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Sign in under a new session key, so that a key planted before is worth nothing."""
        form = SignInForm(request.POST)
        if not form.is_valid():
            return self._page(request, form, status=422)
        try:
            account = commands.sign_in(
                request.actor,
                username=form.cleaned_data["username"],
                password=form.cleaned_data["password"],
                source=(request.META.get("REMOTE_ADDR") or "local")[:45],
            )
        except Refused as refused:
            show(form, refused.refusals)
            return self._page(request, form, status=refused.refusals[0].status)
        request.session.flush()
        auth.login(request, account, backend=_BACKEND)
        request.session[SIGNED_IN_AT] = request.session[SEEN_AT] = queries.wall_clock().timestamp()
        return HttpResponseRedirect(_next(request))

    def _page(self, request: HttpRequest, form: SignInForm, status: int = 200) -> HttpResponse:
        demo = queries.demo_accounts() if ledger.installation().synthetic else ()
        context = {"form": form, "next": _next(request), "demo_accounts": demo}
        response = render(request, "access/sign_in.html", context, status=status)
        response.headers["Cache-Control"] = "no-store"
        return response


@login_not_required
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """``/sign-out``: end the session on the server, then show the sign-in page."""
    commands.sign_out(request.actor)
    auth.logout(request)
    return HttpResponseRedirect(settings.LOGIN_URL)


@method_decorator(before_role, name="dispatch")
class ChooseRole(View):
    """``/role``: the roles in force today, one of which to act in."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The list; empty, it says whom to ask."""
        return self._page(request, RoleForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Act in the picked role from now on."""
        form = RoleForm(request.POST)
        if not form.is_valid():
            return self._page(request, form, status=422)
        try:
            picked = commands.choose_role(request.actor, grant_id=form.cleaned_data["grant_id"])
        except Refused as refused:
            show(form, refused.refusals)
            return self._page(request, form, status=refused.refusals[0].status)
        request.session[GRANT] = str(picked.id)
        return HttpResponseRedirect(_next(request))

    def _page(self, request: HttpRequest, form: RoleForm, status: int = 200) -> HttpResponse:
        held = [
            {
                "id": grant.id,
                "role": grant.role_name.in_language(request.LANGUAGE_CODE),
                "place": grant.place_name,
            }
            for grant in request.grants
        ]
        context = {"form": form, "held": held, "next": _next(request)}
        return render(request, "access/role.html", context, status=status)


@method_decorator((before_role, sensitive_post_parameters("current", "password", "again")), name="dispatch")
class ChangePassword(View):
    """``/password``: a new password for oneself; asked for after somebody else has set it."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The empty form."""
        return self._page(request, PasswordForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Change it; this session goes on under a new key, all others end."""
        form = PasswordForm(request.POST)
        if not form.is_valid():
            return self._page(request, form, status=422)
        try:
            account = commands.change_password(
                request.actor, current=form.cleaned_data["current"], password=form.cleaned_data["password"]
            )
        except Refused as refused:
            show(form, refused.refusals)
            return self._page(request, form, status=refused.refusals[0].status)
        auth.update_session_auth_hash(request, account)
        return HttpResponseRedirect(_next(request))

    def _page(self, request: HttpRequest, form: PasswordForm, status: int = 200) -> HttpResponse:
        context = {"form": form, "asked": request.user.must_change_password, "next": _next(request)}
        return render(request, "access/password.html", context, status=status)


@login_not_required
@require_POST
def change_language(request: HttpRequest) -> HttpResponse:
    """``/language``: remember the picked language in a cookie and go back."""
    form = LanguageForm(request.POST)
    response = HttpResponseRedirect(_next(request))
    if form.is_valid():
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            form.cleaned_data["language"],
            max_age=_A_YEAR,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
    return response


def _next(request: HttpRequest) -> str:
    """Where to go on: the ``next`` that came along if it is a path of this site, otherwise the first page."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if safe else settings.LOGIN_REDIRECT_URL
