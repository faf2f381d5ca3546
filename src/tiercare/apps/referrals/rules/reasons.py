"""Why a destination stands where it stands, in words that fit a chip, with the clauses behind them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from tiercare.apps.network.rules import Affiliation, Kind, Owner
from tiercare.engines.guidelines import Direction
from tiercare.engines.payment import Confidence, Estimate
from tiercare.kernel.clock import ZONE
from tiercare.kernel.text import Text

from .preferences import Preferences
from .ranking import Ask, Candidate, Tie, is_own_receiver, minutes, wanted_level


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason; ``code`` is stable and for machines, ``clauses`` are those that make it count."""

    code: str
    text: Text
    fields: Mapping[str, object] = field(default_factory=dict)
    clauses: tuple[str, ...] = ()

    def sentence(self, language: str = "zh") -> str:
        """The words of the chip."""
        return self.text.fill(self.fields, language)


_TIES: Mapping[Tie, Text] = {
    Tie.OWN_LEAD: Text("本医联体牵头医院", "leads your consortium"),
    Tie.OWN_COLLABORATOR: Text("本医联体协作医院", "collaborates with your consortium"),
    Tie.OWN_MEMBER: Text("本医联体成员", "of your consortium"),
    Tie.PARTNER: Text("合作医院（城乡医联体牵头）", "partner hospital, leads your group"),
    Tie.FELLOW: Text("同一医联体内", "of the same group"),
    Tie.ALLIANCE: Text("本专科联盟牵头医院", "leads the alliance of the specialty"),
    Tie.DOCTOR: Text("居民的责任医生在此", "the resident's doctor is here"),
}
_RANKS = {
    "NATIONAL": Text("国家级重点专科", "national key specialty"),
    "PROVINCIAL": Text("省级重点专科", "provincial key specialty"),
    "PREFECTURE": Text("市级重点专科", "prefecture's key specialty"),
}
_TERTIARY = 3  # 三级: what the level of a tertiary hospital is, not a number of policy
_WISHED = Text("居民选择", "the resident's choice")
_BELOW = Text("低于建议的 {level} 级", "below the level advised, {level}")
_CHOICE = Text("不限医联体，可直接选", "may be chosen whatever the consortium")
_OPEN = Text("充分竞争，不按医联体排序", "open to all who are qualified, not sorted by consortium")
_NEAREST = Text("急危重症，按就近排列", "emergency: the nearest first")
_NO_EMERGENCY = Text("未登记急诊医学科", "no registered emergency department")
_AWAY = Text(
    "约 {km} 公里、{minutes} 分钟（按直线 {kmh} 公里/小时估算）",
    "about {km} km, {minutes} min (straight line, {kmh} km/h)",
)
_NOWHERE = Text("位置未登记，距离不明", "its place is not on record: distance unknown")
_FIRST = Text("最早有号 {at:%m-%d %H:%M}", "first place {at:%m-%d %H:%M}")
_NO_PLACE = Text("近期无号", "no place soon")
_COST = Text("预计自付约 {amount} 元（{mark}）", "about {amount} yuan out of pocket ({mark})")
_COST_RANGE = Text(
    "预计自付 {least}–{amount} 元（{mark}）", "{least} to {amount} yuan out of pocket ({mark})"
)
_MARKS: Mapping[Confidence | None, Text] = {
    Confidence.TEXT: Text("估算，仅供参考", "an estimate only"),
    Confidence.ASSUMPTION: Text("估算，仅供参考，待遇标准为平台假设", "an estimate, the rates are assumed"),
}


def reasons(candidate: Candidate, ask: Ask, preferences: Preferences) -> tuple[Reason, ...]:
    """All reasons of a candidate, the weightiest kinds first."""
    return (
        *_by_person(candidate),
        *_by_openness(ask),
        *_by_level(candidate, ask, preferences),
        *_by_ties(candidate, ask, preferences),
        *_by_figures(candidate, ask, preferences),
    )


def _by_person(candidate: Candidate) -> Iterator[Reason]:
    if candidate.wished:
        yield Reason("wish", _WISHED)


def _by_openness(ask: Ask) -> Iterator[Reason]:
    if ask.open_by:
        yield Reason("open_competition", _OPEN, clauses=(ask.open_by,))


def _by_level(candidate: Candidate, ask: Ask, preferences: Preferences) -> Iterator[Reason]:
    wanted = wanted_level(ask, preferences)
    if ask.direction is Direction.UP and wanted is not None and candidate.level < wanted:
        yield Reason("below", _BELOW, {"level": wanted})
    if ask.emergency and not candidate.emergency:
        yield Reason("no_emergency", _NO_EMERGENCY)
    elif ask.emergency and preferences.nearest and candidate.km is not None:
        yield Reason("nearest", _NEAREST, clauses=_named(preferences.nearest_by))


def _by_ties(candidate: Candidate, ask: Ask, preferences: Preferences) -> Iterator[Reason]:
    up = ask.direction is Direction.UP
    first = is_own_receiver(candidate, preferences) if up else ""
    # Where the service stands open to all, a tie is only told: no text makes it count.
    by = (
        {}
        if ask.open_by
        else {
            Tie.OWN_LEAD: first,
            Tie.OWN_COLLABORATOR: first,
            Tie.OWN_MEMBER: "" if up else preferences.continuing_by,
            Tie.PARTNER: preferences.partner_by,
            Tie.ALLIANCE: preferences.alliance_by,
        }
    )
    for tie in Tie:
        if tie in candidate.ties:
            yield Reason(tie.value, _TIES[tie], clauses=_named(by.get(tie, "")))
    # Those whom somebody might think barred: of another consortium, of the province, private.
    apart = not candidate.ties or candidate.affiliation is Affiliation.PROVINCE
    if up and not ask.open_by and (apart or candidate.owner is Owner.PRIVATE):
        yield from _free_choice(candidate, ask, preferences)


def _free_choice(candidate: Candidate, ask: Ask, preferences: Preferences) -> Iterator[Reason]:
    """The texts by which it may be chosen all the same: any hospital of the level (WH-15), the city's other tertiary
    hospitals (WH-16), the leads of the county's other communities (WH-26)."""
    city, county = (preferences.own_lead.get(kind, "") for kind in (Kind.CITY_GROUP, Kind.COUNTY_COMMUNITY))
    clauses = (
        preferences.level_by,
        city if candidate.level == _TERTIARY and candidate.division[:4] == ask.division[:4] else "",
        county if candidate.leads_county and candidate.division == ask.division[:6] else "",
    )
    if any(clauses):
        yield Reason("free_choice", _CHOICE, clauses=tuple(each for each in clauses if each))


def _by_figures(candidate: Candidate, ask: Ask, preferences: Preferences) -> Iterator[Reason]:
    if candidate.key_rank in _RANKS:
        yield Reason("key_specialty", _RANKS[candidate.key_rank])
    if candidate.first_at is not None:
        yield Reason("place", _FIRST, {"at": candidate.first_at.astimezone(ZONE)})
    elif ask.direction is Direction.UP and not ask.emergency:
        yield Reason("no_place", _NO_PLACE)
    if candidate.km is not None:
        away = {"km": round(candidate.km, 1), "minutes": minutes(candidate, preferences)}
        yield Reason("away", _AWAY, {**away, "kmh": preferences.kmh})
    else:
        yield Reason("away_unknown", _NOWHERE)
    estimate = candidate.estimate
    if estimate is not None and estimate.out_of_pocket is not None:
        yield _cost(estimate)


def _cost(estimate: Estimate) -> Reason:
    """What the patient would pay; a range where the deductible counts on and nobody knows how much of it was paid."""
    mark = _MARKS.get(estimate.confidence, _MARKS[Confidence.TEXT])
    shown = {"amount": estimate.out_of_pocket, "least": estimate.at_least, "mark": mark}
    ranges = estimate.at_least is not None and estimate.at_least != estimate.out_of_pocket
    return Reason("cost", _COST_RANGE if ranges else _COST, shown)


def _named(clause: str) -> tuple[str, ...]:
    return (clause,) if clause else ()
