"""A web server of a benchmark's own, what it and the database cost in CPU, and somebody who signs in to it."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlencode
from uuid import uuid4

from django.core.management import call_command
from django.db import connections

from tiercare.cli import children


class Desk:
    """One client with a line that stays open, signed in."""

    def __init__(self, port: int, username: str, password: str) -> None:
        self.line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.cookies: dict[str, str] = {}
        self.ask("GET", "/sign-in")
        form = {"username": username, "password": password, "csrfmiddlewaretoken": self.cookies["csrftoken"]}
        status, _ = self.ask("POST", "/sign-in", urlencode(form), "application/x-www-form-urlencoded")
        assert status == HTTPStatus.FOUND, status

    def ask(
        self, method: str, path: str, body: str = "", kind: str = "application/json"
    ) -> tuple[int, bytes]:
        """One request; the answer's status and body."""
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if method != "GET":
            token = self.cookies.get("csrftoken", "")
            headers |= {"Content-Type": kind, "X-CSRFToken": token, "Idempotency-Key": uuid4().hex}
        self.line.request(method, path, body.encode(), headers)
        answer = self.line.getresponse()
        for header in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = header.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer.status, answer.read()


@contextmanager
def serving(log: Path | None = None) -> Iterator[tuple[int, int]]:
    """A web server on the database of this process: its port and its process; what it says goes to ``log``."""
    call_command("collectstatic", interactive=False, verbosity=0)
    port = free_port()
    if log is None:
        web = children.start("web", port)
    else:
        command = [sys.executable, "-m", "tiercare.cli.children", "web", str(port), str(os.getpid())]
        with log.open("ab") as said:
            web = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=said, stderr=said, start_new_session=True
            )
    try:
        answers(port)
        yield port, web.pid
    finally:
        children.end([web])


def free_port() -> int:
    """A port that nobody has."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def answers(port: int, *, within: float = 30.0) -> None:
    """Return once ``/healthz`` answers 200.

    Raises:
        RuntimeError: if it does not within so many seconds.
    """
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        with suppress(OSError, http.client.HTTPException):
            line = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            line.request("GET", "/healthz")
            if line.getresponse().status == HTTPStatus.OK:
                return
        time.sleep(0.1)
    raise RuntimeError("the web server does not answer")


def postmaster() -> int:
    """The process of the database server, whose children are its backends."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(_stat(cursor.fetchone()[0])[1])


def cpu_seconds(root: int) -> float:
    """CPU time so far of a process and all below it, those that ended included as far as their parent waited."""
    ticks = os.sysconf("SC_CLK_TCK")
    spent = 0
    for pid in family(root):
        with suppress(OSError):
            spent += sum(map(int, _stat(pid)[11:15]))
    return spent / ticks


def family(root: int) -> list[int]:
    """A process and all below it."""
    parents = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            parents[int(folder.name)] = int(_stat(int(folder.name))[1])
    found = [root]
    for pid in found:
        found += [child for child, parent in parents.items() if parent == pid]
    return found


def _stat(pid: int) -> list[str]:
    """The fields of /proc/<pid>/stat after the name."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
