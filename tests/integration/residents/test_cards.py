"""Health cards from issue to loss: who holds one, what a scan takes and leaves behind, and what it is refused for."""

from __future__ import annotations

import stat
from datetime import date, timedelta

import pytest

from tiercare.apps.access.models import CareRelation
from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Basis, Role
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.models import Event, Reading
from tiercare.apps.residents import commands, queries
from tiercare.apps.residents.commands import scanning
from tiercare.apps.residents.models import Arrival, Card, CardUse
from tiercare.apps.residents.queries import card_keys
from tiercare.apps.residents.rules import CardEvent, IdentityKind, card_tokens
from tiercare.apps.residents.rules import cards as rules
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refused

from .conftest import id_number

BORN = date(1968, 5, 17)


@pytest.fixture
def desk(site) -> Actor:
    """The desk of the county hospital, which has nothing to do with the resident yet."""
    return site.actor(Role.REGISTRAR, "county_hospital")


@pytest.fixture
def resident(register):
    return register("王小明", number=id_number(BORN), birth_date=BORN)


@pytest.fixture
def card(site, resident) -> Card:
    """The resident's card, issued where they were registered."""
    commands.issue_card(site.actor(Role.REGISTRAR), resident)
    return held(site, resident)


def held(site, resident) -> Card:
    with scoped(site.actor(Role.REGISTRAR)):
        return Card.objects.get(resident_id=resident, ended_at=None)


def refused(run, *args, **kwargs) -> set[str]:
    with pytest.raises(Refused) as caught:
        run(*args, **kwargs)
    return {refusal.code for refusal in caught.value.refusals}


def token(site, resident) -> str:
    return queries.show_token(site.resident(resident))


def test_a_desk_issues_a_card_and_nothing_is_replaced_silently(site, resident, card) -> None:
    registrar = site.actor(Role.REGISTRAR)
    assert rules.read_card_number(card.number) == card.number
    assert refused(commands.issue_card, registrar, resident) == {"cards.has_one"}
    commands.replace_card(registrar, resident)
    with scoped(registrar):
        kept, gone = Card.objects.filter(resident_id=resident).order_by("ended_at")
    assert (kept.ended_by, gone.ended_by) == (CardEvent.REPLACED, None)
    assert kept.number != gone.number


def test_without_a_ground_no_card_is_issued_blocked_or_looked_at(site, resident, card, desk) -> None:
    assert refused(commands.issue_card, desk, resident) == {"access.no_basis"}
    assert refused(commands.replace_card, desk, resident) == {"access.no_basis"}
    assert refused(commands.block_card, desk, card.id) == {"access.no_basis"}
    assert refused(commands.block_card, desk, uuid7()) == {"access.no_basis"}
    assert refused(queries.card_of, desk, resident) == {"access.no_basis"}
    assert held(site, resident).id == card.id


def test_residents_issue_show_and_block_their_own(site, resident) -> None:
    me = site.resident(resident)
    assert queries.card_of(me, resident).held is None
    assert refused(queries.show_token, me) == {"cards.has_none"}
    commands.issue_card(me, resident)
    mine = queries.card_of(me, resident).held
    assert mine is not None and mine.institution_id is None
    first, again = queries.show_token(me), queries.show_token(me)
    assert first != again
    commands.block_my_card(me)
    assert queries.card_of(me, resident).held is None
    assert refused(commands.block_my_card, me) == {"cards.has_none"}


def test_nobody_issues_a_card_to_another_resident_as_themself(site, register, resident) -> None:
    other = register("李晓红", birth_date=date(1980, 2, 3))
    assert refused(commands.issue_card, site.resident(other), resident) == {"access.no_basis"}
    assert refused(queries.card_of, site.resident(other), resident) == {"access.no_basis"}
    assert refused(queries.show_token, site.actor(Role.REGISTRAR)) == {"cards.has_none"}
    assert refused(commands.block_my_card, site.actor(Role.REGISTRAR)) == {"cards.has_none"}


@pytest.mark.parametrize("role", [Role.COMMISSION, Role.AUDITOR, Role.INDEX_KEEPER, Role.CLINICIAN])
def test_whoever_does_not_issue_cards_is_told_so(site, resident, role) -> None:
    assert refused(commands.issue_card, site.actor(role), resident) == {"access.not_your_right"}


def test_a_scan_opens_the_record_for_a_day(site, resident, card, desk) -> None:
    doctor = site.actor(Role.CLINICIAN, "county_hospital")
    with pytest.raises(Refused), queries.opened(doctor, resident):
        pass
    scanned = commands.scan(desk, text=token(site, resident), use="first_contact")
    assert (scanned.least.id, scanned.least.name, scanned.by_token) == (resident, "王*明", True)
    with queries.opened(doctor, resident) as record:
        assert record.basis is Basis.ENCOUNTER
    with scoped(desk):
        relation = CareRelation.objects.get(source_id=scanned.arrival_id)
        arrival = Arrival.objects.get()
    assert relation.until - relation.since == timedelta(hours=24)
    assert (arrival.resident_id, arrival.use, arrival.by_token) == (resident, "first_contact", True)
    assert Event.objects.get(kind="residents.arrived").clauses == ["NHC-67", "WH-59"]


def test_the_day_ends_by_itself(site, resident, card, desk) -> None:
    commands.scan(desk, text=token(site, resident), use="first_contact")
    now = ledger.now()
    with scoped(desk):
        CareRelation.objects.filter(institution_id=site.county_hospital).update(
            since=now - timedelta(hours=25), until=now - timedelta(hours=1)
        )
    with pytest.raises(Refused), queries.opened(desk, resident):
        pass


def test_without_a_use_a_scan_only_tells_who_it_is(site, resident, card, desk) -> None:
    scanned = commands.scan(desk, text=token(site, resident))
    assert (scanned.arrival_id, scanned.use) == (None, "")
    with scoped(desk):
        assert not Arrival.objects.exists() and not CareRelation.objects.exists()
    arrived = commands.arrive(desk, presence=scanned.presence, use="two_way_referral")
    again = {"presence": scanned.presence, "use": "two_way_referral"}
    assert refused(commands.arrive, desk, **again) == {"cards.already_arrived"}
    with scoped(desk):
        assert Arrival.objects.get().id == arrived.arrival_id
    assert commands.arrive(desk, presence=scanned.presence, use="first_contact").arrival_id


def test_what_a_scan_answered_is_good_for_this_desk_this_person_and_some_minutes(
    site, resident, card, desk, monkeypatch
) -> None:
    presence = commands.scan(desk, text=token(site, resident)).presence
    use = {"use": "first_contact"}
    for other in (
        site.actor(Role.REGISTRAR, "county_hospital", "示例别人"),
        site.actor(Role.REGISTRAR, "township"),
    ):
        assert refused(commands.arrive, other, presence=presence, **use) == {"cards.presence_over"}
    for forged in ("", "AAAA", presence[:-4], "这不是"):
        assert refused(commands.arrive, desk, presence=forged, **use) == {"cards.presence_over"}
    at = ledger.now() + scanning.PRESENCE_LASTS + timedelta(seconds=1)
    with monkeypatch.context() as later:
        later.setattr(scanning.ledger_queries, "now", lambda: at)
        assert refused(commands.arrive, desk, presence=presence, **use) == {"cards.presence_over"}
    commands.report_lost(desk, number=card.number)
    assert refused(commands.arrive, desk, presence=presence, **use) == {"cards.ended"}


def test_a_token_is_taken_once_anywhere_in_the_region(site, resident, card, desk) -> None:
    text = token(site, resident)
    commands.scan(site.actor(Role.REGISTRAR), text=text)
    assert refused(commands.scan, desk, text=text, use="first_contact") == {"cards.replayed"}
    assert refused(commands.scan, site.actor(Role.REGISTRAR), text=text) == {"cards.replayed"}
    with scoped(desk):
        assert not Arrival.objects.exists()


def test_a_scan_that_is_refused_takes_nothing(site, resident, card, desk) -> None:
    text = token(site, resident)
    assert "cards.use" in refused(commands.scan, desk, text=text, use="blood_donation")
    assert not CardUse.objects.exists()
    assert commands.scan(desk, text=text, use="first_contact").arrival_id


def test_tokens_from_yesterday_and_from_elsewhere_and_garbage_are_refused(site, card, desk) -> None:
    key, now = card_keys.signing_key(), ledger.now()
    elsewhere = card_tokens.Ed25519PrivateKey.generate()
    cases = {
        card_tokens.sign(key, card_id=card.id, now=now - timedelta(days=1)): "cards.expired",
        card_tokens.sign(key, card_id=card.id, now=now + timedelta(days=1)): "cards.not_yet",
        card_tokens.sign(elsewhere, card_id=card.id, now=now): "cards.other_region",
        card_tokens.sign(key, card_id=uuid7(), now=now): "cards.unknown",
        "TC1.": "cards.malformed",
        "TC1." + "A" * 1_000_000: "cards.malformed",
        "9" * 1_000_000: "cards.not_a_card",
        "": "cards.not_a_card",
        "'; DROP TABLE residents_card; --": "cards.not_a_card",
        "王小明\0": "cards.not_a_card",
        id_number(BORN): "cards.not_a_card",
        rules.new_number(): "cards.unknown",
    }
    assert {text[:40]: refused(commands.scan, desk, text=text) for text in cases} == {
        text[:40]: {code} for text, code in cases.items()
    }
    assert not CardUse.objects.exists() and not Reading.objects.exists()


def test_a_lost_card_is_refused_at_once_and_its_holder_sees_that_it_was_shown(
    site, resident, card, desk
) -> None:
    before = token(site, resident)
    stranger = site.actor(Role.REGISTRAR, "stranger")
    least = commands.report_lost(stranger, number=id_number(BORN))
    assert (least.id, least.name) == (resident, "王*明")
    for text in (before, card.number):
        assert refused(commands.scan, desk, text=text, use="first_contact") == {"cards.ended"}
    assert refused(queries.show_token, site.resident(resident)) == {"cards.has_none"}
    with queries.opened(site.resident(resident), resident):
        seen = Reading.objects.filter(resident_id=resident).values_list("event_id", flat=True)
        told = [event.payload for event in Event.objects.filter(id__in=list(seen))]
    assert [each["what"] for each in told if each["result"] == "refused"] == ["card", "card"]
    assert refused(commands.report_lost, stranger, number=card.number) == {"cards.nobody"}


def test_a_familys_telephone_blocks_nobodys_card(site, register) -> None:
    key = register("李晓红", birth_date=date(1980, 2, 3), phone="13800001111")
    commands.issue_card(site.actor(Role.REGISTRAR), key)
    assert refused(commands.report_lost, site.actor(Role.REGISTRAR), number="13800001111") == {"cards.nobody"}
    assert refused(commands.report_lost, site.actor(Role.CLINICIAN), number=id_number()) == {
        "access.not_your_right"
    }
    assert held(site, key)


def test_a_number_tells_who_but_not_that_they_are_here(site, resident, card, desk) -> None:
    told = commands.scan(desk, text=rules.grouped(card.number))
    assert (told.least.name, told.presence) == ("王*明", "")
    assert (told.least.number, told.least.birth_year) == ("", None), "what must be said is not to be read"
    number = {"text": card.number, "use": "first_contact"}
    assert refused(commands.scan, desk, **number) == {"cards.second_missing"}
    assert refused(commands.scan, desk, **number, second="0000") == {"cards.second_differs"}
    with scoped(desk):
        assert not Arrival.objects.exists()
    for second in (id_number(BORN)[-4:], "1968-05-17"):
        assert commands.scan(desk, **number, second=second).arrival_id
    with scoped(desk):
        assert not Arrival.objects.filter(by_token=True).exists()


def test_second_items_are_not_tried_out(site, resident, card, desk) -> None:
    other = site.actor(Role.REGISTRAR)
    for wrong in range(rules.WRONG_SECONDS_AN_HOUR):
        who = desk if wrong % 2 else other
        assert refused(commands.scan, who, text=card.number, second=f"{wrong:04d}") == {
            "cards.second_differs"
        }
    right = {"text": card.number, "second": "19680517"}
    assert refused(commands.scan, desk, **right) == {"cards.second_too_often"}
    assert commands.scan(desk, text=token(site, resident), use="first_contact").arrival_id
    doubts = Event.objects.filter(kind="residents.card_doubted")
    assert doubts.count() == rules.WRONG_SECONDS_AN_HOUR
    assert "0000" not in str([doubt.payload for doubt in doubts])


def test_without_a_document_the_birth_date_confirms(site, register, desk) -> None:
    key = register("无名氏", identity_kind=IdentityKind.NONE, number="", birth_date=BORN)
    commands.issue_card(site.actor(Role.REGISTRAR), key)
    number = held(site, key).number
    assert refused(commands.scan, desk, text=number, second="4321") == {"cards.second_differs"}
    assert commands.scan(desk, text=number, second="19680517", use="first_contact").arrival_id


def test_scans_come_no_faster_than_people(site, resident, card, desk, monkeypatch) -> None:
    def full(actor, *, what) -> None:
        raise Refused(rules.SECOND_TOO_OFTEN)

    monkeypatch.setattr(scanning.rates, "take", full)
    text = token(site, resident)
    assert refused(commands.scan, desk, text=text) == {"cards.second_too_often"}
    assert refused(commands.arrive, desk, presence="", use="first_contact") == {"cards.second_too_often"}
    assert refused(commands.report_lost, desk, number=card.number) == {"cards.second_too_often"}


@pytest.mark.parametrize("role", [Role.COMMISSION, Role.AUDITOR, Role.OPERATOR, Role.INDEX_KEEPER])
def test_who_receives_nobody_scans_nothing(site, resident, card, role) -> None:
    codes = refused(commands.scan, site.actor(role), text=token(site, resident))
    assert codes == {"access.not_your_right"}
    assert not CardUse.objects.exists()


def test_every_scan_leaves_who_looked_and_no_name(site, resident, card, desk) -> None:
    commands.scan(desk, text=token(site, resident), use="first_contact")
    with queries.opened(site.resident(resident), resident):
        ids = list(Reading.objects.filter(resident_id=resident).values_list("event_id", flat=True))
        reading = Event.objects.get(id__in=ids, institution_id=site.county_hospital)
    assert (reading.payload["what"], reading.payload["basis"]) == ("card", "identity")
    written = str(list(Event.objects.values("payload", "subject_type", "actor_name")))
    assert "王小明" not in written and card.number not in written and id_number(BORN) not in written


def test_todays_arrivals_are_masked_and_the_institutions_own(site, register, card, resident, desk) -> None:
    second = register("李晓红", birth_date=date(1980, 2, 3))
    commands.issue_card(site.actor(Role.REGISTRAR), second)
    commands.scan(desk, text=token(site, resident), use="first_contact")
    commands.scan(desk, text=token(site, second), use="two_way_referral")
    today = queries.arrivals(desk)
    assert [(row.least.name, row.use) for row in today.rows] == [
        ("李*红", "two_way_referral"),
        ("王*明", "first_contact"),
    ]
    assert dict(today.counts) == {"first_contact": 1, "two_way_referral": 1} and not today.more
    assert [row.least.id for row in queries.arrivals(desk, use="first_contact").rows] == [resident]
    page = queries.arrivals(desk, limit=1)
    assert page.more and [row.least.id for row in page.rows] == [second]
    rest = queries.arrivals(desk, limit=1, before=page.rows[0].id)
    assert [row.least.id for row in rest.rows] == [resident] and not rest.more
    assert queries.arrivals(site.actor(Role.REGISTRAR)).rows == ()
    assert refused(queries.arrivals, site.actor(Role.COMMISSION)) == {"access.not_your_right"}


def test_yesterdays_arrivals_are_not_todays(site, resident, card, desk) -> None:
    commands.scan(desk, text=token(site, resident), use="first_contact")
    with scoped(desk):
        Arrival.objects.update(at=ledger.now() - timedelta(days=1))
    assert queries.arrivals(desk).rows == ()


def test_expired_nonces_are_forgotten_and_others_kept(site, resident, card, desk) -> None:
    commands.scan(desk, text=token(site, resident))
    assert commands.forget_taken_tokens() == 0
    CardUse.objects.update(expires_at=ledger.now() - timedelta(minutes=2))
    assert commands.forget_taken_tokens() == 1
    assert not CardUse.objects.exists()


def test_the_signing_key_is_its_owners_alone(site, settings) -> None:
    (issuer,) = queries.public_keys()
    path = settings.HOME / card_keys.FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(queries.public_keys()) == [issuer], "made once"
    path.chmod(0o640)
    with pytest.raises(PermissionError, match="chmod 600"):
        card_keys.signing_key()
    path.unlink()
    assert list(queries.public_keys()) != [issuer]
