"""What every command does before its own work."""

from __future__ import annotations

import json

import pytest

from .conftest import Home

pytestmark = pytest.mark.processes


def test_two_first_commands_at_once_share_one_database(
    first_commands: tuple[Home, list[tuple[int, str]]],
) -> None:
    _, said = first_commands
    for code, text in said:
        assert code == 0, text
        assert json.loads(text[text.index("{") :])["violations"] == 0


def test_the_private_server_ends_with_the_last_command(home: Home) -> None:
    code, said = home.run("db", "shell", "-c", "SELECT current_user")
    assert (code, "tiercare_app" in said) == (0, True), said
    assert home.emptied_within(90), home.processes()


def test_a_database_of_a_newer_version_is_refused_and_left_alone(home: Home) -> None:
    count = ("db", "shell", "--owner", "-c", "SELECT count(*) AS n FROM ledger_event")
    before = home.run(*count)
    home.run(
        *count[:-1],
        "INSERT INTO django_migrations (app, name, applied) VALUES ('network', '9999_later', now())",
    )
    try:
        code, said = home.run("network", "check")
        assert code == 1
        assert "network.9999_later" in said and "tiercare db restore" in said and "Traceback" not in said
        assert home.run(*count) == before
    finally:
        home.run(*count[:-1], "DELETE FROM django_migrations WHERE name = '9999_later'")
    assert home.run("network", "check")[0] == 0


@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("mysql://db/tiercare", "postgresql://"),
        ("postgresql://nobody@127.0.0.1:1/tiercare", "TIERCARE_DATABASE_URL"),
    ],
)
def test_a_wrong_external_server_is_named(home: Home, url: str, named: str) -> None:
    code, said = home.run("network", "check", TIERCARE_DATABASE_URL=url)
    assert code == 1
    assert named in said and "Traceback" not in said


def test_an_unknown_region_names_the_known_ones(home: Home) -> None:
    code, said = home.run("network", "check", "--region", "atlantis")
    assert code == 1
    assert "atlantis" in said and "wuhu" in said and "Traceback" not in said
