"""What in a scenario will act less than it seems, or against a clause: nothing that keeps anybody from playing it, all of it beside the results."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import product

import numpy as np

from tiercare.engines.measures.synth import Profile, Site
from tiercare.engines.payment import Benefits, Care, InsuranceKind
from tiercare.engines.payment.estimating import benefit_of
from tiercare.engines.policy import Parameter, Strength
from tiercare.kernel.text import Text

from .checking import MOST_RESIDENTS
from .levers import LEVERS
from .scenarios import Scenario
from .values import Setting

_POINT = 100
_LEVELS = (1, 2, 3)  # of institutions, as the benefits count them
_BINDING = frozenset({Strength.BINDING, Strength.WAIVABLE})
_NEARLY = 0.8  # of the share that was asked for
_MORE, _ROUND = 1.25, 10_000
_NAMES = {
    "EMPLOYEE": Text("职工", "employees"),
    "RESIDENT": Text("居民", "residents"),
    "OUTPATIENT": Text("门诊", "outpatient"),
    "INPATIENT": Text("住院", "inpatient"),
}


def notices(scenario: Scenario, profile: Profile, benefits: Benefits) -> tuple[Text, ...]:
    """What does not keep anybody from playing it, but should be known beside the results."""
    levers = scenario.levers
    found = [
        *_synthetic(scenario, profile),
        *_grain(scenario, profile),
        *_against(scenario),
        *_floor(scenario, benefits),
    ]
    for name in scenario.changes:
        if getattr(levers, name) == getattr(scenario.resolved.levers, name):
            found.append(
                Text(
                    f"{LEVERS[name].name.zh}（{name}）与政策包一样，没有改变。",
                    f"{name} is what the pack sets anyway: nothing is changed.",
                )
            )
    if levers.reserve_share == 0 and "release_hours" in scenario.changes:
        found.append(
            Text(
                "没有预留号源，提前释放不起作用。",
                "No slots are reserved: the hours before release do nothing.",
            )
        )
    return tuple(found)


def _against(scenario: Scenario) -> Iterator[Text]:
    """Changes that a binding clause does not allow: they may be tried, nobody should adopt them unaware."""
    for name in scenario.changes:
        origin = scenario.resolved.origins[name]
        clause, parameter = origin.clause, origin.parameter
        if origin.ours or clause is None or parameter is None or clause.force.strength not in _BINDING:
            continue
        now, asked = getattr(scenario.levers, name), getattr(scenario.resolved.levers, name)
        if not _kept(parameter, now, asked):
            yield Text(
                f"{LEVERS[name].name.zh}（{name}）不合条款 {clause.id}（{clause.force.label.zh}）：{clause.gist.zh}。",
                f"{name} does not keep {clause.id} ({clause.force.label.en}): {clause.gist.en}.",
            )


def _kept(parameter: Parameter, now: Setting, asked: Setting) -> bool:
    """Whether a value still is what the parameter asks for; ``asked`` is the parameter's value as the lever takes it."""
    if isinstance(now, str | bool) or isinstance(asked, str | bool):
        return now == asked
    if isinstance(parameter.value, tuple):
        numbers = [each for each in parameter.value if isinstance(each, int | float)]
        return not numbers or min(numbers) <= now <= max(numbers)
    return {">=": now >= asked, ">": now > asked, "<=": now <= asked, "<": now < asked}.get(
        parameter.op, now == asked
    )


def _synthetic(scenario: Scenario, profile: Profile) -> list[Text]:
    people = sum(place.people for place in profile.places)
    if scenario.invented or scenario.residents <= people:
        return []
    return [
        Text(
            f"模拟居民 {scenario.residents:,} 人多于登记的 {people:,.0f} 人；医院容量按比例放大。",
            f"{scenario.residents:,} residents are more than the {people:,.0f} on record; hospitals grow in proportion.",
        )
    ]


def _grain(scenario: Scenario, profile: Profile) -> list[Text]:
    """Hospitals are scaled to the residents, and reserved slots are whole: with few residents a share of a day's slots may be none."""
    share, residents = scenario.levers.reserve_share, scenario.residents
    hospitals = [
        site for site in profile.sites if site.tier != "primary" and site.category != "PUBLIC_HEALTH"
    ]
    if share == 0 or _kept_of(scenario, profile, hospitals, residents) >= _NEARLY * share:
        return []
    enough = residents
    while enough < MOST_RESIDENTS and any(
        _kept_of(scenario, profile, hospitals, int(enough * more)) < _NEARLY * share for more in (1, _MORE)
    ):
        enough = min(int(enough * _MORE), MOST_RESIDENTS)
    enough = -(-enough // _ROUND) * _ROUND
    return [
        Text(
            f"居民太少：{len(hospitals)} 家医院按比例缩小后，一天的号不多，预留 {share:.0%} 取整后实际不到；"
            f"请把 residents 提到 {enough:,} 左右。",
            f"Too few residents: in {len(hospitals)} hospitals scaled to them a day has few slots, and of {share:.0%} reserved, in whole slots, "
            f"less is left; take about {enough:,} residents.",
        )
    ]


def _kept_of(scenario: Scenario, profile: Profile, hospitals: Sequence[Site], residents: int) -> float:
    """The share of a working day's slots that is reserved when every hospital rounds down."""
    given, people = scenario.assumptions, sum(place.people for place in profile.places)
    known = np.array([site.beds or 0.0 for site in hospitals]) * residents / max(people, 1.0)
    pull = np.array([site.pull for site in hospitals]) * (known == 0)
    usual = max(given["beds_per_1000"] * residents / 1000 - known.sum(), 0.0)
    slots = np.floor((known + pull / max(pull.sum(), 1e-9) * usual) * given["slots_per_bed"])
    kept = np.floor(slots * scenario.levers.reserve_share + 1e-9)
    return float(kept.sum() / max(slots.sum(), 1.0))


def _floor(scenario: Scenario, benefits: Benefits) -> list[Text]:
    """Benefits from which the levers would take more than there is: the fund's share stops at nothing."""
    levers, where = scenario.levers, []
    for kind, care, level in product(InsuranceKind, Care, _LEVELS):
        row = benefit_of(benefits, kind, care, level, on=date(scenario.year, 7, 1))
        if row is None or row.unreferred == 0:
            continue
        higher = level - _LEVELS[0]
        taken = (higher * levers.reimbursement_gap + levers.unreferred_cut * (higher > 0)) / _POINT
        if taken > float(row.unreferred):
            where.append((kind.value, care.value, level))
    if not where:
        return []
    return [
        Text(
            f"未经转诊的报销差距超过原有比例，基金支付到零为止，实际差距较小：{_places(where, 'zh')}。",
            f"Without a referral the levers take more than the fund pays; it stops at nothing: {_places(where, 'en')}.",
        )
    ]


def _places(where: list[tuple[str, str, int]], language: str) -> str:
    said = [
        f"{_NAMES[cover].in_language(language)}{' ' if language == 'en' else ''}{_NAMES[care].in_language(language)}"
        + (f" level {level}" if language == "en" else f"{level}级")
        for cover, care, level in where
    ]
    return ("、" if language == "zh" else ", ").join(said)
