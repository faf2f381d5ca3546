"""The processes that the server starts: the web server and the job runner. They end when it ends, however it went.

Each stands in a session of its own, so that a Ctrl-C in the terminal reaches the server alone and they are
ended in order; the kernel sends them SIGTERM when the server is killed (``PR_SET_PDEATHSIG``).
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from contextlib import suppress
from typing import Literal

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server as WebServer

from tiercare.jobs.run import run_forever

PR_SET_PDEATHSIG = 1  # linux/prctl.h
PATIENCE = 15.0  # seconds for requests under way
CORES = os.cpu_count() or 1
WORKERS = min(CORES, 8)  # web processes
THREADS = 3  # in each: one computes while two wait for the database; more only fight for the interpreter

Role = Literal["web", "jobs"]


def start(role: Role, port: int) -> subprocess.Popen[bytes]:
    """Start one child; its output goes where ours goes."""
    command = [sys.executable, "-m", "tiercare.cli.children", role, str(port), str(os.getpid())]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)


def end(children: list[subprocess.Popen[bytes]]) -> None:
    """End the children and whatever they started: first asked, then, after ``PATIENCE`` seconds, killed."""
    for child in children:
        with suppress(ProcessLookupError):
            child.terminate()
    for child in children:
        with suppress(subprocess.TimeoutExpired):
            child.wait(PATIENCE)
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)  # the session that start() made for it
        child.wait()


def die_with_parent(parent: int) -> None:
    """Receive SIGTERM when the parent goes; go at once if it has gone already."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        sys.exit(1)


def main(role: str, port: int, parent: int) -> None:
    """What a child does until it is ended."""
    die_with_parent(parent)
    if role == "jobs":
        run_forever()
        return
    WebServer(
        "tiercare.config.wsgi:application",
        address="127.0.0.1",
        port=port,
        interface=Interfaces.WSGI,
        workers=WORKERS,
        blocking_threads=THREADS,
        workers_kill_timeout=int(PATIENCE) - 3,
        respawn_failed_workers=True,
        log_level=LogLevels.warning,
    ).serve()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
