"""Medical centres by what residents seek elsewhere (NHC-24): which specialties are proposed, for whom, and what may be planned."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text

LONGEST_WORDS = 2000


class State(StrEnum):
    """Where a planned centre stands."""

    PLANNED = "PLANNED"
    BUILDING = "BUILDING"
    NAMED = "NAMED"
    DROPPED = "DROPPED"


STATE_NAMES: Mapping[State, Text] = {
    State.PLANNED: Text("规划", "planned"),
    State.BUILDING: Text("建设中", "being built"),
    State.NAMED: Text("已命名", "named"),
    State.DROPPED: Text("不再规划", "given up"),
}
# The words of the packs (NHC-24 ``center_types``).
KIND_NAMES: Mapping[str, Text] = {
    "provincial": Text("省级医疗中心", "provincial centre"),
    "intra_provincial_regional": Text("省域内区域医疗中心", "regional centre within the province"),
}
_BY_RANK = {"NATIONAL": 0, "PROVINCIAL": 1, "PREFECTURE": 2}
_NO_RANK = 3
_OF_THE_PROVINCE = ("NATIONAL", "PROVINCIAL")
_TERTIARY = 3  # 三级: what a hospital of this kind is, not a number of policy


@dataclass(frozen=True, slots=True)
class Hospital:
    """One that is licensed for the specialty. ``rank`` of its key specialty, empty without; ``specialists`` on the register."""

    id: str
    name: str
    division: str
    level: int
    rank: str = ""
    specialists: int = 0


@dataclass(frozen=True, slots=True)
class Demand:
    """What residents of the region sought, by specialty: visits and stays outside the province and all of them."""

    specialty: str
    outside: int
    all: int

    @property
    def share(self) -> Fraction:
        """The part that was sought outside the province."""
        return Fraction(self.outside, self.all) if self.all else Fraction(0)


@dataclass(frozen=True, slots=True)
class Measure:
    """From when on a specialty is proposed, as the pack says: so many visits outside, so large a share (%), and so many visits outside
    for each specialist that the region has (where it has none, any)."""

    visits: int
    share: Fraction
    load: Fraction


@dataclass(frozen=True, slots=True)
class Proposal:
    """A specialty that lacks a centre. ``kind`` is a word of the packs; ``hospital`` the strongest of the region, none where nobody is
    licensed; ``hospitals`` all that are, the strongest first; ``load``: visits outside for each specialist, none without any."""

    specialty: str
    kind: str
    demand: Demand
    hospitals: tuple[Hospital, ...]
    specialists: int
    load: Fraction | None

    @property
    def hospital(self) -> Hospital | None:
        """Who would be the centre."""
        return self.hospitals[0] if self.hospitals else None


def proposals(
    demands: Iterable[Demand],
    capacity: Mapping[str, Sequence[Hospital]],
    *,
    measure: Measure,
    kinds: Collection[str],
) -> list[Proposal]:
    """The specialties for which a centre is proposed, those first for which most people leave the province.

    What is sought outside often enough is set against the specialists at home: a specialty that has enough of them is not proposed,
    however many leave. A hospital whose specialty is a key one of the province or the nation may be the province's centre, any other one
    that of its part of the province; of kinds that the pack does not name none is proposed.
    """
    found = []
    for demand in demands:
        hospitals = tuple(sorted(capacity.get(demand.specialty, ()), key=_strength))
        specialists = sum(each.specialists for each in hospitals)
        load = Fraction(demand.outside, specialists) if specialists else None
        enough = demand.outside >= measure.visits and demand.share * 100 >= measure.share
        short = load is None or load >= measure.load
        kind = _kind(hospitals)
        if enough and short and kind in kinds:
            found.append(Proposal(demand.specialty, kind, demand, hospitals, specialists, load))
    return sorted(found, key=lambda each: (-each.demand.outside, each.specialty))


def _kind(hospitals: Sequence[Hospital]) -> str:
    best = hospitals[0] if hospitals else None
    of_the_province = best is not None and best.level >= _TERTIARY and best.rank in _OF_THE_PROVINCE
    return "provincial" if of_the_province else "intra_provincial_regional"


def _strength(each: Hospital) -> tuple[int, int, int, str, str]:
    return (-each.level, _BY_RANK.get(each.rank, _NO_RANK), -each.specialists, each.name, each.id)


def unknown_kind(kind: str) -> Refusal:
    """A kind that no text in force names."""
    return Refusal(
        code="planning.no_such_centre_kind",
        message=Text(
            "当地现行的文件没有“{kind}”这类中心。",
            "No text in force here knows centres of the kind “{kind}”.",
        ),
        instead=Text("请从列出的类别中选择。", "Choose one of the kinds that are listed."),
        fields={"kind": KIND_NAMES.get(kind, Text(kind, kind))},
        at="kind",
        status=422,
    )


def not_licensed_there(name: str) -> Refusal:
    """A hospital that cannot be a centre of the specialty."""
    return Refusal(
        code="planning.centre_not_licensed",
        message=Text(
            "{name}不是登记了这个诊疗科目、正在开业的三级医院。",
            "{name} is no open tertiary hospital that is licensed for this specialty.",
        ),
        instead=Text(
            "请另选医院；级别或科目有变的，先更新机构登记。",
            "Choose another one; where its level or licences changed, have its register corrected first.",
        ),
        fields={"name": name},
        at="institution",
        status=422,
    )


def outside_the_province(codes: Iterable[str]) -> Refusal:
    """Areas that cannot be served from there."""
    return Refusal(
        code="planning.centre_area",
        message=Text(
            "服务区域里有不在本省或已经撤销的区划：{codes}。",
            "The service area names divisions that are not of this province, or no longer exist: {codes}.",
        ),
        instead=Text("请从地图或列表中选择市（州）或县区。", "Choose prefectures or counties from the list."),
        fields={"codes": "、".join(codes)},
        at="area",
        status=422,
    )


NO_AREA = Refusal(
    code="planning.centre_no_area",
    message=Text("没有写服务区域。", "No service area is given."),
    instead=Text("请至少选一个市（州）或县区。", "Choose at least one prefecture or county."),
    at="area",
    status=422,
)
NO_SUCH_CENTRE = Refusal(
    code="planning.no_such_centre",
    message=Text("没有这个中心。", "There is no such centre."),
    instead=Text("请从列表中打开。", "Open it from the list."),
    at="centre",
    status=404,
)
PLANNED_ALREADY = Refusal(
    code="planning.centre_planned_already",
    message=Text(
        "这家医院的这个专科已经规划为同类中心。",
        "This hospital is planned as such a centre of the specialty already.",
    ),
    instead=Text("请打开已有的那一个，改成新的一版。", "Open the one that is planned and change it."),
    at="institution",
    status=409,
)
CENTRE_CHANGED = Refusal(
    code="planning.centre_changed",
    message=Text("这期间已有人改过这个中心。", "Somebody has changed this centre meanwhile."),
    instead=Text("请先看新的版本，再改。", "Look at the new version first."),
    at="version",
    status=409,
)
WORDS_TOO_LONG = Refusal(
    code="planning.centre_words",
    message=Text("说明太长。", "The words are too long."),
    instead=Text("请缩短到 2000 字以内。", "Shorten them to 2,000 characters."),
    at="words",
    status=422,
)
