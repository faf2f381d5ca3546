"""What a simulated year comes to: the figures by which policies are compared, and who loses by a change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from tiercare.engines.measures.synth.columns import Array
from tiercare.kernel.text import Text

from . import tallies as count
from .acting import IN, OUT, SELF
from .residents import EMPLOYEE, RESIDENT
from .running import Year
from .state import OFFERED, RESERVED, TAKEN, USED

UP, DOWN = range(2)  # referrals.direction
_WATCHED = 0b11  # hypertension and diabetes, the first two of DISEASES
_WORSE = 0.005  # a group counts as losing from half a per cent on
_CLASSES = (
    Text("儿童", "children"),
    Text("15–44岁", "15 to 44"),
    Text("45–64岁", "45 to 64"),
    Text("65岁以上", "65 and over"),
)


@dataclass(frozen=True, slots=True)
class Measure:
    """An outcome. ``unit``: share (0–1), days, yuan, count; ``direction``: which way is better, ``up``, ``down`` or ``none``."""

    name: Text
    unit: str
    direction: str
    definition: Text


OUTCOMES: Mapping[str, Measure] = {
    "primary_first": Measure(
        Text("基层首诊率", "First contact in primary care"), "share", "up",
        Text("首次求医选择基层的次数 ÷ 首次求医次数（急诊除外）", "Needs taken to primary care first ÷ needs taken anywhere, emergencies left out"),
    ),
    "primary_share": Measure(
        Text("基层诊疗量占比", "Share of visits in primary care"), "share", "up",
        Text("基层诊疗人次 ÷ 区域内诊疗人次（含住院）", "Visits in primary care ÷ visits in the region, stays included"),
    ),
    "in_area": Measure(
        Text("域内就诊率", "Seen inside the region"), "share", "up",
        Text("居民在域内就诊人次 ÷ 居民就诊人次", "Residents' visits inside ÷ all their visits"),
    ),
    "out_of_area_stays": Measure(
        Text("域外住院占比", "Stays outside the region"), "share", "down",
        Text("居民在域外住院人次 ÷ 居民住院人次", "Residents' stays outside ÷ all their stays"),
    ),
    "referral_wait": Measure(
        Text("上转等候天数", "Days that referrals wait"), "days", "down",
        Text(
            "上转从提交到就诊日的平均天数；找不到号的按最长可等天数加一计",
            "Mean days from sending a referral up to its place; one without a place counts as a day more than anybody can wait",
        ),
    ),
    "no_place": Measure(
        Text("上转无号率", "Referrals without a place"), "share", "down",
        Text("期限内找不到号源的上转 ÷ 上转", "Referrals up that found no place in time ÷ referrals up"),
    ),
    "self_wait": Measure(
        Text("自行就诊等候天数", "Days that others wait"), "days", "down",
        Text("自行到医院门诊：从想去到就诊的平均天数", "Coming to a hospital by themselves: mean days until they are seen"),
    ),
    "displaced": Measure(
        Text("自行就诊无号率", "Others without a place"), "share", "down",
        Text("想自行去医院而期限内无号的次数 ÷ 想自行去医院的次数", "Wanted a hospital and found no place in time ÷ wanted a hospital"),
    ),
    "bed_wait": Measure(
        Text("等床天数", "Days until a bed"), "days", "down",
        Text("非急诊住院从开单到入院的平均天数", "Stays that are no emergency: mean days from the decision to admission"),
    ),
    "fund_surplus": Measure(
        Text("基金结余（元/人）", "Fund surplus (yuan a head)"), "yuan", "up",
        Text("（筹资中用于这些服务的部分 − 基金支付）÷ 参保人数", "(Income meant for these services − paid by the fund) ÷ people insured"),
    ),
    "own_payment": Measure(
        Text("个人负担（元/人）", "Paid oneself (yuan a head)"), "yuan", "down",
        Text("居民自付费用 ÷ 居民人数", "What residents pay themselves ÷ residents"),
    ),
    "own_poor": Measure(
        Text("困难居民个人负担（元/人）", "Paid by the poor (yuan a head)"), "yuan", "down",
        Text("登记困难居民的自付费用 ÷ 其人数", "What those registered as poor pay themselves ÷ their number"),
    ),
    "stay_rate": Measure(
        Text("住院率（次/人）", "Stays a head"), "count", "none", Text("住院人次 ÷ 居民人数", "Stays ÷ residents"),
    ),
    "visits_primary": Measure(
        Text("基层诊疗量（次/人）", "Visits in primary care a head"), "count", "none", Text("基层诊疗人次 ÷ 居民人数", "Visits ÷ residents"),
    ),
    "visits_secondary": Measure(
        Text("二级医院诊疗量（次/人）", "Visits at level 2 a head"), "count", "none", Text("二级医院诊疗人次 ÷ 居民人数", "Visits ÷ residents"),
    ),
    "visits_tertiary": Measure(
        Text("三级医院诊疗量（次/人）", "Visits at level 3 a head"), "count", "none", Text("三级医院诊疗人次 ÷ 居民人数", "Visits ÷ residents"),
    ),
    "visits_outside": Measure(
        Text("域外诊疗量（次/人）", "Visits outside a head"), "count", "none", Text("域外诊疗人次 ÷ 居民人数", "Visits ÷ residents"),
    ),
    "bed_use": Measure(
        Text("床位使用率", "Beds in use"), "share", "none", Text("占用床日 ÷ 开放床日", "Bed-days used ÷ bed-days open"),
    ),
    "slot_use": Measure(
        Text("号源使用率", "Slots in use"), "share", "none", Text("约出的号 ÷ 放出的号", "Slots taken ÷ slots offered"),
    ),
    "reserve_used": Measure(
        Text("预留使用率", "Reserved slots used"), "share", "none", Text("上转用掉的预留号 ÷ 预留号", "Reserved slots used by referrals ÷ reserved"),
    ),
    "referrals_up": Measure(
        Text("上转（次/千人）", "Referred up (per 1,000)"), "count", "none", Text("上转次数 ÷ 千居民", "Referrals up ÷ thousand residents"),
    ),
    "referrals_down": Measure(
        Text("下转（次/千人）", "Referred down (per 1,000)"), "count", "up", Text("下转次数 ÷ 千居民", "Referrals down ÷ thousand residents"),
    ),
    "remote": Measure(
        Text("远程会诊留在基层（次/千人）", "Kept by remote consultation (per 1,000)"), "count", "up",
        Text("远程会诊后留在基层的次数 ÷ 千居民", "Kept in primary care after a remote consultation ÷ thousand residents"),
    ),
    "signed": Measure(
        Text("签约率", "Signed with a family doctor"), "share", "up", Text("签约居民 ÷ 居民人数", "Signed ÷ residents"),
    ),
    "controlled": Measure(
        Text("高血压糖尿病控制率", "Hypertension and diabetes controlled"), "share", "up",
        Text("年末控制达标的患者 ÷ 患者", "Patients controlled when the year ends ÷ patients"),
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Loss:
    """A group that is worse off under the second policy; ``outcome`` is a key of OUTCOMES."""

    group: Text
    outcome: str
    before: float
    after: float

    @property
    def share(self) -> float:
        """By how much, of what it was."""
        return (self.after - self.before) / self.before if self.before else 0.0


def outcomes(year: Year) -> dict[str, float]:
    """Every outcome of OUTCOMES; one whose denominator is zero is ``nan``, never 0."""
    return {**_visits(year), **_places(year), **_money(year), **_people(year)}


def _visits(year: Year) -> dict[str, float]:
    rows, site = year.visits, year.ground.site[year.visits["site"]]
    tally, people = year.state.tally.sum(axis=0), len(year.residents)
    home = year.world.place_inside[year.residents["home"][rows["person"]]]
    stay, inside = rows["kind"] == IN, site["inside"]
    sought = tally[[count.FIRST_PRIMARY, count.FIRST_HOSPITAL, count.FIRST_OUTSIDE]]
    found = {
        "primary_first": _ratio(sought[0], sought.sum()),
        "primary_share": _ratio((~site["hospital"]).sum(), inside.sum()),
        "in_area": _ratio((home & inside).sum(), home.sum()),
        "out_of_area_stays": _ratio((home & stay & ~inside).sum(), (home & stay).sum()),
        "stay_rate": _ratio(stay.sum(), people),
        "visits_outside": _ratio((~inside).sum(), people),
        "displaced": _ratio(tally[count.DISPLACED], tally[count.FIRST_HOSPITAL]),
        "remote": 1000 * _ratio(tally[count.SOLVED_REMOTE], people),
    }
    for tier, name in enumerate(("primary", "secondary", "tertiary")):
        found[f"visits_{name}"] = _ratio((inside & (site["tier"] == tier)).sum(), people)
    return found


def _places(year: Year) -> dict[str, float]:
    rows, sent, ground = year.visits, year.sent, year.ground
    up, people = sent[sent["direction"] == UP], len(year.residents)
    placed = up["place"] >= 0
    waits = np.where(placed, up["place"] - up["submitted"], int(year.given["patience_referred"]) + 1)
    hospital = ground.site["hospital"] & ground.site["inside"]
    own = rows[(rows["kind"] == OUT) & (rows["arrival"] == SELF) & hospital[rows["site"]]]
    stays = rows[(rows["kind"] == IN) & (rows["arrival"] <= 1) & hospital[rows["site"]]]
    places = year.state.places[hospital, : year.days].sum(axis=(0, 1), dtype=np.int64)
    return {
        "referral_wait": _mean(waits),
        "no_place": _ratio((~placed).sum(), len(up)),
        "self_wait": _mean(own["wait"]),
        "bed_wait": _mean(stays["wait"]),
        "bed_use": _ratio(year.state.bed_days[hospital].sum(), int(ground.beds[hospital].sum()) * year.days),
        "slot_use": _ratio(places[TAKEN], places[OFFERED]),
        "reserve_used": _ratio(places[USED], places[RESERVED]),
        "referrals_up": 1000 * _ratio(len(up), people),
        "referrals_down": 1000 * _ratio((sent["direction"] == DOWN).sum(), people),
    }


def _money(year: Year) -> dict[str, float]:
    who, rows, given = year.residents, year.visits, year.given
    own = (rows["cost"].astype(np.int64) - rows["fund"]).sum()
    heads = {cover: int((who["cover"] == cover).sum()) for cover in (RESIDENT, EMPLOYEE)}
    income = (
        heads[RESIDENT] * given["income_resident"] + heads[EMPLOYEE] * given["income_employee"]
    ) * given["year_share"]
    poor = who["poor"]
    return {
        "fund_surplus": _ratio(income - rows["fund"].sum(dtype=np.int64) / 100, sum(heads.values())),
        "own_payment": _ratio(own / 100, len(who)),
        "own_poor": _ratio(float(_own_by(year)[poor].sum()) / 100, int(poor.sum())),
    }


def _people(year: Year) -> dict[str, float]:
    who = year.residents
    watched = ((who["chronic"] & _WATCHED) > 0) & (who["died"] >= year.days)
    return {
        "signed": _ratio(who["signed"].sum(), int(year.people.inside().sum())),
        "controlled": _ratio((watched & who["controlled"]).sum(), watched.sum()),
    }


def _own_by(year: Year) -> Array:
    """What each person paid, in fen."""
    rows = year.visits
    return np.bincount(rows["person"], rows["cost"].astype(np.int64) - rows["fund"], len(year.residents))


def losers(before: Year, after: Year) -> list[Loss]:
    """Who pays more, or goes without a place more often, under the second policy, the hardest hit first. Both must have been
    played with the same people."""
    found = []
    own = _own_by(before) / 100, _own_by(after) / 100
    unplaced = _unplaced(before), _unplaced(after)
    for group, which in _groups(before):
        heads = int(which.sum())
        for outcome, (a, b) in (("own_payment", own), ("no_place", unplaced)):
            then, now = float(a[which].sum()) / heads, float(b[which].sum()) / heads
            if now > then * (1 + _WORSE) and now - then > 1e-9:
                found.append(Loss(group, outcome, then, now))
    return sorted(found, key=lambda loss: (loss.outcome, -loss.share))


def _unplaced(year: Year) -> Array:
    """How often each person was referred and found no place."""
    up = year.sent[(year.sent["direction"] == UP) & (year.sent["place"] < 0)]
    return np.bincount(up["person"], minlength=len(year.residents)).astype(np.float64)


def _groups(year: Year) -> Iterator[tuple[Text, Array]]:
    """Groups of people in which somebody is: places, bands of age, key groups, the poor, kinds of cover."""
    who, world = year.residents, year.world
    for n, place in enumerate(world.places[: world.place_count]):
        named = place.name or place.code
        yield from _some(Text(f"住在{named}", f"living in {named}"), who["home"] == n)
    for band, name in enumerate(_CLASSES):
        yield from _some(name, who["band"] == band)
    yield from _some(Text("重点人群", "key groups"), who["key"])
    yield from _some(Text("登记困难居民", "registered poor"), who["poor"])
    yield from _some(Text("居民医保", "residents' insurance"), who["cover"] == RESIDENT)
    yield from _some(Text("职工医保", "employees' insurance"), who["cover"] == EMPLOYEE)


def _some(name: Text, which: Array) -> Iterator[tuple[Text, Array]]:
    if which.any():
        yield name, which


def _ratio(part: float, whole: float) -> float:
    return float(part) / float(whole) if whole else float("nan")


def _mean(values: Array) -> float:
    return float(values.mean()) if len(values) else float("nan")
