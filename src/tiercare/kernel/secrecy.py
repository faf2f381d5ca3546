"""Keys, sealed values and blind indexes: how numbers and phones lie at rest.

A sealed value is ``key number (2 bytes) | nonce (12) | AES-256-GCM ciphertext and tag``. What it belongs to (the
row and the field) is bound to it as associated data, so a value copied into another row does not open. A
blind index is a keyed hash: equal values have equal indexes, and without the key nobody can try numbers out.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from tempfile import NamedTemporaryFile

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .files import write_once

FILE = "keys/secrecy.json"
_NONCE = 12
_NUMBER = 2
INDEX_BYTES = 16


class CannotOpen(ValueError):
    """A sealed value does not open: another key, another row, or a changed byte. The value is never shown."""


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The keys by number; the highest seals, all open. The index key stays, or every index would have to be redone."""

    sealing: Mapping[int, bytes]
    index: bytes

    @property
    def current(self) -> int:
        """The number of the key that seals."""
        return max(self.sealing)

    def seal(self, value: str, *, of: str) -> bytes:
        """``value`` sealed for the place ``of`` (``"residents.identifier:<id>"``)."""
        return self.seal_bytes(value.encode(), of=of)

    def open(self, sealed: bytes | memoryview, *, of: str) -> str:
        """What was sealed for the place ``of``.

        Raises:
            CannotOpen: if the key is missing, or the value was sealed for another place or changed.
        """
        return self.open_bytes(sealed, of=of).decode()

    def seal_bytes(self, value: bytes, *, of: str) -> bytes:
        """As ``seal``, for what is no text."""
        number = self.current
        nonce = os.urandom(_NONCE)
        closed = _cipher(self.sealing[number]).encrypt(nonce, value, of.encode())
        return number.to_bytes(_NUMBER) + nonce + closed

    def open_bytes(self, sealed: bytes | memoryview, *, of: str) -> bytes:
        """As ``open``, for what is no text.

        Raises:
            CannotOpen: as ``open``.
        """
        raw = bytes(sealed)
        key = self.sealing.get(key_number(raw))
        if key is None or len(raw) <= _NUMBER + _NONCE:
            raise CannotOpen(f"no key for {of}")
        try:
            nonce, closed = raw[_NUMBER : _NUMBER + _NONCE], raw[_NUMBER + _NONCE :]
            return _cipher(key).decrypt(nonce, closed, of.encode())
        except InvalidTag as error:
            raise CannotOpen(f"cannot open {of}") from error

    def blind(self, kind: str, value: str) -> bytes:
        """The keyed hash (16 bytes) under which ``value`` of this kind is found. The caller folds the value first."""
        return hmac.digest(self.index, f"{kind}\0{value}".encode(), hashlib.sha256)[:INDEX_BYTES]


def key_number(sealed: bytes | memoryview) -> int:
    """The number of the key with which a value was sealed."""
    return int.from_bytes(bytes(sealed[:_NUMBER]))


def key_ring(home: Path) -> KeyRing:
    """The installation's keys, made at first use in ``home/keys/secrecy.json``, readable by their owner only.

    Raises:
        PermissionError: if others can read the file.
        ValueError: if the file holds no keys.
    """
    path = home / FILE
    try:
        status = path.stat()  # every time: another process may have added a key
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_once(path, _written(KeyRing({1: secrets.token_bytes(32)}, secrets.token_bytes(32))))
        status = path.stat()
    if status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise PermissionError(f"{path} can be read by others; run: chmod 600 {path}")
    return _read(path, status.st_mtime_ns)


def add_key(home: Path) -> int:
    """Add a new sealing key and answer its number; values sealed before still open with theirs."""
    ring = key_ring(home)
    number = ring.current + 1
    _replace(home / FILE, KeyRing({**ring.sealing, number: secrets.token_bytes(32)}, ring.index))
    return number


def drop_keys(home: Path, *, before: int) -> None:
    """Forget the sealing keys older than ``before``. Whoever calls has made sure that nothing is sealed with them."""
    ring = key_ring(home)
    kept = {number: key for number, key in ring.sealing.items() if number >= before}
    _replace(home / FILE, KeyRing(kept, ring.index))


@lru_cache(maxsize=8)
def _cipher(key: bytes) -> AESGCM:
    return AESGCM(key)


@lru_cache(maxsize=4)
def _read(path: Path, changed: int) -> KeyRing:
    """The file as it was at its last change; asked for with every value, read once."""
    try:
        plain = json.loads(path.read_text())
        sealing = {int(number): bytes.fromhex(key) for number, key in plain["sealing"].items()}
        return KeyRing(sealing, bytes.fromhex(plain["index"]))
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path} holds no keys; bring it back from a copy") from error


def _written(ring: KeyRing) -> bytes:
    sealing = {str(number): key.hex() for number, key in ring.sealing.items()}
    return json.dumps({"sealing": sealing, "index": ring.index.hex()}).encode()


def _replace(path: Path, ring: KeyRing) -> None:
    with NamedTemporaryFile(dir=path.parent, prefix=".secrecy", delete=False) as draft:
        draft.write(_written(ring))
        draft.flush()
        os.fsync(draft.fileno())
    Path(draft.name).replace(path)
