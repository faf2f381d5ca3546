"""`tiercare serve` and `tiercare stop`: it serves, it says why it cannot, and it leaves nothing behind."""

from __future__ import annotations

import json
import os
import signal
import socket
from pathlib import Path

import pytest

from .conftest import Home
from .serving import healthy, serving

pytestmark = pytest.mark.processes


def test_it_serves_says_where_and_stops(home: Home, port: int) -> None:
    code, said = home.run("serve", "--detach", "--port", str(port))
    assert code == 0, said
    assert f"http://127.0.0.1:{port}/" in said and "wuhu.commission" in said and "2019-07-01" in said
    assert healthy(port)

    code, said = home.run("serve", "--port", str(port))
    assert (code, f"http://127.0.0.1:{port}/" in said) == (0, True), (
        "a second start says where the first serves"
    )

    code, _ = home.run("stop")
    assert code == 0 and not healthy(port)
    assert home.emptied_within(90), home.processes()
    assert home.run("stop")[0] == 0, "stopping twice is no error"


def test_an_interrupt_ends_everything_in_order(home: Home, port: int) -> None:
    process = home.start("serve", "--port", str(port))
    assert process.stdout is not None
    said = ""
    while "make stop" not in said:
        line = process.stdout.readline()
        assert line, said
        said += line
    process.send_signal(signal.SIGINT)
    rest, _ = process.communicate(timeout=180)
    assert process.returncode == 0 and "Traceback" not in rest
    assert home.emptied_within(90), home.processes()


def test_a_killed_server_leaves_no_orphan(home: Home, port: int) -> None:
    os.kill(serving(home, port), signal.SIGKILL)
    assert home.emptied_within(90), home.processes()
    code, said = home.run("stop")
    assert code == 0 and "Nothing is running" in said


def test_a_killed_web_server_ends_the_platform_with_a_word(home: Home, port: int) -> None:
    server = serving(home, port)
    children = Path(f"/proc/{server}/task/{server}/children").read_text().split()
    web = next(pid for pid in children if b"\0web\0" in Path(f"/proc/{pid}/cmdline").read_bytes())
    os.kill(int(web), signal.SIGKILL)
    assert home.emptied_within(90), home.processes()
    assert "ended by itself" in (home.folder / "log" / "server.log").read_text()


def test_a_port_in_use_is_named_with_another(home: Home, port: int) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        code, said = home.run("serve", "--port", str(port))
    assert code == 1
    assert f"Port {port} is in use" in said and "make run" in said
    assert home.processes() == [], "nothing was started"


def test_a_file_left_behind_never_points_at_a_stranger(home: Home) -> None:
    left = {"pid": os.getpid(), "ticks": 1, "address": "http://127.0.0.1:1/", "region": "wuhu"}
    (home.folder / "run" / "server.json").write_text(json.dumps(left))
    code, said = home.run("stop")
    assert code == 0 and "Nothing is running" in said


@pytest.mark.parametrize("content", ["", "{", '{"pid": 1}', "[]"])
def test_a_spoilt_file_counts_as_none(home: Home, content: str) -> None:
    (home.folder / "run" / "server.json").write_text(content)
    code, said = home.run("stop")
    assert (code, "Nothing is running" in said) == (0, True), said
