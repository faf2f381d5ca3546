"""Signed checkpoints of the chain, kept in a file outside the database, and the key that signs them.

A hash chain alone does not show that its tail was cut off, nor that all of it was computed anew; a signature
over (position, hash) that lies elsewhere does. Copy the file to another machine to be safe from this one.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from tiercare.kernel.files import write_once

FILE = "checkpoints.jsonl"
KEY = "keys/ledger-signing.pem"


@dataclass(frozen=True, slots=True)
class SignedHead:
    """The hash at one position of the chain (32 bytes), when it was signed, and the signature (64 bytes)."""

    position: int
    hash: bytes
    at: str
    signature: bytes

    def message(self) -> bytes:
        """What is signed."""
        return json.dumps({"at": self.at, "hash": self.hash.hex(), "position": self.position}).encode()

    def signed_by(self, key: Ed25519PublicKey) -> bool:
        """True if the signature is ``key``'s."""
        try:
            key.verify(self.signature, self.message())
        except InvalidSignature:
            return False
        return True


def sign(home: Path, *, position: int, digest: bytes, at: datetime) -> SignedHead:
    """Sign the head of the chain.

    Raises:
        PermissionError: as ``signing_key``.
    """
    unsigned = SignedHead(position, digest, at.isoformat(), b"")
    signature = signing_key(home).sign(unsigned.message())
    return SignedHead(position, digest, unsigned.at, signature)


def signing_key(home: Path) -> Ed25519PrivateKey:
    """The installation's Ed25519 key, made at first use, readable by its owner only.

    Raises:
        PermissionError: if others may read the key, or if it is gone while checkpoints signed with it exist.
    """
    path = home / KEY
    if not path.exists():
        if (home / FILE).exists():
            raise PermissionError(
                f"{path} is missing, but {home / FILE} holds checkpoints signed with it. Put the key back from your "
                "backup; or move the checkpoint file away to begin a new series, knowing that the old one ends here."
            )
        _make_key(path)
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise PermissionError(
            f"others may read {path}, so its signatures prove nothing. Type: chmod 600 {path}"
        )
    key = load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise PermissionError(f"{path} holds no Ed25519 key. Put the right key back from your backup.")
    return key


def _make_key(path: Path) -> None:
    """Write a new key in one step, so that of two processes starting at once both use the same."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    write_once(path, key)


def append(home: Path, head: SignedHead) -> None:
    """Add one line to the checkpoint file and wait until the disk has it.

    Raises:
        OSError: if it cannot be written, e.g. because the disk is full.
    """
    line = json.dumps(
        {"position": head.position, "hash": head.hash.hex(), "at": head.at, "signature": head.signature.hex()}
    )
    path = home / FILE
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(handle, "r+b") as file:
        size = file.seek(0, os.SEEK_END)
        tail = file.seek(max(0, size - 1024)) or 0
        half = file.read().rpartition(b"\n")[2]  # not empty if the last writer died within its line
        file.truncate(max(tail, size - len(half)))
        file.write(line.encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def read(home: Path, copy: Path | None = None) -> Iterator[tuple[int, SignedHead | None]]:
    """Each line number of the checkpoint file with its content, or with ``None`` if it is no valid checkpoint.

    ``copy`` is one that was kept elsewhere, read in its stead. The end of the file after its last newline is a
    line that a dying process left half-written: no line at all.

    Raises:
        PermissionError: as ``signing_key``.
        OSError: if the copy cannot be read.
    """
    path = copy or home / FILE
    if copy is None and not path.exists():
        return
    key = signing_key(home).public_key()
    lines = path.read_bytes().split(b"\n")
    for number, line in enumerate(lines[:-1], start=1):
        head = _parse(line)
        yield number, head if head and head.signed_by(key) else None


def _parse(line: bytes) -> SignedHead | None:
    try:
        record = json.loads(line)
        return SignedHead(
            int(record["position"]),
            bytes.fromhex(record["hash"]),
            str(record["at"]),
            bytes.fromhex(record["signature"]),
        )
    except (ValueError, KeyError, TypeError):
        return None
