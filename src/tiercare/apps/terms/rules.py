"""What an entry of the register of divisions must satisfy: facts in, refusal or ``None`` out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from tiercare.kernel.divisions import DivisionLevel, level_of
from tiercare.kernel.geo import LngLat
from tiercare.kernel.period import Period
from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text

_ORDER = tuple(DivisionLevel)
Place = TypeVar("Place")


@dataclass(frozen=True, slots=True)
class Proposal:
    """What somebody wants the register to say of ``code`` from ``valid_from`` on."""

    code: str
    name: str
    kind: str
    parent_code: str | None
    valid_from: date
    valid_to: date | None = None
    point: LngLat | None = None
    population: int | None = None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the register says around a proposal.

    Attributes:
        parent: period of the row of ``parent_code`` that is in force on ``valid_from``, if there is one.
        next_start: first day of the next row of the same code after ``valid_from``, if there is one.
        children_until: last end among the rows below the one that is replaced; ``None`` without any.
        children_open: True if one of those rows has no end.
        inside: whether the point lies in the outline of its area; ``None`` if there is none to compare.
    """

    parent: Period | None
    next_start: date | None = None
    children_until: date | None = None
    children_open: bool = False
    inside: bool | None = None


def refusals(wanted: Proposal, around: Surroundings) -> Sequence[Refusal]:
    """Everything that stands against ``wanted``; a malformed code hides the rest, since nothing fits it."""
    malformed = code_malformed(wanted)
    if malformed:
        return [malformed]
    found = (
        name_missing(wanted),
        period_reversed(wanted),
        parent_missing(wanted, around),
        parent_too_short(wanted, around),
        next_entry_in_the_way(wanted, around),
        children_left_behind(wanted, around),
        point_outside(wanted, around),
        population_negative(wanted),
    )
    return [refusal for refusal in found if refusal]


def code_malformed(wanted: Proposal) -> Refusal | None:
    """A code has 2, 4, 6, 9 or 12 digits (GB/T 2260, and the statistical codes below the county)."""
    try:
        level_of(wanted.code)
    except ValueError:
        return Refusal(
            code="terms.division_code",
            message=Text(
                "“{code}”不是行政区划代码：应为 2、4、6、9 或 12 位数字。",
                "“{code}” is not a division code: it has 2, 4, 6, 9 or 12 digits.",
            ),
            instead=Text(
                "请按国家统计局统计用区划代码填写，去掉末尾补的零。",
                "Enter the statistical code of the division without the zeros that fill it up.",
            ),
            fields={"code": wanted.code},
            at="code",
            status=422,
        )
    return None


def name_missing(wanted: Proposal) -> Refusal | None:
    """A division has a name and a kind."""
    if wanted.name.strip() and wanted.kind.strip():
        return None
    return Refusal(
        code="terms.division_name",
        message=Text("区划 {code} 缺少名称或类别。", "Division {code} lacks its name or its kind."),
        instead=Text(
            "请填写名称和类别，例如“湾沚区”“市辖区”。", "Enter both, for example 湾沚区 and 市辖区."
        ),
        fields={"code": wanted.code},
        at="name",
        status=422,
    )


def period_reversed(wanted: Proposal) -> Refusal | None:
    """An entry ends after it begins."""
    if wanted.valid_to is None or wanted.valid_to > wanted.valid_from:
        return None
    return Refusal(
        code="terms.division_period",
        message=Text(
            "失效日期 {end} 不晚于生效日期 {start}。", "The end {end} is not after the start {start}."
        ),
        instead=Text(
            "请改正其中一个日期，或留空失效日期。", "Correct one of the dates, or leave the end empty."
        ),
        fields={"start": wanted.valid_from, "end": wanted.valid_to},
        at="valid_to",
        status=422,
    )


def parent_missing(wanted: Proposal, around: Surroundings) -> Refusal | None:
    """A province has no parent; any other division has one, exactly one level up, in force on its first day."""
    level = level_of(wanted.code)
    if level is DivisionLevel.PROVINCE:
        fits = wanted.parent_code is None
    else:
        fits = (
            around.parent is not None
            and _level_or_none(wanted.parent_code) is _ORDER[_ORDER.index(level) - 1]
        )
    if fits:
        return None
    return Refusal(
        code="terms.division_parent",
        message=Text(
            "{start} 没有可作 {code} 上级的区划“{parent}”。",
            "On {start} there is no division “{parent}” one level above {code}.",
        ),
        instead=Text(
            "请填写当日有效、恰好高一级的区划代码（省级不填上级）；可先登记上级。",
            "Enter the code of a division one level up that is valid that day (none for a province), "
            "or register that one first.",
        ),
        fields={"start": wanted.valid_from, "code": wanted.code, "parent": wanted.parent_code or "—"},
        at="parent_code",
        status=422,
    )


def _level_or_none(code: str | None) -> DivisionLevel | None:
    try:
        return level_of(code or "")
    except ValueError:
        return None


def parent_too_short(wanted: Proposal, around: Surroundings) -> Refusal | None:
    """An entry does not outlast its parent."""
    if around.parent is None or around.parent.end is None:
        return None
    if wanted.valid_to is not None and wanted.valid_to <= around.parent.end:
        return None
    return Refusal(
        code="terms.division_outlasts_parent",
        message=Text(
            "上级 {parent} 到 {end} 为止，{code} 不能比上级更久。",
            "The parent {parent} ends on {end}; {code} cannot last longer.",
        ),
        instead=Text(
            "请把失效日期填为 {end} 或更早，之后再以新的上级登记一条。",
            "End the entry on {end} or earlier, then register another one under the next parent.",
        ),
        fields={"parent": wanted.parent_code, "end": around.parent.end, "code": wanted.code},
        at="valid_to",
    )


def next_entry_in_the_way(wanted: Proposal, around: Surroundings) -> Refusal | None:
    """Two entries of one code never hold on the same day."""
    if around.next_start is None or (wanted.valid_to is not None and wanted.valid_to <= around.next_start):
        return None
    return Refusal(
        code="terms.division_overlap",
        message=Text(
            "{code} 自 {start} 起另有一条登记，同一天不能有两条。",
            "{code} has another entry from {start} on; two cannot hold on one day.",
        ),
        instead=Text(
            "请把失效日期填为 {start} 或更早，或改在 {start} 生效。",
            "End this entry on {start} or earlier, or let it begin on {start}.",
        ),
        fields={"code": wanted.code, "start": around.next_start},
        at="valid_to",
    )


def children_left_behind(wanted: Proposal, around: Surroundings) -> Refusal | None:
    """A division does not end while divisions below it go on."""
    if wanted.valid_to is None:
        return None
    if not around.children_open and (
        around.children_until is None or around.children_until <= wanted.valid_to
    ):
        return None
    return Refusal(
        code="terms.division_children",
        message=Text(
            "{code} 将于 {end} 失效，但其下级在此之后仍有效。",
            "{code} would end on {end}, but divisions below it go on.",
        ),
        instead=Text(
            "请先把下级改到新的上级，或一并登记其失效日期。",
            "Move the divisions below to another parent first, or end them as well.",
        ),
        fields={"code": wanted.code, "end": wanted.valid_to},
        at="valid_to",
    )


def point_outside(wanted: Proposal, around: Surroundings) -> Refusal | None:
    """A marked place lies on earth, and inside the outline of its area where one is known."""
    if wanted.point is None:
        return None
    lng, lat = wanted.point
    if -180 <= lng <= 180 and -90 <= lat <= 90 and around.inside is not False:
        return None
    return Refusal(
        code="terms.division_point",
        message=Text(
            "位置（经度 {lng}，纬度 {lat}）不在 {code} 的范围内。",
            "The place (longitude {lng}, latitude {lat}) does not lie in {code}.",
        ),
        instead=Text(
            "请核对经度在前、纬度在后，或不填位置。", "Check that longitude comes first, or leave it out."
        ),
        fields={"lng": lng, "lat": lat, "code": wanted.code},
        at="point",
        status=422,
    )


def population_negative(wanted: Proposal) -> Refusal | None:
    """A population is not negative."""
    if wanted.population is None or wanted.population >= 0:
        return None
    return Refusal(
        code="terms.division_population",
        message=Text("人口数不能为负：{population}。", "A population cannot be negative: {population}."),
        instead=Text("请填写人数，未知则留空。", "Enter the number of persons, or leave it empty."),
        fields={"population": wanted.population},
        at="population",
        status=422,
    )


def free_periods(
    own: Sequence[Period], above: Sequence[tuple[Period, Place]], since: date
) -> list[tuple[Period, Place]]:
    """When a division that published data know on ``since`` can be added, and under which of the rows above.

    Args:
        own: the periods that the register holds of its code.
        above: the rows of the division above, as period from ``since`` on, and place.
        since: the day of which the data tell.

    Returns:
        Nothing if the register has a word on the code for that day, be it that it had ended; otherwise the days
        from then until it has one, as far as a division above is there.
    """
    if not own:
        return list(above)
    if any(period.start <= since for period in own):
        return []
    window = Period(since, min((period.start for period in own), default=None))
    return [(shared, place) for period, place in above if (shared := period.intersection(window))]
