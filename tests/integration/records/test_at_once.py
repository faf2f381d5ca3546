"""A feed that sends one message twice at once makes one visit."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from uuid import UUID

import pytest
from django.db import connections

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.records.models import Encounter

from ..residents.conftest import three_institutions
from .conftest import Ward, pressure


@pytest.fixture
def committed(_wuhu, settings, tmp_path, given, emptied_afterwards) -> Iterator[Ward]:
    """A resident who is really there, for tests that commit."""
    from tiercare.apps.residents import commands

    settings.HOME = tmp_path
    site = three_institutions()
    made = commands.register(site.actor(Role.REGISTRAR), given=given("王同时")).resident_id
    yield Ward(site, made)
    tables = ("observation", "condition", "medication", "encounter")
    with connections["owner"].cursor() as cursor:
        for table in tables:
            cursor.execute(f"DELETE FROM records_{table} WHERE resident_id = %s", [made])
        cursor.execute("DELETE FROM access_carerelation WHERE resident_id = %s", [made])
        cursor.execute("DELETE FROM residents_token WHERE resident_id = %s", [made])
        cursor.execute("DELETE FROM residents_identifier WHERE resident_id = %s", [made])
        cursor.execute("DELETE FROM residents_resident WHERE id = %s", [made])


def test_one_key_sent_by_many_at_once_is_one_visit(committed) -> None:
    sent = {
        "source": "his-01",
        "source_key": "MZ1",
        "started_at": ledger.now(),
        "readings": pressure(150, 90),
    }
    start, answers = threading.Barrier(6), []

    def send() -> None:
        try:
            start.wait()
            answers.append(committed.visit(**sent))
        finally:
            connections["default"].close()

    threads = [threading.Thread(target=send) for _ in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(answers) == 6 and len(set(answers)) == 1 and isinstance(answers[0], UUID)
    with scoped(committed.doctor):
        assert Encounter.objects.filter(source_key="MZ1").count() == 1
