"""What a registration must hold, and the entry that comes of it."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from tiercare.engines import naming
from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text

from .numbers import Number, contradiction, read_number
from .vocabulary import IDENTITY_NAMES, IdentityKind, Sex

_OLDEST_AGE = 130  # years; beyond the oldest person on record anywhere
_LONGEST_ADDRESS = 100
_KEY_BYTES = 10


@dataclass(frozen=True, slots=True)
class Registration:
    """What a desk or a file says about a resident, as typed. ``number`` is empty where there is no document."""

    name: str
    sex: Sex
    birth_date: date | None
    division_code: str
    identity_kind: IdentityKind
    number: str = ""
    phone: str = ""
    address: str = ""
    nation: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A registration that passed: every value in its one spelling, ready to be written.

    ``tokens`` are the spellings under which lists find the name, ``keys`` the blocking keys of the duplicate check.
    """

    name: str
    sex: Sex
    birth_date: date | None
    division_code: str
    address: str
    nation: str
    identity: Number | None
    identity_kind: IdentityKind
    phone: Number | None
    tokens: tuple[str, ...]
    keys: tuple[str, ...]

    @property
    def temporary(self) -> bool:
        """Without any document the entry waits to be claimed."""
        return self.identity is None

    @property
    def numbers(self) -> tuple[Number, ...]:
        """The document's number and the telephone, as far as there are any."""
        return tuple(number for number in (self.identity, self.phone) if number is not None)


def read_registration(given: Registration, *, today: date) -> Entry | tuple[Refusal, ...]:
    """The entry that ``given`` makes, or all that is wrong with it at once.

    An identity number brings its birth date and sex along where these were left open.
    """
    found: list[Refusal] = [*_name_refusals(given.name), *_address_refusals(given)]
    identity: Number | None = None
    phone: Number | None = None
    if given.identity_kind is not IdentityKind.NONE:
        identity = _kept(read_number(given.identity_kind, given.number, today=today), found)
    elif given.number.strip():
        found.append(NUMBER_WITHOUT_KIND)
    if given.phone.strip():
        phone = _kept(read_number(IdentityKind.PHONE, given.phone, today=today), found, at="phone")
    birth_date, sex = given.birth_date, given.sex
    if identity is not None:
        differs = contradiction(identity, birth_date=birth_date, sex=sex)
        if differs is not None:
            found.append(differs)
        birth_date = birth_date or identity.birth_date
        sex = identity.sex if sex is Sex.UNKNOWN and identity.sex else sex
    found += _birth_refusals(birth_date, given.identity_kind, today)
    if found:
        return tuple(found)
    name = tidy(given.name)
    return Entry(
        name=name,
        sex=sex,
        birth_date=birth_date,
        division_code=given.division_code,
        address=tidy(given.address),
        nation=given.nation,
        identity=identity,
        identity_kind=given.identity_kind,
        phone=phone,
        tokens=tuple(sorted(naming.tokens(name))),
        keys=tuple(sorted(blocking_keys(name, birth_date))),
    )


def tidy(text: str) -> str:
    """A line as it is kept: canonical composition, one blank where there were several, none around it."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def blocking_keys(name: str, birth_date: date | None) -> Iterator[str]:
    """Under which keys a likely double of this person is looked for: same sound and birth date, same name and year.

    Hashed, so that the table of tokens holds no birth dates.
    """
    if birth_date is None:
        yield _key("name", naming.fold(name))
        return
    for reading in naming.readings(name):
        yield _key("sound-day", reading, birth_date.isoformat())
    yield _key("name-year", naming.fold(name), str(birth_date.year))


def _key(*parts: str) -> str:
    return "=" + hashlib.blake2b("\0".join(parts).encode(), digest_size=_KEY_BYTES).hexdigest()


def _kept(read: Number | Refusal, found: list[Refusal], at: str = "number") -> Number | None:
    if isinstance(read, Refusal):
        found.append(replace(read, at=at))
        return None
    return read


def _name_refusals(name: str) -> Iterator[Refusal]:
    problem = naming.problem(name)
    if problem is not None:
        yield replace(_BAD_NAME, fields={"why": _WHY[problem], "most": naming.MAX_CHARACTERS})


def _address_refusals(given: Registration) -> Iterator[Refusal]:
    if not (
        given.division_code.isascii()
        and given.division_code.isdigit()
        and len(given.division_code) in (6, 9, 12)
    ):
        yield NO_DIVISION
    address = tidy(given.address)
    if len(address) > _LONGEST_ADDRESS or not all(each.isprintable() for each in address):
        yield replace(_BAD_ADDRESS, fields={"most": _LONGEST_ADDRESS})


def _birth_refusals(birth_date: date | None, kind: IdentityKind, today: date) -> Iterator[Refusal]:
    if birth_date is None:
        if kind is not IdentityKind.NONE:
            yield BIRTH_DATE_MISSING
    elif not date(today.year - _OLDEST_AGE, 1, 1) <= birth_date <= today:
        yield BIRTH_DATE_IMPOSSIBLE


_WHY = {
    "empty": Text("没有填写", "it is missing"),
    "too_long": Text("太长了", "it is too long"),
    "control": Text("含有看不见的控制字符", "it holds invisible control characters"),
    "emoji": Text("含有表情符号", "it holds emoji"),
    "not_a_name": Text("含有姓名里不会有的字符", "it holds characters that names do not have"),
}
_BAD_NAME = Refusal(
    code="residents.name",
    message=Text("姓名不能使用：{why}。", "The name cannot be used: {why}."),
    instead=Text(
        "请按证件填写 1 至 {most} 个字；少数民族姓名可用间隔号“·”。",
        "Write 1 to {most} characters as on the document; names of minorities may hold the dot “·”.",
    ),
    at="name",
    status=422,
)
_BAD_ADDRESS = Refusal(
    code="residents.address",
    message=Text(
        "详细地址太长，或含有看不见的字符。", "The address is too long or holds invisible characters."
    ),
    instead=Text(
        "请在 {most} 字以内写到门牌号。", "Write up to the house number in at most {most} characters."
    ),
    fields={"most": _LONGEST_ADDRESS},
    at="address",
    status=422,
)
NO_DIVISION = Refusal(
    code="residents.division",
    message=Text("没有选择所在地区。", "No area was chosen."),
    instead=Text(
        "请至少选到县（市、区），最好选到村（居）委会。", "Choose at least the county, better the village."
    ),
    at="division_code",
    status=422,
)
NUMBER_WITHOUT_KIND = Refusal(
    code="residents.number_without_kind",
    message=Text("填写了证件号码，却选了“暂无证件”。", "A number was typed, but “no document” was chosen."),
    instead=Text("请选择证件类型，或清空号码。", "Choose the kind of document, or clear the number."),
    at="identity_kind",
    status=422,
)
BIRTH_DATE_MISSING = Refusal(
    code="residents.birth_date_missing",
    message=Text("没有填写出生日期。", "The birth date is missing."),
    instead=Text("请按证件填写出生日期。", "Write the birth date as on the document."),
    at="birth_date",
    status=422,
)
BIRTH_DATE_IMPOSSIBLE = Refusal(
    code="residents.birth_date",
    message=Text(
        "出生日期在将来，或早得不可能。", "The birth date lies in the future, or impossibly far back."
    ),
    instead=Text("请核对年份。", "Check the year."),
    at="birth_date",
    status=422,
)
ALREADY_REGISTERED = Refusal(
    code="residents.already_registered",
    message=Text("这个{kind}号码已经有人登记。", "This number ({kind}) is already registered."),
    instead=Text(
        "请核对下面这位是不是本人：是，就直接用这份档案；不是，说明有一方号码录错，请核对证件后交主索引管理员处理。",
        "See whether the person below is the same: if so, use that entry; if not, one of the two numbers is wrong: check "
        "the document and hand it to the keeper of the index.",
    ),
    fields={"kind": IDENTITY_NAMES[IdentityKind.ID_CARD]},
    at="number",
)
LIKELY_DOUBLE = Refusal(
    code="residents.likely_double",
    message=Text(
        "可能已经建过档：有 {count} 份档案很像这位居民。",
        "There may be an entry already: {count} look like this resident.",
    ),
    instead=Text(
        "请与居民核对下面的档案；确认都不是本人，再点“都不是，继续建档”，系统会记下来供复核。",
        "Compare the entries below with the resident; if none is theirs, continue, and the pair is kept for review.",
    ),
    fields={"count": 1},
)
