"""The proof and the reconciler from outside: the command line, the API, a spreadsheet, the pages of rules."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.test import Client
from typer.testing import CliRunner, Result

from tiercare.apps.access import commands as access
from tiercare.apps.access.models import Account
from tiercare.apps.access.rules import Role
from tiercare.apps.capacity import queries
from tiercare.apps.capacity.commands import book
from tiercare.apps.capacity.models import Slot
from tiercare.apps.capacity.rules.vocabulary import OFFERED, Channel
from tiercare.apps.ledger import queries as ledger
from tiercare.cli import bootstrap
from tiercare.cli.main import app
from tiercare.engines.sheets import read
from tiercare.kernel.actor import Actor
from tiercare.kernel.period import Period

from .conftest import slot_of

FAMILY, OPEN = Channel.FAMILY_DOCTOR, Channel.OPEN
PASSWORD = "four unrelated green herons"


@pytest.fixture(autouse=True)
def ready(monkeypatch) -> None:
    """The database is there already, in the test's transaction."""
    monkeypatch.setattr(bootstrap, "ready", lambda *_, **__: None)


@pytest.fixture
def at(hospital, session) -> UUID:
    """A session of the day after tomorrow, some of it kept."""
    return session({FAMILY: 2, OPEN: 8})


@pytest.fixture
def day(at: UUID) -> str:
    return str(ledger.today() + timedelta(days=2))


@pytest.fixture
def client(site, settings, monkeypatch, tmp_path: Path) -> Client:
    """The city's commission, signed in."""
    for name, value in {"time_cost": 1, "memory_cost": 64, "parallelism": 1}.items():
        monkeypatch.setattr(Argon2PasswordHasher, name, value)
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    system = Actor.system("test")
    account = access.create_account(system, username="wang.li", display_name="王丽", password=PASSWORD)
    Account.objects.update(must_change_password=False, synthetic=True)
    access.grant(
        system,
        account_id=account.id,
        role=Role.COMMISSION,
        place_name="芜湖市",
        division_code="3402",
        period=Period(ledger.today() - timedelta(days=1)),
    )
    browser = Client()
    browser.post("/sign-in", {"username": "wang.li", "password": PASSWORD})
    return browser


def run(*arguments: object) -> Result:
    done = CliRunner().invoke(app, ["capacity", *map(str, arguments)])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.output
    return done


def test_the_command_line_and_the_api_tell_the_same(hospital, day: str, client: Client) -> None:
    told = run("proof", "--region", "wuhu", "--from", day, "--to", day, "--json")
    assert told.exit_code == 0, told.output
    by_command = json.loads(told.stdout)
    answer = client.get("/api/capacity/proof", {"first": day, "last": day, "area": "3402"})
    assert answer.status_code == 200, answer.content
    by_api = answer.json()
    assert by_command.pop("asked_at") and by_api.pop("asked_at")
    assert by_api == by_command
    assert by_api["kept"] is True
    (line,) = [each for each in by_api["days"] if each["resource"] == "expert_slot"]
    assert (line["offered"], line["kept"]["FAMILY_DOCTOR"]) == (10, 2)
    assert set(line["kept"]) == {channel.value for channel in OFFERED}
    assert line["institution"] == str(hospital.id)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"area": "3402", "last": "2019-01-01"}, 422),
        ({"area": "3402", "last": "20190101"}, 422),
        ({"area": "4407"}, 403),
        ({"institution": "00000000-0000-0000-0000-000000000001"}, 404),
        ({"area": "3402", "on": "2019-01-01"}, 422),
    ],
)
def test_bad_questions_are_refused(client: Client, query: dict[str, str], status: int) -> None:
    asked = {"first": "2026-01-01", "last": "2026-01-31", **query}
    answer = client.get("/api/capacity/proof", asked)
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"


def test_a_spreadsheet_has_a_row_a_day_and_resource(day: str, tmp_path: Path) -> None:
    file = tmp_path / "proof.xlsx"
    done = run("proof", "--region", "wuhu", "--from", day, "--to", day, "--xlsx", file)
    assert done.exit_code == 0 and "预留兑现" in done.output
    days, broken = read(file.read_bytes(), file.name, is_header=lambda cells: "日期" in cells).sheets
    proof = queries.proof(
        Actor.system("test"),
        first=ledger.today(),
        last=ledger.today() + timedelta(days=2),
        area="3402",
    )
    assert len(days.lines) == len(proof.lines) and not broken.lines
    assert days.header[0] == "日期"


def test_the_reconciler_is_silent_until_a_counter_is_wrong(hospital, at: UUID, register) -> None:
    book(hospital.family_doctor, slot_id=slot_of(at), resident_id=register())
    assert run("reconcile").exit_code == 0
    Slot.objects.filter(session_id=at).update(issued=5, used=3)
    done = run("reconcile", "--json")
    assert done.exit_code == 1
    (drift,) = json.loads(done.stdout)
    assert (drift["counter"], drift["told"], drift["counted"]) == ("slot", 3, 1)
    assert "drift" in run("reconcile").output


def test_an_institution_that_is_none_is_named(day: str) -> None:
    done = run("proof", "--from", day, "--to", day, "--region", "wuhu", "--institution", "no-such")
    assert done.exit_code == 1 and "no-such" in done.output


def test_a_card_about_places_stands_on_the_pages_of_rules(hospital, at: UUID, client: Client) -> None:
    listed = client.get("/rules", {"region": "wuhu"})
    assert listed.status_code == 200 and "/rules/cn/reserved_slots_rise" in listed.content.decode()
    for page in (
        "/rules/cn/reserved_slots_rise",
        "/rules/taiyuan/lead_hospital_keeps_share",
        "/clauses/TY-91",
    ):
        shown = client.get(page, {"region": "wuhu"})
        assert shown.status_code == 200
