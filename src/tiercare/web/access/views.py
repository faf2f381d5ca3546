"""Pages of signing in. Each POST makes one command call and redirects (Post/Redirect/Get)."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.contrib import auth
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from tiercare.apps.access import commands, queries
from tiercare.apps.access.commands import signing_in
from tiercare.apps.access.queries.sessions import KnownPerson, people_known
from tiercare.apps.ledger import queries as ledger
from tiercare.kernel.refusal import Refused
from tiercare.web.middleware import GRANT, before_role, redirect_to
from tiercare.web.source import source

from .devices import forget, known_device, remember
from .forms import CodeForm, LanguageForm, PasswordForm, RoleForm, SignInForm, show
from .going_on import next_of
from .starting import half_open, start_half, start_session

_A_YEAR = 365 * 24 * 3600


@method_decorator((login_not_required, sensitive_post_parameters("password")), name="dispatch")
class SignIn(View):
    """``/sign-in``: name and password; with ``people`` the people known on this device to pick from, in a
    demonstration always the list of its accounts."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The empty form, with the name filled in where somebody was picked."""
        if request.actor.account_id is not None:
            return HttpResponseRedirect(next_of(request))
        known = _known_people(request) if {"people", "person"} & set(request.GET) else []
        picked = next((each for each in known if str(each.account_id) == request.GET.get("person")), None)
        username = picked.username if picked else request.GET.get("username", "")
        form = SignInForm(initial={"username": username})
        form.fields["password" if username else "username"].widget.attrs["autofocus"] = True
        return self._page(request, form, known)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Sign in, or half of it where a code is still to come; either way under a new session key."""
        form = SignInForm(request.POST)
        if not form.is_valid():
            return self._page(request, form, status=422)
        try:
            opened = commands.sign_in(
                request.actor,
                username=form.cleaned_data["username"],
                password=form.cleaned_data["password"],
                source=source(request),
                device=known_device(request),
            )
        except Refused as refused:
            show(form, refused.refusals)
            return self._page(request, form, status=refused.refusals[0].status)
        if isinstance(opened, signing_in.HalfOpen):
            start_half(request, opened)
            return redirect_to(request, "access:code", back=next_of(request))
        start_session(request, opened)
        response = HttpResponseRedirect(next_of(request))
        remember(request, response, opened.id)
        return response

    def _page(
        self, request: HttpRequest, form: SignInForm, known: Sequence[KnownPerson] = (), status: int = 200
    ) -> HttpResponse:
        demo = queries.demo_accounts() if ledger.installation().synthetic else ()
        device = known_device(request)
        context = {
            "form": form,
            "next": next_of(request),
            "demo_accounts": demo,
            "known": known,
            "device_known": device is not None,
        }
        return _not_kept(render(request, "access/sign_in.html", context, status=status))


@method_decorator((login_not_required, sensitive_post_parameters("code")), name="dispatch")
class SignInCode(View):
    """``/sign-in/code``: the second step, for whom the session holds the first."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The empty form; without a first step, back to that."""
        if half_open(request) is None:
            return redirect_to(request, "access:sign-in", back=next_of(request))
        return self._page(request, CodeForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Sign in under a new session key once the code is right."""
        half, form = half_open(request), CodeForm(request.POST)
        if half is None:
            return redirect_to(request, "access:sign-in", back=next_of(request))
        if not form.is_valid():
            return self._page(request, form, status=422)
        try:
            account = signing_in.finish_sign_in(
                request.actor, half=half, code=form.cleaned_data["code"], source=source(request)
            )
        except Refused as refused:
            show(form, refused.refusals)
            return self._page(request, form, status=refused.refusals[0].status)
        start_session(request, account)
        response = HttpResponseRedirect(next_of(request))
        remember(request, response, account.id)
        return response

    def _page(self, request: HttpRequest, form: CodeForm, status: int = 200) -> HttpResponse:
        context = {"form": form, "next": next_of(request)}
        return _not_kept(render(request, "access/code.html", context, status=status))


@login_not_required
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """``/sign-out``: end the session on the server, then show the sign-in page."""
    commands.sign_out(request.actor)
    auth.logout(request)
    return HttpResponseRedirect(settings.LOGIN_URL)


@login_not_required
@require_POST
def switch_person(request: HttpRequest) -> HttpResponse:
    """``/switch``: end the session and let the next person at this machine pick their name."""
    commands.sign_out(request.actor)
    auth.logout(request)
    return HttpResponseRedirect(f"{settings.LOGIN_URL}?people=1")


@login_not_required
@require_POST
def forget_device(request: HttpRequest) -> HttpResponse:
    """``/forget-device``: nobody is known on this browser any more."""
    response = HttpResponseRedirect(settings.LOGIN_URL)
    forget(response)
    return response


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
        return HttpResponseRedirect(next_of(request))

    def _page(self, request: HttpRequest, form: RoleForm, status: int = 200) -> HttpResponse:
        held = [
            {
                "id": grant.id,
                "role": grant.role_name.in_language(request.LANGUAGE_CODE),
                "place": grant.place_name,
            }
            for grant in request.grants
        ]
        context = {"form": form, "held": held, "next": next_of(request)}
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
                request.actor,
                current=form.cleaned_data["current"],
                password=form.cleaned_data["password"],
                session_key=request.session.session_key,
            )
        except Refused as refused:
            show(form, refused.refusals)
            return self._page(request, form, status=refused.refusals[0].status)
        auth.update_session_auth_hash(request, account)
        return HttpResponseRedirect(next_of(request))

    def _page(self, request: HttpRequest, form: PasswordForm, status: int = 200) -> HttpResponse:
        context = {"form": form, "asked": request.user.must_change_password, "next": next_of(request)}
        return render(request, "access/password.html", context, status=status)


@login_not_required
@require_POST
def change_language(request: HttpRequest) -> HttpResponse:
    """``/language``: remember the picked language in a cookie and go back."""
    form = LanguageForm(request.POST)
    response = HttpResponseRedirect(next_of(request))
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


def _known_people(request: HttpRequest) -> list[KnownPerson]:
    """Who has signed in on this browser lately and can still sign in."""
    device = known_device(request)
    return people_known(device.accounts) if device else []


def _not_kept(response: HttpResponse) -> HttpResponse:
    """A page that the browser must not show again to whoever sits down next."""
    response.headers["Cache-Control"] = "no-store"
    return response
