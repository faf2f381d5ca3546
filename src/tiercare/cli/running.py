"""Which server runs in this home: one lock, held as long as it lives, and one file that says where it serves."""

from __future__ import annotations

import json
import os
import signal
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from tiercare.postgres.process import start_ticks, try_lock

STOP_PATIENCE = 90.0  # seconds that a server may take to end by itself: its database may have much to write


@dataclass(frozen=True, slots=True)
class Server:
    """A running server.

    Attributes:
        pid: its process number.
        ticks: when that process started; number and ticks together name one process.
        address: where it answers, or empty while it is starting.
        region: the pack whose region it was asked to show.
    """

    pid: int
    ticks: int
    address: str
    region: str

    @property
    def alive(self) -> bool:
        """False when the process is gone or its number belongs to another one now."""
        return start_ticks(self.pid) == self.ticks


def _folder(home: Path) -> Path:
    folder = home / "run"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def occupy(home: Path) -> int | None:
    """Take the place of this home's one server: the handle that keeps it, or None if it is taken."""
    return try_lock(_folder(home) / "server.lock")


def announce(home: Path, address: str, region: str) -> None:
    """Note that this process is the server; call again with the address once it answers."""
    me = Server(os.getpid(), start_ticks(os.getpid()) or 0, address, region)
    draft = _folder(home) / f"server.{me.pid}"
    draft.write_text(json.dumps(asdict(me)))
    draft.rename(_folder(home) / "server.json")


def withdraw(home: Path) -> None:
    """The server is gone."""
    (_folder(home) / "server.json").unlink(missing_ok=True)


def find(home: Path) -> Server | None:
    """The server that lives in this home, or None; a file left behind by a killed one counts as none."""
    try:
        server = Server(**json.loads((home / "run" / "server.json").read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return None
    return server if server.alive else None


def end(server: Server) -> bool:
    """Ask the server to end and wait; after ``STOP_PATIENCE`` seconds it is killed, and its children with it.

    Returns:
        True if it ended by itself.
    """
    for number, seconds in ((signal.SIGTERM, STOP_PATIENCE), (signal.SIGKILL, 10.0)):
        deadline = time.monotonic() + seconds
        if server.alive:
            os.kill(server.pid, number)
        while server.alive and time.monotonic() < deadline:
            time.sleep(0.1)
        if not server.alive:
            return number == signal.SIGTERM
    return False
