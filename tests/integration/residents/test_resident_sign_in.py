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
from tiercare.apps.access.commands.resident_sign_in import CODE_LASTS, MOST_ATTEMPTS, Browser
from tiercare.apps.access.models import Account, SignInCode
from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.access.rules.rates import LIMITS, Per, Rated
from tiercare.apps.access.rules.sessions import Device
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.models import Event
from tiercare.apps.residents import commands
from tiercare.apps.residents.models import Card
from tiercare.apps.residents.queries.card_keys import signing_key
from tiercare.apps.residents.rules import card_tokens
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refused

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


def at(source: str = HERE, *, holds=None, device: Device | None = None) -> Browser:
    """A browser; ``holds`` is the code that it asked for."""
    return Browser(source, device, holds)


def asks(visitor, shown: str = NUMBER, **browser):
    """Ask for a code, in a browser; answers what it then holds."""
    return commands.ask_for_code(visitor, shown=shown, browser=at(**browser))


def types(visitor, held, code: str, **browser):
    """Type a code in the browser that holds ``held``."""
    return commands.sign_in_with_code(visitor, code=code, browser=at(holds=held, **browser))


def refused(visitor, held, code: str, **browser) -> tuple[str, int]:
    with pytest.raises(Refused) as caught:
        types(visitor, held, code, **browser)
    (refusal,) = caught.value.refusals
    return refusal.code, refusal.status


def most(what: Rated, per: Per) -> int:
    return next(limit.most for limit in LIMITS[what] if limit.per is per)


WRONG = ("access.wrong_code", 401)
TOO_OFTEN = ("access.too_often", 429)


def wrong_for(message: dict[str, str]) -> str:
    """A code that is not the one in the message."""
    return "000000" if code_of(message) != "000000" else "000001"


def test_card_and_code_open_an_account_of_ones_own(visitor, card) -> None:
    key, _ = card
    held = asks(visitor, "3402-2300 0000 0017")
    (message,) = sent()
    assert message["phone"] == PHONE
    account = types(visitor, held, code_of(message))
    assert (account.resident_id, account.display_name) == (key, "王*明")
    assert not account.has_usable_password()
    same = types(visitor, asks(visitor), code_of(sent()[-1]))
    assert same == account and Account.objects.filter(resident_id=key).count() == 1


def test_the_card_on_the_telephone_says_who_as_well(visitor, card) -> None:
    key, card_id = card
    token = card_tokens.sign(signing_key(), card_id=card_id, now=ledger.now())
    assert types(visitor, asks(visitor, token), code_of(sent()[0])).resident_id == key
    asks(visitor, card_tokens.sign(signing_key(), card_id=card_id, now=ledger.now() - timedelta(hours=1)))
    assert len(sent()) == 1


def test_the_code_lies_hashed_and_the_outbox_is_the_owners(visitor, card) -> None:
    key, _ = card
    asks(visitor)
    code = code_of(sent()[0])
    assert code.encode() not in bytes(SignInCode.objects.get(resident_id=key).code_hash)
    assert (Path(django_settings.HOME) / "outbox" / "sms.jsonl").stat().st_mode & 0o077 == 0
    told = [str(event.payload) for event in Event.objects.all()]
    assert not any(secret in text for text in told for secret in (code, PHONE, NUMBER))


@pytest.mark.parametrize("shown", ["3402230000000099", "", "不是卡号", "TC1.abc.def"])
def test_nobodys_card_gets_the_same_answer(visitor, card, shown) -> None:
    held = asks(visitor, shown)
    again = asks(visitor, shown, holds=held)
    assert held != again and SignInCode.objects.count() == 1 and sent() == []
    assert refused(visitor, again, "000000") == WRONG


def test_a_lost_card_and_a_record_without_telephone_get_no_message(site, visitor, register, card) -> None:
    with scoped(site.actor(Role.REGISTRAR)):
        Card.objects.filter(number=NUMBER).update(ended_at=ledger.now(), ended_by="lost")
    asks(visitor)
    assert sent() == []


def test_a_code_counts_once_and_for_five_minutes(visitor, card, clock) -> None:
    held = asks(visitor)
    clock.now += timedelta(minutes=5)
    assert refused(visitor, held, code_of(sent()[0])) == WRONG
    held = asks(visitor)
    clock.now += timedelta(minutes=4, seconds=59)
    code = code_of(sent()[1])
    types(visitor, held, code)
    assert refused(visitor, held, code) == WRONG


def test_five_wrong_attempts_end_it(visitor, card) -> None:
    held = asks(visitor)
    for _ in range(MOST_ATTEMPTS):
        assert refused(visitor, held, wrong_for(sent()[0])) == WRONG
    assert refused(visitor, held, code_of(sent()[0])) == WRONG
    assert Event.objects.filter(kind="access.sign_in_failed").count() == MOST_ATTEMPTS + 1


def test_a_new_code_of_the_same_browser_ends_the_one_before(visitor, card) -> None:
    held = asks(visitor)
    second = asks(visitor, holds=held)
    assert refused(visitor, held, code_of(sent()[0])) == WRONG
    assert types(visitor, second, code_of(sent()[1]))


def test_a_code_is_good_in_the_browser_that_asked_and_in_no_other(visitor, card) -> None:
    mine, strangers = asks(visitor), asks(visitor, source="203.0.113.9")
    my_code, their_code = map(code_of, sent())
    if my_code != their_code:
        assert refused(visitor, strangers, my_code, source="203.0.113.9") == WRONG
        assert refused(visitor, mine, their_code) == WRONG
    assert refused(visitor, None, my_code) == WRONG
    assert types(visitor, mine, my_code), "what others ask for does not end it"


def test_wrong_codes_count_for_the_day_whatever_codes_were_sent_meanwhile(visitor, card, clock) -> None:
    """However many fresh codes there are: a card bears so many tries a day, from wherever they come."""
    total, from_one = (most(Rated.CODE_TRIED, per) for per in (Per.SUBJECT, Per.SUBJECT_FROM_SOURCE))
    tried = 0
    for number in range(24):
        source = f"10.0.{number}.1"
        held = asks(visitor, source=source)
        answers = [refused(visitor, held, wrong_for(sent()[-1]), source=source) for _ in range(2 * from_one)]
        assert answers[-1] == TOO_OFTEN
        tried += answers.count(WRONG)
        if answers[0] == TOO_OFTEN:
            break
        clock.now += timedelta(minutes=20)
    assert tried == total, "who hammers at one address takes no more than that address's share"
    held = asks(visitor, source="10.9.9.9")
    assert refused(visitor, held, code_of(sent()[-1]), source="10.9.9.9") == TOO_OFTEN, (
        "the right one neither"
    )
    clock.now = clock.now.replace(hour=0, minute=0) + timedelta(days=1)
    assert types(visitor, asks(visitor), code_of(sent()[-1]))


def test_strangers_use_up_nothing_of_the_device_on_which_one_signed_in_before(visitor, card) -> None:
    account = types(visitor, asks(visitor), code_of(sent()[-1]))
    mine = Device("my telephone", (account.id,))
    for number in range(most(Rated.SIGN_IN_CODE, Per.SUBJECT)):
        source = f"10.0.1.{number}"
        try:
            held = asks(visitor, source=source)
        except Refused:
            break
        for _ in range(most(Rated.CODE_TRIED, Per.SUBJECT_FROM_SOURCE)):
            refused(visitor, held, wrong_for(sent()[-1]), source=source)
    with pytest.raises(Refused) as caught:
        asks(visitor)
    assert caught.value.refusals[0].status == 429
    held = asks(visitor, device=mine)
    assert types(visitor, held, code_of(sent()[-1]), device=mine) == account
    # Another's device is a stranger here.
    with pytest.raises(Refused):
        asks(visitor, device=Device("another", (uuid7(),)))


def test_a_device_of_ones_own_is_limited_too(visitor, card) -> None:
    account = types(visitor, asks(visitor), code_of(sent()[-1]))
    mine = Device("my telephone", (account.id,))
    for _ in range(most(Rated.SIGN_IN_CODE_AT_HOME, Per.SUBJECT_ON_DEVICE)):
        held = asks(visitor, device=mine)
    with pytest.raises(Refused):
        asks(visitor, device=mine)
    tries = most(Rated.CODE_TRIED_AT_HOME, Per.SUBJECT_ON_DEVICE)
    answers = [refused(visitor, held, wrong_for(sent()[-1]), device=mine) for _ in range(tries + 1)]
    assert answers == [WRONG] * tries + [TOO_OFTEN]


def test_from_one_address_strangers_leave_codes_for_others(visitor, card) -> None:
    for _ in range(most(Rated.SIGN_IN_CODE, Per.SUBJECT_FROM_SOURCE)):
        asks(visitor, source="203.0.113.9")
    for _ in range(2 * most(Rated.SIGN_IN_CODE, Per.SUBJECT)):
        with pytest.raises(Refused):
            asks(visitor, source="203.0.113.9")
    assert types(visitor, asks(visitor), code_of(sent()[-1]))


@pytest.mark.parametrize("shown", [NUMBER, "3402230000000099"])
def test_codes_are_not_asked_for_without_end_whether_the_card_exists_or_not(
    visitor, card, clock, shown
) -> None:
    for number in range(5):
        asks(visitor, shown, source=f"10.0.0.{number}")
    with pytest.raises(Refused) as caught:
        asks(visitor, shown, source="10.0.0.9")
    (refusal,) = caught.value.refusals
    assert (
        refusal.status == 429 and "分钟后再试" in refusal.sentence() and "minutes" in refusal.sentence("en")
    )
    assert "登录过的" in refusal.way_on()


@pytest.mark.parametrize("shown", [NUMBER, "3402230000000099"])
def test_tries_are_counted_alike_whether_the_card_exists_or_not(visitor, card, shown) -> None:
    held = asks(visitor, shown)
    tries = most(Rated.CODE_TRIED, Per.SUBJECT_FROM_SOURCE)
    answers = [refused(visitor, held, "abc") for _ in range(tries + 1)]
    assert answers == [WRONG] * tries + [TOO_OFTEN]


def test_old_codes_are_cleared_away(visitor, card, clock) -> None:
    asks(visitor)
    clock.now += 2 * CODE_LASTS + timedelta(seconds=1)
    asks(visitor)
    assert SignInCode.objects.count() == 1


def test_a_disabled_account_stays_closed(visitor, card) -> None:
    key, _ = card
    Account.objects.create(
        username="r.disabled", display_name="王*明", resident_id=key, is_active=False, password="!"
    )
    assert refused(visitor, asks(visitor), code_of(sent()[0]))[1] == 403


class Elsewhere:
    """A way of sending that an installation has named."""

    taken: ClassVar[list[tuple[str, str]]] = []

    def send(self, phone: str, text: str) -> None:
        self.taken.append((phone, text))


def test_an_installation_names_its_own_way_of_sending(visitor, card, settings, monkeypatch) -> None:
    monkeypatch.setattr("tiercare.apps.access.commands.short_messages.Elsewhere", Elsewhere, raising=False)
    settings.SHORT_MESSAGES = "tiercare.apps.access.commands.short_messages.Elsewhere"
    asks(visitor)
    assert [phone for phone, _ in Elsewhere.taken] == [PHONE] and sent() == []
