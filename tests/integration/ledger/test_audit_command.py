"""``tiercare audit``: what the person at the keyboard, and the job that runs it at night, get to know."""

import csv
import errno
import json
import re
import shutil
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tiercare.apps.ledger import checkpoints, commands
from tiercare.cli.main import app
from tiercare.kernel.actor import Actor
from tiercare.kernel.clock import day_of
from tiercare.kernel.ids import uuid7

from .conftest import Notes


def _audit(*arguments: object) -> Result:
    result = CliRunner().invoke(app, ["audit", *map(str, arguments)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    return result


def _change(owner, statement: str, *values: object) -> None:
    with owner.cursor() as cursor:
        for table in commands.APPEND_ONLY:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(statement, values)
        for table in commands.APPEND_ONLY:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def test_an_intact_trail_is_said_to_be_so(sealed, notes) -> None:
    notes.append(1)
    result = _audit("verify")
    assert result.exit_code == 0
    assert "已核对 10 条封存的事件，其中 10 条有签名；1 条尚未封存" in result.output
    assert "未发现改动" in result.output and "intact" in result.output


def test_the_first_bad_row_is_named_in_both_languages(sealed) -> None:
    event, reading = sealed.events[6], sealed.events[8]
    _change(sealed.owner, "UPDATE ledger_event SET actor_name = '李四' WHERE id = %s", event.id)
    _change(sealed.owner, "DELETE FROM ledger_reading WHERE event_id = %s", reading.id)
    result = _audit("verify")
    assert result.exit_code == 1
    first, others = result.output.split("Also:")
    assert f"封存序号 position 7 · 事件 event {event.id}" in first
    assert "事件与封存值不符" in first and "does not match its seal" in first
    assert f"封存序号 position 9 · 事件 event {reading.id} · {sealed.residents[0]}" in others
    assert "李四" not in result.output, "ids only"


def test_a_copy_of_the_checkpoints_from_elsewhere_is_asked(sealed, tmp_path: Path) -> None:
    file, elsewhere = sealed.home / checkpoints.FILE, tmp_path / "elsewhere.jsonl"
    shutil.copy(file, elsewhere)
    file.unlink()
    late = [event.id for event in sealed.events[5:]]
    _change(sealed.owner, "DELETE FROM ledger_seal WHERE position > 5")
    _change(sealed.owner, "DELETE FROM ledger_reading WHERE event_id = ANY (%s)", late)
    _change(sealed.owner, "DELETE FROM ledger_event WHERE id = ANY (%s)", late)
    _change(sealed.owner, "TRUNCATE ledger_checkpoint")
    assert _audit("verify").exit_code == 0
    result = _audit("verify", "--checkpoints", elsewhere)
    assert result.exit_code == 1
    assert "封存序号 position 6" in result.output and "截断" in result.output


def test_without_the_key_nothing_is_vouched_for(sealed) -> None:
    (sealed.home / checkpoints.KEY).unlink()
    result = _audit("verify")
    assert result.exit_code == 1
    assert "签名无法核对" in result.output and "Put the key back" in result.output


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def test_the_export_holds_every_event_with_its_place(sealed, notes, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("tiercare.cli.audit._AT_A_TIME", 4)
    waiting = notes.append(99)
    out = tmp_path / "trail.csv"
    assert "11" in _audit("export", "--out", out).output
    rows = _rows(out)
    assert [(row["id"], row["position"]) for row in rows] == [
        *((str(event.id), str(number)) for number, event in enumerate(sealed.events, 1)),
        (str(waiting.id), ""),
    ]
    read = json.loads(rows[3]["payload"])
    assert read["residents"] == [str(resident) for resident in sealed.residents]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+\+08:00", rows[0]["at"])
    assert out.read_bytes().count(b"\xef\xbb\xbf") == 1
    assert stat.S_IMODE(out.stat().st_mode) == 0o600


def test_the_export_runs_no_formula_and_shows_no_number(owner, home, notes, tmp_path: Path) -> None:
    notes.actor = Actor(account_id=None, name="=cmd|' /C calc'!A0", role="system", channel="@web")
    notes.append(1)
    notes.actor = Actor(account_id=None, name="张340203199001011234", role="system")
    notes.read(uuid7(), result="13812345678")
    out = tmp_path / "trail.csv"
    assert _audit("export", "--out", out).exit_code == 0
    formula, number = _rows(out)
    assert (formula["actor_name"], formula["channel"]) == ("'=cmd|' /C calc'!A0", "'@web")
    assert number["actor_name"] == "张＊＊＊"
    assert "13812345678" not in out.read_text(encoding="utf-8-sig")


def test_the_export_takes_both_days(owner, home, notes: Notes, tmp_path: Path) -> None:
    today = day_of(notes.append(1).at)
    day = timedelta(days=1)
    counts = []
    for number, (since, until) in enumerate(
        [(today, today), (today - day, today - day), (today + day, today + day)]
    ):
        out = tmp_path / f"{number}.csv"
        assert _audit("export", "--since", since, "--until", until, "--out", out).exit_code == 0
        counts.append(len(_rows(out)))
    assert counts == [1, 0, 0]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--since", "2026-02-01", "--until", "2026-01-01"), "截止日早于起始日"),
        (("--until", "9999-12-31"), "没有这一天"),
        ((), "尚不存在的文件名"),
    ],
)
def test_the_export_says_what_is_wrong_and_leaves_nothing(
    owner, home, tmp_path: Path, options: tuple[str, ...], words: str
) -> None:
    out = tmp_path / "trail.csv"
    if not options:
        out.write_text("keep me")
    result = _audit("export", *options, "--out", out)
    assert result.exit_code == 1
    assert words in result.output
    assert (out.read_text() if out.exists() else "") == ("" if options else "keep me")


def test_an_export_that_breaks_off_leaves_no_half(sealed, tmp_path: Path, monkeypatch) -> None:
    def full(*_: object) -> bytes:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("tiercare.cli.audit._write", full)
    result = _audit("export", "--out", tmp_path / "trail.csv")
    assert result.exit_code == 1
    assert "No space left on device" in result.output
    assert list(tmp_path.glob("*.csv")) == []
