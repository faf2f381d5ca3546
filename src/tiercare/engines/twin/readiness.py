"""Whether a scenario can be played in a region: hospitals, primary care, room, people, and shares that add up."""

from __future__ import annotations

from dataclasses import dataclass

from tiercare.engines.measures.synth import Profile
from tiercare.engines.measures.synth.columns import Calendar
from tiercare.engines.measures.synth.people import KEY_GROUP, People
from tiercare.engines.measures.synth.world import World
from tiercare.engines.payment import Benefits
from tiercare.engines.policy import PackSet
from tiercare.kernel.refusal import Refusal, refuse
from tiercare.kernel.text import Text

from .from_packs import benefits_of
from .noticing import notices
from .scenarios import Scenario

_ASKED = 5_000  # people who are looked at for the share of key groups
_SLACK = 0.01
_WRONG = 422


@dataclass(frozen=True, slots=True)
class Staged:
    """A scenario with all that a run of it needs; ``notices`` stand beside its results."""

    scenario: Scenario
    profile: Profile
    benefits: Benefits
    notices: tuple[Text, ...]


def staged(scenario: Scenario, profile: Profile, packs: PackSet) -> Staged:
    """The scenario in this region, ready to be played.

    Raises:
        Refused: the region cannot play it.
        PackErrors: its pack's benefits cannot be used.
    """
    ready(scenario, profile)
    benefits = benefits_of(packs, scenario.pack)
    return Staged(scenario, profile, benefits, notices(scenario, profile, benefits))


def ready(scenario: Scenario, profile: Profile) -> None:
    """Refuse what this region cannot play.

    Raises:
        Refused: with everything that stands against it.
    """
    refuse(*_lacking(profile), _leads(scenario, profile), _shares(scenario, profile))


def comparable(a: Staged, b: Staged) -> None:
    """Two scenarios are compared on the same people: refuse what would make them others.

    Raises:
        Refused: they differ in more than the policy.
    """
    pairs = (
        ("region", a.profile, b.profile, Text("地区", "region")),
        ("year", a.scenario.year, b.scenario.year, Text("年份", "year")),
        ("residents", a.scenario.residents, b.scenario.residents, Text("居民数", "number of residents")),
    )
    refuse(*(_other(at, what) for at, one, other, what in pairs if one != other))


def _other(at: str, what: Text) -> Refusal:
    return _refusal(
        "scenarios_not_comparable",
        Text(
            "两个情景的{what}不同，差别就不只是政策的。",
            "The scenarios differ in their {what}: not the policy alone would make the difference.",
        ),
        Text("请把两个文件的 {key} 写成一样。", "Write the same {key} in both files."),
        at=at,
        what=what,
        key="pack (region)" if at == "region" else at,
    )


def _lacking(profile: Profile) -> list[Refusal]:
    """Hospitals, primary care and room for patients."""
    inside = [site for site in profile.sites if site.category != "PUBLIC_HEALTH"]
    hospitals = [site for site in inside if site.tier != "primary"]
    found = []
    if not hospitals:
        found.append(
            _refusal(
                "scenario_no_hospital",
                Text("这个地区没有医院，无处可转诊。", "This region has no hospital to refer to."),
                Text(
                    "请先登记医院，或用 region: invented 试一个虚拟地区。",
                    "Register hospitals, or take region: invented.",
                ),
            )
        )
    elif all(site.beds == 0 for site in hospitals):
        found.append(
            _refusal(
                "scenario_no_capacity",
                Text(
                    "这个地区的医院登记床位都是零，没有容量可模拟。",
                    "All hospitals of this region have zero beds on record: there is no capacity to play.",
                ),
                Text(
                    "请登记床位；不知道床位的留空，不要写 0。",
                    "Put their beds on record; leave unknown ones empty, not 0.",
                ),
            )
        )
    if len(hospitals) == len(inside):
        found.append(
            _refusal(
                "scenario_no_primary",
                Text("这个地区没有基层医疗机构，谈不上基层首诊。", "This region has no primary care."),
                Text("请先登记基层医疗机构。", "Register its primary institutions."),
            )
        )
    if not sum(place.people for place in profile.places) > 0:
        found.append(
            _refusal(
                "scenario_no_people",
                Text("这个地区没有人口。", "Nobody lives in this region."),
                Text("请登记各乡镇街道的人口。", "Give its places their people."),
            )
        )
    return found


def _leads(scenario: Scenario, profile: Profile) -> Refusal | None:
    if scenario.levers.destination.value != "strict" or profile.groups:
        return None
    return _refusal(
        "scenario_strict_without_lead",
        Text(
            "转诊去向定为只到本医联体牵头医院（strict），但这个地区没有医联体。",
            "Referrals are to stay with the consortium's own lead (strict), but this region has no consortium.",
        ),
        Text("请用 destination: free，或先登记医联体。", "Take destination: free, or register consortia."),
        at="changes.destination",
    )


def _shares(scenario: Scenario, profile: Profile) -> Refusal | None:
    """Signed people of key groups are signed residents too: more of the one than of the other cannot be."""
    levers = scenario.levers
    if _lacking(profile):
        return None
    people = People(World(profile, Calendar(scenario.year, 1), 1, ()), _ASKED)
    inside = people.inside()
    share = float(((people.flags & KEY_GROUP) > 0)[inside].mean()) if inside.any() else 0.0
    least = share * levers.key_signing_coverage
    if least <= levers.signing_coverage + _SLACK:
        return None
    return _refusal(
        "scenario_shares",
        Text(
            "重点人群约占居民 {share:.0%}，其中 {key:.0%} 签约，就已占居民的 {least:.0%}，超过签约率 {all:.0%}。",
            "Key groups are about {share:.0%} of residents; {key:.0%} of them signed are {least:.0%} of all, above {all:.0%}.",
        ),
        Text(
            "请把 signing_coverage 提到 {least:.2f} 以上，或调低 key_signing_coverage。",
            "Raise signing_coverage to {least:.2f} or more, or lower key_signing_coverage.",
        ),
        at="changes.signing_coverage",
        share=share,
        key=levers.key_signing_coverage,
        least=least,
        all=levers.signing_coverage,
    )


def _refusal(code: str, message: Text, instead: Text, *, at: str | None = None, **fields: object) -> Refusal:
    return Refusal(code, message, instead, fields, at=at, status=_WRONG)
