"""An insurer's interface on the loopback: it checks who asks, remembers what it answered, and does what it is told to."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any

KEY = "key-of-the-tests"


class Agency:
    """``script`` names what the next messages meet, in order: accepted, refused, an HTTP status, silence or nonsense; after
    it everything is accepted. ``heard`` are the messages, ``answers`` what stands under each key."""

    def __init__(self) -> None:
        self.script: list[str | int] = []
        self.heard: list[tuple[str, dict[str, Any]]] = []
        self.answers: dict[str, dict[str, str]] = {}
        self.over = Event()
        self.wrong: list[str] = []

    def respond(self, key: str, body: dict[str, Any]) -> tuple[int, bytes] | None:
        """Status and body; ``None`` keeps silent."""
        self.heard.append((key, body))
        if key in self.answers:  # whatever the script says: a message that was taken is answered as before
            return 200, json.dumps(self.answers[key]).encode()
        act = self.script.pop(0) if self.script else "accepted"
        if act == "silence":
            return None
        if act == "nonsense":
            return 200, b"<html>maintenance</html>"
        if isinstance(act, int):
            return act, b"{}"
        if act == "refused":
            said = {"result": "refused", "code": "E102", "message": "参保状态异常"}
        else:
            said = {"result": "accepted", "number": f"YB{len(self.answers) + 1:06d}", "message": "已备案"}
        self.answers[key] = said
        return 200, json.dumps(said, ensure_ascii=False).encode()


class _Desk(BaseHTTPRequestHandler):
    agency: Agency

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        moment = self.headers["X-Tiercare-Time"].encode()
        right = hmac.new(KEY.encode(), moment + b"." + body, hashlib.sha256).hexdigest()
        if self.headers["X-Tiercare-Signature"] != f"sha256={right}":
            self.agency.wrong.append(self.path)
        answer = self.agency.respond(self.headers["Idempotency-Key"], json.loads(body))
        if answer is None:
            self.agency.over.wait(60)
            return
        status, content = answer
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


@contextmanager
def agency_on(home: Path, area: str = "340223") -> Iterator[Agency]:
    """An agency that listens, named in the installation's file."""
    agency = Agency()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Desk", (_Desk,), {"agency": agency}))
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    connect(home, area, f"http://127.0.0.1:{server.server_port}/file")
    try:
        yield agency
    finally:
        agency.over.set()
        server.shutdown()
        thread.join()
        server.server_close()


def connect(home: Path, area: str, url: str, key: str = KEY) -> None:
    """Name an interface in the installation's file, beside those that stand in it."""
    file = home / "insurers.json"
    known = json.loads(file.read_text("utf-8")) if file.exists() else {}
    file.write_text(json.dumps({**known, area: {"url": url, "key": key}}), "utf-8")
