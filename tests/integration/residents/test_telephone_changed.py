"""A desk changes a resident's telephone: the old number is told, and the new one signs nobody in for three days."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tiercare.apps.access import queries as access_queries
from tiercare.apps.access.commands.resident_sign_in import Browser
from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.ledger import handlers
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.models import Delivery, Event
from tiercare.apps.network import queries as network
from tiercare.apps.network.models import InstitutionVersion
from tiercare.apps.residents import commands, subscribers
from tiercare.apps.residents.models import Card
from tiercare.apps.residents.rules import Correction, IdentityKind
from tiercare.apps.residents.rules.telephone import SERVES_AFTER
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refused

from .care import later, synthetic_clock
from .test_resident_sign_in import NUMBER, PHONE, code_of, sent

__all__ = ["synthetic_clock"]

OTHER, THIRD = "13900002222", "13700003333"
HOUR = timedelta(hours=1)


@pytest.fixture
def desk(site):
    return site.actor(Role.REGISTRAR)


@pytest.fixture
def here(site) -> str:
    """The township of whose residents the desk keeps the files."""
    version = InstitutionVersion.objects.filter(
        institution_id=site.township, period__contains=ledger.today()
    ).get()
    return str(version.township_code)


@pytest.fixture
def resident(site, register, here):
    """A resident with a card and a telephone that has stood for long."""
    key = register("王小明", phone=PHONE, division_code=here)
    _card(site, key, NUMBER)
    later(hours=100)
    return key


def _card(site, key, number: str) -> None:
    with scoped(site.actor(Role.REGISTRAR)):
        Card.objects.create(
            resident_id=key,
            number=number,
            institution_id=site.township,
            division_code="340223",
            issued_at=ledger.now(),
        )


def change(desk, key, phone: str, version: int = 1) -> None:
    commands.correct(desk, resident_id=key, version=version, change=Correction(phone=phone))


def deliver() -> None:
    """What the dispatcher does after the commit."""
    for event in Event.objects.filter(kind="residents.telephone_replaced").order_by("sequence"):
        subscribers.tell_former_telephone(event)


def codes_go_to(number: str = NUMBER) -> str:
    """The telephone to which a code goes now; empty if to none."""
    before = len(sent())
    visitor = access_queries.visitor(channel="web", request_id=uuid7())
    held = commands.ask_for_code(visitor, shown=number, browser=Browser("10.0.0.1"))
    new = sent()[before:]
    if new:
        commands.sign_in_with_code(visitor, code=code_of(new[0]), browser=Browser("10.0.0.1", None, held))
        return new[0]["phone"]
    with pytest.raises(Refused) as caught:  # the same as for a card that nobody has
        commands.sign_in_with_code(visitor, code="000000", browser=Browser("10.0.0.1", None, held))
    assert [refusal.code for refusal in caught.value.refusals] == ["access.wrong_code"]
    return ""


def test_the_number_that_stood_before_is_told(site, desk, resident) -> None:
    assert codes_go_to() == PHONE
    change(desk, resident, OTHER)
    deliver()
    told = sent()[-1]
    place = network.names_of_institutions([site.township], on=ledger.today())[site.township]
    assert told["phone"] == PHONE and place in told["text"] and "更改" in told["text"]
    assert OTHER not in told["text"] and "王" not in told["text"]


def test_the_message_waits_for_the_commit_and_is_delivered_for_sure(desk, resident) -> None:
    change(desk, resident, OTHER)
    event = Event.objects.get(kind="residents.telephone_replaced")
    handler = Delivery.objects.get(event=event).handler
    assert handlers.find(handler) is subscribers.tell_former_telephone and sent() == []
    assert all(
        PHONE not in str(each.payload) and OTHER not in str(each.payload) for each in Event.objects.all()
    )


@pytest.mark.parametrize(("hours", "to"), [(0, ""), (71, ""), (73, OTHER)])
def test_the_new_number_signs_in_after_three_days_and_the_old_one_never_again(
    desk, resident, hours, to
) -> None:
    change(desk, resident, OTHER)
    later(hours=hours)
    assert codes_go_to() == to


def test_a_first_number_needs_no_wait(site, desk, register) -> None:
    key = register("李四海")
    _card(site, key, "3402230000000025")
    change(desk, key, OTHER)
    assert not Event.objects.filter(kind="residents.telephone_replaced").exists()
    assert codes_go_to("3402230000000025") == OTHER


def test_taking_the_number_away_first_is_no_way_around(desk, resident) -> None:
    change(desk, resident, "")
    deliver()
    assert sent()[-1]["phone"] == PHONE and codes_go_to() == ""
    later(hours=1)
    change(desk, resident, OTHER, version=2)
    assert codes_go_to() == ""
    later(hours=73)
    assert codes_go_to() == OTHER


def test_a_slip_that_is_mended_in_time_costs_the_resident_nothing(desk, resident) -> None:
    change(desk, resident, OTHER)
    later(hours=1)
    change(desk, resident, PHONE, version=2)
    assert codes_go_to() == PHONE
    deliver()
    assert {each["phone"] for each in sent() if "更改" in each["text"]} == {PHONE, OTHER}


def test_correcting_anything_else_tells_nobody(desk, resident) -> None:
    commands.correct(
        desk, resident_id=resident, version=1, change=Correction(address="示例路 9 号", phone=PHONE)
    )
    assert not Event.objects.filter(kind="residents.telephone_replaced").exists()
    assert codes_go_to() == PHONE


def test_of_a_merged_person_a_fresh_entrys_number_waits_and_all_that_stood_are_told(
    site, desk, resident, register, here
) -> None:
    """Registering somebody a second time with another telephone and merging is no way around."""
    twin = register("王小民", phone=OTHER, division_code=here, identity_kind=IdentityKind.NONE, number="")
    keeper = site.actor(Role.INDEX_KEEPER)
    commands.merge(keeper, kept_id=twin, merged_id=resident, reason="核对后是同一个人")
    assert codes_go_to() == ""
    later(hours=73)
    assert codes_go_to() == OTHER
    change(desk, twin, THIRD)
    deliver()
    assert {each["phone"] for each in sent() if "更改" in each["text"]} == {PHONE, OTHER}
    assert codes_go_to() == ""


class Broken:
    """A carrier that takes nothing over, and says too much about it."""

    def send(self, phone: str, text: str) -> None:
        raise OSError(f"cannot reach {phone}")


def test_what_cannot_be_sent_is_tried_again_and_names_no_number(
    desk, resident, settings, monkeypatch
) -> None:
    monkeypatch.setattr("tiercare.apps.access.commands.short_messages.Broken", Broken, raising=False)
    change(desk, resident, OTHER)
    settings.SHORT_MESSAGES = "tiercare.apps.access.commands.short_messages.Broken"
    with pytest.raises(OSError, match="not taken over") as caught:
        deliver()
    assert PHONE not in str(caught.value) and caught.value.__suppress_context__


def test_the_wait_reaches_over_a_weekend() -> None:
    assert SERVES_AFTER >= 72 * HOUR
