"""How a proposal to tie institutions together stands to the criteria of the packs (YN-01, YN-16): by data where they say it, by the
clerk's words where they do not, and always with the ground.

A criterion that data can say is told as a share: of the institutions that come, how many meet it. No text sets weights or a pass
mark, so none is set here; the mean of the shares orders proposals and decides nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text

from .facts import PRIMARY, Category
from .words import LEVEL_NAMES

CRITERIA, FACTORS = "YN-01.criteria", "YN-16.factors"


class Grade(StrEnum):
    """What a clerk judges where data say nothing."""

    YES = "YES"
    PARTLY = "PARTLY"
    NO = "NO"


GRADE_NAMES: Mapping[Grade, Text] = {
    Grade.YES: Text("符合", "met"),
    Grade.PARTLY: Text("部分符合", "partly met"),
    Grade.NO: Text("不符合", "not met"),
}
# The three grades, evenly from none to all.
_SHARES: Mapping[Grade, Fraction] = {
    Grade.YES: Fraction(1),
    Grade.PARTLY: Fraction(1, 2),
    Grade.NO: Fraction(0),
}
CRITERION_NAMES: Mapping[str, Text] = {
    "related_business": Text("业务相关", "Related business"),
    "complementary": Text("优势互补", "Complementary strengths"),
    "mutual_choice": Text("双向选择", "Mutual choice"),
    "sustainable": Text("持续发展", "Sustainable"),
    "existing_cooperation": Text("既往合作", "Cooperation so far"),
    "geography": Text("地域分布", "Geography"),
    "role": Text("功能定位", "Role"),
    "capacity": Text("服务能力", "Capacity"),
    "business_relation": Text("业务关系", "Business relation"),
    "willingness": Text("合作意愿", "Willingness"),
}


@dataclass(frozen=True, slots=True)
class Partner:
    """An institution of a proposal. ``staff`` counts clinicians on record, ``specialties`` are first-level licensed ones."""

    code: str
    name: str
    division: str
    area: str
    category: str
    level: int
    beds: int
    staff: int
    specialties: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Pair:
    """What comes to a consortium, and its lead. ``km``: the straight line between them, ``None`` where a place is not on record;
    ``requests``: between them both ways so far; ``agreements`` in force that both signed; ``together``: consortia that both stand in already;
    ``agreed``: whether both confirmed."""

    lead: Partner
    comes: Partner
    km: float | None = None
    requests: int = 0
    agreements: int = 0
    together: int = 0
    agreed: bool = False


@dataclass(frozen=True, slots=True)
class Ground:
    """What a criterion rests on for one institution: whether it meets it, and the figures that say so."""

    code: str
    name: str
    met: bool
    said: Text

    @property
    def plain(self) -> dict[str, object]:
        """As it is kept."""
        return {"code": self.code, "name": self.name, "met": self.met, "zh": self.said.zh, "en": self.said.en}


@dataclass(frozen=True, slots=True)
class Measured:
    """What data say of a criterion, pair by pair; empty where they say nothing (then ``figures`` may still help the clerk)."""

    criterion: str
    grounds: tuple[Ground, ...] = ()
    figures: tuple[Ground, ...] = ()

    @property
    def met(self) -> int | None:
        """How many meet it; ``None`` where data say nothing."""
        return sum(ground.met for ground in self.grounds) if self.grounds else None

    @property
    def share(self) -> Fraction | None:
        """Their part of all that come."""
        return (
            Fraction(sum(ground.met for ground in self.grounds), len(self.grounds)) if self.grounds else None
        )


_Said = tuple[bool, Text]


def _related(pair: Pair) -> _Said:
    n = len(pair.lead.specialties & pair.comes.specialties)
    return n > 0, Text(f"共有诊疗科目 {n} 个", f"{n} specialties in common")


def _complementary(pair: Pair) -> _Said:
    more, other = (
        pair.lead.specialties - pair.comes.specialties,
        pair.comes.specialties - pair.lead.specialties,
    )
    return bool(more or other), Text(
        f"牵头医院另有科目 {len(more)} 个，本机构另有 {len(other)} 个",
        f"the lead has {len(more)} specialties more, it has {len(other)} that the lead lacks",
    )


def _agreed(pair: Pair) -> _Said:
    return pair.agreed, Text("双方已确认", "both confirmed") if pair.agreed else Text(
        "尚未双方确认", "not confirmed by both"
    )


def _cooperated(pair: Pair) -> _Said:
    return pair.requests + pair.agreements + pair.together > 0, Text(
        f"往来申请 {pair.requests} 件，有效协议 {pair.agreements} 份，同在医联体 {pair.together} 个",
        f"{pair.requests} requests between them, {pair.agreements} agreements, {pair.together} consortia shared",
    )


def _near(pair: Pair) -> _Said:
    far = Text("距离未知", "distance unknown")
    if pair.km is not None:
        far = Text(f"直线约 {pair.km:.0f} 公里", f"about {pair.km:.0f} km in a straight line")
    same = pair.lead.division == pair.comes.division
    where = Text("同一县区", "same county or district") if same else Text(pair.comes.area, pair.comes.area)
    return same, Text(f"{where.zh}，{far.zh}", f"{where.en}, {far.en}")


def _layered(pair: Pair) -> _Said:
    primary = Category(pair.comes.category) in PRIMARY
    lower = pair.comes.level < pair.lead.level or (primary and Category(pair.lead.category) not in PRIMARY)
    above, below = LEVEL_NAMES[str(pair.lead.level)], LEVEL_NAMES[str(pair.comes.level)]
    return lower, Text(
        f"牵头医院{above.zh}，本机构{below.zh}" + ("，基层机构" if primary else ""),
        f"lead: {above.en.lower()}; it: {below.en.lower()}" + (", primary care" if primary else ""),
    )


def _able(pair: Pair) -> _Said:
    return pair.lead.beds > pair.comes.beds, _figures(pair)[1]


def _figures(pair: Pair) -> _Said:
    return True, Text(
        f"牵头医院床位 {pair.lead.beds}、登记医务人员 {pair.lead.staff}；本机构床位 {pair.comes.beds}、人员 {pair.comes.staff}",
        f"lead: {pair.lead.beds} beds, {pair.lead.staff} clinicians on record; it: {pair.comes.beds} beds, {pair.comes.staff} clinicians",
    )


def _asked(pair: Pair) -> _Said:
    return pair.requests > 0, Text(f"往来申请 {pair.requests} 件", f"{pair.requests} requests between them")


_BY_DATA: Mapping[str, Callable[[Pair], _Said]] = {
    "related_business": _related,
    "complementary": _complementary,
    "mutual_choice": _agreed,
    "existing_cooperation": _cooperated,
    "geography": _near,
    "role": _layered,
    "capacity": _able,
    "business_relation": _asked,
    "willingness": _agreed,
}
# What helps the clerk to judge where nothing says it.
_BESIDE: Mapping[str, Callable[[Pair], _Said]] = {"sustainable": _figures}


def measured(criterion: str, pairs: Sequence[Pair]) -> Measured:
    """What data say of one criterion. A word that we do not know is the clerk's to judge."""
    say, beside = _BY_DATA.get(criterion), _BESIDE.get(criterion)
    return Measured(
        criterion,
        tuple(_ground(pair, say) for pair in pairs) if say else (),
        tuple(_ground(pair, beside) for pair in pairs) if beside else (),
    )


def _ground(pair: Pair, say: Callable[[Pair], _Said]) -> Ground:
    met, said = say(pair)
    return Ground(pair.comes.code, pair.comes.name, met, said)


@dataclass(frozen=True, slots=True)
class Judged:
    """One criterion of one clause as it is kept with a proposal: measured, or graded in words."""

    clause: str
    measured: Measured
    grade: Grade | None = None
    words: str = ""

    @property
    def share(self) -> Fraction | None:
        """From 0 to 1: by data before the clerk's grade; ``None`` where neither says anything."""
        if self.measured.share is not None:
            return self.measured.share
        return _SHARES[self.grade] if self.grade is not None and self.words.strip() else None


def total(judged: Sequence[Judged]) -> tuple[Fraction | None, int]:
    """The mean share of the criteria that are scored, and how many of them are."""
    shares = [share for each in judged if (share := each.share) is not None]
    return (sum(shares, Fraction(0)) / len(shares) if shares else None), len(shares)


def unscored(judged: Sequence[Judged]) -> list[Refusal]:
    """What is still to be judged: data say nothing of it, and nobody wrote anything."""
    return [
        Refusal(
            code="criterion_without_words",
            message=Text(
                "“{name}”数据说不出来，还没有人评。", "Data say nothing about “{name}”, and nobody judged it."
            ),
            instead=Text("请选符合程度，并写明依据。", "Choose how far it is met, and say why."),
            fields={"name": criterion_name(each.measured.criterion)},
            clauses=(each.clause,),
            at=each.measured.criterion,
            status=422,
        )
        for each in judged
        if each.share is None
    ]


def criterion_name(word: str) -> Text:
    """What a criterion is called; its word where a pack has one that we do not know."""
    return CRITERION_NAMES.get(word, Text(word, word))


def not_scored(clauses: Sequence[str], missing: Sequence[str]) -> Refusal | None:
    """Why a proposal may not be decided yet: criteria that are not kept with it."""
    if not missing:
        return None
    names = [criterion_name(word) for word in missing]
    return Refusal(
        code="proposal_not_scored",
        message=Text("组建条件还没有评：{names}。", "Not yet held against the criteria: {names}."),
        instead=Text(
            "请在申请页“组建条件”核对数据、补写依据，点“保存评分”。",
            "On the application's page check the data under “Criteria”, add what they do not say, and save the scores.",
        ),
        fields={"names": Text("、".join(n.zh for n in names), ", ".join(n.en for n in names))},
        clauses=tuple(clauses),
        at="scores",
        status=409,
    )
