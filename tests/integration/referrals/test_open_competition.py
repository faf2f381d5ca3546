"""What stands open to all who are qualified: listed without area and consortium, by the referral and by the directory (WH-04)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tiercare.apps.ledger import queries as ledger
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network.models import InstitutionVersion, LicensedSpecialty
from tiercare.apps.network.rules import Owner
from tiercare.apps.referrals.queries.open_services import Order, open_services
from tiercare.apps.referrals.rules.competition import competition_of
from tiercare.engines.policy import PackSet

from ..residents.conftest import given
from .places import CARDIOLOGY, altered, at, away, by, change, down, ids, known_at, person, said, up

__all__ = ["given", "known_at"]
REHABILITATION, ONCOLOGY, LABORATORY = "21", "19", "30"
OPEN = "WH-04.open_competition"


def without(word: str) -> PackSet:
    """Our packs with one service fewer that is open."""
    return altered(OPEN, tuple(each for each in said(OPEN) if each != word))


def all_licensed(code: str) -> set:
    """Everybody of the city with that licence or one below it, whatever the level, the kind and the owner."""
    today = ledger.today()
    holders = LicensedSpecialty.objects.filter(code__regex=rf"^{code}(\.|$)", period__contains=today)
    found = InstitutionVersion.objects.filter(
        period__contains=today,
        division_code__startswith="3402",
        institution_id__in=holders.values("institution_id"),
    )
    return set(found.values_list("institution_id", flat=True))


@pytest.mark.clause("WH-04")
def test_rehabilitation_stands_open_to_all_and_no_consortium_comes_first(wuhu, known_at) -> None:
    centre, lead = at("wuhu-jinghu_zheshan"), at("wuhu-second_hospital")
    away(lead, of=centre, km=55)
    doctor, resident = person(centre), known_at(centre)
    found = up(doctor, resident, REHABILITATION)
    assert all_licensed(REHABILITATION) - {centre} <= set(ids(found))  # all of the city that are licensed
    assert ids(found)[0] != lead  # the own lead stands where its distance puts it
    assert {each.owner for each in found} == set(Owner)
    assert all(by(found, each)["open_competition"] == ("WH-04",) for each in ids(found))
    assert by(found, lead)["own_lead"] == ()  # what it is to the sender is told, and counts for nothing
    # Not open: the own lead is first again, as the city's other clauses say.
    ranked = up(doctor, resident, REHABILITATION, packs=without("rehab_nursing"))
    assert ids(ranked)[0] == lead
    assert by(ranked, lead)["own_lead"] == ("WH-16",)
    assert all("open_competition" not in by(ranked, each) for each in ids(ranked))
    # The other services are unmoved by that.
    assert ids(up(doctor, resident, LABORATORY, packs=without("rehab_nursing"))) == ids(
        up(doctor, resident, LABORATORY)
    )


@pytest.mark.clause("WH-04")
@pytest.mark.parametrize(
    ("specialty", "word"),
    [(ONCOLOGY, "serious_illness"), (LABORATORY, "exam_lab"), ("28", "serious_illness")],
)
def test_each_service_is_open_as_the_pack_names_it(wuhu, known_at, specialty, word) -> None:
    centre, lead = at("wuhu-jinghu_zheshan"), at("wuhu-second_hospital")
    away(lead, of=centre, km=55)
    doctor, resident = person(centre), known_at(centre)
    found = up(doctor, resident, specialty)
    assert all_licensed(specialty) - {centre} <= set(ids(found))
    assert ids(found)[0] != lead
    assert ids(up(doctor, resident, specialty, packs=without(word)))[0] == lead
    # What the text does not open stays as it was.
    assert ids(up(doctor, resident, CARDIOLOGY))[0] == lead


@pytest.mark.clause("WH-04")
def test_those_who_continue_care_are_listed_whatever_their_consortium(wuhu, known_at) -> None:
    """Down for rehabilitation: hospitals that do it as well as centres, the nearest first."""
    sender, own = at("wuhu-second_hospital"), at("wuhu-jinghu_zheshan")
    doctor, resident = person(sender), known_at(sender)
    for code in ("21",):
        LicensedSpecialty.objects.create(institution_id=own, code=code, period=(ledger.today(), None))
    away(own, of=sender, km=30)
    found = down(doctor, resident, functions=("rehabilitation",))
    assert ids(found)[0] != own
    assert all_licensed(REHABILITATION) - {sender} <= set(ids(found))
    closed = down(doctor, resident, functions=("rehabilitation",), packs=without("rehab_nursing"))
    assert ids(closed)[0] == own  # own members first, as the nation's order has it
    # Together with what is not open the region's other texts hold.
    both = down(doctor, resident, functions=("rehabilitation", "tcm"))
    assert all("open_competition" not in by(both, each) for each in ids(both))


@pytest.mark.clause("WH-04")
def test_the_directory_lists_everybody_by_name_or_distance_only(wuhu) -> None:
    today = ledger.today()
    private = at("wuhu-jinghu_zheshan")
    change(private, owner=Owner.PRIVATE.value, lng=118.38, lat=31.33)
    LicensedSpecialty.objects.create(institution_id=private, code="21", period=(today, None))
    found = open_services("wuhu", service="rehab_nursing", on=today)
    assert [each.word for each in found.open.services] == list(_words_of_the_text())
    listed = {each.id for each in found.providers}
    assert all_licensed(REHABILITATION) <= listed
    assert private in listed
    near = open_services("wuhu", service="rehab_nursing", near="340202", order=Order.NEAR, on=today)
    assert {each.id for each in near.providers} == listed
    away_by = [each.km for each in near.providers if each.km is not None]
    assert away_by == sorted(away_by)
    assert [each.id for each in near.providers] != [each.id for each in found.providers]
    # Sterile supply is for institutions: in the directory, and no place to refer anybody to.
    sterile = open_services("wuhu", service="sterile_supply", on=today)
    assert sterile.service is not None
    assert sterile.service.word == "sterile_supply"
    # A pack that opens less; a region whose text opens nothing.
    less = open_services("wuhu", service="rehab_nursing", on=today, packs=without("rehab_nursing"))
    assert "rehab_nursing" not in {each.word for each in less.open.services}
    assert open_services("taiyuan", on=today).providers == ()


def _words_of_the_text() -> tuple[str, ...]:
    """The services of the text that the platform knows, in its own order."""
    known = competition_of(mandates.packs(), "wuhu", on=ledger.today()).services
    assert {each.word for each in known} == set(said(OPEN))
    return tuple(each.word for each in known)


def test_what_no_register_says_no_pack_can_open(wuhu) -> None:
    """A word of a text that the platform does not know opens nothing; it is not guessed at."""
    packs = altered(OPEN, ("rehab_nursing", "something_new"))
    assert [each.word for each in competition_of(packs, "wuhu", on=ledger.today()).services] == [
        "rehab_nursing"
    ]
    packs = altered("WH-04.serious_illness_specialties", ("03.04",))
    found = competition_of(packs, "wuhu", on=ledger.today())
    assert found.asked(specialty=CARDIOLOGY) is not None
    assert found.asked(specialty=ONCOLOGY) is None
    assert replace(found, services=()).asked(specialty=CARDIOLOGY) is None
