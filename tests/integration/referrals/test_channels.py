"""Channels between a lead and its members, and how much of an area is connected; the packs say what is asked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID

import pytest
from psycopg.types.range import DateRange

from tiercare.apps.access.models import Account, Grant
from tiercare.apps.access.rules import Role
from tiercare.apps.exchange.models import Desk
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.mandates.models import Mandate
from tiercare.apps.network.models import Consortium, Membership
from tiercare.apps.referrals.queries.channels import Channels, Way, channels, coverage
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refused

from ..capacity.admitting import altered
from ..residents.conftest import Site, given, register, site
from .counting import at, laid

__all__ = ["given", "register", "site"]
pytestmark = pytest.mark.django_db


def desk(institution: UUID, people: int = 1) -> None:
    Desk.objects.update_or_create(
        institution_id=institution, defaults={"name": "转诊办公室", "staff": [uuid7() for _ in range(people)]}
    )


def consortium_of(site: Site) -> UUID:
    """The one that the hospital leads and the township belongs to."""
    mine = Membership.objects.filter(institution_id=site.township, period__contains=ledger.today())
    lead = Membership.objects.filter(
        institution_id=site.county_hospital,
        role="LEAD",
        consortium_id__in=mine.values("consortium_id"),
        period__contains=ledger.today(),
    ).first()
    assert lead is not None
    return lead.consortium_id


def of(site: Site) -> Channels:
    return channels(consortium_of(site), on=ledger.today())


def pack(name: str) -> None:
    Mandate.objects.create(division_code="340223", pack=name, period=DateRange(date(2018, 1, 1), None))


@pytest.mark.clause("WH-22")
def test_a_channel_is_open_when_both_ends_have_a_desk(site: Site) -> None:
    def own(found: Channels):
        return next(each for each in found.channels if each.institution_id == site.township)

    found = of(site)
    assert found.lead and found.clauses == ("WH-22",) and found.ways == (Way.UP, Way.DOWN)
    assert (found.kept, own(found).open) == (False, ())
    assert set(own(found).missing) == {found.lead, own(found).name}
    desk(site.county_hospital)
    assert own(of(site)).missing == (own(found).name,)
    desk(site.township)
    found = of(site)
    assert (own(found).open, own(found).missing) == ((Way.UP, Way.DOWN), ())
    assert found.kept is (len(found.channels) == 1)  # the others have no desk yet
    for each in found.channels:
        desk(each.institution_id)
    assert (of(site).kept, of(site).closed) == (True, ())
    Desk.objects.filter(institution_id=site.county_hospital).delete()
    assert len(of(site).closed) == len(found.channels)


@pytest.mark.clause("WH-12")
def test_in_a_city_group_another_clause_asks_the_same(site: Site) -> None:
    Consortium.objects.filter(id=consortium_of(site)).update(kind="CITY_GROUP")
    assert (of(site).clauses, of(site).kept) == (("WH-12",), False)
    desk(site.county_hospital)
    for each in of(site).channels:
        desk(each.institution_id)
    assert of(site).kept is True


@pytest.mark.clause("CX-05")
def test_which_ways_are_asked_for_is_the_packs_to_say(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    pack("chuxiong")
    assert (of(site).clauses, of(site).ways, of(site).kept) == (("CX-05",), (Way.UP, Way.DOWN), False)
    altered(monkeypatch, "CX-05", directions=("down",))
    assert (of(site).ways, of(site).kept) == ((Way.DOWN,), False)
    altered(monkeypatch, "CX-05", directions=())
    assert (of(site).ways, of(site).kept) == ((), True)


@pytest.mark.clause("XH-42")
def test_how_many_people_a_desk_needs_is_the_packs_to_say(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack("xinhui")
    for institution in (site.county_hospital, *(each.institution_id for each in of(site).channels)):
        desk(institution)
    assert of(site).kept is True
    altered(monkeypatch, "XH-42", referral_staff=2)
    assert of(site).kept is False


def test_without_a_lead_there_are_no_channels(site: Site) -> None:
    key = consortium_of(site)
    Membership.objects.filter(consortium_id=key).update(role="MEMBER")
    assert (of_none := channels(key, on=ledger.today())) == Channels("", (), (), ())
    assert of_none.kept is None


def _covered(site: Site, clause: str):
    actor = site.actor(Role.COMMISSION)
    actor = type(actor)(
        account_id=actor.account_id,
        name=actor.name,
        role=actor.role,
        division_code="340223",
        request_id=uuid7(),
    )
    return next(each for each in coverage(actor, on=ledger.today()) if each.clause == clause)


@pytest.mark.clause("XH-128")
def test_hospitals_are_connected_by_a_desk_and_its_use(
    site: Site, register: Callable[..., UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    pack("xinhui")
    before = _covered(site, "XH-128")
    assert (before.connected, before.share, before.met) == (0, 0.0, False)
    assert len(before.missing) == before.of > 0
    assert {lack for _, _, lack in before.missing} == {"desk"}
    desk(site.county_hospital)
    found = _covered(site, "XH-128")
    assert [lack for key, _, lack in found.missing if key == site.county_hospital] == ["use"]
    resident = register()
    laid("up", site.township, site.county_hospital, resident, at(ledger.today() - timedelta(days=20)))
    found = _covered(site, "XH-128")
    assert found.connected == 1
    altered(monkeypatch, "XH-128", tier2_tier3_hospital_coverage=found.connected / found.of)
    assert _covered(site, "XH-128").met is True
    altered(monkeypatch, "NHC-37", live_within_days=10)
    found = _covered(site, "XH-128")
    assert (found.connected, found.met, found.within_days) == (0, False, 10)


@pytest.mark.clause("XH-129")
def test_centres_are_connected_when_their_people_sign_in(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    from tiercare.apps.access.commands.accounts import record
    from tiercare.apps.access.events import SignedIn
    from tiercare.kernel.actor import Actor

    pack("xinhui")
    desk(site.township)
    account = Account.objects.create(username="centre.one", display_name="示例", password="!", synthetic=True)
    Grant.objects.create(
        account=account,
        role=Role.PRIMARY_DOCTOR.value,
        scope="INSTITUTION",
        division_code="340223",
        institution_id=site.township,
        place_name="测试地点",
        period=DateRange(date(2019, 1, 1), None),
    )
    assert _covered(site, "XH-129").connected == 0
    record(Actor.system("test"), account.id, SignedIn(source="127.0.0.1"))
    found = _covered(site, "XH-129")
    assert (found.connected, found.target, found.met) == (1, 0.8, found.of == 1)
    altered(monkeypatch, "XH-129", township_community_coverage=0.0)
    assert _covered(site, "XH-129").met is True


def test_who_watches_over_nothing_asks_nothing(site: Site) -> None:
    with pytest.raises(Refused):
        coverage(site.actor(Role.CLINICIAN, "stranger"), on=ledger.today())
