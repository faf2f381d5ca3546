"""S3: what PostgreSQL itself shows, with every filter of ours taken away."""

from __future__ import annotations

from uuid import UUID

import psycopg
import pytest
from django.db import DataError, ProgrammingError, connection, transaction

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.queries.scoping import EVERYWHERE
from tiercare.apps.access.rules import Role
from tiercare.apps.ledger.models import Event
from tiercare.kernel.actor import Actor

from .walls import OPEN, TABLES, counted, nothing, walled
from .world import CITY, FAR, NEXT_COUNTY, World, taken_back

pytestmark = pytest.mark.security("S3")
# Readings, steps of requests and what went along with them are appended only: nothing updates them.
APPENDED = {"ledger_reading", "exchange_step", "referrals_package"}


def test_the_serving_role_is_neither_owner_nor_superuser_nor_past_the_wall(world: World) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = current_user"
        )
        assert cursor.fetchone() == (False, False, False, False)
        cursor.execute("SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole")
        assert cursor.fetchone() == (0,)
        cursor.execute("SELECT count(*) FROM pg_auth_members WHERE member = current_user::regrole")
        assert cursor.fetchone() == (0,), "it could take on another role"


def test_every_table_that_names_a_resident_is_walled(world: World) -> None:
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        found = {name: (on, frozenset(policies or ())) for name, on, policies in cursor.fetchall()}
    assert set(OPEN) <= set(found), "a listed exception is gone: take it from the list"
    for name, (on, policies) in found.items():
        if name in OPEN:
            assert not on, f"{name} has a wall now: take it from OPEN"
            continue
        assert on, (
            f"{name} names residents: ENABLE ROW LEVEL SECURITY and policies for it, or a reason in OPEN"
        )
        wanted = {"r", "a"} if name in APPENDED else {"r", "a", "w"}
        assert wanted <= policies or "*" in policies, f"{name} needs policies for SELECT, INSERT and UPDATE"


def test_without_a_scope_there_is_nothing(world: World) -> None:
    tables = walled()
    assert len(tables) >= 18
    assert counted(tables) == nothing(tables)


def test_every_walled_table_holds_something_to_be_hidden(world: World) -> None:
    """Otherwise the tests of this file could not fail."""
    me = world.actor("registrar@own")
    about = [UUID(world.ids[name]) for name in ("resident", "ward", "twin", "one", "two")]
    with scoped(
        me, persons=about, also=[UUID(world.ids["stranger"]), UUID(world.ids["hospital"])], area=CITY
    ):
        seen = counted(walled())
    empty = {name for name, number in seen.items() if number == 0}
    assert empty <= {
        "residents_keygroupmember",
        "residents_responsibledoctor",
        "residents_arrival",
        "residents_recordmove",
    }


@pytest.mark.parametrize("place", ["far_hospital", "stranger"])
def test_another_institution_sees_none_of_the_persons_rows(world: World, place: str) -> None:
    actor = Actor(
        UUID(int=1), "x", Role.REGISTRAR.value, institution_id=UUID(world.ids[place]), division_code=FAR
    )
    named = {world.ids[name] for name in ("resident", "ward", "twin", "one", "two", "neighbour")}
    with scoped(actor), connection.cursor() as cursor:
        for table in walled():
            cursor.execute(f"SELECT row_to_json(t)::text FROM {table} t")
            shown = [row for (row,) in cursor.fetchall() if any(key in row for key in named)]
            # A consent shows itself to whom it was given: it says so, and names the id.
            assert not shown or (table, place) == ("access_consent", "stranger"), table


@pytest.mark.parametrize("area", [NEXT_COUNTY, FAR, "34022", "4"])
def test_another_area_sees_none_of_them(world: World, area: str) -> None:
    nobody = Actor(UUID(int=1), "x", Role.INDEX_KEEPER.value, division_code=area)
    named = {world.ids[name] for name in ("resident", "ward", "twin", "one", "two", "neighbour")}
    with scoped(nobody, area=area), connection.cursor() as cursor:
        for table in walled():
            cursor.execute(f"SELECT row_to_json(t)::text FROM {table} t")
            shown = [row for (row,) in cursor.fetchall() if any(key in row for key in named)]
            # The hospital to which they were sent lies there: that it may read shows itself, and names the id.
            sent_there = (table, area) == ("access_carerelation", NEXT_COUNTY)
            assert not shown or sent_there or area == "34022", f"{table} by {area}"


@pytest.mark.parametrize("write", ["UPDATE {} SET {} = {}", "DELETE FROM {}"])
def test_what_is_not_seen_is_not_changed(world: World, write: str) -> None:
    columns = {"ledger_reading": "division_code"}
    with connection.cursor() as cursor:
        for table in walled():
            cursor.execute(
                "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped LIMIT 1",
                [table],
            )
            column = columns.get(table, cursor.fetchone()[0])
            try:
                with transaction.atomic():
                    cursor.execute(write.format(table, column, column))
                    changed = cursor.rowcount
            except (ProgrammingError, psycopg.Error):
                changed = 0  # the role may not even try
            assert changed == 0, f"{table}: {changed} rows without a scope"


def test_rows_of_others_cannot_be_put_in(world: World) -> None:
    """WITH CHECK: nobody writes a row that they could not see."""
    desk = world.actor("registrar@other")
    with pytest.raises(ProgrammingError, match="row-level"), scoped(desk), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO access_carerelation (id, resident_id, institution_id, division_code, kind, source_id, since)"
            " VALUES (gen_random_uuid(), %s, %s, '340223', 'encounter', gen_random_uuid(), now())",
            [world.ids["resident"], world.ids["institution"]],
        )


def test_only_the_platform_itself_works_everywhere(world: World) -> None:
    for person in world.people.values():
        if person.actor is not None:
            with (
                pytest.raises(ValueError, match="only the platform itself"),
                scoped(person.actor, area=EVERYWHERE),
            ):
                pass
    with scoped(Actor.system("test"), area=EVERYWHERE):
        assert counted(["residents_resident"])["residents_resident"] >= 7


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("tiercare.scope", "everything"),
        ("tiercare.scope", "{*}"),
        ("tiercare.scope", "{'; DROP TABLE residents_resident; --}"),
        ("tiercare.persons", "*"),
        ("tiercare.persons", "{340223196805178860}"),
    ],
)
def test_a_setting_that_is_none_raises_rather_than_shows(world: World, setting: str, value: str) -> None:
    with taken_back(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, true)", [setting, value])
        with pytest.raises(DataError):
            cursor.execute("SELECT count(*) FROM residents_resident")


@pytest.mark.parametrize("value", ["%", "_", "**", "' OR true --", "\\", "340223%"])
def test_an_area_is_compared_sign_by_sign(world: World, value: str) -> None:
    with taken_back(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('tiercare.area', %s, true)", [value])
        cursor.execute("SELECT count(*) FROM residents_resident")
        assert cursor.fetchone() == (0,)


def test_the_trail_names_people_by_id_only(world: World) -> None:
    """The ledger is not walled: nothing but ids of residents may stand in it."""
    from .probing import planted

    told = " ".join(str((event.payload, event.actor_name)) for event in Event.objects.iterator())
    assert planted(told, world) == frozenset()
