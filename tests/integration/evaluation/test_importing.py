"""An extract from its upload to the store, by its commands: what is drafted, tried, taken, refused and kept."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection
from stdnum.cn import ric

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.evaluation.commands import importing as commands
from tiercare.apps.evaluation.commands.running import run
from tiercare.apps.evaluation.models import FactMapping, FactUpload
from tiercare.apps.evaluation.queries import importing as queries
from tiercare.apps.evaluation.queries import presence
from tiercare.apps.evaluation.queries.values import Which, numbers
from tiercare.apps.ledger import queries as ledger
from tiercare.engines.measures.importing import import_file
from tiercare.engines.measures.periods import Span
from tiercare.engines.measures.store import Mode, Store, read, writing
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused

from .extracts import commission, extract, pieces, visit, with_faults


@pytest.fixture(autouse=True)
def facts_root(settings, tmp_path: Path, wuhu: str) -> Path:
    settings.FACTS_ROOT = tmp_path / "facts"
    return settings.FACTS_ROOT


def received(content: bytes, **more) -> FactUpload:
    given = {"actor": commission(), "region": "3402", "file_name": "门诊 2025-03.csv", **more}
    return commands.receive_facts(pieces=pieces(content), **given)


def checked(found: FactUpload, mode: Mode = Mode.ADD) -> FactUpload:
    return commands.check_facts(actor=commission(), upload_id=found.id, content=found.mapping, mode=mode)


def taken(content: bytes, **more) -> FactUpload:
    found = received(content, **more)
    found = found if found.state == FactUpload.State.CHECKED else checked(found)
    return commands.take_facts(actor=commission(), upload_id=found.id)


def refused(call, *given, **more) -> list[str]:
    with pytest.raises(Refused) as caught:
        call(*given, **more)
    return [refusal.code for refusal in caught.value.refusals]


def test_a_draft_knows_the_columns_by_their_headers_and_the_words() -> None:
    found = received(with_faults())
    assert (found.fact, found.state) == ("visits", "DRAFT")
    assert found.mapping["columns"]["就诊流水号"] == "visit"
    assert found.mapping["columns"]["总费用(元)"] == "cost"
    assert found.mapping["units"]["cost"] == "yuan"
    assert found.mapping["words"]["kind"] == {"普通门诊": "outpatient", "急诊": "emergency"}
    assert read(queries.root(), "3402").batches == ()


def test_a_trial_tells_everything_and_leaves_nothing(facts_root: Path) -> None:
    found = checked(received(with_faults()))
    counts = found.counts
    assert (counts["came"], counts["kept"], counts["waiting"]) == (8, 4, 4), queries.report_of(found).findings
    report = queries.report_of(found)
    assert {(f.code, f.column, f.rows) for f in report.findings} >= {
        ("no_day", "date", 1),
        ("unknown_institution", "institution", 1),
        ("copy", "", 1),
        ("negative", "cost", 1),
        ("thousands", "cost", 7),
    }
    moved = {name: (counted, waiting) for name, counted, waiting in counts["moved"]}
    assert moved["primary_visit_share"][1] > 0
    rows = queries.waiting(queries.quarantine_of(found), "visits", queries.headers_of(found.mapping))
    lines = list(rows.rows)
    assert rows.header[:4] == ("原行号", "问题", "怎么办", "就诊流水号") and rows.count == 4
    assert [line[0] for line in lines] == [6, 7, 8, 9]
    assert "2025/2/30" in lines[1] and "日期不存在" in lines[1][1]
    assert read(queries.root(), "3402").batches == () and not list(facts_root.glob("visits/**/*.parquet"))
    assert not list(facts_root.rglob("shadow"))


def test_what_is_good_is_taken_and_the_rest_waits_with_its_reason() -> None:
    found = taken(with_faults())
    came = presence.batch(commission(), "3402", found.batch)
    assert (came.batch.rows_kept, came.batch.arrived.rows_quarantined) == (4, 4)
    assert came.batch.months == (202503,)
    report = presence.report_kept(came)
    assert report is not None and report.kept == 4
    with Store(queries.root(), regions=["3402"]) as store:
        assert sorted(row["visit"] for row in store.run(store.table("visits").select("visit"))) == [
            "V1",
            "V2",
            "V3",
            "V4",
        ]
    assert not queries.folder_of("3402", found.id).exists() or connection.in_atomic_block
    kinds = [event.kind for event in ledger.events(kind="evaluation.", subject_id=found.id)]
    assert kinds == ["evaluation.facts_taken", "evaluation.facts_checked", "evaluation.facts_received"]


def test_next_month_is_one_act_because_the_mapping_was_kept() -> None:
    taken(with_faults())
    april = extract([visit(n, 就诊日期="2025/4/2") for n in range(20, 25)])
    found = received(april, file_name="门诊 2025-04.csv")
    assert found.state == "CHECKED" and found.counts["kept"] == 5
    with scoped(commission(), area="3402"):
        assert [(each.version, each.fact) for each in FactMapping.objects.all()] == [(1, "visits")]


def test_a_changed_mapping_is_a_version_more() -> None:
    found = checked(received(with_faults()))
    content = {**found.mapping, "dates": {"date": "ymd"}}
    commands.check_facts(actor=commission(), upload_id=found.id, content=content, mode=Mode.ADD)
    with scoped(commission(), area="3402"):
        (kept,) = FactMapping.objects.all()
    assert kept.version == 2 and kept.content["dates"] == {"date": "ymd"}


def test_the_same_file_is_refused_as_known_and_nothing_of_it_is_kept(facts_root: Path) -> None:
    taken(with_faults())
    before = set((facts_root / "uploads" / "3402").iterdir())
    assert refused(received, with_faults()) == ["facts_batch_known"]
    assert set((facts_root / "uploads" / "3402").iterdir()) == before
    # With a corrected list or mapping its waiting rows may come: in the place of what is there.
    again = received(with_faults(), mode=Mode.REPLACE)
    assert again.counts["kept"] == 4


def test_corrected_rows_come_after_the_others() -> None:
    first = taken(with_faults())
    came = presence.batch(commission(), "3402", first.batch)
    path = queries.root() / came.batch.quarantine
    rows = queries.waiting(path, "visits", {})
    columns = dict(enumerate(rows.header))
    mended = []
    for line in rows.rows:
        row = {columns[at]: str(cell or "") for at, cell in enumerate(line)}
        row["就诊日期"] = "2025-03-05"
        row["机构编号"] = "wuhu-yijishan_hospital"
        row["总费用(元)"] = "5"
        mended.append(row)
    content = extract(
        [row for row in mended if row["就诊流水号"] != "V4"], header=list(rows.header), encoding="utf-8-sig"
    )
    second = taken(content, file_name="更正.csv")
    assert (second.counts["kept"], second.counts["waiting"]) == (3, 0)
    # What was said of the first batch, and its rows, are still there when another came.
    again = presence.report_kept(presence.batch(commission(), "3402", first.batch))
    assert again is not None and again.quarantined == 4 and path.exists()


def test_a_locked_month_is_refused_with_the_engines_words() -> None:
    found = checked(received(with_faults()))
    with writing(queries.root(), "3402") as writer:
        writer.lock(Span(202503, 202503), at=ledger.now(), by="市卫健委")
    assert refused(commands.take_facts, actor=commission(), upload_id=found.id) == ["facts_month_locked"]
    found = checked(found)
    assert found.counts["kept"] == 0
    assert refused(commands.take_facts, actor=commission(), upload_id=found.id) == ["facts_month_locked"]


def test_an_extract_of_another_region_is_not_received() -> None:
    strange = [visit(n, 机构所在区划="140105001", 居住地="140105001", 参保地="140105") for n in range(3)]
    assert refused(received, extract(strange)) == ["facts_other_region"]


def test_identity_numbers_do_not_come_in(facts_root: Path) -> None:
    bodies = ("11010519491231002", "34020219800101001", "34020219900307881")
    rows = [visit(n, 患者假名=body + ric.calc_check_digit(body + "0")) for n, body in enumerate(bodies)]
    assert refused(received, extract(rows)) == ["facts_identity_numbers"]
    assert not list((facts_root / "uploads" / "3402").iterdir())


def test_whoever_may_not_import_here_is_refused() -> None:
    assert refused(received, with_faults(), actor=commission("1401")) == ["access.outside_scope"]
    office = Actor(commission().account_id, "x", Role.REFERRAL_OFFICE.value, division_code="3402")
    assert refused(received, with_faults(), actor=office)
    found = received(with_faults())
    assert refused(
        commands.check_facts, actor=commission("1401"), upload_id=found.id, content={}, mode=Mode.ADD
    ) == ["facts_no_such_upload"]


def test_what_is_decided_is_not_decided_again() -> None:
    found = received(with_faults())
    commands.drop_facts(actor=commission(), upload_id=found.id)
    assert refused(commands.take_facts, actor=commission(), upload_id=found.id) == ["facts_upload_ended"]
    assert queries.uploads(commission(), "3402") == []


def test_a_mapping_that_is_not_whole_is_told_column_by_column() -> None:
    found = received(with_faults())
    content = {
        **found.mapping,
        "columns": {h: o for h, o in found.mapping["columns"].items() if o not in {"visit", "cost"}},
    }
    codes = refused(
        commands.check_facts, actor=commission(), upload_id=found.id, content=content, mode=Mode.ADD
    )
    assert codes == ["facts_column_from_nowhere"] * 2


def test_a_batch_whose_note_was_lost_is_found_again() -> None:
    """The machine stopped after the store had taken it and before the database had noted it."""
    found = checked(received(with_faults()))
    folder = queries.folder_of("3402", found.id)
    path = folder / found.file_name
    report = import_file(
        path,
        commands.mapping_of(found.mapping, folder),
        queries.root(),
        at=ledger.now(),
        institutions={"wuhu-yijishan_hospital"},
    )
    done = commands.take_facts(actor=commission(), upload_id=found.id)
    assert done.batch == report.batch
    assert len(read(queries.root(), "3402").batches) == 1


def test_presence_names_what_is_missing() -> None:
    taken(with_faults())
    taken(extract([visit(n, 就诊日期="2025/6/2") for n in range(20, 25)]), file_name="六月.csv")
    found = presence.presence(commission(), "3402")
    line = next(each for each in found.lines if each.fact.name == "visits")
    assert list(found.months) == [202503, 202504, 202505, 202506]
    assert line.missing == (202504, 202505) and line.rows == 9
    assert line.cells[202503].rows == 4 and line.cells[202504].rows == 0


def test_what_was_taken_moves_the_number() -> None:
    """Four visits, all at the tertiary hospital: none in primary care. Then one of a station beside: 1 of 5."""
    me = commission()

    def share() -> tuple[int, int]:
        (value,) = numbers(me, run(me, "wuhu"), Which({"primary_visit_share"}, {"region"}, {"2025"}))
        return int(value.numerator or 0), int(value.denominator or 0)

    taken(with_faults())
    assert share() == (0, 4)
    found = received(extract([visit(30, 机构层级="基层")]), file_name="站.csv")
    assert found.counts["kept"] == 0  # tried as it was read before: a word that nobody has mapped yet
    words = {**found.mapping["words"], "tier": {"三级": "tertiary", "基层": "primary"}}
    content = {**found.mapping, "words": words}
    commands.check_facts(actor=me, upload_id=found.id, content=content, mode=Mode.ADD)
    commands.take_facts(actor=me, upload_id=found.id)
    assert share() == (1, 5)
