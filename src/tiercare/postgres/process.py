"""Which process is the server of a data directory, which lock tells that it lives, and how it is ended.

Run as a program this file is the guardian: a small process that ends the server when the owner is gone, however
it went. It is started by path with nothing but the standard library, so it stays small; hence no imports of ours.

Three lock files, all ``flock`` (the kernel drops them with their last holder, so none is ever stale):

* ``start.lock``: held while somebody starts or stops the server;
* ``running.lock``: inherited by every process of the server; free exactly when no process of it is left, in
  this container or in another one that shares the folder;
* ``owners.lock``: held shared by each guardian; the last one ends the server.
"""

from __future__ import annotations

import fcntl
import os
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path

START_LOCK, RUNNING_LOCK, OWNERS_LOCK = "start.lock", "running.lock", "owners.lock"
WATCHING = "watching"  # what a guardian says once it does
_POLL = 0.1  # seconds between looks while something is awaited
_WATCH = 0.5  # seconds between a guardian's looks at its owner


@dataclass(frozen=True, slots=True)
class PidFile:
    """The lines of ``postmaster.pid`` that concern us (PostgreSQL: ``src/include/utils/pidfile.h``).

    Attributes:
        pid: the postmaster's number.
        started: its start by the wall clock, seconds since the epoch.
        port: names the socket file.
        socket: the directory of the socket, or None if it has none (yet).
        status: ``starting``, ``ready``, ``stopping``, or empty while the server has not said yet.
    """

    pid: int
    started: int
    port: int | None
    socket: Path | None
    status: str


def read_pid_file(data: Path) -> PidFile | None:
    """The pid file, or None if it is absent or holds no readable number (a crash while it was written)."""
    try:
        text = (data / "postmaster.pid").read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return None
    lines = [line.strip() for line in text.splitlines()] + [""] * 8
    if not lines[0].isdigit():
        return None
    started = int(lines[2]) if lines[2].isdigit() else 0
    port = int(lines[3]) if lines[3].isdigit() else None
    return PidFile(int(lines[0]), started, port, Path(lines[4]) if lines[4] else None, lines[7])


def start_ticks(pid: int) -> int | None:
    """When a process started, in clock ticks since boot (``/proc/<pid>/stat`` field 22); None if it is gone.

    A zombie counts as gone. Number and ticks together name one process: numbers are used again, and the wall
    clock may be set.
    """
    try:
        fields = (
            Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        )
    except OSError:
        return None
    return None if fields[0] in "ZX" else int(fields[19])


def works_in(pid: int, data: Path) -> bool:
    """Whether a process is a PostgreSQL at work in this data directory: by its program and working directory.

    Where the kernel hides those of another user's process, the command line must name the directory.
    """
    process = Path(f"/proc/{pid}")
    try:
        try:
            program = (process / "exe").readlink().name.removesuffix(" (deleted)")
            return program == "postgres" and (process / "cwd").samefile(data)
        except PermissionError:
            words = (process / "cmdline").read_bytes().split(b"\0")
            return Path(os.fsdecode(words[0])).name == "postgres" and os.fsencode(data) in words
    except OSError:  # it ended while we looked
        return False


def all_numbers() -> list[int]:
    """The numbers of all processes that we can see."""
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]


def server_pid(data: Path) -> int | None:
    """The live postmaster of this data directory, or None."""
    file = read_pid_file(data)
    return file.pid if file and works_in(file.pid, data) else None


def try_lock(path: Path, *, shared: bool = False) -> int | None:
    """Take a lock file if it is free: the open handle that holds it, not inherited by programs, or None."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    return handle


def is_held(path: Path) -> bool:
    """Whether somebody holds the lock file exclusively."""
    handle = try_lock(path, shared=True)
    if handle is None:
        return True
    os.close(handle)
    return False


def end_server(data: Path, locks: Path, *, patience: float = 60.0) -> bool:
    """End the server: open transactions are rolled back, committed ones are in the files; the caller holds the start lock.

    After ``patience`` seconds it is told to drop everything at once; its next start then recovers from the log.
    SIGKILL is never used: it would leave shared memory behind.

    Returns:
        True when no process of it is left.
    """
    for signal_number, seconds in ((signal.SIGINT, patience), (signal.SIGQUIT, 15.0)):
        pid = server_pid(data)
        if pid is not None:
            try:
                os.kill(pid, signal_number)
            except ProcessLookupError:
                pid = None
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not is_held(locks / RUNNING_LOCK) and server_pid(data) is None:
                return True
            time.sleep(_POLL)
    return False


def guard(owner: int, ticks: int, data: Path, locks: Path, owners: int) -> None:
    """Wait until the server is gone, or until the owner is: then end the server, unless others own it too.

    Args:
        owner: the process whose end ends the server.
        ticks: its ``start_ticks``.
        data: the data directory.
        locks: the folder of the lock files.
        owners: an open handle that holds ``owners.lock`` shared.
    """
    while is_held(locks / RUNNING_LOCK):
        if start_ticks(owner) == ticks:
            time.sleep(_WATCH)
            continue
        starting = os.open(locks / START_LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(starting, fcntl.LOCK_EX)  # a start under way goes first, and becomes an owner or not
        try:
            fcntl.flock(owners, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        end_server(data, locks)
        os.close(owners)  # before the start lock goes: whoever waits for that may become an owner at once
        return


def _main() -> None:
    owner, ticks, owners = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[5])
    os.write(1, WATCHING.encode())
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):  # the caller waits for the end of the two that it reads
        os.dup2(nowhere, stream)
    guard(owner, ticks, Path(sys.argv[3]), Path(sys.argv[4]), owners)


if __name__ == "__main__":
    _main()
