"""The world of the security tests, laid down once for each file that asks for it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db import connections, transaction
from django.test import override_settings
from pytest_django.plugin import DjangoDbBlocker

from tiercare.kernel.ids import uuid7

from .planting import build
from .world import World, sign_in_again

# What stands around every page (menu, regions, days) is drawn by tests of its own, and costs most of a page.
_BARE = "".join(
    f"{{% block {name} %}}{{% endblock %}}"
    for name in ("title", "scripts", "trail", "heading", "lead", "actions", "content")
)


_LATELY = 60.0  # seconds; a tenth of what signing asks for
_signed_in = {"at": 0.0}


def _templates() -> list[dict[str, Any]]:
    """The settings' templates, with a bare frame in place of the staff's."""
    (ours,) = settings.TEMPLATES
    loaders = [
        ("django.template.loaders.locmem.Loader", {"shell/app.html": _BARE}),
        "django.template.loaders.app_directories.Loader",
    ]
    options = {"context_processors": ours["OPTIONS"]["context_processors"]}
    options["loaders"] = [("django.template.loaders.cached.Loader", loaders)]
    return [{"BACKEND": ours["BACKEND"], "OPTIONS": options}]


@pytest.fixture(scope="module")
def world(
    _wuhu: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """Everybody and everything of ``planting``, in one transaction that is taken back with the module.

    Tests that ask for it do not ask for ``db``; each takes back what it writes (``world.taken_back``).
    """
    home: Path = tmp_path_factory.mktemp("security")
    plain = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    cheap = pytest.MonkeyPatch()
    for name, value in {"time_cost": 1, "memory_cost": 64, "parallelism": 1}.items():
        cheap.setattr(Argon2PasswordHasher, name, value)
    with (
        django_db_blocker.unblock(),
        override_settings(
            HOME=home, FACTS_ROOT=home / "facts", STATIC_ROOT=home, STORAGES=plain, TEMPLATES=_templates()
        ),
        transaction.atomic(),
    ):
        made = build()
        _signed_in["at"] = time.monotonic()
        yield made
        transaction.set_rollback(True)
    cheap.undo()


@pytest.fixture(autouse=True)
def signed_in_lately(request: pytest.FixtureRequest) -> None:
    """Nobody has been away for long when a test begins."""
    if "world" in request.fixturenames and time.monotonic() - _signed_in["at"] > _LATELY:
        sign_in_again(request.getfixturevalue("world"))
        _signed_in["at"] = time.monotonic()


@pytest.fixture
def one_household(open_connection: None) -> Iterator[UUID]:
    """A household of an institution of its own, really committed, and gone afterwards; answers the institution."""
    place = uuid7()
    owner = connections["owner"]
    with owner.cursor() as cursor:
        cursor.execute(
            "INSERT INTO residents_household (id, institution_id, division_code) VALUES (%s, %s, '340223')",
            [uuid7(), place],
        )
    yield place
    with owner.cursor() as cursor:
        cursor.execute("DELETE FROM residents_household WHERE institution_id = %s", [place])
    owner.close()


@pytest.fixture
def open_connection(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The database, outside any transaction of the test's."""
    with django_db_blocker.unblock():
        yield
