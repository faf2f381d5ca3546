"""Numbers, uses and types of the health card, and why a card may not do what is asked of it."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from stdnum.iso7064 import mod_97_10

from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text

from .numbers import fold_number

# Ours. The first digit 8 is what ISO/IEC 7812 sets aside for healthcare, so no bank card begins like ours; the
# twelve digits between are random: a number tells nothing of when or where it was issued, and its neighbour is nobody's.
PREFIX = "80"
_RANDOM_DIGITS = 12
NUMBER_DIGITS = len(PREFIX) + _RANDOM_DIGITS + 2
# Ours: a typed second item may be wrong by a slip now and then; ten thousand endings are not tried out at five an hour.
WRONG_SECONDS_AN_HOUR = 5

# What the packs call a card that is held in the hand, and one that a telephone shows (WH-59).
RESIDENT_CARD = "resident_card"
ELECTRONIC_CARD = "electronic_card"

# Words of the packs for what a card opens. A word that is not here is shown as it stands.
USE_NAMES: Mapping[str, Text] = {
    "first_contact": Text("基层首诊", "first contact"),
    "teleconsultation": Text("远程会诊", "remote consultation"),
    "two_way_referral": Text("双向转诊", "two-way referral"),
    "family_doctor_signing": Text("家庭医生签约", "family-doctor signing"),
    "timed_appointment": Text("预约挂号分时就医", "timed appointment"),
    "internet_visit": Text("互联网诊疗", "internet visit"),
    "blood_donation": Text("献血服务", "blood donation"),
}
TYPE_NAMES: Mapping[str, Text] = {
    RESIDENT_CARD: Text("居民健康卡", "resident health card"),
    ELECTRONIC_CARD: Text("电子健康卡", "electronic health card"),
}
# Those that are for a stretch of the day, so that the queue has an order.
TIMED_USES = frozenset({"timed_appointment"})


@dataclass(frozen=True, slots=True)
class Window:
    """From when to when somebody is expected; ``start`` comes before ``end``."""

    start: datetime
    end: datetime


def new_number() -> str:
    """A random card number of 16 digits with its two check digits (ISO 7064 MOD 97-10)."""
    body = PREFIX + f"{secrets.randbelow(10**_RANDOM_DIGITS):0{_RANDOM_DIGITS}d}"
    return body + mod_97_10.calc_check_digits(body)


def read_card_number(text: str) -> str | None:
    """The card number that ``text`` spells, in groups or not; ``None`` if it is none or mistyped."""
    number = fold_number(text).replace("-", "") if len(text) <= 4 * NUMBER_DIGITS else ""
    if not (number.isascii() and number.isdigit() and len(number) == NUMBER_DIGITS):
        return None
    return number if number.startswith(PREFIX) and mod_97_10.is_valid(number) else None


def grouped(number: str) -> str:
    """A card number as it is printed: 8012 3456 7890 1234."""
    return " ".join(number[at : at + 4] for at in range(0, len(number), 4))


def use_name(use: str) -> Text:
    """What a use is called; an unknown word of a pack is shown as it is."""
    return USE_NAMES.get(use) or Text(use, use)


def use_refusal(use: str, allowed: Mapping[str, Collection[str]]) -> Refusal | None:
    """Whether a card opens ``use`` where the packs allow these (with the clauses that name each)."""
    if use in allowed:
        return None
    clauses = dict.fromkeys(clause for named in allowed.values() for clause in named)
    return Refusal(
        code="cards.use",
        message=Text(
            "本地区的电子健康卡没有开通“{use}”。", "The health card does not serve “{use}” in this region."
        ),
        instead=Text(
            "目前开通的有：{uses}。其他业务请先核对身份，再按平常的办法办理。",
            "It serves: {uses}. For anything else check the identity and go the usual way.",
        ),
        fields={"use": use_name(use[:40]), "uses": _listed(allowed)},
        clauses=tuple(clauses),
        at="use",
        status=422,
    )


def window_refusal(use: str, window: Window | None) -> Refusal | None:
    """A timed use has a window that starts before it ends; any other has none."""
    if (use in TIMED_USES) is (window is not None) and (window is None or window.start < window.end):
        return None
    return WINDOW if use in TIMED_USES else NO_WINDOW


def type_refusal(kind: str, types: Mapping[str, Collection[str]]) -> Refusal | None:
    """Whether this type of card opens anything where the packs name these types; where they name none, every type does."""
    if not types or kind in types:
        return None
    clauses = dict.fromkeys(clause for named in types.values() for clause in named)
    return Refusal(
        code="cards.type",
        message=Text("本地区没有启用{kind}。", "This region does not use this type of card: {kind}."),
        instead=Text(
            "请居民出示{types}；都没有的，按证件号码查找。",
            "Ask for one of these: {types}; without any, find the resident by a document.",
        ),
        fields={"kind": TYPE_NAMES[kind], "types": _named(types, TYPE_NAMES)},
        clauses=tuple(clauses),
        at="text",
        status=422,
    )


def second_item_fits(typed: str, *, numbers: Collection[str], births: Collection[date | None]) -> bool:
    """Whether ``typed`` is the end of one of these document numbers (4 characters) or one of these birth dates."""
    told = fold_number(typed[:20]).replace("-", "").replace("/", "")
    if len(told) == 4:
        return any(number.endswith(told) for number in numbers if len(number) > len(told))
    return told in {f"{born:%Y%m%d}" for born in births if born is not None}


def _listed(uses: Collection[str]) -> Text:
    return _named(uses, USE_NAMES)


def _named(words: Collection[str], names: Mapping[str, Text]) -> Text:
    texts = [names.get(word) or Text(word, word) for word in words]
    return Text("、".join(each.zh for each in texts) or "无", ", ".join(each.en for each in texts) or "none")


NOT_A_CARD = Refusal(
    code="cards.not_a_card",
    message=Text(
        "这既不是电子健康卡的二维码，也不是 16 位卡号。",
        "This is neither the code of a health card nor a card number of 16 digits.",
    ),
    instead=Text(
        "卡号请对照卡面逐位核对；证件号码请到“居民查找”里输入。",
        "Compare the number with the card digit by digit; numbers of documents are typed into the search for residents.",
    ),
    at="text",
    status=422,
)
NO_SUCH_CARD = Refusal(
    code="cards.unknown",
    message=Text("没有这张卡。", "There is no such card."),
    instead=Text(
        "请按证件号码查找这位居民；查到后可以发卡，没有档案的先登记。",
        "Find the resident by the number of a document; then issue a card, or register first.",
    ),
    at="text",
    status=404,
)
CARD_ENDED = Refusal(
    code="cards.ended",
    message=Text(
        "这张卡已经挂失、换发或收回，不能使用。", "This card was reported lost, replaced or withdrawn."
    ),
    instead=Text(
        "请核对证件，确认是本人后补发新卡。",
        "Check a document, and issue a new card if it is the same person.",
    ),
    at="text",
)
REPLAYED = Refusal(
    code="cards.replayed",
    message=Text("这个二维码已经用过一次。", "This code has been used already."),
    instead=Text(
        "请居民重新打开二维码，一个只能扫一次；居民说没有扫过的，请核对证件并提醒挂失。",
        "Ask the resident to open a new one: each is read once. If they say it never was, check a document and report "
        "the card lost.",
    ),
    at="text",
)
ALREADY_ARRIVED = Refusal(
    code="cards.already_arrived",
    message=Text("刚才已经为这次扫卡登记过这项到院。", "This use was registered for this scan already."),
    instead=Text(
        "可以在今日到院里看到；再来一次的，请重新扫卡。",
        "It stands in today's arrivals; for another visit scan the card again.",
    ),
    at="use",
)
SECOND_MISSING = Refusal(
    code="cards.second_missing",
    message=Text("只有卡号，还不能证明本人在场。", "A number alone does not prove that its owner is here."),
    instead=Text(
        "请向居民问证件号码后四位或出生日期，填在下面。",
        "Ask for the last four characters of the document or the date of birth, and type it below.",
    ),
    at="second",
    status=422,
)
SECOND_DIFFERS = Refusal(
    code="cards.second_differs",
    message=Text("证件后四位或出生日期与登记的不符。", "The second item does not match what is registered."),
    instead=Text(
        "请再问一次，或查看证件原件；出生日期写成 19680517 的样子。",
        "Ask again or look at the document itself; write a birth date like 19680517.",
    ),
    at="second",
    status=422,
)
SECOND_TOO_OFTEN = Refusal(
    code="cards.second_too_often",
    message=Text(
        "这张卡的核对已经错了 {most} 次，暂停使用卡号核对。",
        "This card was confirmed wrongly {most} times; confirming by number is closed for now.",
    ),
    instead=Text(
        "请居民出示二维码，或按证件原件查找；一小时后可以再核对。",
        "Ask for the QR code or find the resident by the document itself; try again in an hour.",
    ),
    fields={"most": WRONG_SECONDS_AN_HOUR, "seconds": 3600},
    at="second",
    status=429,
)
PRESENCE_OVER = Refusal(
    code="cards.presence_over",
    message=Text("距离扫卡的时间太久了。", "Too much time has passed since the card was scanned."),
    instead=Text("请再扫一次卡。", "Scan the card again."),
    at="text",
)
DECEASED = Refusal(
    code="cards.deceased",
    message=Text(
        "这份档案已登记死亡，不能办理到院。",
        "This entry is registered as deceased and cannot arrive.",
    ),
    instead=Text(
        "请核对证件；登记有误的，交居民主索引管理员更正。",
        "Check a document; if the entry is wrong, the keeper of the index corrects it.",
    ),
    at="text",
)
ALREADY_HAS_CARD = Refusal(
    code="cards.has_one",
    message=Text("这位居民已经有一张在用的卡。", "This resident already has a card in use."),
    instead=Text(
        "卡还在的不用再发；遗失或损坏的，请选“换发”，旧卡同时作废。",
        "If it is still there, none is needed; if lost or damaged choose “replace”, which ends the old one.",
    ),
)
HAS_NO_CARD = Refusal(
    code="cards.has_none",
    message=Text("这位居民没有在用的卡。", "This resident has no card in use."),
    instead=Text("需要时请发卡。", "Issue one if it is needed."),
    status=404,
)
NOBODY_BEARS_IT = Refusal(
    code="cards.nobody",
    message=Text("没有按这个号码找到一位有卡的居民。", "This number leads to nobody with a card in use."),
    instead=Text(
        "请核对证件号码或卡号；手机号可能全家共用，不能用来挂失。",
        "Check the number of the document or card; a telephone may be a family's and cannot block a card.",
    ),
    at="number",
    status=404,
)
WINDOW = Refusal(
    code="cards.window",
    message=Text(
        "分时就医要有起止时间，且起早于止。",
        "A timed appointment needs a start and an end, the start before the end.",
    ),
    instead=Text("请填写预约的时段。", "Fill in the window of the appointment."),
    at="window",
    status=422,
)
NO_WINDOW = Refusal(
    code="cards.no_window",
    message=Text("这项业务不分时段。", "This use has no window of time."),
    instead=Text("请去掉时段再提交。", "Leave the window out."),
    at="window",
    status=422,
)
NOT_A_MEMBER = Refusal(
    code="cards.not_a_member",
    message=Text(
        "贵机构今天不在可以使用电子健康卡的医联体内：平台按医联体、医共体、专科联盟的建设情况授权开放。",
        "Your institution is today in no consortium on which authorisation rests, so the platform is not open to it.",
    ),
    instead=Text(
        "请与医联体办公室核对成员登记；居民仍可凭证件就诊，按证件号码核对身份。",
        "Check the register of members with the consortium office; the resident may still come with a document.",
    ),
    status=403,
)
