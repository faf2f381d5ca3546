"""Turning the keys: everything opens as before, and nothing with the old key alone."""

from __future__ import annotations

import os

import pytest
from django.conf import settings
from django.db import connection

from tiercare.apps.access.queries import EVERYWHERE, scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.residents import commands, queries
from tiercare.apps.residents.commands import keys
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused
from tiercare.kernel.secrecy import FILE, CannotOpen, key_number, key_ring

SYSTEM = Actor.system("test")


def test_every_value_moves_to_the_new_key_and_opens_as_before(site, register, monkeypatch) -> None:
    monkeypatch.setattr(keys, "_PORTION", 2)
    for number in range(3):
        register(f"示例{'甲乙丙'[number]}", phone=f"1380000111{number}")
    desk = site.actor(Role.REGISTRAR)
    before, old = queries.listed(desk), key_ring(settings.HOME)

    assert (
        commands.turn_keys(SYSTEM) == 3 * 5
    )  # address, number, phone; number and phone once more as identifiers

    assert queries.listed(desk) == before and all("*" in each.number[6:14] for each in before)
    assert len(key_ring(settings.HOME).sealing) == 1
    with scoped(SYSTEM, area=EVERYWHERE), connection.cursor() as cursor:
        for column in keys.SEALED:
            cursor.execute(f"SELECT {column.column} FROM {column.table} WHERE {column.column} IS NOT NULL")
            for (sealed,) in cursor.fetchall():
                assert key_number(sealed) == 2
                with pytest.raises(CannotOpen):
                    old.open(sealed, of="anything")


def test_answers_kept_for_a_repeated_request_are_turned_along(site, register) -> None:
    """They would be lost with the old key, and what was done could no longer be answered."""
    desk, key = site.actor(Role.REGISTRAR), "11111111-key"

    def answer() -> bytes:
        with ledger.idempotent(desk, key=key, route="POST /x", body=b"") as call:
            if call.replay is None:
                call.answer(status=200, body=b"shown", content_type="text/plain")
        given = call.replay or call.given
        assert given is not None
        return given.body

    answer()
    assert commands.turn_keys(SYSTEM) == 1
    assert answer() == b"shown" and len(key_ring(settings.HOME).sealing) == 1


def test_every_sealed_column_is_turned(db) -> None:
    """A table that seals something and is not listed would be lost with the old key."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE data_type = 'bytea'"
            " AND (table_name LIKE 'residents\\_%' OR table_name LIKE 'access\\_%') AND column_name LIKE '%sealed'"
        )
        known = {(column.table, column.column) for column in keys.SEALED}
        # the secret of a second factor is turned by access itself
        assert set(cursor.fetchall()) - known == {("access_secondfactor", "secret_sealed")}


def test_nothing_is_forgotten_while_something_does_not_open(site, register) -> None:
    register()
    with scoped(SYSTEM, area=EVERYWHERE), connection.cursor() as cursor:
        cursor.execute("UPDATE residents_resident SET address_sealed = address_sealed || 'x'::bytea")
    with pytest.raises(CannotOpen):
        commands.turn_keys(SYSTEM)
    os.utime(settings.HOME / FILE, ns=(1, 1))
    assert len(key_ring(settings.HOME).sealing) == 2


def test_only_the_platform_turns_keys(site) -> None:
    with pytest.raises(Refused):
        commands.turn_keys(site.actor(Role.OPERATOR))
