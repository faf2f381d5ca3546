"""Results handed to other assessments and reports to those above: numbered, sealed, answered by a receipt."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from uuid import UUID
from xml.etree import ElementTree

import pyarrow as pa
import pytest
from pyarrow import parquet

from tiercare.apps.access.queries import scoped
from tiercare.apps.evaluation.commands import act, handing
from tiercare.apps.evaluation.commands.bulletins import receive
from tiercare.apps.evaluation.commands.reporting import ask_reports
from tiercare.apps.evaluation.models import Delivery, Matter
from tiercare.apps.evaluation.queries.composing import digest
from tiercare.apps.evaluation.queries.deliveries import delivery, inbox, outbox
from tiercare.apps.evaluation.queries.matters import area_of
from tiercare.apps.evaluation.rules.standing import Said
from tiercare.apps.evaluation.workflow import Act
from tiercare.apps.mandates import queries as mandates
from tiercare.engines.measures.bulletins import FILE
from tiercare.engines.measures.schema import facts
from tiercare.engines.measures.store import Arrived, Mode, writing
from tiercare.engines.policy import PackSet
from tiercare.engines.policy.load import own_folder
from tiercare.engines.sheets import read
from tiercare.kernel.refusal import Refused
from tiercare.web.bulletins import docx, workbook
from tiercare.web.bulletins.paper import NOT_OFFICIAL, SYNTHETIC, paper_of

from ...unit.measures.frames import filled
from ...unit.measures.made import NOW
from ..records.conftest import altered
from . import assessments as made
from .assessments import commission
from .test_bulletins import house, with_bulletins

CITY_HOSPITALS, CITY_TARGETS = "city.public_hospital_assessment", "city.county_target_assessment"
COUNTY_HOSPITALS = "county.public_hospital_assessment"


@pytest.fixture
def locked(wuhu: str) -> UUID:
    """A locked assessment of 2019."""
    made.planted()
    return made.locked()


def refused(work: Callable[[], object]) -> str:
    with pytest.raises(Refused) as error:
        work()
    return error.value.refusals[0].code


@pytest.mark.clause("WH-52")
def test_a_locked_result_enters_the_assessments_of_city_and_counties(locked: UUID) -> None:
    me = commission()
    (city,) = handing.hand_over_result(me, locked, CITY_HOSPITALS)
    (targets,) = handing.hand_over_result(me, locked, CITY_TARGETS)
    counties = handing.hand_over_result(me, locked, COUNTY_HOSPITALS)
    shown = delivery(me, city)
    assert shown.outside == "芜湖市公立医院综合考核" and shown.number.startswith("3402-")
    assert {unit["key"] for unit in shown.content["units"]} >= {made.JINGHU, made.YIJIANG}
    jinghu = next(each for each in shown.content["units"] if each["key"] == made.JINGHU)
    assert (
        jinghu["total"]
        and jinghu["digest"]
        and jinghu["digest"] == made.of(me, locked, made.JINGHU).result_digest
    )
    assert shown.sha256 == digest(shown.content) and shown.waits
    assert delivery(me, targets).outside == "芜湖市县区（开发区）综合目标考核"
    parts = {delivery(me, each).to_area: delivery(me, each).content["units"] for each in counties}
    assert {unit["key"] for unit in parts["340202"]} == {made.JINGHU}
    everything = {unit["key"] for units in parts.values() for unit in units}
    assert everything <= {unit["key"] for unit in shown.content["units"]} and len(parts) > 1
    numbers = [each.number for each in outbox(me, limit=500)]
    assert len(set(numbers)) == len(numbers) == 2 + len(counties)


@pytest.mark.clause("WH-52")
def test_each_has_a_receipt(locked: UUID) -> None:
    me = commission()
    (city,) = handing.hand_over_result(me, locked, CITY_HOSPITALS)
    assert refused(lambda: handing.note_receipt(me, city, " ")) == "delivery.receipt_needed"
    handing.note_receipt(me, city, "芜考收〔2020〕3号")
    assert delivery(me, city).receipt == "芜考收〔2020〕3号" and not delivery(me, city).waits
    handing.hand_over_result(me, locked, COUNTY_HOSPITALS)
    county = commission("340202")
    (mine,) = inbox(county)
    assert refused(lambda: handing.note_receipt(county, mine.id, "1")) == "delivery.no_such"
    assert refused(lambda: handing.note_receipt(me, mine.id, "1")) == "delivery.on_platform"
    receive(county, mine.id)
    assert delivery(me, mine.id).read_by == county.name
    assert [unit["key"] for unit in delivery(county, mine.id).content["units"]] == [made.JINGHU]
    other = commission("340203")
    assert refused(lambda: delivery(other, mine.id)) == "delivery.no_such"
    with scoped(house(made.LEAD), area=area_of(house(made.LEAD))):
        assert not Delivery.objects.exists()


@pytest.mark.clause("WH-52")
def test_only_what_is_locked_is_handed_over_and_only_once(wuhu: str) -> None:
    made.planted()
    me, assessment = commission(), made.opened()
    assert refused(lambda: handing.hand_over_result(me, assessment, CITY_HOSPITALS)) == "delivery.not_locked"
    made.reported(assessment)
    made.reviewed(assessment)
    made.done(assessment, Act.SUBMIT, Act.APPROVE)
    assert refused(lambda: handing.hand_over_result(me, assessment, CITY_HOSPITALS)) == "delivery.not_locked"
    made.done(assessment, Act.LOCK)
    (first,) = handing.hand_over_result(me, assessment, CITY_HOSPITALS)
    with pytest.raises(Refused) as error:
        handing.hand_over_result(me, assessment, CITY_HOSPITALS)
    assert delivery(me, first).number in error.value.refusals[0].sentence()
    assert refused(lambda: handing.hand_over_result(commission("340202"), assessment, CITY_TARGETS))


@pytest.mark.clause("WH-52")
def test_where_the_clause_names_the_city_alone_nothing_goes_to_counties(locked: UUID, monkeypatch) -> None:
    packs = altered("WH-52.levels", ["city"])
    monkeypatch.setattr(mandates, "packs", lambda *_: packs)
    me = commission()
    assert refused(lambda: handing.hand_over_result(me, locked, COUNTY_HOSPITALS)) == "delivery.not_asked_for"
    assert handing.hand_over_result(me, locked, CITY_HOSPITALS)
    packs = altered("WH-52.feeds", ["county_target_assessment"])
    monkeypatch.setattr(mandates, "packs", lambda *_: packs)
    again = made.commission()
    with scoped(again, area="3402"):
        Delivery.objects.update(withdrawn_at="2026-01-01T00:00Z")
    assert refused(lambda: handing.hand_over_result(me, locked, CITY_HOSPITALS)) == "delivery.not_asked_for"


def lay(root: Path, fact: str, rows: list[dict]) -> None:
    """Rows of a table of 芜湖, as a batch."""
    with writing(root, "3402") as writer:
        months: dict[int, list[dict]] = {}
        for row in rows:
            months.setdefault(row["month"], []).append({key: row[key] for key in row if key != "month"})
        drafts = {}
        for month, some in months.items():
            drafts[month] = writer.folder / f"{fact}-{month}.parquet"
            parquet.write_table(pa.Table.from_pylist(some, facts()[fact].arrow), drafts[month])
        arrived = Arrived(fact, "made", (fact[0] * 64).encode().hex()[:64], NOW, Mode.ADD, synthetic=True)
        writer.commit(arrived, drafts)


@pytest.fixture
def worked(wuhu: str, tmp_path: Path, settings) -> str:
    """What a provincial hospital did in 2019: three referrals up, two of them in time, one down, eight days of two people,
    one remote service done and one not; and the year before something else."""
    root = tmp_path / "facts"
    settings.FACTS_ROOT = root
    hospital = next(
        each["key"] for each in handing.participation_paper("3402", "2019")["hospitals"] if each["consortia"]
    )
    up = {"direction": "up", "receiver": hospital, "sender": made.STATION}
    lay(
        root,
        "referrals",
        [
            filled("referrals", referral="r1", submitted=date(2019, 3, 1), in_time=True, **up),
            filled("referrals", referral="r2", submitted=date(2019, 3, 2), in_time=True, **up),
            filled("referrals", referral="r3", submitted=date(2019, 4, 2), in_time=False, **up),
            filled("referrals", referral="r4", submitted=date(2018, 4, 2), in_time=True, **up),
            filled(
                "referrals",
                referral="r5",
                submitted=date(2019, 5, 2),
                direction="down",
                sender=hospital,
                receiver=made.STATION,
            ),
        ],
    )
    down = {"direction": "down", "sender": hospital, "kind": "posting"}
    lay(
        root,
        "support",
        [
            filled("support", act="a1", person="p1", days=5, month=201903, **down),
            filled("support", act="a1", person="p2", days=3, month=201903, **down),
            filled("support", act="a0", person="p9", days=30, month=201803, **down),
        ],
    )
    lay(
        root,
        "remote",
        [
            filled("remote", service="s1", requested=date(2019, 3, 1), receiver=hospital, done=True),
            filled("remote", service="s2", requested=date(2019, 3, 1), receiver=hospital, done=False),
        ],
    )
    return str(hospital)


@pytest.mark.clause("WH-53")
def test_provincial_hospitals_are_reported_to_the_province(worked: str) -> None:
    me = commission()
    sent = delivery(me, handing.report_participation(me, "wuhu", "2019"))
    assert sent.outside == "安徽省卫生健康委员会" and sent.content["synthetic"]
    told = {each["key"]: each for each in sent.content["hospitals"]}
    assert told[worked]["counts"] == {
        "up_received": 3,
        "up_accepted_in_time": 2,
        "down_sent": 1,
        "support_acts": 1,
        "support_people": 2,
        "support_days": 8,
        "learners": 0,
        "remote_done": 1,
    }
    assert any(each["others"] > 0 for each in told[worked]["consortia"])
    assert made.STATION not in told  # only hospitals of the province stand in it
    handing.note_receipt(me, sent.id, "皖卫收2020-7")
    assert delivery(me, sent.id).receipt == "皖卫收2020-7"
    paper = paper_of(sent.content, number=sent.number)
    assert "接收上转（例）" in {row[0] for row in paper.tables[1].rows}


@pytest.mark.clause("WH-53")
def test_where_no_text_asks_for_it_nothing_is_reported(worked: str, tmp_path: Path, monkeypatch) -> None:
    packs: PackSet = with_bulletins(tmp_path, "wuhu", "participation:\n  clauses: [WH-53]\n", "")
    monkeypatch.setattr(mandates, "packs", lambda *_: packs)
    refusal = refused(lambda: handing.report_participation(commission(), "wuhu", "2019"))
    assert refusal == "delivery.not_asked_for"
    for stranger in (commission("340202"), commission("1401"), house(made.LEAD)):
        assert refused(lambda who=stranger: handing.report_participation(who, "wuhu", "2019"))
    assert not Delivery.objects.exists()


@pytest.mark.clause("NHC-33")
def test_counts_of_the_capability_standard_go_up(wuhu: str, tmp_path: Path, monkeypatch) -> None:
    me = commission()
    assert refused(lambda: handing.report_counts(me, "wuhu", "2026")) == "delivery.nothing"
    asked = ask_reports(me, topic="county_capability", period="2026")
    with scoped(me, area="3402"):
        owed = list(Matter.objects.filter(kind="REPORT").order_by("subject_name"))
    assert asked == len(owed) > 2
    for at, each in enumerate(owed[:2]):
        who = made.office_of(each.owner_institution)
        figures = {"standard": "recommended" if at else "basic", "reached_on": "2026-03-01"}
        act(who, matter_id=each.id, act=Act.SUBMIT, said=Said("已达标", figures))
    sent = delivery(me, handing.report_counts(me, "wuhu", "2026"))
    counts = [group["counts"] for group in sent.content["groups"]]
    assert {group["name"] for group in sent.content["groups"]} == {"县医院", "县中医医院"}
    assert sum(each["recommended"] for each in counts) == 1 and sum(each["basic"] for each in counts) == 1
    assert len(sent.content["missing"]) == len(owed) - 2 and sent.outside == "安徽省卫生健康委员会"
    said = "全国目标：到2020年500家县医院、500家县中医医院达到推荐标准。"
    assert said in "".join(paper_of(sent.content, number=sent.number).paragraphs)
    # The nation's number is the clause's; and without the section of the pack nothing is counted for those above.
    packs = altered("NHC-33.county_hospitals_recommended", 800)
    with monkeypatch.context() as patch:
        patch.setattr(mandates, "packs", lambda *_: packs)
        more = delivery(me, handing.report_counts(me, "wuhu", "2026"))
    assert "到2020年800家县医院、500家县中医医院" in "".join(paper_of(more.content, number="x").paragraphs)
    text = (own_folder() / "cn" / FILE).read_text("utf-8")
    packs = with_bulletins(tmp_path, "cn", text[text.index("counts:") :], "")
    monkeypatch.setattr(mandates, "packs", lambda *_: packs)
    assert refused(lambda: handing.report_counts(me, "wuhu", "2026")) == "delivery.not_asked_for"


def test_a_paper_as_docx_and_xlsx_says_the_same(locked: UUID) -> None:
    me = commission()
    (city,) = handing.hand_over_result(me, locked, CITY_HOSPITALS)
    sent = delivery(me, city)
    content = {**sent.content, "title": '=HYPERLINK("x")<&>\x07', "synthetic": True}
    paper = paper_of(content, number=sent.number, sha256=sent.sha256)
    file = docx.written(paper)
    assert file == docx.written(paper)
    with zipfile.ZipFile(io.BytesIO(file)) as parts:
        assert parts.testzip() is None
        trees = {name: ElementTree.fromstring(parts.read(name)) for name in parts.namelist()}
    said = "".join(trees["word/document.xml"].itertext())
    assert '=HYPERLINK("x")<&>�' in said and sent.number in said and NOT_OFFICIAL in said
    assert all(cell in said for table in paper.tables for row in table.rows for cell in row)
    assert SYNTHETIC in "".join(trees["word/header1.xml"].itertext())
    assert " NUMPAGES " in ElementTree.tostring(trees["word/footer1.xml"], encoding="unicode")
    book = read(
        workbook.written(content, paper),
        "x.xlsx",
        is_header=lambda cells: {"单位", "项目"} & set(cells) != set(),
    )
    units, about = book.sheets
    assert [line.cells[0] for line in units.lines] == [unit["name"] for unit in content["units"]]
    facts_said = {line.cells[0]: line.cells[1] for line in about.lines}
    assert facts_said["标识"] == SYNTHETIC and facts_said["编号"] == sent.number
    assert str(facts_said["标题"]).lstrip("'").startswith("=HYPERLINK")
    assert replace(paper, synthetic=False).marks == (SYNTHETIC,)
