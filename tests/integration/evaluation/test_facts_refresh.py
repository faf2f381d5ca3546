"""How months of fact tables come to be written: only what changed, never half, never over what others sent or locked."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from typer.testing import CliRunner

from tiercare.apps.evaluation.commands import facts, marking
from tiercare.apps.evaluation.commands.facts import Outcome
from tiercare.apps.evaluation.models import FactsDue
from tiercare.apps.evaluation.queries import facts_due
from tiercare.apps.evaluation.queries.fact_sources import DAILY, SOURCES, Source
from tiercare.apps.ledger import queries as ledger
from tiercare.cli import bootstrap
from tiercare.cli.main import app
from tiercare.engines.measures.importing import import_file, own_mapping
from tiercare.engines.measures.periods import Span
from tiercare.engines.measures.schema import facts as tables
from tiercare.engines.measures.store import Arrived, Mode, Origin, Store, write_rows, writing
from tiercare.jobs import tasks
from tiercare.kernel.refusal import Refused

from ..residents.care import later, synthetic_clock
from ..residents.conftest import Site, given, register, site
from .facts_played import REGION, Played
from .test_facts_written import played, seen

__all__ = ["given", "played", "register", "site", "synthetic_clock"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def visit(played: Played, site: Site, register) -> UUID:
    """A visit of today, not written yet."""
    return seen(site, register("王小明"))


def due() -> set[tuple[str, int]]:
    return {(each.fact, each.month) for each in facts_due.due(REGION, on=ledger.today())}


def test_twice_changes_no_digest(played: Played, visit: UUID) -> None:
    first = played.write()
    assert {fact for fact, _ in first} >= {*DAILY, "visits"}
    before, batches = played.digests(), len(Store(played.root).manifest(REGION).batches)
    marking.mark_all(REGION, since=played.month, on=ledger.today())
    again = played.write()
    assert {each.outcome for each in again.values()} == {Outcome.SAME}
    assert played.digests() == before
    assert len(Store(played.root).manifest(REGION).batches) == batches
    assert played.write() == {}, "nothing is due"


def test_only_what_changed_is_written(played: Played, site: Site, register, visit: UUID) -> None:
    played.write()
    before = played.digests()
    seen(site, register("李晓红"))
    played.tell()
    assert ("visits", played.month) in due() and ("referrals", played.month) not in due()
    played.write()
    after = played.digests()
    assert {key for key in after if after[key] != before.get(key)} == {
        ("visits", played.month),
        ("population", played.month),
        ("patients", played.month),
    }
    assert len(played.rows("visits")) == 2, "replaced, not doubled"


def test_a_mark_while_writing_is_not_lost(
    played: Played, site: Site, register, visit: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = SOURCES["visits"].rows

    def slowly(month):
        yield from rows(month)
        marking.mark([REGION], ["visits"], [month.number])  # somebody notes another visit meanwhile

    monkeypatch.setitem(SOURCES, "visits", Source(slowly, daily=False))
    assert played.write()["visits", played.month].outcome is Outcome.WRITTEN
    assert due() == {("visits", played.month)}


def test_killed_at_any_point_nothing_is_lost(
    played: Played, visit: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """The process ends here."""

    rows, done = SOURCES["visits"].rows, facts._DONE

    def half(month):
        yield next(iter(rows(month)))
        raise Killed

    monkeypatch.setitem(SOURCES, "visits", Source(half, daily=False))
    with pytest.raises(Killed):
        played.write()
    assert ("visits", played.month) in due()
    with Store(played.root) as store:
        assert store.months("visits") == [], "half a month is none"
    monkeypatch.setitem(SOURCES, "visits", Source(rows, daily=False))

    real = facts._said

    def before_the_mark_goes(statement: str, **values: object):
        if statement == done and FactsDue.objects.get(id=values["id"]).fact == "visits":
            raise Killed
        return real(statement, **values)

    monkeypatch.setattr(facts, "_said", before_the_mark_goes)
    with pytest.raises(Killed):
        played.write()
    assert ("visits", played.month) in due() and len(played.rows("visits")) == 1
    monkeypatch.setattr(facts, "_said", real)
    assert played.write()["visits", played.month].outcome is Outcome.SAME
    assert due() == set() and len(played.rows("visits")) == 1


def test_one_table_that_fails_keeps_no_other_waiting(
    played: Played, site: Site, register, visit: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wrong(month):
        yield {"grid": "340223"}

    played.write()  # whatever else is due: here one table fails in one month
    seen(site, register("李晓红"))
    marking.mark([REGION], ["grids"], [played.month])
    grids = SOURCES["grids"]
    monkeypatch.setitem(SOURCES, "grids", Source(wrong))
    with pytest.raises(ExceptionGroup) as caught:
        played.write()
    (error,) = caught.value.exceptions
    assert "no column" in str(error) and error.__notes__ == [f"grids {REGION} {played.month}"]
    assert due() == {("grids", played.month)} and len(played.rows("visits")) == 2
    monkeypatch.setitem(SOURCES, "grids", grids)
    assert set(played.write()) == {("grids", played.month)}


def test_a_locked_month_is_not_touched_and_says_so(played: Played, site: Site, register, visit: UUID) -> None:
    played.write()
    before = played.digests()
    with writing(played.root, REGION) as writer:
        writer.lock(Span(played.month, played.month), at=ledger.now(), by="示例核定人")
    seen(site, register("李晓红"))
    held = played.write()["visits", played.month]
    assert held.outcome is Outcome.HELD and held.why is not None and held.why.code == "facts_month_locked"
    assert "示例核定人" in held.why.sentence()
    assert played.digests() == before
    (shown,) = (each for each in facts_due.partitions(REGION) if each.fact == "visits")
    assert shown.held == "facts_month_locked" and shown.since_at is not None
    with writing(played.root, REGION) as writer:
        writer.lift(Span(played.month, played.month), at=ledger.now(), by="示例核定人", why="补录")
    assert played.write()["visits", played.month].outcome is Outcome.WRITTEN
    assert len(played.rows("visits")) == 2


def extract(played: Played, mode: Mode) -> str:
    """Somebody sends a file of this month's visits, made up; answers its batch."""
    path = played.root.parent / "sent.parquet"
    fact = tables()["visits"]
    row = {
        "visit": "HIS-1", "person": "P1", "kind": "outpatient", "date": ledger.today(), "institution": "x",
        "tier": "primary", "place": "340223", "home": "340223", "critical": False, "difficult": False, "tcm": False,
        "arrival": "self", "cost": 1000, "fund": 0, "own": 1000,
    }  # fmt: skip
    write_rows(path, fact, [row])
    with writing(played.root, REGION) as writer:
        draft = writer.folder / "sent.parquet"
        draft.write_bytes(path.read_bytes())
        arrived = Arrived("visits", "示例医院", "ab" * 32, ledger.now(), mode, synthetic=True)
        return writer.commit(arrived, {played.month: draft}).id


def test_one_source_speaks_in_a_month(played: Played, visit: UUID) -> None:
    played.write()
    with pytest.raises(Refused, match="facts_other_source") as refused:
        extract(played, Mode.ADD)
    assert "替换" in refused.value.refusals[0].way_on()
    extract(played, Mode.REPLACE)  # somebody decided that the file is the better one
    assert [row["visit"] for row in played.rows("visits")] == ["HIS-1"]

    marking.mark([REGION], ["visits"], [played.month])
    held = played.write()["visits", played.month]
    assert (held.outcome, held.why.code) == (Outcome.HELD, "facts_other_source")
    assert "--over" in held.why.way_on()
    assert [row["visit"] for row in played.rows("visits")] == ["HIS-1"]
    played.write(over=True)
    assert [row["visit"] for row in played.rows("visits")] == [str(visit)]
    assert Store(played.root).manifest(REGION).origins("visits") == {played.month: Origin.PLATFORM}


def test_an_import_beside_the_platforms_rows_is_refused_in_the_dry_run_too(
    played: Played, visit: UUID
) -> None:
    played.write()
    path = played.root.parent / "quotas.csv"
    day = ledger.today() - timedelta(days=1)
    path.write_text(
        "institution,division,role,resource,date,offered,reserved,used,released\n"
        f"x,340223,,slot,{day},10,2,1,0\n",
        encoding="utf-8",
    )
    mapping = own_mapping("quotas", REGION, fen=False)
    mapping = replace(mapping, synthetic=True)
    taken = import_file(path, mapping, played.root, at=ledger.now(), institutions=["x"])
    assert taken.kept == 1, "the platform offered nothing in this month: the file stands alone"
    marking.mark([REGION], ["quotas"], [played.month])
    assert played.write()["quotas", played.month].outcome is Outcome.HELD


def test_stocks_are_written_on_each_day_and_once_more_when_the_month_is_over(
    played: Played, visit: UUID
) -> None:
    played.write()
    month = played.month
    assert played.write() == {}
    later(days=1)
    assert set(played.write()) == {(fact, month) for fact in DAILY}
    played.go((ledger.now().replace(day=1) + timedelta(days=32)).replace(day=1))
    over = played.write()
    assert {fact for fact, each in over if each == month} == set(DAILY), "its end is known now"
    assert {fact for fact, each in over if each == played.month} == set(DAILY)
    later(days=1)
    assert {each for _, each in played.write()} == {played.month}


def test_what_was_written_over_does_not_pile_up(played: Played, site: Site, register, visit: UUID) -> None:
    for name in ("甲一", "乙二", "丙三"):
        seen(site, register(name))
        played.write()
        later(hours=2)
    with writing(played.root, REGION):
        pass  # sweeps what nobody reads any more
    batches = [each for each in Store(played.root).manifest(REGION).batches if each.fact == "visits"]
    assert len(batches) <= 2
    assert len({each.id for each in batches}) == len(batches)
    files = list((played.root / "visits").rglob("*.parquet"))
    assert len(files) == len(batches)
    assert len(played.rows("visits")) == 4


def test_months_to_come_wait(played: Played, visit: UUID) -> None:
    following = marking.following(played.month)
    marking.mark([REGION], ["bookings"], [following])
    assert ("bookings", following) not in set(played.write())
    assert FactsDue.objects.get(fact="bookings", month=following).since_at is not None


def test_a_table_that_the_platform_does_not_write(played: Played) -> None:
    with pytest.raises(KeyError, match="funds"):
        marking.mark([REGION], ["funds"], [played.month])


def test_the_store_of_real_rows_takes_no_made_up_ones(played: Played, visit: UUID, tmp_path: Path) -> None:
    with writing(played.root, REGION) as writer:
        draft = writer.folder / "real.parquet"
        write_rows(draft, tables()["surveys"], [])
        arrived = Arrived("surveys", "真实", "cd" * 32, ledger.now())
        writer.commit(arrived, {played.month: draft})
    found = played.write()
    assert {each.why.code for each in found.values() if each.why} == {"facts_mixed"}
    assert {each.outcome for each in found.values()} == {Outcome.HELD}


def test_the_command_writes_now_and_says_what_became_of_it(
    played: Played, visit: UUID, settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.FACTS_ROOT = played.root
    monkeypatch.setattr(bootstrap, "ready", lambda: None)  # the test's database is there already
    since = f"{played.month // 100}-{played.month % 100:02}"
    first = CliRunner().invoke(app, ["facts", "refresh", "--region", "wuhu", "--since", since])
    assert first.exit_code == 0, first.output
    assert "诊疗" in first.output and "已更新" in first.output
    assert [row["visit"] for row in played.rows("visits")] == [str(visit)]
    again = CliRunner().invoke(app, ["facts", "refresh", "--region", REGION])
    assert again.exit_code == 0 and "nothing is due" in again.output
    for wrong in (["--region", "nowhere"], ["--since", "2026/13"]):
        refused = CliRunner().invoke(app, ["facts", "refresh", *wrong])
        assert refused.exit_code == 1 and refused.exception is not None


def test_the_job_writes_what_is_due(played: Played, visit: UUID, settings) -> None:
    settings.FACTS_ROOT = played.root
    played.tell()
    assert tasks.refresh_facts(timestamp=0) > 0
    assert [row["visit"] for row in played.rows("visits")] == [str(visit)]
    assert tasks.refresh_facts(timestamp=0) == 0
