"""The token of an electronic health card: what its QR code says for a few minutes, and whether to believe it.

The text is ``TC1.<payload>.<signature>``, both parts base64url without padding, the signature Ed25519 over
the bytes of the payload. The payload has 56 bytes: issuer (16, the hash of the public key), card (16),
issued and expires (4 each, seconds since 1970, big-endian), nonce (16, random). Binary rather than JSON: 166 characters make a
QR code that a cheap reader takes from a scratched telephone. Anybody who has the public key can check it without
asking; only that it was not shown before needs the platform.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import secrets
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text

# Ours, no document says: long enough to walk from the queue to the desk, too short to pass a picture around.
LIFETIME = timedelta(minutes=5)
# How far the clock of a device that checks without a line may be behind ours.
SKEW = timedelta(seconds=60)
ISSUER_BYTES = 16
_MARK = "TC1"
_PAYLOAD = struct.Struct(">16s16sII16s")
_SHAPE = re.compile(rf"{_MARK}\.([A-Za-z0-9_-]{{75}})\.([A-Za-z0-9_-]{{86}})")


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says that was found to be genuine and of now."""

    card_id: UUID
    nonce: UUID
    issued_at: datetime
    expires_at: datetime


def issuer_of(public: bytes) -> bytes:
    """The name under which an installation's tokens and its public key (32 raw bytes) find each other."""
    return hashlib.sha256(public).digest()[:ISSUER_BYTES]


def raw_public(key: Ed25519PrivateKey) -> bytes:
    """The public half of ``key``, 32 bytes."""
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def sign(key: Ed25519PrivateKey, *, card_id: UUID, now: datetime) -> str:
    """A new token for this card, good for ``LIFETIME`` from ``now``."""
    issued = int(now.timestamp())
    payload = _PAYLOAD.pack(
        issuer_of(raw_public(key)),
        card_id.bytes,
        issued,
        issued + int(LIFETIME.total_seconds()),
        secrets.token_bytes(16),
    )
    return ".".join((_MARK, _encode(payload), _encode(key.sign(payload))))


def is_token(text: str) -> bool:
    """True if ``text`` is meant as a token, well made or not."""
    return text.strip()[:4].upper() == f"{_MARK}."


def verify(text: str, keys: Mapping[bytes, bytes], now: datetime) -> Claims | Refusal:
    """What the token says, or why it is not believed. ``keys`` maps issuers to public keys (32 raw bytes).

    Nothing of the token is repeated in a refusal, and what a token claims is not looked at before its signature.
    """
    parts = _parts(text)
    if parts is None:
        return MALFORMED
    payload, signature = parts
    issuer, card, issued, expires, nonce = _PAYLOAD.unpack(payload)
    public = keys.get(issuer)
    if public is None:
        return OTHER_REGION
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, payload)
    except InvalidSignature:
        return NOT_GENUINE
    claims = Claims(
        UUID(bytes=card),
        UUID(bytes=nonce),
        datetime.fromtimestamp(issued, UTC),
        datetime.fromtimestamp(expires, UTC),
    )
    if now >= claims.expires_at:
        return EXPIRED
    if now < claims.issued_at - SKEW:
        return NOT_YET
    return claims


def _parts(text: str) -> tuple[bytes, bytes] | None:
    """The bytes of payload and signature. A reader behind a keyboard with Caps Lock on types every letter the other way round."""
    given = text.strip()
    found = _SHAPE.fullmatch(given) or _SHAPE.fullmatch(given.swapcase())
    if found is None:
        return None
    payload, signature = _decode(found[1]), _decode(found[2])
    return None if payload is None or signature is None else (payload, signature)


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(text: str) -> bytes | None:
    """The bytes, if this is the one spelling of them: the last character has bits that decoding ignores."""
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error:
        return None
    return raw if _encode(raw) == text else None


MALFORMED = Refusal(
    code="cards.malformed",
    message=Text("读到的不是完整的电子健康卡二维码。", "What was read is no complete health-card code."),
    instead=Text(
        "请让二维码铺满屏幕、调亮后再扫一次；扫码枪打出乱码时，把输入法切到英文。也可以输入卡面上的 16 位卡号。",
        "Enlarge and brighten the code and scan again; if the reader types garbage, switch the keyboard to English. Or type "
        "the 16 digits of the card.",
    ),
    at="text",
    status=422,
)
OTHER_REGION = Refusal(
    code="cards.other_region",
    message=Text("这个二维码不是本平台发的。", "This code was not issued by this platform."),
    instead=Text(
        "请按证件号码查找这位居民；没有档案的先登记，再在本地发卡。",
        "Find the resident by the number of a document; without an entry register first, then issue a card here.",
    ),
    at="text",
    status=422,
)
NOT_GENUINE = Refusal(
    code="cards.not_genuine",
    message=Text("二维码没有通过验证，不能使用。", "The code did not pass its check and cannot be used."),
    instead=Text(
        "请居民在自己的页面重新打开电子健康卡；仍不通过的，请核对证件。",
        "Ask the resident to open the card anew on their own page; if it fails again, check a document.",
    ),
    at="text",
    status=422,
)
EXPIRED = Refusal(
    code="cards.expired",
    message=Text("这个二维码已经过期。", "This code has expired."),
    instead=Text(
        "二维码每分钟更新，请居民打开自己的页面出示现在的；截图和打印件不能代替。",
        "The code is new every minute: ask the resident to show the present one; a picture of it does not do.",
    ),
    at="text",
    status=422,
)
NOT_YET = Refusal(
    code="cards.not_yet",
    message=Text("这个二维码还没有生效。", "This code is not valid yet."),
    instead=Text(
        "请核对本机的日期和时间，再请居民重新打开二维码。",
        "Check the date and time of this machine, then ask the resident to open the code again.",
    ),
    at="text",
    status=422,
)
