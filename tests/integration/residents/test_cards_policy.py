"""What the packs say of the health card, performed: where it holds, for what, and in which form; and the opposite under
an altered pack."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection, connections, transaction
from psycopg.types.range import DateRange

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network.commands import lay_down_region
from tiercare.apps.network.models import InstitutionVersion, Membership
from tiercare.apps.residents import commands, queries
from tiercare.apps.residents.commands import scanning
from tiercare.apps.residents.models import Arrival, Card
from tiercare.apps.residents.rules import card_tokens
from tiercare.apps.residents.rules import cards as rules
from tiercare.engines.policy import PackSet
from tiercare.engines.policy.model import Value
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused

NATIONAL = ("first_contact", "teleconsultation", "two_way_referral")


@pytest.fixture
def alter(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Value], None]:
    """From now on a parameter of the packs has another value."""

    packs = mandates.packs()

    def run(name: str, value: Value) -> None:
        clause = packs.clause[name.partition(".")[0]]
        parameters = tuple(replace(p, value=value) if p.name == name else p for p in clause.parameters)
        assert parameters != clause.parameters, name
        pack = packs.packs[clause.pack]
        clauses = tuple(replace(c, parameters=parameters) if c.id == clause.id else c for c in pack.clauses)
        changed = PackSet({**packs.packs, pack.id: replace(pack, clauses=clauses)})
        monkeypatch.setattr(mandates, "packs", lambda: changed)

    return run


@pytest.fixture
def desk(site) -> Actor:
    return site.actor(Role.REGISTRAR, "county_hospital")


@pytest.fixture
def card(site, register) -> Card:
    resident = register()
    commands.issue_card(site.actor(Role.REGISTRAR), resident)
    with scoped(site.actor(Role.REGISTRAR)):
        return Card.objects.get()


@pytest.fixture
def scan(site, card) -> Callable[..., scanning.Scanned]:
    """A scan of a new token of the card at a desk."""

    def run(actor: Actor, use: str | None = None, **more) -> scanning.Scanned:
        return commands.scan(actor, text=queries.show_token(site.resident(card.resident_id)), use=use, **more)

    return run


def why_not(run: Callable[[], object]) -> Refusal:
    with pytest.raises(Refused) as caught:
        run()
    return caught.value.refusals[0]


def uses_that_open(scan, actor: Actor) -> set[str]:
    """Of all uses we know, those for which the resident really arrived there."""
    opened = set()
    for use in rules.USE_NAMES:
        start = ledger.now()
        window = rules.Window(start, start + timedelta(minutes=30)) if use in rules.TIMED_USES else None
        try:
            scan(actor, use, window=window)
            opened.add(use)
        except Refused as refused:
            assert refused.refusals[0].code == "cards.use"
    with scoped(actor):
        assert set(Arrival.objects.values_list("use", flat=True)) == opened
    return opened


@pytest.mark.clause("NHC-67")
def test_the_nations_card_serves_first_contact_consultation_and_referral(scan, desk, alter) -> None:
    elsewhere = replace(desk, division_code="330100")  # an area whose only pack is the nation's
    assert uses_that_open(scan, elsewhere) == set(NATIONAL)
    alter("NHC-67.card_uses", ("first_contact", "新的用途"))
    refusal = why_not(lambda: scan(elsewhere, "teleconsultation"))
    assert (refusal.code, refusal.clauses) == ("cards.use", ("NHC-67",))
    assert scan(elsewhere, "新的用途").arrival_id


@pytest.mark.clause("WH-59")
def test_in_wuhu_the_card_in_the_hand_and_on_the_telephone_open_the_same(scan, card, desk, alter) -> None:
    by_number = {"text": card.number, "second": "19680517"}
    for use in NATIONAL:
        assert scan(desk, use).by_token
        assert not commands.scan(desk, use=use, **by_number).by_token
    alter("WH-59.card_types", ("electronic_card",))
    refusal = why_not(lambda: commands.scan(desk, use="first_contact", **by_number))
    assert (refusal.code, refusal.clauses) == ("cards.type", ("WH-59",))
    assert scan(desk, "first_contact").arrival_id
    alter("WH-59.card_types", ("resident_card",))
    assert why_not(lambda: scan(desk, "first_contact")).code == "cards.type"
    assert commands.scan(desk, use="first_contact", **by_number).arrival_id
    assert scan(desk).least, "who somebody is may be checked with any card"


@pytest.mark.clause("WH-59")
def test_in_wuhu_a_use_that_its_document_adds_is_opened(scan, desk, alter) -> None:
    assert uses_that_open(scan, desk) == set(NATIONAL)
    alter("WH-59.card_uses", ("blood_donation",))
    assert queries.card_uses(desk.division_code, on=ledger.today())["blood_donation"] == ("WH-59",)
    assert scan(desk, "blood_donation").arrival_id


@pytest.fixture
def taiyuan(site) -> Actor:
    """The desk of a community of 太原, laid down for this test."""
    lay_down_region(actor=Actor.system("test"), pack_id="taiyuan")
    today = ledger.today()
    members = Membership.objects.filter(period__contains=today).values("institution_id")
    place = InstitutionVersion.objects.filter(
        division_code__startswith="1401", period__contains=today, institution_id__in=members
    ).first()
    return replace(
        site.actor(Role.REGISTRAR), institution_id=place.institution_id, division_code=place.division_code
    )


@pytest.mark.clause("TY-102")
def test_taiyuan_opens_its_services_to_the_resident_whose_card_it_is(scan, card, taiyuan, alter) -> None:
    served = {"family_doctor_signing", "timed_appointment", "internet_visit", "blood_donation"}
    assert uses_that_open(scan, taiyuan) == served | set(NATIONAL)
    for use in served:
        (waiting,) = queries.arrivals(taiyuan, use=use).rows
        assert waiting.least.id == card.resident_id
        assert (waiting.window is not None) is (use == "timed_appointment")
    alter("TY-102.card_uses", ("family_doctor_signing",))
    refusal = why_not(lambda: scan(taiyuan, "blood_donation"))
    assert (refusal.code, refusal.clauses) == ("cards.use", ("NHC-67", "TY-102"))
    assert scan(taiyuan, "family_doctor_signing").arrival_id


@pytest.mark.clause("TY-102")
def test_a_timed_appointment_is_for_a_stretch_of_the_day(scan, taiyuan) -> None:
    start = ledger.now()
    for wrong in (None, rules.Window(start, start), rules.Window(start, start - timedelta(minutes=1))):
        assert why_not(lambda window=wrong: scan(taiyuan, "timed_appointment", window=window)).at == "window"
    window = rules.Window(start, start + timedelta(minutes=30))
    assert why_not(lambda: scan(taiyuan, "blood_donation", window=window)).code == "cards.no_window"
    scan(taiyuan, "timed_appointment", window=window)
    assert queries.arrivals(taiyuan).rows[0].window == window


@pytest.mark.clause("WH-41")
def test_the_card_is_open_to_members_and_closed_the_moment_they_are_none(scan, card, desk) -> None:
    scanned = scan(desk, "first_contact")
    Membership.objects.filter(institution_id=desk.institution_id, period__contains=ledger.today()).update(
        period=DateRange(ledger.today() - timedelta(days=30), ledger.today())
    )
    for run in (
        lambda: scan(desk, "first_contact"),
        lambda: scan(desk),
        lambda: commands.scan(desk, text=card.number, second="19680517"),
        lambda: commands.arrive(desk, presence=scanned.presence, use="first_contact"),
    ):
        refusal = why_not(run)
        assert (refusal.code, refusal.clauses, refusal.status) == ("cards.not_a_member", ("WH-41",), 403)
        assert refusal.way_on()
    with scoped(desk):
        assert Arrival.objects.count() == 1


@pytest.mark.clause("WH-41")
def test_the_kinds_of_consortium_that_open_it_are_those_of_the_pack(scan, site, desk, alter) -> None:
    alter("WH-41.authorisation_basis", ("telemedicine_network",))
    refusal = why_not(lambda: scan(site.actor(Role.REGISTRAR), "first_contact"))
    assert (refusal.code, refusal.clauses) == ("cards.not_a_member", ("WH-41",))
    alter("WH-41.authorisation_basis", ("county_community",))
    assert scan(site.actor(Role.REGISTRAR), "first_contact").arrival_id


def at_once(times: int, attempt: Callable[[], bool]) -> list[bool]:
    def run(_: int) -> bool:
        try:
            return attempt()
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(run, range(times)))


@pytest.fixture
def committed(django_db_setup, django_db_blocker) -> Iterator[None]:
    """Tokens taken in real transactions; forgotten after the test."""
    with django_db_blocker.unblock():
        yield
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM residents_carduse")
        connections["default"].close()


def test_of_desks_that_scan_one_token_at_once_one_takes_it(committed) -> None:
    until = ledger.now() + card_tokens.LIFETIME
    for _ in range(5):
        nonce = uuid4()

        def attempt(nonce: UUID = nonce) -> bool:
            with transaction.atomic():
                return scanning.take_nonce(nonce, until)

        assert sorted(at_once(4, attempt)) == [False, False, False, True]
