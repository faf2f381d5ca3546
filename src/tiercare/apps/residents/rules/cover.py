"""What insures a resident (医保参保): the schemes, how a spell of cover may stand, and what is said when it may not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from tiercare.kernel.period import Period
from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text


class Scheme(StrEnum):
    """The schemes. The first two are those whose benefits the packs write down (``benefits.yaml``)."""

    EMPLOYEE = "EMPLOYEE"
    RESIDENT = "RESIDENT"
    SELF_PAID = "SELF_PAID"
    OTHER = "OTHER"


class CoverSource(StrEnum):
    """Where a spell of cover was taken from; never from the word of whoever calls alone."""

    DESK = "DESK"
    FILE = "FILE"


SCHEME_NAMES: Mapping[Scheme, Text] = {
    Scheme.EMPLOYEE: Text("职工医保", "employees' insurance"),
    Scheme.RESIDENT: Text("城乡居民医保", "residents' insurance"),
    Scheme.SELF_PAID: Text("自费", "self-paying"),
    Scheme.OTHER: Text("其他（公费、商业保险等）", "other (public funds, private insurance)"),
}
SOURCE_NAMES: Mapping[CoverSource, Text] = {
    CoverSource.DESK: Text("窗口登记", "recorded at a desk"),
    CoverSource.FILE: Text("文件导入", "from a file"),
}
# Basic medical insurance is run by an area's agency; the others belong to no area.
BASIC = frozenset({Scheme.EMPLOYEE, Scheme.RESIDENT})
_PREFECTURE, _COUNTY = 4, 6  # digits of a division code (GB/T 2260): agencies stand at these levels


@dataclass(frozen=True, slots=True)
class Given:
    """A spell of cover as it was told. ``area`` is the division whose agency insures (参保地), empty for none."""

    scheme: str
    area: str
    since: date
    until: date | None = None


def scheme_of(word: str) -> Scheme | Refusal:
    """The scheme by its code or its name in either language."""
    text = word.strip()
    for scheme, name in SCHEME_NAMES.items():
        if text.upper() == scheme.value or text in {name.zh, name.zh.partition("（")[0], name.en}:
            return scheme
    return UNKNOWN_SCHEME


def cover_refusals(
    given: Given,
    scheme: Scheme | Refusal,
    *,
    area_known: bool,
    born_on: date | None,
    deceased_on: date | None,
    standing: Iterable[Period],
) -> list[Refusal]:
    """All that speaks against recording it; ``standing`` are the spells on record."""
    if isinstance(scheme, Refusal):
        return [scheme]
    found = []
    if scheme in BASIC and not (len(given.area) in (_PREFECTURE, _COUNTY) and area_known):
        found.append(NO_AREA)
    if scheme not in BASIC and given.area:
        found.append(AREA_WITHOUT_SCHEME)
    if given.until is not None and given.until <= given.since:
        found.append(ENDS_BEFORE)
    if born_on is not None and given.since < born_on:
        found.append(BEFORE_BIRTH)
    if deceased_on is not None and given.since > deceased_on:
        found.append(replace(DECEASED, fields={"day": deceased_on}))
    if found:
        return found
    new = Period(given.since, given.until)
    clash = next((each for each in standing if each.overlaps(new)), None)
    return [] if clash is None else [replace(OVERLAPS, fields={"since": clash.start})]


UNKNOWN_SCHEME = Refusal(
    code="residents.cover_scheme",
    message=Text("没有这种参保类型。", "There is no such scheme."),
    instead=Text(
        "请从职工医保、城乡居民医保、自费、其他中选择。",
        "Choose employees' insurance, residents' insurance, self-paying or other.",
    ),
    at="scheme",
    status=422,
)
NO_AREA = Refusal(
    code="residents.cover_area",
    message=Text("没有写参保地，或区划代码不在册。", "The insured area is missing or unknown."),
    instead=Text(
        "请填写医保经办机构所在市或县（市、区）的 4 位或 6 位区划代码，如 440705。",
        "Give the 4 or 6 digits of the city or county whose agency insures, such as 440705.",
    ),
    at="area",
    status=422,
)
AREA_WITHOUT_SCHEME = Refusal(
    code="residents.cover_area_without_scheme",
    message=Text("自费和其他参保没有参保地。", "Who is not in the basic insurance has no insured area."),
    instead=Text("请清空参保地，或改选医保类型。", "Leave the area empty, or choose another scheme."),
    at="area",
    status=422,
)
ENDS_BEFORE = Refusal(
    code="residents.cover_ends_before",
    message=Text("截止日期不晚于起始日期。", "It would end before it began."),
    instead=Text(
        "截止日期填不再参保的第一天；仍在参保的不填。", "Give the first day without cover, or none."
    ),
    at="until",
    status=422,
)
BEFORE_BIRTH = Refusal(
    code="residents.cover_before_birth",
    message=Text("起始日期早于出生日期。", "It would begin before the resident was born."),
    instead=Text("请核对起始日期。", "Check the day on which it began."),
    at="since",
    status=422,
)
DECEASED = Refusal(
    code="residents.cover_deceased",
    message=Text("居民已于 {day} 去世。", "The resident died on {day}."),
    instead=Text(
        "只能补登去世以前的参保；去世日期有误的，请先更正档案。",
        "Only cover from before that day can be added; if the day is wrong, correct the entry first.",
    ),
    at="since",
)
OVERLAPS = Refusal(
    code="residents.cover_overlaps",
    message=Text("与 {since} 起的参保登记重叠。", "It overlaps with the cover from {since} on."),
    instead=Text(
        "请先结束原来的参保，再登记新的；同一天只能有一种。",
        "End the former cover first, then record the new one: there is one at a time.",
    ),
    at="since",
)
NO_SUCH_COVER = Refusal(
    code="residents.no_such_cover",
    message=Text("没有这一条在册的参保登记。", "There is no such cover in force."),
    instead=Text("请刷新页面，可能已被同事结束。", "Reload: a colleague may have ended it."),
    status=404,
)
END_NOT_WITHIN = Refusal(
    code="residents.cover_end",
    message=Text("结束日期早于起始日期。", "It would end before it began."),
    instead=Text(
        "请填起始日或以后的日期；当天登记错的，填起始日即为作废。",
        "Give a day from its beginning on; given its first day, the entry counts for nothing.",
    ),
    at="ended_on",
    status=422,
)
NOBODY_WITH_NUMBER = Refusal(
    code="residents.cover_nobody",
    message=Text("没有登记过这个证件号码的居民。", "Nobody is registered with this number."),
    instead=Text("请先登记居民，再导入参保。", "Register the resident first."),
    at="number",
)
NOT_A_DAY = Refusal(
    code="residents.cover_day",
    message=Text("日期写得不对。", "This is no date."),
    instead=Text("请写成 2026-01-01 的样子。", "Write it like 2026-01-01."),
    at="since",
    status=422,
)
