"""``tiercare serve`` as a whole: the main job, and a database that is killed under it."""

from __future__ import annotations

import json
import os
import signal
import time
from datetime import datetime, timedelta

import psycopg
import pytest

from tiercare.kernel.clock import ZONE
from tiercare.postgres import Cluster, find_binaries

from .conftest import Home
from .serving import healthy, serving

pytestmark = pytest.mark.processes

PATIENCE = 240.0  # seconds for a database to be back on a machine that does much else


def test_a_killed_database_is_started_again_and_served_from(home: Home, port: int) -> None:
    server = serving(home, port)
    cluster = Cluster(home.folder, binaries=find_binaries("embedded"))
    killed = cluster.status().pid
    assert killed is not None
    os.kill(killed, signal.SIGKILL)
    deadline = time.monotonic() + PATIENCE
    while cluster.status().pid in {None, killed} or not healthy(port):
        assert time.monotonic() < deadline, (home.folder / "log" / "server.log").read_text()
        time.sleep(0.1)
    assert json.loads((home.folder / "run" / "server.json").read_text())["pid"] == server, "it never ended"
    assert home.run("stop")[0] == 0
    assert home.emptied_within(60), "its database has a guardian again, and ends with it"


@pytest.mark.timeout(2400)  # four starts and all of the main job: some two hundred seconds of a core alone
def test_the_main_job_lives_its_days_once_though_it_is_killed_in_the_midst_of_them(
    home: Home, port: int
) -> None:
    days = {"TIERCARE_DEMO_DAYS": "3"}
    _killed_after_its_first_day(home, port, days)
    serving(home, port)
    assert abs(_clock_of(home) - datetime.now(ZONE)) < timedelta(minutes=5), (
        "a start that is asked to play nothing does not stay in the days that were broken off"
    )
    assert home.run("stop")[0] == 0
    assert home.emptied_within(60)

    yesterday = datetime.now(ZONE).date() - timedelta(days=1)
    code, said = home.run("serve", "--detach", "--port", str(port), **days)
    assert code == 0, said
    shown = said[said.index("预留兑现") :]
    assert "hospitals 12" in said and "专家号源" in shown and shown.index("专家号源") < shown.index("serving")
    assert f"— {yesterday}" in shown, "the clock runs again as it did before"
    assert "不变量每天都成立" in said, "gone on with where it was broken off, nothing twice and nothing lost"
    loop = said[said.index("一次转诊的全过程") :]
    assert loop.count("确认收到") == 2 and "下转提交" in loop, "up and down, both to their end"
    assert "区域推演（模拟数据" in loop and "已公布 published" in loop, (
        "what a commission sees is the simulated region"
    )
    assert home.run("stop")[0] == 0
    assert home.emptied_within(60)

    code, said = home.run("serve", "--detach", "--port", str(port), **days)
    assert (code, "预留兑现" in said, "hospitals 12" in said) == (0, True, False), said
    assert home.run("capacity", "reconcile")[0] == 0
    assert home.run("audit", "verify")[0] == 0
    assert home.run("stop")[0] == 0


def _clock_of(home: Home) -> datetime:
    """What its platform takes for now; a database runs there."""
    urls = Cluster(home.folder, binaries=find_binaries("embedded")).start()
    with psycopg.connect(urls.application) as connection:
        (now,) = connection.execute("SELECT tiercare_now()").fetchone() or (None,)
    assert isinstance(now, datetime)
    return now


def _killed_after_its_first_day(home: Home, port: int, days: dict[str, str]) -> None:
    """The clock of the database stands in the days that are lived when this returns."""
    seals = home.folder / "checkpoints.jsonl"
    before = len(seals.read_text().splitlines()) if seals.exists() else 0
    process = home.start("serve", "--port", str(port), **days)
    deadline = time.monotonic() + 900
    while not seals.exists() or len(seals.read_text().splitlines()) <= before:
        assert process.poll() is None and time.monotonic() < deadline, process.communicate()[0]
        time.sleep(0.1)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
