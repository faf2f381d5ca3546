"""Which insurers are connected: a file of the installation names the address and the key of each area's agency."""

from __future__ import annotations

import http.client
import json
import ssl
import time
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings

from tiercare.apps.access import queries as access

from ..rules.insurer import Answer, Insurer, Message, read_answer, signature

FILE = "insurers.json"
_LARGEST = 64 * 1024  # bytes of an answer; ours are some hundred
_PIECE = 8 * 1024


@dataclass(frozen=True, slots=True)
class HttpInsurer:
    """JSON over HTTPS: one POST a message, signed, under an ``Idempotency-Key``. Redirects are not followed."""

    url: str
    key: str

    def hand_over(self, message: Message, *, within_seconds: float) -> Answer:
        """As ``Insurer.hand_over``."""
        parts = urlsplit(self.url)
        body, moment = message.as_bytes(), access.wall_clock().isoformat()
        headers = {
            "Content-Type": "application/json",
            "Accept": "application/json",
            "Idempotency-Key": message.key,
            "X-Tiercare-Time": moment,
            "X-Tiercare-Signature": f"sha256={signature(self.key, moment, body)}",
        }
        last = time.monotonic() + within_seconds
        connection = _connection(parts.scheme, parts.hostname or "", parts.port, within_seconds)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        try:
            connection.request("POST", path, body, headers)
            response = connection.getresponse()
            return read_answer(response.status, _read(connection, response, last))
        except http.client.HTTPException as error:
            raise OSError(f"no HTTP answer ({type(error).__name__})") from None
        finally:
            connection.close()


def insurer_of(area: str) -> Insurer | None:
    """The interface of the agency that insures in this division: its own, or that of the nearest area above; ``None``
    where none is connected.

    Raises:
        ValueError: if the file cannot be used; it says why.
    """
    known = _connected()
    found = (known[area[:length]] for length in (6, 4, 2) if len(area) >= length and area[:length] in known)
    return next(found, None)


def connected(area: str) -> bool:
    """Whether there is one; a file that cannot be used connects nobody."""
    try:
        return insurer_of(area) is not None
    except ValueError:
        return False


def _connected() -> dict[str, HttpInsurer]:
    path = Path(settings.INSURERS) if settings.INSURERS else settings.HOME / FILE
    try:
        changed = path.stat().st_mtime_ns
    except FileNotFoundError:
        return {}
    return _read_file(path, changed)


@lru_cache(maxsize=4)
def _read_file(path: Path, changed: int) -> dict[str, HttpInsurer]:
    """Read anew whenever the file changed: nobody has to restart anything."""
    del changed
    try:
        said = json.loads(path.read_text("utf-8"))
        found = {str(area): HttpInsurer(str(each["url"]), str(each["key"])) for area, each in said.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(
            f'{path}: write {{"440705": {{"url": "https://…", "key": "…"}}}} ({type(error).__name__})'
        ) from None
    for area, each in found.items():
        parts = urlsplit(each.url)
        # What is told names a patient: over the line it goes sealed, or stays in the house.
        if parts.scheme != "https" and not (parts.scheme == "http" and _loopback(parts.hostname or "")):
            raise ValueError(f"{path}: the address of {area} must begin with https://")
        if not each.key:
            raise ValueError(f"{path}: {area} has no key")
    return found


def _loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _connection(scheme: str, host: str, port: int | None, seconds: float) -> http.client.HTTPConnection:
    if scheme == "http":
        return http.client.HTTPConnection(host, port, timeout=seconds)
    return http.client.HTTPSConnection(host, port, timeout=seconds, context=ssl.create_default_context())


def _read(connection: http.client.HTTPConnection, response: http.client.HTTPResponse, last: float) -> bytes:
    """The body, if it is whole before ``last`` and no larger than an answer can be.

    Raises:
        OSError: otherwise.
    """
    found = bytearray()
    while True:
        left = last - time.monotonic()
        if left <= 0:
            raise TimeoutError("no whole answer in time")
        if connection.sock is not None:
            connection.sock.settimeout(left)
        piece = response.read1(_PIECE)
        if not piece:
            return bytes(found)
        found += piece
        if len(found) > _LARGEST:
            raise OSError("an answer that is too long")
