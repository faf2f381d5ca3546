"""What people do on the platform appears in the fact tables, row for row as somebody would write it by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest
from psycopg.types.range import DateRange

from tiercare.apps.access.rules import Role
from tiercare.apps.capacity.rules.vocabulary import Channel
from tiercare.apps.evaluation.commands.facts import Outcome
from tiercare.apps.evaluation.commands.marking import mark_all
from tiercare.apps.exchange import commands as exchange
from tiercare.apps.exchange.workflow import Act
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.network.models import Clinician, PracticeSite
from tiercare.apps.records import commands as records
from tiercare.apps.records.rules.entries import Diagnosis, Reading
from tiercare.apps.records.rules.vocabulary import VisitKind
from tiercare.apps.records.rules.withdrawing import What
from tiercare.apps.referrals import commands as referrals
from tiercare.apps.residents import commands as residents
from tiercare.apps.residents.rules import IdentityKind
from tiercare.engines.measures.evaluate import evaluate
from tiercare.engines.measures.load import load_book
from tiercare.engines.measures.periods import span
from tiercare.engines.measures.store import Store
from tiercare.engines.policy import load_packs
from tiercare.kernel.clock import ZONE

from ..capacity.conftest import Hospital, hospital, session, to_the_day
from ..referrals.counting import laid
from ..referrals.test_loop import REPORT, held, patient
from ..residents.care import synthetic_clock
from ..residents.conftest import Site, given, register, site
from ..residents.pairs import WHY, keeper
from .facts_played import REGION, Played, slug

__all__ = ["given", "hospital", "keeper", "patient", "register", "session", "site", "synthetic_clock"]
pytestmark = pytest.mark.django_db
HYPERTENSION = Diagnosis("I10", "原发性高血压")


@pytest.fixture
def played(site: Site, tmp_path: Path) -> Played:
    """The middle of a month; nothing is written yet."""
    return Played(tmp_path / "facts")


def seen(site: Site, resident: UUID, place: str = "township", **more) -> UUID:
    """A visit as a doctor notes it."""
    role = Role.PRIMARY_DOCTOR if place == "township" else Role.CLINICIAN
    values = {"kind": VisitKind.OUTPATIENT, "complaint": "头晕", "conditions": [HYPERTENSION]}
    return records.note_visit(site.actor(role, place), resident_id=resident, **(values | more))


def test_a_visit_is_a_row_and_no_identity_leaves(played: Played, site: Site, register) -> None:
    resident = register("王小明")
    visit = seen(site, resident)
    done = played.write()
    assert done["visits", played.month].outcome is Outcome.WRITTEN
    (row,) = played.rows("visits")
    assert row["visit"] == str(visit)
    today = ledger.today()
    born = date(1968, 5, 17)
    assert (row["kind"], row["date"], row["arrival"], row["diagnosis"]) == (
        "outpatient",
        today,
        "self",
        "I10",
    )
    assert (row["institution"], row["tier"], row["home"]) == (slug(site.township), "primary", "340223")
    assert row["place"].startswith("340223") and row["consortium"] is not None and row["role"] == "member"
    assert row["age"] == today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    assert (row["cost"], row["fund"], row["own"]) == (None, None, None), "what nobody said is not zero"
    assert str(resident) not in str(row) and "王小明" not in str(row)
    assert len(row["person"]) == 32 and row["person"] != resident.hex
    with Store(played.root) as store:
        assert store.synthetic, "a demonstration's rows are marked"


def test_a_stay_counts_in_the_month_of_discharge(
    played: Played, site: Site, hospital: Hospital, patient
) -> None:
    today = ledger.today()
    first = today.replace(day=1)
    came = datetime.combine(first - timedelta(days=3), time(10), ZONE)
    left = datetime.combine(first + timedelta(days=4), time(10), ZONE)
    with_bed = referred_up(hospital, patient)
    stay = seen(
        site,
        patient,
        "county_hospital",
        kind=VisitKind.INPATIENT,
        started_at=came,
        request_id=with_bed,
    )
    played.write()
    assert [row["kind"] for row in played.rows("visits")] == ["outpatient"], "who is still in is no discharge"
    records.end_encounter(
        site.actor(Role.CLINICIAN, "county_hospital"),
        encounter_id=stay,
        ended_at=left,
        disposition="好转出院",
    )
    played.write()
    (row,) = (each for each in played.rows("visits") if each["kind"] == "inpatient")
    assert (row["admitted"], row["date"], row["days"]) == (came.date(), left.date(), 7)
    assert (row["arrival"], row["critical"], row["tier"]) == ("referred_up", False, "secondary")
    assert played.rows("visits", int(f"{came:%Y%m}")) == []


def test_what_is_withdrawn_leaves_its_month(played: Played, site: Site, register) -> None:
    resident = register("王小明")
    seen(site, resident)
    wrong = seen(site, resident, conditions=[Diagnosis("I63.9", "脑梗死")])
    played.write()
    assert len(played.rows("visits")) == 2
    records.withdraw(site.actor(Role.PRIMARY_DOCTOR), what=What.VISIT, entry_id=wrong, reason="记错患者")
    assert played.write()["visits", played.month].outcome is Outcome.WRITTEN
    assert [row["diagnosis"] for row in played.rows("visits")] == ["I10"]


def test_two_entries_that_are_one_person_are_counted_once(
    played: Played, site: Site, register, keeper
) -> None:
    born, passport = date(1990, 1, 1), {"identity_kind": IdentityKind.PASSPORT, "number": "E12345678"}
    one = register("王小明", birth_date=born)
    other = register("李晓红", site.actor(Role.REGISTRAR, "county_hospital"), **passport)
    seen(site, one)
    seen(site, other, "county_hospital")
    played.write()
    apart = {row["person"] for row in played.rows("visits")}
    assert len(apart) == 2
    residents.merge(keeper, kept_id=one, merged_id=other, reason=WHY)
    played.write()
    together = {row["person"] for row in played.rows("visits")}
    assert len(together) == 1 and together < apart, "the pseudonym of the entry that leads"


def referred_up(hospital: Hospital, patient: UUID) -> UUID:
    """Sent up without a place, and taken."""
    row = referrals.start(hospital.family_doctor, resident_id=patient, kind="up")
    content = exchange.Content(to_institution=hospital.id)
    referrals.send(hospital.family_doctor, request_id=row.id, content=content, without_place=True)
    exchange.turn(hospital.office, request_id=row.id, act=Act.ACCEPT)
    return row.id


def test_a_referral_with_its_place_from_step_to_step(
    played: Played, hospital: Hospital, patient: UUID, session: Callable[..., UUID]
) -> None:
    key = session({Channel.REFERRAL: 2, Channel.OPEN: 3})
    row = held(hospital, patient, key)
    referrals.send(hospital.family_doctor, request_id=row.id)
    played.write()
    sent = ledger.today()
    (referral,) = played.rows("referrals")
    assert (referral["direction"], referral["state"], referral["place_kept"]) == ("up", "open", True)
    assert (referral["submitted"], referral["accepted"], referral["in_time"]) == (sent, None, None)
    assert (referral["sender_tier"], referral["receiver_tier"], referral["urgency"]) == (
        *("primary", "secondary"),
        "urgent",
    )
    assert played.rows("bookings") == [], "the place is for a day to come"

    exchange.turn(hospital.office, request_id=row.id, act=Act.ACCEPT)
    to_the_day(key)
    for act in (Act.ARRIVE, Act.TAKE_IN):
        exchange.turn(hospital.office, request_id=row.id, act=act)
    exchange.turn(hospital.office, request_id=row.id, act=Act.REPORT, said=REPORT)
    exchange.turn(hospital.family_doctor, request_id=row.id, act=Act.ACKNOWLEDGE)
    played.write()
    (referral,) = played.rows("referrals")
    assert (referral["state"], referral["in_time"], referral["accepted"]) == ("closed", True, sent)
    assert referral["arrived"] == referral["closed"] == ledger.today() == sent + timedelta(days=2)
    (booking,) = played.rows("bookings")
    assert (booking["state"], booking["channel"], booking["reserved"]) == ("attended", "referral", True)
    assert (booking["resource"], booking["lead_days"], booking["date"]) == ("slot", 2, ledger.today())
    (quota,) = played.rows("quotas")
    assert (quota["offered"], quota["reserved"], quota["used"]) == (5, 2, 1)
    assert quota["institution"] == slug(hospital.id)


def test_an_indicator_comes_to_what_is_counted_by_hand(played: Played, site: Site, register) -> None:
    resident = register("王小明")
    clinician = site.actor(Role.CLINICIAN, "county_hospital")
    day = datetime.combine(ledger.today().replace(day=2), time(8), ZONE)
    other = register("李晓红", site.actor(Role.REGISTRAR, "county_hospital"))
    for back in range(4):
        began = day + timedelta(days=2 * back)
        records.note_visit(
            clinician,
            resident_id=other,
            kind=VisitKind.INPATIENT,
            started_at=began,
            ended_at=began + timedelta(days=1),
            conditions=[HYPERTENSION],
            disposition="好转",
        )
    for hours in (1, 2, 3):
        sent = day + timedelta(hours=hours)
        laid(
            "down",
            site.county_hospital,
            site.township,
            resident,
            sent,
            [(Act.ACCEPT, 1)],
            group="convalescent",
        )
    laid("up", site.township, site.county_hospital, resident, day, [(Act.ACCEPT, 2)])
    mark_all(REGION, since=played.month, on=ledger.today())
    played.write()
    book = load_book(load_packs(()), "wuhu").on(ledger.today())
    wanted = {each.id: each for each in book}
    asked = [wanted["down_referral_rate"], wanted["down_up_ratio"], wanted["referral_acceptance_rate"]]
    month = span(f"{played.month // 100}-{played.month % 100:02}")
    with Store(played.root, regions=[REGION], threads=1) as store:
        found = evaluate(store, asked, [month], region=REGION)
    values = {(each.indicator, each.level, each.key): each for each in found}
    down = values["down_referral_rate", "region", REGION]
    assert (down.numerator, down.denominator) == (3, 4)
    ratio = values["down_up_ratio", "region", REGION]
    assert (ratio.numerator, ratio.denominator) == (3, 1)
    here = values["down_referral_rate", "institution", slug(site.county_hospital)]
    assert (here.numerator, here.denominator) == (3, 4)


def test_who_signed_is_there_at_the_end_of_the_month(played: Played, site: Site, register) -> None:
    doctor = site.actor(Role.PRIMARY_DOCTOR)
    resident = register("王小明", birth_date=date(1950, 1, 1))
    residents.assign_doctor(doctor, resident_id=resident, clinician_id=somebody(site).id)
    played.write()
    (row,) = played.rows("contracts")
    assert (row["institution"], row["home"], row["signed"]) == (slug(site.township), "340223", ledger.today())
    assert row["key_group"] and row["groups"] == "elderly"
    people = {
        each["group"]: each["persons"] for each in played.rows("population") if each["division"] == "340223"
    }
    assert (people["registered"], people["elderly"], people["key_group"]) == (1, 1, 1)


def somebody(site: Site):
    """A general practitioner of the township."""
    who = Clinician.objects.create(name="示例医生", title="主治医师", scope_code="02", synthetic=True)
    PracticeSite.objects.create(
        clinician=who,
        institution_id=site.township,
        ground="REGISTERED",
        period=DateRange(date(2020, 1, 1), None),
    )
    return who


def test_the_network_as_it_stands(played: Played, site: Site) -> None:
    somebody(site)
    played.write()
    institutions = {row["institution"]: row for row in played.rows("institutions")}
    township = institutions[slug(site.township)]
    assert (township["tier"], township["category"], township["county_hospital"]) == (
        *("primary", "TOWNSHIP_CENTRE"),
        False,
    )
    lead = institutions[slug(site.county_hospital)]
    assert lead["role"] == "lead" and lead["consortium"] == township["consortium"]
    consortia = {row["consortium"]: row for row in played.rows("consortia")}
    own = consortia[township["consortium"]]
    assert (own["lead"], own["form"]) == (slug(site.county_hospital), "county_community")
    assert (own["lead_level"], own["group_led"]) == (2, False)
    (staff,) = (row for row in played.rows("staff") if row["institution"] == slug(site.township))
    assert (staff["gp"], staff["title"], staff["profession"]) == (True, "middle", "physician")
    grids = {row["division"]: row for row in played.rows("grids")}
    assert grids["340223"]["kind"] == "county" and grids["340223"]["covered"] and grids["340223"]["community"]
    assert {row["kind"] for row in grids.values()} == {"county", "township"}
    assert {row["kind"] for row in played.rows("agreements")} <= {
        "cooperation",
        "alliance",
        "support",
        "trusteeship",
    }
    assert all(
        row["item"].startswith(("centre.", "service.", "clinic.")) for row in played.rows("capabilities")
    )


def test_a_chronic_patient_is_told_by_readings_and_contacts(played: Played, site: Site, register) -> None:
    doctor, resident = site.actor(Role.PRIMARY_DOCTOR), register("王小明")
    high = [Reading("sbp", Decimal(168), unit="mmHg"), Reading("dbp", Decimal(98), unit="mmHg")]
    well = [Reading("sbp", Decimal(128), unit="mmHg"), Reading("dbp", Decimal(78), unit="mmHg")]
    seen(site, resident, readings=high, started_at=ledger.now() - timedelta(days=20))
    played.write()
    (row,) = played.rows("patients")
    assert (row["disease"], row["institution"], row["value"]) == ("hypertension", slug(site.township), 168)
    assert (row["managed"], row["measured"], row["controlled"], row["admitted"]) == (
        False,
        True,
        False,
        False,
    )
    residents.assign_doctor(doctor, resident_id=resident, clinician_id=somebody(site).id)
    seen(site, resident, readings=well)
    played.write()
    (row,) = played.rows("patients")
    assert (row["managed"], row["controlled"], row["value"]) == (True, True, 128)
    assert row["urban"] is False and row["person"] == played.rows("contracts")[0]["person"]
    assert row["standard"] is False, "no contact was planned this year, so none was made"
    played.go(ledger.now() + timedelta(days=100))
    played.write()
    (row,) = played.rows("patients")
    assert (row["measured"], row["controlled"], row["value"]) == (False, False, None)
