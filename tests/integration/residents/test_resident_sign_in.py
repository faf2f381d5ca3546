"""Residents sign in with card and code; nothing tells whether there is such a card."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import ClassVar

import pytest
from django.conf import settings as django_settings

from tiercare.apps.access import queries as access_queries
from tiercare.apps.access.models import Account, SignInCode
from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.models import Event
from tiercare.apps.residents import commands
from tiercare.apps.residents.models import Card
from tiercare.apps.residents.queries.card_keys import signing_key
from tiercare.apps.residents.rules import card_tokens
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refused

from .care import codes

NUMBER, PHONE, HERE = "3402230000000017", "13800001111", "10.0.0.1"


@pytest.fixture
def visitor() -> Actor:
    return access_queries.visitor(channel="web", request_id=uuid7())


@pytest.fixture
def clock(monkeypatch) -> SimpleNamespace:
    """The machine's time, by which codes run out."""
    state = SimpleNamespace(now=datetime(2026, 11, 21, 6, 5, tzinfo=UTC))
    monkeypatch.setattr("tiercare.apps.access.queries.wall_clock", lambda: state.now)
    return state


@pytest.fixture
def card(site, register):
    """A resident with a telephone and a card; answers resident and card."""
    key = register("王小明", phone=PHONE)
    with scoped(site.actor(Role.REGISTRAR)):
        made = Card.objects.create(
            resident_id=key,
            number=NUMBER,
            institution_id=site.township,
            division_code="340223",
            issued_at=ledger.now(),
        )
    return key, made.id


def sent() -> list[dict[str, str]]:
    file = Path(django_settings.HOME) / "outbox" / "sms.jsonl"
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()] if file.exists() else []


def code_of(message: dict[str, str]) -> str:
    return re.findall(r"\d{6}", message["text"])[0]


def test_card_and_code_open_an_account_of_ones_own(visitor, card) -> None:
    key, _ = card
    held = commands.ask_for_code(visitor, shown="3402-2300 0000 0017", source=HERE)
    (message,) = sent()
    assert message["phone"] == PHONE
    account = commands.sign_in_with_code(visitor, resident_id=held, code=code_of(message), source=HERE)
    assert (account.resident_id, account.display_name) == (key, "王*明")
    assert not account.has_usable_password()
    again = commands.ask_for_code(visitor, shown=NUMBER, source=HERE)
    same = commands.sign_in_with_code(visitor, resident_id=again, code=code_of(sent()[-1]), source=HERE)
    assert same == account and Account.objects.filter(resident_id=key).count() == 1


def test_the_card_on_the_telephone_says_who_as_well(visitor, card) -> None:
    key, card_id = card
    token = card_tokens.sign(signing_key(), card_id=card_id, now=ledger.now())
    assert commands.ask_for_code(visitor, shown=token, source=HERE) == key
    old = card_tokens.sign(signing_key(), card_id=card_id, now=ledger.now() - timedelta(hours=1))
    assert commands.ask_for_code(visitor, shown=old, source=HERE) != key
    assert len(sent()) == 1


def test_the_code_lies_hashed_and_the_outbox_is_the_owners(visitor, card) -> None:
    key, _ = card
    commands.ask_for_code(visitor, shown=NUMBER, source=HERE)
    code = code_of(sent()[0])
    assert code.encode() not in bytes(SignInCode.objects.get(resident_id=key).code_hash)
    assert (Path(django_settings.HOME) / "outbox" / "sms.jsonl").stat().st_mode & 0o077 == 0
    told = [str(event.payload) for event in Event.objects.all()]
    assert not any(secret in text for text in told for secret in (code, PHONE, NUMBER))


@pytest.mark.parametrize("shown", ["3402230000000099", "", "不是卡号", "TC1.abc.def"])
def test_nobodys_card_gets_the_same_answer(visitor, card, shown) -> None:
    held = commands.ask_for_code(visitor, shown=shown, source=HERE)
    assert held == commands.ask_for_code(visitor, shown=shown, source=HERE) and sent() == []
    with pytest.raises(Refused) as caught:
        commands.sign_in_with_code(visitor, resident_id=held, code="000000", source=HERE)
    assert codes(caught) == {"access.wrong_code"}


def test_a_lost_card_and_a_record_without_telephone_get_no_message(site, visitor, register, card) -> None:
    with scoped(site.actor(Role.REGISTRAR)):
        Card.objects.filter(number=NUMBER).update(ended_at=ledger.now(), ended_by="lost")
    commands.ask_for_code(visitor, shown=NUMBER, source=HERE)
    assert sent() == []


def test_a_code_counts_once_and_for_five_minutes(visitor, card, clock) -> None:
    held = commands.ask_for_code(visitor, shown=NUMBER, source=HERE)
    clock.now += timedelta(minutes=5)
    with pytest.raises(Refused) as caught:
        commands.sign_in_with_code(visitor, resident_id=held, code=code_of(sent()[0]), source=HERE)
    assert codes(caught) == {"access.wrong_code"}
    commands.ask_for_code(visitor, shown=NUMBER, source=HERE)
    clock.now += timedelta(minutes=4, seconds=59)
    code = code_of(sent()[1])
    commands.sign_in_with_code(visitor, resident_id=held, code=code, source=HERE)
    with pytest.raises(Refused):
        commands.sign_in_with_code(visitor, resident_id=held, code=code, source=HERE)


def test_five_wrong_attempts_end_it(visitor, card) -> None:
    held = commands.ask_for_code(visitor, shown=NUMBER, source=HERE)
    right = code_of(sent()[0])
    wrong = "000000" if right != "000000" else "000001"
    for _ in range(5):
        with pytest.raises(Refused):
            commands.sign_in_with_code(visitor, resident_id=held, code=wrong, source=HERE)
    with pytest.raises(Refused) as caught:
        commands.sign_in_with_code(visitor, resident_id=held, code=right, source=HERE)
    assert codes(caught) == {"access.wrong_code"}
    assert Event.objects.filter(kind="access.sign_in_failed").count() == 6


def test_a_new_code_ends_the_one_before(visitor, card) -> None:
    held = commands.ask_for_code(visitor, shown=NUMBER, source=HERE)
    commands.ask_for_code(visitor, shown=NUMBER, source=HERE)
    first, second = map(code_of, sent())
    if first != second:
        with pytest.raises(Refused):
            commands.sign_in_with_code(visitor, resident_id=held, code=first, source=HERE)
    assert commands.sign_in_with_code(visitor, resident_id=held, code=second, source=HERE)


@pytest.mark.parametrize("shown", [NUMBER, "3402230000000099"])
def test_codes_are_not_asked_for_without_end_whether_the_card_exists_or_not(
    visitor, card, clock, shown
) -> None:
    for number in range(5):
        commands.ask_for_code(visitor, shown=shown, source=f"10.0.0.{number}")
    with pytest.raises(Refused) as caught:
        commands.ask_for_code(visitor, shown=shown, source="10.0.0.9")
    assert caught.value.refusals[0].status == 429


def test_a_disabled_account_stays_closed(visitor, card) -> None:
    key, _ = card
    Account.objects.create(
        username="r.disabled", display_name="王*明", resident_id=key, is_active=False, password="!"
    )
    held = commands.ask_for_code(visitor, shown=NUMBER, source=HERE)
    with pytest.raises(Refused) as caught:
        commands.sign_in_with_code(visitor, resident_id=held, code=code_of(sent()[0]), source=HERE)
    assert caught.value.refusals[0].status == 403


class Elsewhere:
    """A way of sending that an installation has named."""

    taken: ClassVar[list[tuple[str, str]]] = []

    def send(self, phone: str, text: str) -> None:
        self.taken.append((phone, text))


def test_an_installation_names_its_own_way_of_sending(visitor, card, settings, monkeypatch) -> None:
    monkeypatch.setattr("tiercare.apps.access.commands.short_messages.Elsewhere", Elsewhere, raising=False)
    settings.SHORT_MESSAGES = "tiercare.apps.access.commands.short_messages.Elsewhere"
    commands.ask_for_code(visitor, shown=NUMBER, source=HERE)
    assert [phone for phone, _ in Elsewhere.taken] == [PHONE] and sent() == []
