"""Identity numbers: how each kind is folded, checked and masked.

Of the resident identity number (GB 11643) only the check digit and the birth date are hard; an area code that is
retired or unknown warns at most, since cards of people who moved keep the code of their day.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from stdnum.cn import ric

from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text

from .vocabulary import IDENTITY_NAMES, IdentityKind, Sex

# Shapes after folding. Cards of 18 digits share their check digit; the first digits tell the kind.
_SHAPES: Mapping[IdentityKind, re.Pattern[str]] = {
    IdentityKind.ID_CARD: re.compile(r"[1-8]\d{16}[\dX]"),
    IdentityKind.FOREIGN_RESIDENT: re.compile(r"9\d{16}[\dX]|[A-Z]{3}\d{12}"),
    IdentityKind.HK_MACAO_TAIWAN_RESIDENT: re.compile(r"8[123]0000\d{11}[\dX]"),
    IdentityKind.HK_MACAO_PERMIT: re.compile(r"[HMC]\d{8}(\d{2})?"),
    IdentityKind.TAIWAN_PERMIT: re.compile(r"\d{8}|\d{10}[A-Z]?"),
    IdentityKind.PASSPORT: re.compile(r"[A-Z0-9]{5,17}"),
    IdentityKind.BIRTH_CERTIFICATE: re.compile(r"[A-Z]\d{9}"),
    # The number of the mother's document, and which child of this birth.
    IdentityKind.BY_MOTHER: re.compile(r"[A-Z0-9]{5,18}-\d"),
    IdentityKind.PHONE: re.compile(r"1[3-9]\d{9}|0\d{9,11}"),
}
_WITH_CHECK_DIGIT = (
    IdentityKind.ID_CARD,
    IdentityKind.FOREIGN_RESIDENT,
    IdentityKind.HK_MACAO_TAIWAN_RESIDENT,
)
_LONGEST = 40
_OLDEST = date(1900, 1, 1)


@dataclass(frozen=True, slots=True)
class Number:
    """A number that passed its checks. ``birth_date`` and ``sex`` are what it says itself, if it does."""

    kind: IdentityKind
    value: str
    birth_date: date | None = None
    sex: Sex | None = None


def fold_number(text: str) -> str:
    """The one spelling of a typed or scanned number: half width, capitals, without blanks and dashes between."""
    folded = unicodedata.normalize("NFKC", text).upper().replace("—", "-")
    return unicodedata.normalize("NFKC", re.sub(r"[\s·.]", "", folded))


def read_number(kind: IdentityKind, text: str, *, today: date) -> Number | Refusal:
    """The number behind ``text``, or what is wrong with it. Never repeats what was typed: it may be somebody's."""
    value = fold_number(text)
    if kind is not IdentityKind.BY_MOTHER:
        value = value.replace("-", "")
    if kind is IdentityKind.PHONE:
        value = value.removeprefix("+").removeprefix("86") if len(value) > 11 else value
    shape = _SHAPES.get(kind)
    if shape is None or not value.isascii() or len(value) > _LONGEST or not shape.fullmatch(value):
        return (
            WRONG_PHONE
            if kind is IdentityKind.PHONE
            else replace(_WRONG_SHAPE, fields={"kind": IDENTITY_NAMES[kind]})
        )
    if kind not in _WITH_CHECK_DIGIT or len(value) != 18:
        return Number(kind, value)
    return _checked(kind, value, today)


def guess_kind(text: str) -> tuple[IdentityKind, ...]:
    """The kinds a number typed into one box may be, likeliest first."""
    value = fold_number(text).replace("-", "")
    return tuple(
        kind
        for kind, shape in _SHAPES.items()
        if kind is not IdentityKind.BY_MOTHER and shape.fullmatch(value)
    )


def contradiction(number: Number, *, birth_date: date | None, sex: Sex) -> Refusal | None:
    """Whether what was entered denies what the number says. The birth date is hard; so is the sex where stated."""
    if number.birth_date is not None and birth_date is not None and number.birth_date != birth_date:
        return BIRTH_DATE_DIFFERS
    if number.sex is not None and sex in (Sex.MALE, Sex.FEMALE) and number.sex is not sex:
        return SEX_DIFFERS
    return None


def mask_number(kind: IdentityKind, value: str) -> str:
    """What a list may show of a number: an identity number keeps 6 and 4 digits, a phone 3 and 4, others 1 and 2."""
    if kind is IdentityKind.PHONE:
        return value[:3] + "*" * (len(value) - 7) + value[-4:]
    if len(value) >= 15:
        return value[:6] + "*" * (len(value) - 10) + value[-4:]
    return value[:1] + "*" * max(len(value) - 3, 1) + value[-2:]


def _checked(kind: IdentityKind, value: str, today: date) -> Number | Refusal:
    try:
        born = date(int(value[6:10]), int(value[10:12]), int(value[12:14]))
    except ValueError:
        return NO_SUCH_BIRTH_DATE
    if not _OLDEST <= born <= today:
        return NO_SUCH_BIRTH_DATE
    if ric.calc_check_digit(value) != value[-1]:
        return WRONG_CHECK_DIGIT
    return Number(kind, value, born, Sex.MALE if int(value[16]) % 2 else Sex.FEMALE)


_WRONG_SHAPE = Refusal(
    code="residents.number_shape",
    message=Text("这不是{kind}号码的样子。", "This does not look like a number of this kind ({kind})."),
    instead=Text(
        "请对照证件逐位核对，或改选证件类型；确实没有证件的选“暂无证件”，可先建临时档案。",
        "Compare it with the document digit by digit or pick another kind; without any document choose “no document” "
        "and register a temporary entry.",
    ),
    at="number",
    status=422,
)
WRONG_PHONE = Refusal(
    code="residents.number_shape",
    message=Text("这不是电话号码的样子。", "This does not look like a telephone number."),
    instead=Text(
        "手机号为 11 位；座机请带区号。",
        "A mobile number has 11 digits; write a landline with its area code.",
    ),
    at="phone",
    status=422,
)
WRONG_CHECK_DIGIT = Refusal(
    code="residents.number_check_digit",
    message=Text(
        "证件号码的校验位不对，多半是录错了一位。",
        "The check digit is wrong: most likely one digit was mistyped.",
    ),
    instead=Text("请对照证件逐位核对，或刷身份证读取。", "Compare it digit by digit, or read the card."),
    at="number",
    status=422,
)
NO_SUCH_BIRTH_DATE = Refusal(
    code="residents.number_birth_date",
    message=Text("证件号码里的出生日期不存在。", "The birth date inside the number does not exist."),
    instead=Text("请核对第 7 至 14 位。", "Check digits 7 to 14."),
    at="number",
    status=422,
)
BIRTH_DATE_DIFFERS = Refusal(
    code="residents.birth_date_differs",
    message=Text(
        "填写的出生日期与证件号码里的不一致。", "The birth date differs from the one in the number."
    ),
    instead=Text(
        "请以证件为准核对其中一项；证件本身有误的，请先到发证机关更正。",
        "Check one against the document; if the document is wrong, it is for its issuer to correct.",
    ),
    at="birth_date",
    status=422,
)
SEX_DIFFERS = Refusal(
    code="residents.sex_differs",
    message=Text(
        "填写的性别与证件号码第 17 位不一致。", "The sex differs from what digit 17 of the number says."
    ),
    instead=Text(
        "请核对证件号码；证件无误的请按证件选择性别。",
        "Check the number; if it is right, choose the sex as on the document.",
    ),
    at="sex",
    status=422,
)
