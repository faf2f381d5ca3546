"""`tiercare accounts`: the first operator of a real installation, the list, and closing an account."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from tiercare.apps.access import commands, queries
from tiercare.apps.access.commands import invitations
from tiercare.apps.access.models import Account
from tiercare.apps.access.rules import Role
from tiercare.apps.ledger import queries as ledger
from tiercare.cli import bootstrap
from tiercare.cli.main import app
from tiercare.kernel.ids import uuid7

from .conftest import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture
def tiercare(monkeypatch):
    """A command in this process, on the test's database."""
    monkeypatch.setattr(bootstrap, "ready", lambda *args, **kwargs: None)
    monkeypatch.setenv("COLUMNS", "200")
    return lambda *words: CliRunner().invoke(app, ["accounts", *words])


@pytest.fixture
def real(monkeypatch) -> None:
    monkeypatch.setattr(ledger, "installation", lambda: SimpleNamespace(synthetic=False))


FIRST = ("create-operator", "--username", "Zhao.Min", "--name", "赵敏", "--area", "3402")


def test_the_first_operator_gets_a_slip_that_opens_the_account(tiercare, real, system) -> None:
    said = tiercare(*FIRST)
    assert said.exit_code == 0, said.output
    (token,) = re.findall(r"^  ((?:[0-9A-Z]{4}-){6}[0-9A-Z]{4})$", said.output, re.MULTILINE)
    account = invitations.accept(
        queries.visitor(channel="web", request_id=uuid7()), token=token, password=PASSWORD
    )
    (held,) = queries.grants_in_force(account.id, on=ledger.today())
    assert (account.username, account.synthetic) == ("zhao.min", False)
    assert (held.role, held.division_code) == (Role.OPERATOR, "3402")


@pytest.mark.parametrize("area", ["abc", "34021", "zhao"])
def test_an_area_that_is_none_leaves_no_account(tiercare, real, area) -> None:
    said = tiercare(*FIRST[:-1], area)
    assert said.exit_code == 1 and "行政区划代码" in said.output
    assert not Account.objects.exists()


def test_a_demonstration_is_told_that_it_has_its_operator(tiercare, synthetic) -> None:
    said = tiercare(*FIRST)
    assert said.exit_code == 1 and "演示库" in said.output
    assert not Account.objects.exists()


def test_the_list_shows_staff_with_their_roles(tiercare, open_account) -> None:
    open_account("wang.li", Role.CLINICIAN)
    Account.objects.create(username="resident", display_name="居民", resident_id=uuid7())
    said = tiercare("list", "--text", "WANG").output
    assert "wang.li" in said and "医师 · 示例医院" in said and "共 1 个账户" in said
    assert "resident" not in tiercare("list").output


def test_disabling_closes_the_account(tiercare, open_account, system) -> None:
    account = open_account("wang.li")
    assert tiercare("disable", "Wang.Li").exit_code == 0
    account.refresh_from_db()
    assert not account.is_active
    assert tiercare("disable", "nobody").exit_code == 1
    demo = commands.create_account(
        system, username="wuhu.x", display_name="演示", password=PASSWORD, synthetic=True
    )
    assert tiercare("disable", "wuhu.x").exit_code == 1
    demo.refresh_from_db()
    assert demo.is_active
