"""Rules of merging: what two entries of one person may not deny each other, and what speaks for one person."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum

from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text

_LEAST_REASON, _LONGEST_REASON = 4, 200
# Beside the levels of ``engines.linkage``: each of the two bears an identity number that passed its checks.
TWO_NUMBERS = "number.other"
# Ours, in bits. The desk's score holds no prior; before looking, two entries of a million are one person with odds
# of one to a million. Taken off, a weight means the same wherever a pair comes from: log2 of the odds.
PRIOR_BITS = 20.0
# Ours: below these odds (99 to 1) two entries with an identity number each are taken for two people.
SURE_BITS = 6.63


class Contradiction(StrEnum):
    """What the entries of one person say differently, or hold twice. Shown; a person decides."""

    SEX = "sex"
    BIRTH_DATE = "birth_date"
    DECEASED = "deceased"
    TWO_HOUSEHOLDS = "households"
    TWO_DOCTORS = "responsible_doctors"
    TWO_CARDS = "cards"
    SAID_DIFFERENT = "said_different"


CONTRADICTION_NAMES: Mapping[Contradiction, Text] = {
    Contradiction.SEX: Text("性别不同", "different sex"),
    Contradiction.BIRTH_DATE: Text("出生日期不同", "different birth date"),
    Contradiction.DECEASED: Text(
        "一份已登记死亡，另一份没有", "one is registered as deceased, the other is not"
    ),
    Contradiction.TWO_HOUSEHOLDS: Text("两份各在一户家庭中", "each lives in a household of its own"),
    Contradiction.TWO_DOCTORS: Text("两份各有一名责任医生", "each has a responsible doctor of its own"),
    Contradiction.TWO_CARDS: Text(
        "两份各有一张在用的电子健康卡，合并后都还能用", "each has a health card in use; both go on working"
    ),
    Contradiction.SAID_DIFFERENT: Text(
        "这两份档案以前被判定为两个人", "the two were found to be two people before"
    ),
}
# Of what hangs on a person there should be one.
_ONLY_ONE = (Contradiction.TWO_HOUSEHOLDS, Contradiction.TWO_DOCTORS, Contradiction.TWO_CARDS)
HANGING_NAMES: Mapping[str, Text] = {
    "numbers": Text("证件与电话", "numbers"),
    "households": Text("家庭", "households"),
    "guardians": Text("监护关系", "guardians"),
    "key_groups": Text("重点人群", "key groups"),
    "responsible_doctors": Text("责任医生", "responsible doctors"),
    "cards": Text("在用的健康卡", "health cards in use"),
    "arrivals": Text("到院登记", "arrivals"),
    "care_relations": Text("有效的诊疗关系", "care relations in force"),
    "consents": Text("有效的居民授权", "consents in force"),
    "objections": Text("异议", "objections"),
}
LEVEL_NAMES: Mapping[str, Text] = {
    "name.same": Text("姓名相同", "same name"),
    "name.swapped": Text("姓名用字相同、次序不同", "same characters in another order"),
    "name.sound": Text("姓名同音", "names sound the same"),
    "name.alike": Text("姓名音近", "names sound alike"),
    "name.one_character": Text("姓名差一个字", "names differ in one character"),
    "name.part": Text("姓名多或少一个字", "one name lacks a character"),
    "name.given": Text("名字相同、姓不同", "same given name, another surname"),
    "name.surname": Text("只有姓相同", "only the surname agrees"),
    "name.other": Text("姓名不同", "different names"),
    "birth.same": Text("同一天出生", "same birth date"),
    "birth.swapped": Text("出生月、日对调", "month and day of birth swapped"),
    "birth.digit": Text("出生日期差一位数字", "birth dates differ in one digit"),
    "birth.near": Text(
        "出生日期相近（公历农历、虚岁）", "birth dates near each other (calendar, nominal age)"
    ),
    "birth.other": Text("出生日期不同", "different birth dates"),
    "sex.same": Text("性别相同", "same sex"),
    "sex.other": Text("性别不同", "different sex"),
    "phone.same": Text("电话相同", "same telephone"),
    "phone.other": Text("电话不同", "different telephones"),
    "address.same": Text("住址相同", "same address"),
    "address.village": Text("同一村（居）", "same village"),
    "address.township": Text("同一乡镇（街道）", "same township"),
    "address.county": Text("同一县（区）", "same county"),
    "address.other": Text("不在同一县（区）", "different counties"),
    "relatives": Text("也可能是一家人", "may as well be relatives"),
    TWO_NUMBERS: Text("各有一个身份证号码", "each has an identity number"),
}


def worth_asking(band: str, reasons: Collection[str], *, both_numbered: bool) -> bool:
    """Whether a desk should be asked about a likeness before it registers somebody.

    A family shares telephone, address and surname; a child is not a double of the parent. So a mere "perhaps" counts
    only where the birth dates do not deny it, and not where each bears an identity number that passed its checks.
    """
    if band != "perhaps":
        return band == "same"
    return not both_numbered and "birth.other" not in reasons


def likelihood(weight: float) -> float:
    """The probability behind a weight in bits (log2 of the odds), between 0 and 1."""
    return 1 / (1 + 2 ** -max(min(weight, 64.0), -64.0))


def common_area(codes: Iterable[str]) -> str:
    """The smallest area of province, prefecture or county in which all lie: whoever keeps its index reviews.

    Empty where they lie in several provinces.
    """
    known = list(codes)
    return next((known[0][:n] for n in (6, 4, 2) if len({code[:n] for code in known}) == 1), "")


def held_twice(one: Mapping[str, int], other: Mapping[str, int]) -> list[Contradiction]:
    """Of what a person has one, what both have; ``one`` and ``other`` count what hangs on each, by kind."""
    return [each for each in _ONLY_ONE if one.get(each.value) and other.get(each.value)]


def reason_refusal(reason: str) -> Refusal | None:
    """Whether the reason says something: it is read by whoever undoes the decision."""
    said = reason.strip()
    return None if _LEAST_REASON <= len(said) <= _LONGEST_REASON and said.isprintable() else NO_REASON


NO_REASON = Refusal(
    code="residents.no_reason",
    message=Text(
        "没有写明理由，或理由太长、含有不能显示的字符。",
        "The reason is missing, too long, or holds characters that cannot be shown.",
    ),
    instead=Text(
        "请用 {least} 至 {most} 个字在一行内写明依据，例如“本人持证到窗口核对”；请勿写证件号码。",
        "Write in {least} to {most} characters on one line what you rely on; no identity numbers, please.",
    ),
    fields={"least": _LEAST_REASON, "most": _LONGEST_REASON},
    at="reason",
    status=422,
)
BOTH_HAVE_NUMBERS = Refusal(
    code="residents.both_have_numbers",
    message=Text(
        "两份档案各有一个有效的居民身份证号码，不能合并：一个人只有一个号码。",
        "Each entry bears a valid identity number of its own; one person has one number, so they cannot be merged.",
    ),
    instead=Text(
        "请先核对证件，把录错的号码在居民页面上更正，再合并；确是两个人，请选“不是同一人”。",
        "Check the documents and correct the wrong number first; if they are two people, say so.",
    ),
)
ONE_ALREADY = Refusal(
    code="residents.one_already",
    message=Text("这两份档案已经是同一人。", "The two entries are one person already."),
    instead=Text("无需再合并；要拆开请在合并记录里撤销。", "Nothing to do; to part them, undo the merge."),
)
CHANGED_MEANWHILE = Refusal(
    code="residents.changed_meanwhile",
    message=Text("这一对刚刚被别人处理过。", "Somebody has just dealt with this pair."),
    instead=Text("请刷新列表再看。", "Reload the list."),
)
NOT_WAITING = Refusal(
    code="residents.pair_not_waiting",
    message=Text(
        "这一对不在待核对之列：没有报过，或者已经处理过。",
        "This pair waits for no decision: it was never reported, or it has been dealt with.",
    ),
    instead=Text("请刷新列表再看。", "Reload the list."),
)
# The same words whether there are such entries or not.
NO_SUCH_PAIR = Refusal(
    code="residents.no_such_pair",
    message=Text(
        "没有这两份档案，或不在您管理的范围内。", "There are no such entries, or they are not in your area."
    ),
    instead=Text("请从待核对列表中重新选择。", "Choose again from the list."),
    status=404,
)
NO_SUCH_MERGE = Refusal(
    code="residents.no_such_merge",
    message=Text(
        "没有这次合并，或已经撤销，或不在您管理的范围内。",
        "There is no such merge in your area, or it was undone.",
    ),
    instead=Text("请刷新合并记录再看。", "Reload the list of merges."),
    status=404,
)
