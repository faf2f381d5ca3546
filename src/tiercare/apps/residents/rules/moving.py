"""The file of a resident who moves to another region, and the receipt that proves it is the one handed over.

The file is one JSON object in canonical form (sorted keys, no blanks, UTF-8); its fields are those of ``SCHEMA`` (see
docs/how-to/consent-and-emergency-access.md). The receipt is a JSON object of its own; its signature is Ed25519 over
the receipt without the signature, in canonical form.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text

from .card_tokens import raw_public

SCHEMA = "tiercare.resident-move.v1"
LONGEST_DESTINATION = 80


@dataclass(frozen=True, slots=True)
class Verified:
    """What a receipt that fits its file says: who signed (public key, hex), when, and for where."""

    key: str
    at: str
    destination: str


def canonical(content: Mapping[str, Any]) -> bytes:
    """The one spelling of a JSON object, so that both ends hash the same bytes."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def signed_receipt(
    key: Ed25519PrivateKey, file: bytes, *, move_id: str, at: str, destination: str, request: str = ""
) -> str:
    """The receipt over ``file``: its SHA-256, where it goes, when, on which signed ``request``, and who signed."""
    told = {
        "schema": SCHEMA,
        "move": move_id,
        "at": at,
        "destination": destination,
        "request": request,
        "sha256": hashlib.sha256(file).hexdigest(),
        "key": raw_public(key).hex(),
    }
    return canonical({**told, "signature": key.sign(canonical(told)).hex()}).decode()


def verify_receipt(file: bytes, receipt: str, *, key: bytes | None = None) -> Verified | Refusal:
    """What the receipt says if it is genuine and was given for exactly this file; otherwise why it is not believed.

    ``key`` is the public key (32 raw bytes) of the installation that is said to have signed; without it a receipt
    proves only that file and receipt belong together.
    """
    try:
        told = json.loads(receipt)
        signature = bytes.fromhex(told.pop("signature"))
        claimed = bytes.fromhex(told["key"])
        signer = Ed25519PublicKey.from_public_bytes(key or claimed)
        said = Verified(key=told["key"], at=told["at"], destination=told["destination"])
        schema, digest = told["schema"], told["sha256"]
    except (AttributeError, KeyError, TypeError, ValueError):
        return NO_RECEIPT
    if schema != SCHEMA:
        return NO_RECEIPT
    if key is not None and key != claimed:
        return OTHER_SIGNER
    try:
        signer.verify(signature, canonical(told))
    except InvalidSignature:
        return NOT_GENUINE
    return said if digest == hashlib.sha256(file).hexdigest() else OTHER_FILE


def destination_refusal(destination: str) -> Refusal | None:
    """Whether the place is one that can be written into the receipt."""
    usable = 2 <= len(destination) <= LONGEST_DESTINATION and destination.isprintable()
    return None if usable else NO_DESTINATION


NO_DESTINATION = Refusal(
    code="residents.move_destination",
    message=Text("没有写明迁往哪里，或太长。", "Where the file goes is missing, or too long."),
    instead=Text("请写到市、县，例如“江苏省南京市江宁区”。", "Write city and county."),
    at="destination",
    status=422,
)
NO_EVIDENCE = Refusal(
    code="residents.move_evidence",
    message=Text(
        "没有填写居民签字的迁移申请编号。", "The number of the request that the resident signed is missing."
    ),
    instead=Text(
        "窗口办理迁移须有居民（监护人）签字的申请；居民也可以在手机上自己办理。",
        "A desk moves a file on a signed request only; or the resident does it on their own telephone.",
    ),
    at="evidence",
    status=422,
)
NOT_KEPT_HERE = Refusal(
    code="residents.move_not_kept_here",
    message=Text("这份档案不由您的机构保管，不能在这里迁出。", "Another institution keeps this file."),
    instead=Text(
        "请居民到建档的卫生院办理，或在手机上自己办理。",
        "The resident asks where the file is kept, or does it on their own telephone.",
    ),
    status=403,
)
ALREADY_MOVED = Refusal(
    code="residents.already_moved",
    message=Text(
        "这份档案已经迁出，文件只发放一次。", "The file was handed over already; it is given out once."
    ),
    instead=Text(
        "文件遗失的，请到建档的卫生院由工作人员核实后处理。", "If it was lost, ask where the file was kept."
    ),
)
NO_RECEIPT = Refusal(
    code="residents.no_receipt",
    message=Text("这不是档案迁移的回执。", "This is no receipt of a moved record."),
    instead=Text("请使用与文件一起下载的回执。", "Use the receipt that came with the file."),
    status=422,
)
OTHER_SIGNER = Refusal(
    code="residents.receipt_other_signer",
    message=Text("回执不是这个平台签发的。", "The receipt was signed by another platform."),
    instead=Text("请向迁出地核对公钥。", "Check the public key with the region it came from."),
    status=422,
)
NOT_GENUINE = Refusal(
    code="residents.receipt_not_genuine",
    message=Text(
        "回执的签名不对，内容可能被改动。", "The signature is wrong: the receipt may have been changed."
    ),
    instead=Text("请让居民重新提供原始回执。", "Ask for the original receipt."),
    status=422,
)
OTHER_FILE = Refusal(
    code="residents.receipt_other_file",
    message=Text(
        "文件与回执不符，内容可能被改动。",
        "File and receipt do not belong together; it may have been changed.",
    ),
    instead=Text("请让居民重新提供原始文件。", "Ask for the original file."),
    status=422,
)
