"""A region laid down once for all tests of this folder; each test runs in its own transaction."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from pytest_django.plugin import DjangoDbBlocker

from tiercare.apps.ledger import commands as ledger
from tiercare.apps.network import commands
from tiercare.apps.terms import commands as terms
from tiercare.kernel.actor import Actor

VERDICT_DAY = date(2019, 7, 1)


@pytest.fixture(scope="session")
def _wuhu(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with django_db_blocker.unblock():
        actor = Actor.system("test")
        ledger.mark_synthetic()
        terms.lay_down_divisions(actor=actor)
        commands.lay_down_region(actor=actor, pack_id="wuhu")
    yield


@pytest.fixture
def wuhu(_wuhu: None, db: None) -> str:
    """芜湖 as its document lays it down; answers its division code."""
    return "3402"
