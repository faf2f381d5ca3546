"""Rows written into the registers: every register, again, changed, closed, void, and taken back exactly."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from psycopg.types.range import DateRange

from tiercare.apps.network import models, queries
from tiercare.apps.network.commands.registers import write_entries
from tiercare.apps.network.rules import Network
from tiercare.apps.network.rules.entries import Entry, plain
from tiercare.apps.network.rules.registers import REGISTERS, Op
from tiercare.kernel.refusal import Refused

from .conftest import DAY, FROM, GROUP, HOSPITAL, SECOND, YIJISHAN, kept, of_everything, row, standing

# For every register: cells that change the row of ``of_everything`` from a later day on.
CHANGES = {
    "institutions": {
        "beds": "450",
        "name": "新名医院（演示）",
        "specialties": "03、05",
        "key_specialties": "",
    },
    "consortia": {"tight": "否", "unified": "人员、药械目录"},
    "memberships": {"role": "成员单位", "consented_on": "2020-12-01"},
    "trusteeships": {"agreement": ""},
    "departments": {"specialty": "03"},
    "equipment": {"count": "9"},
    "clinicians": {"title": "副主任医师", "ground": "帮扶或托管协议", "agreement": "new-agreement"},
    "agreements": {"title": "帮扶协议（修订）", "parties": f"{YIJISHAN}、{SECOND}", "to": "2025-01-01"},
    "obligations": {"due": "2022-06-30", "met_on": "2022-01-05"},
}
LATER = "2020-12-15"


def _first(register: str) -> Entry:
    return next(entry for entry in of_everything() if entry.register == register)


def _again(entry: Entry, **cells: str) -> Entry:
    """The row with some cells written otherwise."""
    return row(entry.register, **(plain(entry) | cells))


def _facts(on: date = DAY) -> Network:
    """What the cards see; an agreement that was void and stands again is another row with the same words."""
    facts = queries.network_facts("3402", on=on)
    said = sorted((replace(a, id="") for a in facts.agreements), key=repr)
    return replace(facts, agreements=tuple(said))


def test_a_row_of_every_register_is_created_once(wuhu: str) -> None:
    entries = of_everything()
    written = kept(entries)
    assert written.created == len(entries)
    assert [entry for rows in standing().values() for entry in rows if entry in entries] != []
    for entry in entries:
        assert entry in standing()[entry.register]
    again = kept(entries)
    assert (again.unchanged, again.inverse) == (len(entries), ())
    assert again.touched.institutions == again.touched.divisions == frozenset()


def test_taking_back_leaves_nothing_and_can_itself_be_taken_back(wuhu: str) -> None:
    before, facts = standing(), _facts()
    written = kept(of_everything())
    made, with_facts = standing(), _facts()
    back = kept(written.inverse)
    assert back.voided == len(written.inverse)
    assert (standing(), _facts()) == (before, facts)
    kept(back.inverse)
    assert (standing(), _facts()) == (made, with_facts)


@pytest.mark.parametrize("register", sorted(CHANGES))
def test_a_later_row_changes_what_holds_from_then_on(wuhu: str, register: str) -> None:
    kept(of_everything())
    before, facts = standing(), _facts()
    entry = _first(register)
    day = {} if register == "obligations" else {"from": LATER}
    written = kept([_again(entry, **(day | CHANGES[register]))])
    assert [word for _, word in written.rows] == ["changed"]
    there = [e for e in standing()[register] if e.identity == entry.identity]
    assert len(there) == 1
    for key in CHANGES[register]:
        assert there[0].values[key] == _again(entry, **CHANGES[register]).values[key]
    if register not in ("obligations", "agreements", "clinicians"):
        early = [e for e in standing(date(2020, 12, 14))[register] if e.identity == entry.identity]
        assert early[0].day("to") == date(2020, 12, 15)
    kept(written.inverse)
    assert (standing(), _facts()) == (before, facts)


@pytest.mark.parametrize("register", sorted(set(REGISTERS) - {"obligations", "agreements"}))
def test_a_row_with_an_end_closes_and_a_void_row_was_never_there(wuhu: str, register: str) -> None:
    kept(of_everything())
    before = standing()
    entry = _first(register)
    closed = kept([_again(entry, to="2020-12-31")])
    assert closed.changed == 1
    assert entry.identity not in {e.identity for e in standing()[register]}
    assert entry.identity in {e.identity for e in standing(date(2020, 12, 30))[register]}
    kept(closed.inverse)
    assert standing() == before
    gone = kept([_again(entry, op="作废")])
    assert gone.voided == 1
    for day in (date(2020, 7, 1), DAY):
        assert entry.identity not in {e.identity for e in standing(day)[register]}
    kept(gone.inverse)
    assert standing() == before


def test_a_void_agreement_takes_its_obligations_along_and_brings_them_back(wuhu: str) -> None:
    entries = [e for e in of_everything() if e.register not in ("trusteeships", "clinicians")]
    kept(entries)
    before = standing()
    gone = kept([_again(_first("agreements"), op="作废")])
    assert not [e for e in standing()["obligations"] if e.text("agreement") == "new-agreement"]
    kept(gone.inverse)
    assert standing() == before


def test_specialties_and_facilities_come_and_go_with_their_own_days(wuhu: str) -> None:
    kept([row("institutions", **HOSPITAL)])
    kept(
        [
            row(
                "institutions",
                **(HOSPITAL | {"specialties": "03、05", "facilities": "", "from": "2021-01-01"}),
            )
        ]
    )
    days = {
        (s.code, s.period.lower, s.period.upper)
        for s in models.LicensedSpecialty.objects.filter(institution__slug="new-hospital")
    }
    assert days == {
        ("03", date(2020, 1, 1), None),
        ("03.04", date(2020, 1, 1), date(2021, 1, 1)),
        ("05", date(2021, 1, 1), None),
    }
    facilities = models.Facility.objects.filter(institution__slug="new-hospital")
    assert {f.period.upper for f in facilities} == {date(2021, 1, 1)}


def test_what_no_column_says_stays_with_the_institution(wuhu: str) -> None:
    before = models.InstitutionVersion.objects.get(institution__slug=YIJISHAN)
    entry = next(e for e in standing()["institutions"] if e.text("code") == YIJISHAN)
    kept([_again(entry, beds="9", **FROM)])
    early, late = models.InstitutionVersion.objects.filter(institution__slug=YIJISHAN).order_by("period")
    assert early.id == before.id
    for field in ("basis", "beds_basis", "lng", "lat", "place_is_illustrative", "township_code"):
        assert getattr(early, field) == getattr(late, field) == getattr(before, field)
    assert (early.beds, late.beds) == (before.beds, 9)


def test_a_place_given_is_a_place_and_none_is_drawn_in_the_township(wuhu: str) -> None:
    drawn = models.InstitutionVersion.objects.exclude(township_code="").first()
    assert drawn is not None
    cells = HOSPITAL | {"division": drawn.division_code, "township": drawn.township_code}
    kept([row("institutions", **cells)])
    version = models.InstitutionVersion.objects.get(institution__slug="new-hospital")
    assert version.place_is_illustrative
    assert version.lng is not None
    kept([row("institutions", **(cells | {"lng": "118.375", "lat": "31.35"}))])
    version.refresh_from_db()
    assert (version.lng, version.lat, version.place_is_illustrative) == (118.375, 31.35, False)


def test_two_institutions_can_swap_their_credit_codes(wuhu: str) -> None:
    one, other = "91110000600037341L", "12100000400006129U"
    cells = HOSPITAL | {"code": "other-hospital", "name": "另一医院（演示）"}
    kept([row("institutions", credit_code=one, **HOSPITAL), row("institutions", credit_code=other, **cells)])
    swapped = kept(
        [row("institutions", credit_code=other, **HOSPITAL), row("institutions", credit_code=one, **cells)]
    )
    assert swapped.changed == 2
    codes = dict(models.Institution.objects.filter(slug__in=["new-hospital", "other-hospital"]).values_list(
        "slug", "social_credit_code"))  # fmt: skip
    assert codes == {"new-hospital": other, "other-hospital": one}


def test_a_charter_with_wording_is_not_taken_away_by_a_blank_cell(wuhu: str) -> None:
    kept([row("consortia", **GROUP)])
    blank = row("consortia", **(GROUP | {"charter_on": ""}))
    taken = kept([blank])
    assert not models.Charter.objects.filter(consortium__slug="new-group").exists()
    kept(taken.inverse)
    models.Charter.objects.filter(consortium__slug="new-group").update(texts={"duties": "…"})
    assert kept([blank]).unchanged == 1
    assert models.Charter.objects.filter(consortium__slug="new-group").count() == 1


def test_a_party_that_stays_keeps_its_signature(wuhu: str) -> None:
    kept(of_everything())
    parties = models.AgreementParty.objects.filter(agreement__slug="new-agreement")
    parties.filter(institution__slug=YIJISHAN).update(signed_on=date(2020, 5, 1), signed_by="院长")
    kept([_again(_first("agreements"), parties=f"{YIJISHAN}、{SECOND}")])
    assert {(p.institution and p.institution.slug, p.signed_by) for p in parties.all()} == {
        (YIJISHAN, "院长"),
        (SECOND, ""),
    }


def test_one_person_has_one_name_wherever_he_or_she_practises(wuhu: str) -> None:
    kept(of_everything())
    before = standing()
    second = row("clinicians", code="d-1", name="演示甲", title="主任医师", scope="02", ground="注册",
                 institution=SECOND, **FROM)  # fmt: skip
    written = kept([second])
    assert written.created == 1
    titles = {e.text("title") for e in standing()["clinicians"] if e.text("code") == "d-1"}
    assert titles == {"主任医师"}
    kept(written.inverse)
    assert {e.text("code") for e in standing()["clinicians"]} == {
        e.text("code") for e in before["clinicians"]
    }


def test_touched_names_the_areas_before_and_after(wuhu: str) -> None:
    kept(of_everything())
    moved = kept([row("institutions", **(HOSPITAL | {"division": "340221", "from": LATER}))])
    assert moved.touched.divisions == {"340202", "340221"}
    assert len(moved.touched.institutions) == 1
    member = _again(_first("memberships"), institution=SECOND, role="成员单位")
    joined = kept([member])
    assert {str(c) for c in joined.touched.consortia} == {
        str(models.Consortium.objects.get(slug="new-group").id)
    }
    assert "340202" in joined.touched.divisions


def test_a_set_that_fails_half_way_leaves_nothing(wuhu: str) -> None:
    before = standing()
    # The second row ends beyond the start of a later one: it was not checked, so the writing stops there.
    kept(
        [
            row("institutions", **HOSPITAL),
            row("institutions", **(HOSPITAL | {"beds": "1", "from": "2022-01-01"})),
        ]
    )
    member = row("memberships", consortium="new-group", institution="nobody", role="成员单位", **FROM)
    middle = standing()
    assert middle != before
    for wrong in (member, row("institutions", **(HOSPITAL | {"to": "2023-01-01"}))):
        with pytest.raises(Refused), transaction.atomic():
            write_entries([row("consortia", **GROUP), wrong])
        assert standing() == middle


def test_shapes_wait_for_the_caller_to_ask(wuhu: str) -> None:
    entries = [*of_everything()]
    two_leads = row("memberships", consortium="new-group", institution=SECOND, role="牵头医院", **FROM)
    with pytest.raises(IntegrityError, match="one_lead_per_consortium"), transaction.atomic():
        written = write_entries([*entries, two_leads])
        assert written.created == len(entries) + 1, "the cards get to see it first"
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_hostile_names_are_names(wuhu: str) -> None:
    name = "{0.__class__}“'; DROP TABLE x; --\\ %s {name}"
    kept([row("institutions", **(HOSPITAL | {"name": name}))])
    there = next(e for e in standing()["institutions"] if e.text("code") == "new-hospital")
    assert there.text("name") == name


def test_as_many_queries_for_many_rows_as_for_few(wuhu: str) -> None:
    def batch(size: int, mark: str) -> list[Entry]:
        found = []
        for n in range(size):
            code = f"{mark}-{n}"
            found.append(row("institutions", **(HOSPITAL | {"code": code, "name": f"医院{code}"})))
            found.append(
                row("memberships", consortium="new-group", institution=code, role="成员单位", **FROM)
            )
        return found

    kept([row("consortia", **GROUP)])
    with CaptureQueriesContext(connection) as few:
        write_entries(batch(5, "few"))
    with CaptureQueriesContext(connection) as many:
        written = write_entries(batch(2000, "many"))
    assert written.created == 4000
    assert len(many) == len(few)
    assert len(many) <= 40


def test_a_segment_that_a_specialty_splits_is_seen_as_two(wuhu: str) -> None:
    """Rows of the tables that other commands wrote, with days of their own, are history all the same."""
    kept([row("institutions", **HOSPITAL)])
    own = models.LicensedSpecialty.objects.get(institution__slug="new-hospital", code="03.04")
    own.period = DateRange(date(2020, 1, 1), date(2020, 9, 1))
    own.save()
    there = next(e for e in standing()["institutions"] if e.text("code") == "new-hospital")
    assert (there.day("from"), there.several("specialties")) == (date(2020, 9, 1), ("03",))
    before = standing()
    written = kept([_again(there, beds="1", **{"from": "2020-11-01"})])
    kept(written.inverse)
    assert standing() == before
    assert there.op is Op.PUT
