"""A bulletin from its draft to the last receipt: composed from a run, frozen when submitted, sent once, read by whom it is for."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path
from uuid import UUID

import pyarrow as pa
import pytest
from pyarrow import parquet

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.evaluation.commands import act, bulletins
from tiercare.apps.evaluation.commands.running import run
from tiercare.apps.evaluation.models import Delivery, Matter, RunStanding
from tiercare.apps.evaluation.queries import bulletins as queries
from tiercare.apps.evaluation.queries.composing import compose, digest
from tiercare.apps.evaluation.queries.deliveries import delivery, inbox, outbox
from tiercare.apps.evaluation.queries.matters import area_of
from tiercare.apps.evaluation.rules.bulletins import Choice, newest_of, period_text
from tiercare.apps.evaluation.workflow import Act, State
from tiercare.apps.ledger.models import Event
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network.commands import lay_down_region
from tiercare.apps.network.queries import institution_by_slug
from tiercare.apps.terms.commands import lay_down_divisions
from tiercare.engines.measures.bulletins import FILE, load_circulation
from tiercare.engines.measures.schema import facts
from tiercare.engines.measures.store import Arrived, Mode, writing
from tiercare.engines.policy import PackSet
from tiercare.engines.policy.load import PackErrors, own_folder
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused

from ...unit.measures.frames import filled
from ...unit.measures.made import NOW
from .computed import keep_small_year
from .facts_made import LEAD, STATION, commission, office_of

SHARE = "primary_visit_share"
COUNTY = "340202"


@pytest.fixture
def divisions(db: None) -> Actor:
    """The national register of divisions."""
    actor = Actor.system("test")
    lay_down_divisions(actor)
    return actor


@pytest.fixture
def made(wuhu: str) -> UUID:
    """A run over a small year."""
    return keep_small_year()


def house(slug: str, role: Role = Role.CONSORTIUM_OFFICE) -> Actor:
    found = institution_by_slug(slug, on=date(2019, 7, 1))
    assert found is not None
    return office_of(found, role)


def choice(run_id: UUID, **other) -> Choice:
    return replace(Choice(run_id, "2019", (SHARE, "down_up_ratio"), "2019年通报", "总体平稳。"), **other)


def approved(run_id: UUID) -> UUID:
    me = commission()
    key = bulletins.draft(me, choice(run_id))
    bulletins.submit(me, key)
    act(me, matter_id=key, act=Act.APPROVE)
    return key


def refused(work) -> str:
    with pytest.raises(Refused) as error:
        work()
    return error.value.refusals[0].code


def with_bulletins(tmp_path: Path, pack: str, before: str, after: str) -> PackSet:
    """Our packs, one of them with another ``bulletins.yaml``."""
    packs = mandates.packs()
    folder = tmp_path / f"altered-{pack}"
    shutil.copytree(own_folder() / pack, folder)
    file = folder / FILE
    text = file.read_text("utf-8")
    assert before in text
    file.write_text(text.replace(before, after), "utf-8")
    return PackSet({**packs.packs, pack: replace(packs.packs[pack], folder=str(folder))})


def test_every_number_is_the_run_s_with_its_counts_and_definition(made: UUID) -> None:
    content = compose(commission(), choice(made))
    line = content["lines"][0]
    assert line["region"] == {"numerator": "7", "denominator": "14", "value": "0.5"}
    assert line["before"] == {"numerator": "2", "denominator": "4", "value": "0.5"}
    assert line["turn"] == "same" and content["before"] == "2018"
    assert line["places"][COUNTY]["value"] == "0.6"
    assert line["name"]["zh"] and line["numerator"] and line["from"]["zh"] and line["version"] == 1
    assert content["synthetic"]
    assert content["source"]["run"] == str(made) and content["source"]["tables"]["visits"]["last"] == "201901"
    assert compose(commission(), choice(made)) == content


def test_demands_stand_beside_the_number_judged_only_over_their_own_period(made: UUID) -> None:
    me = commission()
    with scoped(me, area=area_of(me)):
        asked = sorted(RunStanding.objects.filter(span="2019").values_list("indicator", "span"))[0]
    content = compose(commission(), choice(made, indicators=(asked[0],), period="2019"))
    verdicts = {each["met"] for each in content["lines"][0]["demands"]}
    assert verdicts - {""}
    quarter = compose(commission(), choice(made, indicators=(asked[0],), period="2019Q1"))
    assert {each["met"] for each in quarter["lines"][0]["demands"]} == {""}
    assert quarter["lines"][0]["demands"][0]["clause"]


@pytest.mark.parametrize(
    ("other", "code"),
    [
        ({"title": " "}, "bulletin.no_title"),
        ({"period": "2031"}, "bulletin.no_such_period"),
        ({"indicators": ()}, "bulletin.no_indicators"),
        ({"indicators": ("no_such",)}, "bulletin.no_indicators"),
        ({"words": "长" * 3001}, "bulletin.words_too_long"),
    ],
)
def test_what_cannot_be_circulated_is_refused_by_field(made: UUID, other, code: str) -> None:
    assert refused(lambda: bulletins.draft(commission(), choice(made, **other))) == code
    assert not Matter.objects.exists()


def test_a_county_or_a_hospital_circulates_nothing_of_the_city(made: UUID) -> None:
    assert refused(lambda: bulletins.draft(commission("340202"), choice(made)))
    assert refused(lambda: bulletins.draft(house(LEAD), choice(made)))


def test_what_was_submitted_is_frozen(made: UUID, tmp_path: Path) -> None:
    me = commission()
    key = bulletins.draft(me, choice(made))
    bulletins.change(me, key, choice(made, indicators=(SHARE,), title="改过的标题"))
    assert queries.bulletin(me, key).choice.title == "改过的标题"
    bulletins.submit(me, key)
    found = queries.bulletin(me, key)
    assert found.content is not None and found.content["title"] == "改过的标题"
    assert found.sha256 == digest(found.content)
    assert refused(lambda: bulletins.change(me, key, choice(made))) == "evaluation.not_now"
    act(me, matter_id=key, act=Act.APPROVE)
    assert queries.bulletin(me, key).content == found.content


@pytest.mark.clause("TY-114")
def test_it_goes_to_all_counties_and_leads_who_sign_for_it(made: UUID) -> None:
    me, key = commission(), approved(made)
    assert bulletins.send(me, key) == len(outbox(me, matter_id=key, limit=500))
    sent = outbox(me, matter_id=key, limit=500)
    assert {each.to_area for each in sent if each.to_area} >= {"340202", "340203", "340221"}
    lead = house(LEAD)
    assert lead.institution_id in {each.to_institution for each in sent}
    assert len({each.number for each in sent}) == len(sent) and all(each.waits for each in sent)
    assert refused(lambda: bulletins.send(me, key)) == "bulletin.sent_already"

    (mine,) = inbox(lead)
    assert not delivery(lead, mine.id).content  # reading is what they sign for
    bulletins.receive(lead, mine.id)
    opened = delivery(lead, mine.id)
    assert opened.content["lines"][0]["region"]["value"] == "0.5" and opened.read_by == lead.name
    assert opened.sha256 == digest(opened.content) == queries.bulletin(me, key).sha256
    bulletins.receive(lead, mine.id)  # again changes nothing
    assert delivery(lead, mine.id).read_at == opened.read_at
    assert Event.objects.filter(kind="evaluation.received").count() == 1
    assert queries.bulletin(me, key).read == 1
    county = commission(COUNTY)
    (theirs,) = inbox(county)
    bulletins.receive(county, theirs.id)
    assert delivery(county, theirs.id).content["title"] == "2019年通报"


@pytest.mark.clause("TY-114")
def test_nobody_reads_or_signs_what_was_sent_to_others(made: UUID) -> None:
    me, key = commission(), approved(made)
    bulletins.send(me, key)
    by_area = {each.to_area or each.to_institution: each.id for each in outbox(me, matter_id=key, limit=500)}
    stranger, member = commission("340203"), house(STATION)
    for who in (stranger, member, commission("1401")):
        assert refused(lambda who=who: delivery(who, by_area[COUNTY])) == "delivery.no_such"
        assert refused(lambda who=who: bulletins.receive(who, by_area[COUNTY])) == "delivery.no_such"
    assert not inbox(member)
    assert refused(lambda: bulletins.receive(me, by_area[COUNTY])) == "delivery.not_yours"
    insurer = replace(commission(COUNTY), role=Role.INSURANCE.value)
    assert not delivery(insurer, by_area[COUNTY]).content
    assert refused(lambda: bulletins.receive(insurer, by_area[COUNTY])) == "delivery.not_yours"
    with scoped(stranger, area=area_of(stranger)):
        assert set(Delivery.objects.values_list("to_area", flat=True)) == {"340203"}
    with scoped(member, area=area_of(member)):
        assert not Delivery.objects.exists() and not Matter.objects.exists()


@pytest.mark.clause("TY-114")
def test_it_is_not_sent_before_it_is_approved(made: UUID) -> None:
    me = commission()
    key = bulletins.draft(me, choice(made))
    assert refused(lambda: bulletins.send(me, key)) == "bulletin.not_approved"
    bulletins.submit(me, key)
    assert refused(lambda: bulletins.send(me, key)) == "bulletin.not_approved"
    assert not Delivery.objects.exists()


def test_those_who_have_not_read_are_reminded_and_then_it_is_filed_away(made: UUID) -> None:
    me, key = commission(), approved(made)
    assert refused(lambda: bulletins.remind(me, key)) == "bulletin.not_sent"
    count = bulletins.send(me, key)
    lead = house(LEAD)
    bulletins.receive(lead, inbox(lead)[0].id)
    assert bulletins.remind(me, key) == count - 1
    sent = outbox(me, matter_id=key, limit=500)
    assert {each.reminded for each in sent if each.waits} == {1}
    assert bulletins.file_away() == 0
    for each in sent:
        if each.waits:
            who = commission(each.to_area) if each.to_area else office_of(each.to_institution)
            bulletins.receive(who, each.id)
    assert refused(lambda: bulletins.remind(me, key)) == "bulletin.not_sent"
    assert bulletins.file_away() == 1 and bulletins.file_away() == 0
    assert queries.bulletin(me, key).state is State.LOCKED
    assert refused(lambda: bulletins.withdraw(me, key, "有误")) == "evaluation.not_now"


def test_what_was_taken_back_shows_its_reason_and_nothing_else(made: UUID) -> None:
    me, key = commission(), approved(made)
    bulletins.send(me, key)
    lead = house(LEAD)
    mine = inbox(lead)[0].id
    bulletins.receive(lead, mine)
    assert refused(lambda: bulletins.withdraw(me, key, " ")) == "bulletin.reason_needed"
    bulletins.withdraw(me, key, "分母有误，另发。")
    shown = delivery(lead, mine)
    assert not shown.content and shown.withdrawn_why == "分母有误，另发。"
    county = commission(COUNTY)
    assert refused(lambda: bulletins.receive(county, inbox(county)[0].id)) == "delivery.withdrawn"
    assert queries.bulletin(me, key).state is State.WITHDRAWN


@pytest.mark.clause("TY-114")
def test_a_new_period_brings_one_draft(made: UUID, tmp_path: Path, monkeypatch) -> None:
    assert bulletins.draft_all() == 1
    assert bulletins.draft_all() == 0 and bulletins.draft_regular(made) is None
    me = commission()
    (line,) = queries.bulletins(me)
    assert line.of.standing.period == "2019Q1" and line.of.standing.state is State.OPEN
    found = queries.bulletin(me, line.of.id)
    assert SHARE in found.choice.indicators and "2019年第一季度" in found.choice.title
    bulletins.submit(me, line.of.id)  # it goes on like one that was drafted by hand

    packs = with_bulletins(tmp_path, "cn", "every: quarter", "every: month")
    monkeypatch.setattr(mandates, "packs", lambda *_: packs)
    assert bulletins.draft_regular(made) is not None
    assert {each.of.standing.period for each in queries.bulletins(me)} == {"2019Q1", "2019-01"}
    never = with_bulletins(tmp_path / "never", "cn", "every: quarter", "every: never")
    monkeypatch.setattr(mandates, "packs", lambda *_: never)
    assert bulletins.draft_regular(made) is None


@pytest.mark.clause("TY-114")
def test_another_set_and_other_receivers_of_the_pack_change_the_bulletin(
    made: UUID, tmp_path: Path, monkeypatch
) -> None:
    me = commission()
    before = queries.first_choice(queries.newest_run(me, "wuhu"))
    assert SHARE in before.indicators
    packs = with_bulletins(tmp_path, "cn", f"    - {SHARE}\n", "")
    monkeypatch.setattr(mandates, "packs", lambda *_: packs)
    after = queries.first_choice(queries.newest_run(me, "wuhu"))
    assert after.indicators == tuple(each for each in before.indicators if each != SHARE)
    assert compose(me, after)["lines"][0]["indicator"] == after.indicators[0]
    today = date(2019, 7, 1)
    both = queries.receivers("wuhu", "3402", on=today)
    packs = with_bulletins(tmp_path / "to", "cn", "to: [counties, leads]", "to: [counties]")
    monkeypatch.setattr(mandates, "packs", lambda *_: packs)
    counties = queries.receivers("wuhu", "3402", on=today)
    assert 0 < len(counties) < len(both) and all(each.area for each in counties)


@pytest.mark.clause("TY-114")
def test_taiyuan_circulates_its_own_nine(db, divisions: Actor, tmp_path: Path, settings) -> None:
    lay_down_region(actor=divisions, pack_id="taiyuan")
    settings.FACTS_ROOT = lay_in("1401", tmp_path / "facts", division="140105")
    me = commission("1401")
    run(me, "taiyuan")
    assert bulletins.draft_all() == 1
    (line,) = queries.bulletins(me)
    found = queries.bulletin(me, line.of.id)
    assert len(found.choice.indicators) == 9 and "in_county_visit_share" in found.choice.indicators
    assert line.of.clauses == ["TY-114"]
    bulletins.submit(me, line.of.id)
    act(me, matter_id=line.of.id, act=Act.APPROVE)
    assert bulletins.send(me, line.of.id) > 10
    county = commission("140105")
    bulletins.receive(county, inbox(county)[0].id)
    assert delivery(county, inbox(county)[0].id).content["area"] == "太原市"


def lay_in(region: str, root: Path, *, division: str) -> Path:
    """Four visits of residents of a county elsewhere, three of them in it."""
    rows = [
        filled(
            "visits",
            visit=f"v{number}",
            person=f"p{number}",
            kind="outpatient",
            date=date(2024, 2, 1 + number),
            institution=f"{region}-house",
            tier="secondary",
            place=division if number else "110101",
            home=division,
            diagnosis="J06.9",
            arrival="self",
            cost=1000,
            fund=600,
            own=400,
        )
        for number in range(4)
    ]
    with writing(root, region) as writer:
        file = writer.folder / "made.parquet"
        plain = [{name: value for name, value in row.items() if name != "month"} for row in rows]
        parquet.write_table(pa.Table.from_pylist(plain, facts()["visits"].arrow), file)
        arrived = Arrived("visits", "made", "0" * 64, NOW, Mode.ADD, synthetic=True)
        writer.commit(arrived, {202402: file})
    return root


def test_a_fault_of_the_pack_is_named_with_its_line(tmp_path: Path, wuhu: str) -> None:
    wrong = with_bulletins(tmp_path, "taiyuan", "clauses: [TY-114]", "clauses: [TY-999]")
    with pytest.raises(PackErrors, match="TY-999") as error:
        load_circulation(wrong, "taiyuan")
    assert f"taiyuan/{FILE}:" in str(error.value)
    wrong = with_bulletins(tmp_path / "list", "wuhu", "feeds: WH-52.feeds", "feeds: WH-52.nothing")
    with pytest.raises(PackErrors, match=r"results\.feeds"):
        load_circulation(wrong, "wuhu")
    wrong = with_bulletins(tmp_path / "toward", "cn", "year: NHC-33.target_year", "year: NHC-33.scope")
    with pytest.raises(PackErrors, match=r"counts\.toward\.year"):
        load_circulation(wrong, "wuhu")
    wrong = with_bulletins(tmp_path / "name", "cn", f"- {SHARE}", "- no_such_indicator")
    with pytest.raises(PackErrors, match="no_such_indicator"):
        load_circulation(wrong, "cn", indicators={SHARE})


def test_periods_are_named_and_the_newest_is_found() -> None:
    today = date(2020, 1, 1)
    spans = ["2018", "2019", "2019Q1", "2019Q2", "2019-05", "2018-12"]
    assert (
        newest_of("quarter", spans, today=today) == "2019Q2"
        and newest_of("month", spans, today=today) == "2019-05"
    )
    assert newest_of("year", spans, today=today) == "2019" and newest_of("never", spans, today=today) == ""
    assert (
        newest_of("year", spans, today=date(2019, 12, 31)) == "2018"
    )  # what is not over is not circulated by itself
    assert period_text("2019Q4").zh == "2019年第四季度" and period_text("2019-05").zh == "2019年5月"
