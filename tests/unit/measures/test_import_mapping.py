"""The mapping file: checked with the line of each mistake, proposed from a header; and how much of an indicator waits."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from tiercare.engines.measures.derived import columns_of
from tiercare.engines.measures.expressions import condition
from tiercare.engines.measures.importing import (
    Limits,
    Proposal,
    import_file,
    load_mapping,
    own_mapping,
    propose,
    touched,
)
from tiercare.engines.measures.indicators import Direction, Form, Indicator, Part, aggregate
from tiercare.engines.measures.load import load_book
from tiercare.engines.measures.periods import span
from tiercare.engines.measures.schema import Attribution, facts
from tiercare.engines.measures.store import Mode, Store
from tiercare.engines.policy.load import PackErrors, load_packs
from tiercare.kernel.period import Period
from tiercare.kernel.text import Text

from .made import NOW, REGION

GOOD = """
fact: population
region: 340200
version: 3
source: 芜湖市统计局月报
columns:
  区划代码: division
  ２０２５年人口: persons
constants: {month: 202501}
defaults: {group: permanent}
words:
  group: {常住: permanent}
separator: ";"
period: 2025Q1
"""


def mapping_file(folder: Path, text: str) -> Path:
    path = folder / "mapping.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def wrong(folder: Path, text: str) -> list[tuple[int, str, str]]:
    with pytest.raises(PackErrors) as errors:
        load_mapping(mapping_file(folder, text))
    return [(each.line, each.key, each.message.en) for each in errors.value.problems]


def test_a_mapping_is_read_with_the_version_that_stays_on_record(tmp_path: Path) -> None:
    mapping = load_mapping(mapping_file(tmp_path, GOOD))
    assert (mapping.fact.name, mapping.region, mapping.source) == ("population", "3402", "芜湖市统计局月报")
    assert mapping.columns == {"division": "区划代码", "persons": "2025年人口"}
    assert mapping.period == span("2025Q1")
    assert mapping.label.startswith("population v3 ")
    assert load_mapping(mapping_file(tmp_path, GOOD + "synthetic: true\n")).label != mapping.label


def test_every_mistake_of_a_mapping_has_its_line(tmp_path: Path) -> None:
    text = """
fact: visits
region: "3402"
version: 1
source: 医保局
columns:
  流水号: visit
  就诊流水号: visit
  费用: costs
constants: {person: 甲}
units: {kind: fen}
dates: {cost: dmy}
words:
  kind: {门诊: outpatients}
period: 2025-13
"""
    found = wrong(tmp_path, text)
    assert found[:6] == [
        (9, "columns.费用", "“visits” has no column “costs”."),
        (8, "columns.就诊流水号", "“流水号” and “就诊流水号” are both “visit”."),
        (11, "units.kind", "“kind” is not of type yuan; units do not apply."),
        (12, "dates.cost", "“cost” is not of type date; dates do not apply."),
        (14, "words.kind.门诊", "“kind” never takes “outpatients”."),
        (6, "columns", "The required column “kind” comes from nowhere."),
    ]
    assert found[-1] == (15, "period", "“2025-13” is no period.")


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("fact: population", "fact: populations", 2),
        ("version: 3", "version: 0", 4),
        ("separator:", "seperator:", 13),
    ],
)
def test_what_a_mapping_cannot_say_is_refused(tmp_path: Path, old: str, new: str, line: int) -> None:
    assert [each[0] for each in wrong(tmp_path, GOOD.replace(old, new))] == [line]


HEADER = (
    "就诊流水号,个人编号,就诊类别,结算日期,医疗机构代码,机构等级,就医地,居住地,"
    "总费用（万元）,基金支付,个人负担,是否中医,急危重,疑难,就诊途径,备注"
)


def proposed(folder: Path, *rows: str) -> Proposal:
    file = folder / "门诊.csv"
    file.write_text("\n".join(["芜湖市诊疗明细", *rows]), encoding="gb18030")
    return propose(file, "340200")


def test_a_newcomer_starts_from_a_proposal_that_can_be_used(tmp_path: Path) -> None:
    row = "1,p,门诊,2025-03-01,h,三级,340202,340202,0.01,80,20,是,否,无,自行来院,x"
    found = proposed(tmp_path, HEADER, row)
    assert (found.fact, found.missing, found.unsure) == ("visits", (), {"critical"})
    assert '# "备注"' in found.text
    mapping = load_mapping(mapping_file(tmp_path, found.text))
    report = import_file(tmp_path / "门诊.csv", mapping, tmp_path / "s", at=NOW, limits=Limits("300MB", 1))
    assert (report.kept, report.findings, report.unread) == (1, (), ("备注",))
    with Store(tmp_path / "s", memory="200MB", threads=1) as store:
        (visit,) = store.run(store.table("visits"))
    assert (visit["kind"], visit["tier"], visit["arrival"], visit["cost"]) == (
        "outpatient",
        "tertiary",
        "self",
        10000,
    )
    assert (visit["date"], visit["tcm"], visit["difficult"]) == (date(2025, 3, 1), True, False)


def test_what_a_proposal_does_not_know_it_asks(tmp_path: Path) -> None:
    found = proposed(tmp_path, "区划代码,人群,年月,总数", "340202,外来人口,202503,5")
    assert (found.fact, found.missing) == ("population", ("persons",))
    assert "persons: 月末人数。" in found.text
    assert '"外来人口": ?' in found.text
    assert wrong(tmp_path, found.text) == [
        (6, "columns", "The required column “persons” comes from nowhere.")
    ]


def indicator(above: str, below: str, where: str) -> Indicator:
    fact, text = facts()["quotas"], Text("x", "x")

    def part(take: str) -> Part:
        limit = condition(where, columns_of(fact), {})
        return Part("quotas", Attribution.VISITED, aggregate(take, fact, columns_of(fact), {}, limit))

    return Indicator(
        id=above,
        version=1,
        name=text,
        says=text,
        source=text,
        clauses=(),
        numerator=(part(above),),
        denominator=(part(below),),
        form=Form.RATIO,
        unit=text,
        per=1,
        direction=Direction.UP,
        small=0,
        ours=False,
        period=Period(date.min),
        text={},
    )


def test_a_run_says_what_share_of_an_indicator_waits(tmp_path: Path) -> None:
    def quotas(name: str, *rows: str) -> Path:
        path = tmp_path / name
        head = "institution,division,resource,date,offered,reserved,used,released"
        path.write_text("\n".join([head, *rows]), encoding="utf-8")
        return path

    first = quotas(
        "a.csv",
        "H1,340202,slot,2025-03-01,9,3,1,0",
        "H1,340202,slot,2025-03-02,9,3,-1,0",  # waits, and is of slots
        "H1,340202,bed,2025-03-02,9,3,x,0",  # waits, and is of beds
        "H1,340202,号源,2025-03-03,9,3,1,0",  # waits, and nobody knows of what
        "H1,340202,slot,2025-02-30,9,3,1,0",  # waits, and nobody knows when
        "H1,340202,slot,2025-04-01,9,3,-1,0",  # of another month
    )
    mapping, limits = own_mapping("quotas", REGION), Limits("300MB", 1)
    import_file(first, mapping, tmp_path / "s", at=NOW, limits=limits)
    slots = indicator("sum(used)", "sum(reserved)", "resource == slot")
    with Store(tmp_path / "s", memory="200MB", threads=1) as store:
        (found,) = touched(store, [slots], span("2025-03"))
        assert (found.counted, found.waiting, found.share) == (2, 6, Fraction(3, 4))
        mended = quotas("b.csv", "H1,340202,slot,2025-03-01,9,3,1,0", "H1,340202,slot,2025-03-02,9,3,1,0")
        import_file(mended, mapping, tmp_path / "s", at=NOW, mode=Mode.REPLACE, limits=limits)
        (found,) = touched(store, [slots], span("2025-03"))
        assert (found.counted, found.waiting) == (4, 0)
        (found,) = touched(store, [slots], span("2025-04"))
        assert (found.counted, found.waiting) == (0, 2)  # of April nothing came again
        (found,) = touched(store, [slots], span("2024"))
        assert (found.counted, found.share) == (0, None)
        book = load_book(load_packs(), "cn").on(date(2025, 7, 1))
        assert {each.indicator for each in touched(store, book, span("2025"))} == {each.id for each in book}
