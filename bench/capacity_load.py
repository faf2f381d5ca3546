"""The load of the bench of capacity: many clients in one process of its own, each with a line that stays open.

Requests are sent over raw sockets and answers are hardly looked at, so that the generator takes little of the machine
from what it measures; what it takes is told apart.
"""

from __future__ import annotations

import gc
import json
import multiprocessing
import os
import re
import resource
import select
import signal
import socket
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from tiercare.cli.children import die_with_parent

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CODE = re.compile(rb'"code": ?"([a-z_.]+)"')
_PATIENCE = 20.0  # seconds for an answer
_PAUSE = 0.05  # seconds before a request that failed is sent again
_IN_FLIGHT = "ledger.idempotency_twin_in_flight"
TOO_MANY, CREATED, ERROR = 429, 201, 500


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked; ``note`` comes back with the answer."""

    method: str
    path: str
    body: bytes = b""
    key: str = ""
    note: Any = None


@dataclass(frozen=True, slots=True)
class Client:
    """Who asks: the cookies of somebody signed in, and the token against forgery."""

    cookie: str
    token: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What to send. The requests of a group go at one moment, each over another line; a team of lines takes the next
    group when all of it is free. ``rate`` groups are due a second, whether or not somebody is free (an open loop; waiting
    counts as time of the answer); without it the next goes when the last is answered. With ``again`` a request that gets
    no answer, or a 5xx, is sent again with its key.
    """

    port: int
    clients: Sequence[Client]
    groups: Sequence[Sequence[Request]]
    team: int = 1
    seconds: float | None = None
    rate: float | None = None
    again: bool = False
    bodies: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: ``status`` 0 if nothing did. Moments are of the monotonic clock; ``tries`` counts sendings."""

    group: int
    note: Any
    status: int
    code: str
    started: float
    ended: float
    tries: int
    alternatives: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of a plan: all answers, seconds of wall time, CPU seconds of the generator."""

    answers: list[Answer]
    seconds: float
    cpu: float


def post(path: str, note: Any = None, **body: Any) -> Request:
    """A write with a key of its own."""
    told = {name: str(value) if isinstance(value, UUID) else value for name, value in body.items()}
    return Request("POST", path, json.dumps(told).encode(), uuid4().hex, note)


def booking(slot: UUID, resident: UUID, **more: Any) -> Request:
    """One booking of a place."""
    return post("/api/capacity/bookings", (slot, resident), slot=slot, resident=resident, **more)


class Generator:
    """A process that carries out plans. Made before this process has threads or connections."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("fork")
        self._line, theirs = context.Pipe()
        self._enough = context.Event()
        own = (theirs, self._enough, os.getpid())
        self._process = context.Process(target=_serve, args=own, daemon=True)
        self._process.start()

    def start(self, plan: Plan) -> None:
        """Begin; ``result`` waits for the end."""
        self._enough.clear()
        self._line.send(plan)

    def enough(self) -> None:
        """What was begun is answered, nothing more is sent."""
        self._enough.set()

    def result(self) -> Sent:
        """What came of the plan that was started."""
        found: Sent = self._line.recv()
        return found

    def run(self, plan: Plan) -> Sent:
        """Carry out a plan."""
        self.start(plan)
        return self.result()

    def end(self) -> None:
        """The process goes."""
        self._process.terminate()
        self._process.join()


def _serve(line: Any, enough: Any, parent: int) -> None:
    die_with_parent(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.freeze()
    while True:
        line.send(_Run(line.recv(), enough).all())


@dataclass(slots=True, eq=False)
class _Line:
    """One client's connection, and what it is busy with."""

    head: bytes
    socket: socket.socket | None = None
    request: Request | None = None
    group: int = 0
    started: float = 0.0
    sent: float = 0.0
    due: float | None = None
    tries: int = 0
    answer: bytearray = field(default_factory=bytearray)


class _Run:
    """One plan being carried out."""

    def __init__(self, plan: Plan, enough: Any) -> None:
        self.plan, self.enough = plan, enough
        self.poll = select.epoll()
        self.lines = [_Line(_head(client)) for client in plan.clients]
        self.teams = [self.lines[at : at + plan.team] for at in range(0, len(self.lines), plan.team)]
        self.by_number: dict[int, _Line] = {}
        self.answers: list[Answer] = []
        self.next = 0

    def all(self) -> Sent:
        for line in self.lines:
            self._connect(line)
        gc.disable()
        cpu, began = _cpu(), time.monotonic()
        ends = None if self.plan.seconds is None else began + self.plan.seconds
        while True:
            now = time.monotonic()
            self._hand_out(now, began, ends)
            if not any(line.request for line in self.lines):
                if self._over(now, ends):
                    break
                time.sleep(max(0.0, min(0.01, began + self.next / (self.plan.rate or 1e9) - now)))
                continue
            for number, _ in self.poll.poll(0.002 if self.plan.rate or self.plan.again else 0.5):
                self._read(self.by_number[number])
            self._look_after(time.monotonic())
        spent, taken = _cpu() - cpu, time.monotonic() - began
        gc.enable()
        for line in self.lines:
            self._drop(line)
        self.poll.close()
        return Sent(self.answers, taken, spent)

    def _over(self, now: float, ends: float | None) -> bool:
        if self.next >= len(self.plan.groups) or self.enough.is_set():
            return True
        return ends is not None and now >= ends

    def _hand_out(self, now: float, began: float, ends: float | None) -> None:
        for team in self.teams:
            if self._over(now, ends) or any(line.request for line in team):
                continue
            due = now if self.plan.rate is None else began + self.next / self.plan.rate
            if due > now:
                return
            for line, request in zip(team, self.plan.groups[self.next], strict=False):
                line.request, line.group, line.started, line.tries = request, self.next, due, 0
            for line in team:
                if line.request is not None:
                    self._send(line)
            self.next += 1

    def _send(self, line: _Line) -> None:
        request = line.request
        assert request is not None
        line.tries += 1
        line.due, line.sent = None, time.monotonic()
        line.answer.clear()
        to = line.socket or self._connect(line)
        if to is None:
            self._failed(line, 0, "")
            return
        key = f"Idempotency-Key: {request.key}\r\nContent-Type: application/json\r\n" if request.key else ""
        start = f"{request.method} {request.path} HTTP/1.1\r\n{key}Content-Length: {len(request.body)}\r\n"
        try:
            to.sendall(start.encode() + line.head + request.body)
        except OSError:
            self._drop(line)
            self._failed(line, 0, "")

    def _read(self, line: _Line) -> None:
        try:
            came = line.socket.recv(262_144) if line.socket else b""
        except OSError:
            came = b""
        if not came:
            self._drop(line)
            if line.request is not None:
                self._failed(line, 0, "")
            return
        line.answer += came
        end = line.answer.find(b"\r\n\r\n")
        if end < 0 or line.request is None:
            return
        length = _LENGTH.search(line.answer, 0, end + 2)
        if len(line.answer) < end + 4 + (int(length[1]) if length else 0):
            return
        status, body = int(line.answer[9:12]), bytes(line.answer[end + 4 :])
        code = "" if status < 400 or not (found := _CODE.search(body)) else found[1].decode()
        if status >= ERROR or code == _IN_FLIGHT:
            self._failed(line, status, code, body)
        else:
            self._done(line, status, code, body)

    def _failed(self, line: _Line, status: int, code: str, body: bytes = b"") -> None:
        if self.plan.again:
            line.due = time.monotonic() + _PAUSE
        else:
            self._done(line, status, code, body)

    def _done(self, line: _Line, status: int, code: str, body: bytes) -> None:
        assert line.request is not None
        kept = body if self.plan.bodies or status >= ERROR else b""
        near = 0 if status < 400 else body.count(b'"slot_id"')
        self.answers.append(
            Answer(
                line.group,
                line.request.note,
                status,
                code,
                line.started,
                time.monotonic(),
                line.tries,
                near,
                kept,
            )
        )
        line.request = None

    def _look_after(self, now: float) -> None:
        """Requests that wait to be sent again, and those whose answer does not come."""
        for line in self.lines:
            if line.request is None:
                continue
            if line.due is not None and now >= line.due:
                self._send(line)
            elif line.due is None and now - line.sent > _PATIENCE:
                self._drop(line)
                self._failed(line, 0, "")

    def _connect(self, line: _Line) -> socket.socket | None:
        try:
            made = socket.create_connection(("127.0.0.1", self.plan.port), timeout=5)
        except OSError:
            return None
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        line.socket = made
        self.by_number[made.fileno()] = line
        self.poll.register(made.fileno(), select.EPOLLIN)
        return made

    def _drop(self, line: _Line) -> None:
        if line.socket is not None:
            with suppress(OSError, ValueError):
                self.poll.unregister(line.socket.fileno())
            line.socket.close()
        line.socket = None


def _head(client: Client) -> bytes:
    return f"Host: 127.0.0.1\r\nCookie: {client.cookie}\r\nX-CSRFToken: {client.token}\r\n\r\n".encode()


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
