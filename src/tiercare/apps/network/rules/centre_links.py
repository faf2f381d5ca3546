"""Which hospital is a provincial medical centre that a specialty alliance can be linked to (NHC-18).

The register of key specialties says who ranks as what in which specialty, and the register of institutions who runs the
hospital. Which ranks and which affiliations make a provincial centre the packs say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from tiercare.engines.policy.model import Value
from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text

from .facts import Affiliation, Kind
from .profiles import same_specialty, words
from .words import AFFILIATION_NAMES, RANK_NAMES

CLAUSES = ("NHC-18",)
RANKS, AFFILIATIONS = "NHC-18.centre_ranks", "NHC-18.centre_affiliations"


@dataclass(frozen=True, slots=True)
class CentreTerms:
    """What a pack wants of a provincial centre: ranks of its key specialty, and who runs it."""

    ranks: tuple[str, ...]
    affiliations: tuple[str, ...]

    @classmethod
    def of(cls, ranks: Value, affiliations: Value) -> CentreTerms:
        """From the values of the two parameters, lists of words in the packs' small letters."""
        return cls(
            tuple(word.upper() for word in words(ranks)), tuple(word.upper() for word in words(affiliations))
        )


@dataclass(frozen=True, slots=True)
class Candidate:
    """A hospital on a day: who runs it, and the rank of each of its key specialties."""

    name: str
    affiliation: Affiliation
    key_specialties: Mapping[str, str]


def is_centre(of: Candidate, specialty: str, terms: CentreTerms) -> bool:
    """Whether it is a provincial centre of this specialty."""
    return of.affiliation in terms.affiliations and _rank(of, specialty) in terms.ranks


def _rank(of: Candidate, specialty: str) -> str:
    """The rank it holds in this specialty, the code itself before one that only means the same; empty for none."""
    held = {code: rank for code, rank in of.key_specialties.items() if same_specialty(code, specialty)}
    return held.get(specialty) or next((held[code] for code in sorted(held)), "")


def no_link(
    kind: Kind, specialty: str, of: Candidate, terms: CentreTerms, *, names: Mapping[str, str], on: date
) -> Refusal | None:
    """Why this alliance cannot be linked to this hospital on that day; ``names`` are those of specialties."""
    if kind is not Kind.SPECIALTY_ALLIANCE:
        return NOT_AN_ALLIANCE
    wanted = names.get(specialty, specialty)
    if of.affiliation not in terms.affiliations:
        return _not_provincial(of, terms)
    if is_centre(of, specialty, terms):
        return None
    others = [
        names.get(code, code) for code, rank in sorted(of.key_specialties.items()) if rank in terms.ranks
    ]
    if others and not _rank(of, specialty):
        return _other_specialty(of, wanted, others)
    return _not_ranked(of, wanted, terms, on)


NOT_AN_ALLIANCE = Refusal(
    code="centre_needs_alliance",
    message=Text(
        "只有专科联盟才对接省级医疗中心。", "Only a specialty alliance is linked to a provincial centre."
    ),
    instead=Text(
        "请从医联体列表里选一个专科联盟。", "Choose a specialty alliance from the list of consortia."
    ),
    at="consortium",
    status=422,
    clauses=CLAUSES,
)


def _not_provincial(of: Candidate, terms: CentreTerms) -> Refusal:
    return Refusal(
        code="centre_not_provincial",
        message=Text(
            "{name}的隶属关系是{is_}，省级医疗中心应是{wanted}。",
            "{name} is run by: {is_}. A provincial centre is run by: {wanted}.",
        ),
        instead=Text(
            "请改选省级医院；隶属关系登记有误的，请先在机构登记里更正。",
            "Choose a provincial hospital; if its affiliation is recorded wrongly, mend that in the register first.",
        ),
        fields={
            "name": of.name,
            "is_": AFFILIATION_NAMES[of.affiliation],
            "wanted": _either([AFFILIATION_NAMES[word] for word in terms.affiliations]),
        },
        at="institution",
        status=422,
        clauses=CLAUSES,
    )


def _other_specialty(of: Candidate, wanted: str, others: list[str]) -> Refusal:
    return Refusal(
        code="centre_other_specialty",
        message=Text(
            "联盟的专科是{wanted}，{name}是{others}的中心，专科不同。",
            "The alliance is for {wanted}; {name} is a centre for {others}: another specialty.",
        ),
        instead=Text(
            "请选同一专科的中心，或把它对接给{others}的联盟。",
            "Choose a centre of the same specialty, or link this one to an alliance for {others}.",
        ),
        fields={"name": of.name, "wanted": wanted, "others": Text("、".join(others), ", ".join(others))},
        at="institution",
        status=422,
        clauses=CLAUSES,
    )


def _not_ranked(of: Candidate, wanted: str, terms: CentreTerms, on: date) -> Refusal:
    return Refusal(
        code="centre_not_ranked",
        message=Text(
            "{name}在 {on} 没有{ranks}的{wanted}重点专科，不能作为省级医疗中心。",
            "On {on} {name} holds no key specialty {wanted} of rank {ranks}: it is no provincial centre.",
        ),
        instead=Text(
            "请选当日有这一重点专科的省级医院；已获评的，请先登记重点专科和起始日期。",
            "Choose a provincial hospital that holds it that day; if it was awarded, enter the key specialty with its first day.",
        ),
        fields={
            "name": of.name,
            "on": on,
            "wanted": wanted,
            "ranks": _either([RANK_NAMES[word] for word in terms.ranks]),
        },
        at="institution",
        status=422,
        clauses=CLAUSES,
    )


def _either(names: list[Text]) -> Text:
    return Text("或".join(name.zh for name in names), " or ".join(name.en for name in names))


def not_to_end(end: date) -> Refusal:
    """A link ends after it began, and before the end it has."""
    return Refusal(
        code="centre_link_not_to_end",
        message=Text(
            "这项对接在 {end} 之前还没有开始，或者已经结束。",
            "This link had not begun before {end}, or has ended.",
        ),
        instead=Text(
            "请选对接开始之后、现有终止日期之前的一天。",
            "Choose a day after its first one, and before the end it has.",
        ),
        fields={"end": end},
        at="end",
        status=422,
    )


def span_empty(start: date, end: date) -> Refusal:
    """No day lies in between."""
    return Refusal(
        code="centre_link_empty",
        message=Text(
            "终止日期 {end} 不晚于起始日期 {start}。", "The end {end} is not after the start {start}."
        ),
        instead=Text(
            "请更正日期；长期对接的不填终止日期。", "Mend the days; leave the end blank if there is none."
        ),
        fields={"start": start, "end": end},
        at="end",
        status=422,
    )
