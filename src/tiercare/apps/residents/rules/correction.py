"""Correcting an entry: what is to change, what that makes of it, and what may not be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from enum import Enum
from typing import Any

from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text

from .registration import Registration, tidy
from .vocabulary import IdentityKind, Sex


class Keep(Enum):
    """A field that stays as it is."""

    AS_IT_IS = "keep"


KEEP = Keep.AS_IT_IS


@dataclass(frozen=True, slots=True)
class Correction:
    """The fields to change, as typed. An empty ``phone`` takes the telephone away; a document is kind and number."""

    name: str | Keep = KEEP
    sex: Sex | Keep = KEEP
    birth_date: date | Keep | None = KEEP
    division_code: str | Keep = KEEP
    address: str | Keep = KEEP
    phone: str | Keep = KEEP
    document: tuple[IdentityKind, str] | Keep = KEEP
    deceased_on: date | Keep | None = KEEP

    @property
    def given(self) -> Mapping[str, Any]:
        """The fields that were sent, by name."""
        sent = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: value for name, value in sent.items() if value is not KEEP}


@dataclass(frozen=True, slots=True)
class Held:
    """An entry as it stands, in the clear as far as a correction compares it."""

    name: str
    sex: Sex
    birth_date: date | None
    division_code: str
    address: str
    phone: str
    identity_kind: IdentityKind
    number: str
    deceased_on: date | None


FIELD_WORDS: Mapping[str, Text] = {
    "name": Text("姓名", "name"),
    "sex": Text("性别", "sex"),
    "birth_date": Text("出生日期", "birth date"),
    "division_code": Text("所在地区", "area"),
    "address": Text("详细地址", "address"),
    "phone": Text("手机号", "telephone"),
    "document": Text("证件", "document"),
    "deceased_on": Text("死亡日期", "day of death"),
}


def as_registration(held: Held, change: Correction) -> Registration:
    """The entry as it would be registered with the change, for the same checks.

    The document is checked only where it, the birth date or the sex changes: an address must not be refused
    because an old number was taken over with a wrong digit.
    """
    given = change.given
    kind, number = given.get("document", (held.identity_kind, held.number))
    if not given.keys() & {"document", "birth_date", "sex"}:
        kind, number = IdentityKind.NONE, ""
    return Registration(
        name=given.get("name", held.name),
        sex=given.get("sex", held.sex),
        birth_date=given.get("birth_date", held.birth_date),
        division_code=given.get("division_code", held.division_code),
        identity_kind=kind,
        number=number,
        phone=given.get("phone", ""),
        address=given.get("address", held.address),
    )


def death_refusal(deceased_on: date | None, birth_date: date | None, today: date) -> Refusal | None:
    """Whether somebody can have died on that day."""
    if deceased_on is None:
        return None
    if deceased_on > today or (birth_date is not None and deceased_on < birth_date):
        return DEATH_IMPOSSIBLE
    return None


def plainly_different(held: Held, change: Correction) -> tuple[str, ...]:
    """The fields of ``change`` that differ from the entry, but for document and telephone, which are compared folded."""
    return tuple(
        name
        for name, value in change.given.items()
        if name not in ("document", "phone")
        and (tidy(value) if isinstance(value, str) and name != "sex" else value) != getattr(held, name)
    )


DEATH_IMPOSSIBLE = Refusal(
    code="residents.day_of_death",
    message=Text(
        "死亡日期在将来，或早于出生日期。", "The day of death lies in the future, or before the birth date."
    ),
    instead=Text("请按死亡医学证明核对。", "Check it against the certificate."),
    at="deceased_on",
    status=422,
)
NOT_YOURS_TO_CORRECT = Refusal(
    code="residents.not_yours_to_correct",
    message=Text(
        "居民的基本信息由保管档案的机构，或居民正在就诊的机构更正。",
        "An entry is corrected by the institution that keeps the file, or the one that the resident is visiting.",
    ),
    instead=Text(
        "居民在场时请先扫电子健康卡登记到院，再更正；否则请告诉保管档案的机构。",
        "With the resident present, scan the card to register the visit first; otherwise tell the keeper of the file.",
    ),
    status=403,
)
CHANGED_MEANWHILE = Refusal(
    code="residents.changed_meanwhile",
    message=Text(
        "您填写的时候，这份档案已被更新：{changes}。", "Meanwhile the entry was changed: {changes}."
    ),
    instead=Text(
        "您填的内容都还在。请对照现在的内容核对一遍，再保存。",
        "What you typed is still there. Compare it with what stands now, then save again.",
    ),
    fields={"changes": Text("内容有变", "it is different now")},
    at="version",
    status=412,
)
NUMBER_OF_ANOTHER = Refusal(
    code="residents.number_of_another",
    message=Text("这个{kind}号码登记在另一份档案上。", "This number ({kind}) stands in another entry."),
    instead=Text(
        "请核对证件。如果两份档案是同一个人，点“报告为重复”，由主索引管理员合并；如果不是同一个人，说明有一方录错。",
        "Check the document. If both are the same person, report them as a double for the keeper of the index to merge; "
        "if not, one of the two numbers is wrong.",
    ),
    fields={"kind": Text("证件", "document")},
    at="number",
)
