"""Fixtures of the API's tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.test import Client
from django.urls import clear_url_caches, set_urlconf

from tiercare.apps.access import commands
from tiercare.apps.access.models import Account
from tiercare.apps.access.rules import Role
from tiercare.kernel.actor import Actor
from tiercare.kernel.period import Period

PASSWORD = "four unrelated green herons"


@pytest.fixture
def serve(settings, monkeypatch, tmp_path, db) -> Iterator[Callable[[type], None]]:
    """Serve a site of the test's own, with hashing at its cheapest and without collected assets."""
    for name, value in {"time_cost": 1, "memory_cost": 64, "parallelism": 1}.items():
        monkeypatch.setattr(Argon2PasswordHasher, name, value)
    settings.STATIC_ROOT = tmp_path

    def serve_it(site: type) -> None:
        settings.ROOT_URLCONF = site
        clear_url_caches()
        set_urlconf(None)

    yield serve_it
    clear_url_caches()


@pytest.fixture
def doctor(db) -> Account:
    system = Actor.system("test")
    account = commands.create_account(system, username="wang.li", display_name="王丽", password=PASSWORD)
    Account.objects.update(must_change_password=False, synthetic=True)
    commands.grant(
        system,
        account_id=account.id,
        role=Role.COMMISSION,
        place_name="芜湖市",
        division_code="3402",
        period=Period(date(2018, 1, 1)),
    )
    return account


@pytest.fixture
def api(client, doctor) -> Client:
    client.post("/sign-in", {"username": "wang.li", "password": PASSWORD})
    client.raise_request_exception = False
    return client
