"""People, places and a small site for the tests of signing in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from uuid import UUID

import pytest
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db import connections
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import clear_url_caches, include, path, set_urlconf

from tiercare.api.root import build
from tiercare.apps.access import commands, queries
from tiercare.apps.access.models import Account
from tiercare.apps.access.rules import Role
from tiercare.apps.access.rules.staff import SECOND_FACTOR_ROLES
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import stable_id
from tiercare.kernel.period import Period

PASSWORD = "four unrelated green herons"
CITY = "3402"
HOSPITAL = stable_id("test", "hospital")


@pytest.fixture(autouse=True)
def quick_hashing(monkeypatch) -> None:
    """Argon2 at its cheapest: these tests hash hundreds of times."""
    for name, value in {"time_cost": 1, "memory_cost": 64, "parallelism": 1}.items():
        monkeypatch.setattr(Argon2PasswordHasher, name, value)


def home(request: HttpRequest) -> HttpResponse:
    actor = request.actor
    return HttpResponse(
        f"{actor.name}|{actor.role}|{actor.division_code}|{actor.institution_id}|{request.LANGUAGE_CODE}"
    )


def writing(request: HttpRequest) -> HttpResponse:
    with connections["default"].cursor() as cursor:
        cursor.execute("UPDATE access_account SET display_name = '改了'")
    return HttpResponse("written")


@login_not_required
def public(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.actor.role)


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("broken on purpose")


class Site:
    """The pages of signing in, the API, and a few of the tests' own."""

    urlpatterns = (
        path("api/", build("access-tests").urls),
        path("", include("tiercare.web.access.urls")),
        path("", include("tiercare.web.accounts.own_urls")),
        path("me", include("tiercare.web.me.urls")),
        path("", home),
        path("writing", writing),
        path("public", public),
        path("broken", login_not_required(broken)),
    )


PLAIN = (
    "<html><head><title>{% block title %}{% endblock %}</title></head>"
    "<body>{% block content %}{% endblock %}</body></html>"
)
STAND_INS = ("shell/plain.html", "403.html", "403_csrf.html", "404.html", "500.html")


@pytest.fixture
def site(settings, tmp_path) -> Iterator[None]:
    """``Site`` in a bare shell, so that these tests hang on no other page and no collected assets."""
    settings.STATIC_ROOT = tmp_path
    settings.ROOT_URLCONF = Site
    settings.TEMPLATES = [
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "OPTIONS": {
                "loaders": [
                    ("django.template.loaders.locmem.Loader", dict.fromkeys(STAND_INS, PLAIN)),
                    "django.template.loaders.app_directories.Loader",
                ],
                "context_processors": ["django.template.context_processors.request"],
            },
        }
    ]
    clear_url_caches()
    set_urlconf(None)
    yield
    clear_url_caches()


@pytest.fixture
def clock(monkeypatch) -> SimpleNamespace:
    """The machine's time of sessions and throttles, to be moved by ``clock.now += …``."""
    state = SimpleNamespace(now=datetime(2026, 11, 21, 6, 5, tzinfo=UTC))
    monkeypatch.setattr(queries, "wall_clock", lambda: state.now)
    state.pass_ = lambda **kwargs: setattr(state, "now", state.now + timedelta(**kwargs))
    return state


@pytest.fixture
def synthetic(monkeypatch) -> None:
    """The database says that it is a demonstration (marking it would commit past the test)."""
    monkeypatch.setattr(ledger_queries, "installation", lambda: SimpleNamespace(synthetic=True))


@pytest.fixture
def system() -> Actor:
    return Actor.system("test")


@pytest.fixture
def open_account(db, system) -> Callable[..., Account]:
    """Open an account that has chosen its own password, with roles if asked."""

    def make(username: str = "wang.li", *roles: Role, area: str = CITY) -> Account:
        account = commands.create_account(system, username=username, display_name="王丽", password=PASSWORD)
        # Synthetic accounts sign in without the second factor that these roles demand of real people.
        exempt = not SECOND_FACTOR_ROLES.isdisjoint(roles)
        Account.objects.filter(pk=account.pk).update(must_change_password=False, synthetic=exempt)
        for role in roles:
            give(account.id, role, area=area)
        account.refresh_from_db()
        return account

    def give(account_id: UUID, role: Role, *, area: str) -> UUID:
        of_area = role in (Role.COMMISSION, Role.OPERATOR, Role.AUDITOR, Role.INSURANCE)
        return commands.grant(
            system,
            account_id=account_id,
            role=role,
            place_name="芜湖市" if of_area else "示例医院",
            division_code=area,
            period=Period(date(2018, 1, 1)),
            institution_id=None if of_area else HOSPITAL,
        )

    return make


@pytest.fixture
def post_sign_in() -> Callable[..., HttpResponse]:
    """Post the sign-in form as a browser at ``source`` would."""

    def post(
        client: Client,
        username: str = "wang.li",
        password: str = PASSWORD,
        source: str = "10.0.0.1",
        **more: str,
    ):
        data = {"username": username, "password": password, **more}
        return client.post("/sign-in", data, REMOTE_ADDR=source)

    return post


def acting(account: Account, role: Role, *, area: str = CITY) -> Actor:
    """The actor that ``account`` is in ``role``."""
    return Actor(account.id, account.display_name, role.value, division_code=area)
