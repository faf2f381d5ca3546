"""Real `tiercare` commands in a home of their own, and a look at which of their processes are left."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

A_LONG_COMMAND = 1200.0  # seconds: the main job, on a machine that does much else


@dataclass(frozen=True)
class Home:
    """A home with a private database; commands run in it as a person would run them."""

    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """Ours, without the database of the tests, which would be an external server; no days are played."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith("TIERCARE_")}
        return {**kept, "TIERCARE_HOME": str(self.folder), "TIERCARE_DEMO_DAYS": "0"}

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """Start `tiercare` with these arguments; output and errors together."""
        return subprocess.Popen(
            [sys.executable, "-m", "tiercare.cli.main", *arguments],
            env=self.environment | environment,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str, **environment: str) -> tuple[int, str]:
        """Run `tiercare` to its end: exit code and what it said."""
        process = self.start(*arguments, **environment)
        said, _ = process.communicate(timeout=A_LONG_COMMAND)
        return process.returncode, said

    def processes(self) -> list[str]:
        """Command lines of all living processes that were started in this home, however deep."""
        mark = f"TIERCARE_HOME={self.folder}".encode()
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (process / "environ").read_bytes().split(b"\0"):
                    found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode())
            except OSError:
                continue  # gone, or another user's
        return found

    def emptied_within(self, seconds: float) -> bool:
        """Wait until no process of this home is left; False if some are after that time."""
        deadline = time.monotonic() + seconds
        while self.processes():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.1)
        return True


@pytest.fixture(scope="session")
def first_commands(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Home, list[tuple[int, str]]]]:
    """A home, and what the first two commands in it said, which were started at the same moment."""
    home = Home(tmp_path_factory.mktemp("home"))
    both = [home.start("network", "check", "--json") for _ in range(2)]
    said = [process.communicate(timeout=A_LONG_COMMAND)[0] for process in both]
    yield home, [(process.returncode, text) for process, text in zip(both, said, strict=True)]
    home.run("stop")
    home.run("db", "stop")


@pytest.fixture
def home(first_commands: tuple[Home, list[tuple[int, str]]]) -> Iterator[Home]:
    """A home whose database holds the demonstration region; nothing runs in it at first, nor is left when a test failed."""
    there = first_commands[0]
    assert there.emptied_within(60), there.processes()
    yield there
    if (there.folder / "run" / "server.json").exists():
        there.run("stop")


@pytest.fixture
def port() -> int:
    """A port that is free now."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        number: int = trial.getsockname()[1]
        return number
