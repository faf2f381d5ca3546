"""The key with which this installation signs the tokens of health cards."""

from __future__ import annotations

import stat
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from django.conf import settings

from tiercare.kernel.files import write_once

from ..rules.card_tokens import issuer_of, raw_public

FILE = "keys/card-signing.pem"


def signing_key() -> Ed25519PrivateKey:
    """The installation's key, made at first use in ``HOME/keys/card-signing.pem``, readable by its owner only.

    A token lives for minutes: to change the key, move the file away; the next token makes a new one.

    Raises:
        PermissionError: if others may read the file.
        ValueError: if it holds no Ed25519 key.
    """
    path = Path(settings.HOME) / FILE
    if not path.exists():
        _make(path)
    status = path.stat()
    if stat.S_IMODE(status.st_mode) & 0o077:
        raise PermissionError(f"others may read {path} and forge cards with it. Type: chmod 600 {path}")
    return _read(path, status.st_mtime_ns)


def public_keys() -> dict[bytes, bytes]:
    """Whose tokens are believed here: issuer (16 bytes) to public key (32 raw bytes).

    Raises:
        PermissionError, ValueError: as ``signing_key``.
    """
    public = raw_public(signing_key())
    return {issuer_of(public): public}


@lru_cache(maxsize=4)
def _read(path: Path, changed: int) -> Ed25519PrivateKey:
    """The key as the file held it at its last change; asked for with every scan, read once."""
    key = load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError(f"{path} holds no Ed25519 key. Put the right key back, or move the file away.")
    return key


def _make(path: Path) -> None:
    """Write a new key in one step, so that of two processes starting at once both use the same."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    write_once(path, key)
