"""Signed-in people for the tests of pages, without the cost of a real sign-in."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client
from psycopg.types.range import DateRange

from tiercare.apps.access import models
from tiercare.apps.access.rules import SCOPE_OF, Role
from tiercare.kernel.ids import stable_id
from tiercare.web.middleware import GRANT, SEEN_AT, SIGNED_IN_AT

FRAME = {"region": "wuhu", "on": "2019-07-01"}


@pytest.fixture(autouse=True)
def plain_static_files(settings, tmp_path) -> None:
    """Pages name their static files without the manifest that ``make setup`` writes."""
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


@pytest.fixture
def client_of(wuhu: str) -> Callable[..., Client]:
    """A client whose session acts in ``role`` for 芜湖 (or another area)."""

    def signed_in(role: Role = Role.COMMISSION, area: str = "3402") -> Client:
        account = models.Account.objects.create(
            username=f"test.{role.value}.{area}",
            display_name=f"测试·{role.value}",
            password="!",
            synthetic=True,  # as a demonstration's: no second factor is demanded
        )
        place = {} if SCOPE_OF[role] == "REGION" else {"institution_id": stable_id("test", "hospital")}
        if SCOPE_OF[role] == "CONSORTIUM":
            place["consortium_id"] = stable_id("test", "consortium")
        grant = models.Grant.objects.create(
            account=account,
            role=role.value,
            scope=SCOPE_OF[role].value,
            division_code=area,
            place_name="测试地点",
            period=DateRange(date(2019, 1, 1), None),
            **place,
        )
        client = Client()
        client.force_login(account)
        session = client.session
        session[SIGNED_IN_AT] = session[SEEN_AT] = time.time()
        session[GRANT] = str(grant.id)
        session.save()
        return client

    return signed_in
