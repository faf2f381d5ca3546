"""Starting the two processes that outlive a call: the postmaster and, for an owner, the guardian."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from . import process
from .binaries import quiet_environment
from .roles import PORT
from .standing import Standing

_LOG_LIMIT = 20 * 2**20  # bytes: at a start, a longer log is put aside as server.log.1
# A session of its own, so that a terminal's Ctrl-C does not reach it, and no child of ours to be waited for.
_DETACHED = ("setsid", "--fork")


def spawn(standing: Standing, data: Path, socket: Path, log: Path, running: int) -> int:
    """Start the postmaster; it inherits the running lock, and the caller drops its own handle.

    Returns:
        where in the log, in bytes, its lines begin.
    """
    fixed = {
        "listen_addresses": "",
        "unix_socket_directories": str(socket),
        "unix_socket_permissions": "0700",
        "lc_messages": "C",  # the supervisor reads the log
    }
    words = [word for name, value in fixed.items() for word in ("-c", f"{name}={value}")]
    command = standing.command("postgres", "-D", str(data), "-p", str(PORT), *words)
    if log.exists() and log.stat().st_size > _LOG_LIMIT:
        log.rename(log.with_suffix(".log.1"))
    environment = quiet_environment() | _past_stale_files(data, socket)
    with log.open("ab") as file:
        log.chmod(0o600)
        begin = file.tell()
        subprocess.run(
            [*_DETACHED, *command],
            **standing.identity(),
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            cwd="/",
            env=environment,
            pass_fds=(running,),
        )
    return begin


def guard(data: Path, locks: Path) -> str:
    """Start a guardian (``process.guard``) that ends the server when this process is gone.

    Returns:
        nothing once it watches, else why it does not.
    """
    owners = process.try_lock(locks / process.OWNERS_LOCK, shared=True)
    if owners is None:  # held alone only by the last guardian of earlier owners, which is ending the server
        return process.OWNERS_LOCK
    owner = os.getpid()
    facts = [str(owner), str(process.start_ticks(owner)), str(data), str(locks), str(owners)]
    try:
        began = subprocess.run(
            [*_DETACHED, sys.executable, "-I", "-S", process.__file__, *facts],
            check=False,
            capture_output=True,  # until it lets go of both, having said that it watches
            text=True,
            cwd="/",
            pass_fds=(owners,),
        )
    finally:
        os.close(owners)
    return "" if began.stdout == process.WATCHING else began.stderr.strip() or str(began.returncode)


def _past_stale_files(data: Path, socket: Path) -> dict[str, str]:
    """How PostgreSQL gets past lock files that a dead server left, when their number now names another process.

    The caller holds the running lock and has seen that no process works in the data directory, so the number is
    somebody else's, or that of a zombie which a careless container keeps. PostgreSQL takes the number in
    ``PG_GRANDPARENT_PID`` for no rival (``CreateLockFile`` in ``miscinit.c``; ``pg_ctl`` uses it) and goes on
    with all its other checks, the shared memory above all: better than taking ``postmaster.pid`` away. Only one
    without a number, which a crash can leave and no version gets past, is put aside.

    The socket's own lock file guards a shared directory, which ours is not: it goes with the socket.
    """
    for name in (f".s.PGSQL.{PORT}", f".s.PGSQL.{PORT}.lock"):
        (socket / name).unlink(missing_ok=True)
    path = data / "postmaster.pid"
    if path.exists() and not path.read_bytes().split(b"\n")[0].strip().lstrip(b"-").isdigit():
        path.rename(path.with_name(f"{path.name}.unreadable-{int(time.time())}"))
    file = process.read_pid_file(data)
    return {"PG_GRANDPARENT_PID": str(file.pid)} if file else {}
