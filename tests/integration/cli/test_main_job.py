"""``tiercare serve`` as a whole: the main job, and a database that is killed under it."""

from __future__ import annotations

import json
import os
import signal
import time

import pytest

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


@pytest.mark.timeout(1500)  # two starts and all of the main job: a hundred seconds of a core alone
def test_the_main_job_plays_its_days_once_and_shows_what_was_kept(home: Home, port: int) -> None:
    code, said = home.run("serve", "--detach", "--port", str(port), TIERCARE_DEMO_DAYS="4")
    assert code == 0, said
    shown = said[said.index("预留兑现") :]
    assert "hospitals 12" in said and "专家号源" in shown and shown.index("专家号源") < shown.index("serving")
    loop = said[said.index("一次转诊的全过程") :]
    assert loop.count("确认收到") == 2 and "下转提交" in loop, "up and down, both to their end"
    assert home.run("stop")[0] == 0
    assert home.emptied_within(60)

    code, said = home.run("serve", "--detach", "--port", str(port), TIERCARE_DEMO_DAYS="4")
    assert (code, "预留兑现" in said, "hospitals 12" in said) == (0, True, False), said
    assert home.run("capacity", "reconcile")[0] == 0
    assert home.run("stop")[0] == 0
