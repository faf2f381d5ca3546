"""What an estimate is made of: a person's cover, the case, the benefits that a pack writes down, and the answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from tiercare.kernel.money import Money
from tiercare.kernel.period import Period
from tiercare.kernel.text import Text


class InsuranceKind(StrEnum):
    """Basic medical insurance (险种): of employees (310) or of residents (390)."""

    EMPLOYEE = "EMPLOYEE"
    RESIDENT = "RESIDENT"


class Care(StrEnum):
    """What the bill is for."""

    OUTPATIENT = "OUTPATIENT"
    INPATIENT = "INPATIENT"


class Referral(StrEnum):
    """How the patient came: by themself, referred up, or referred down."""

    NONE = "NONE"
    UP = "UP"
    DOWN = "DOWN"


class Confidence(StrEnum):
    """Whether a number stands in a text, or was assumed by us because none that we have gives it."""

    TEXT = "text"
    ASSUMPTION = "assumption"


INSURANCE_NAMES: Mapping[InsuranceKind, Text] = {
    InsuranceKind.EMPLOYEE: Text("职工医保", "employees' insurance"),
    InsuranceKind.RESIDENT: Text("城乡居民医保", "residents' insurance"),
}
CARE_NAMES: Mapping[Care, Text] = {
    Care.OUTPATIENT: Text("门诊", "outpatient care"),
    Care.INPATIENT: Text("住院", "inpatient care"),
}
NOTHING = Money(0)


@dataclass(frozen=True, slots=True)
class Cover:
    """What insures a person. ``deductible_paid`` is what they have paid of deductibles in this continuous episode."""

    kind: InsuranceKind
    deductible_paid: Money = NOTHING


@dataclass(frozen=True, slots=True)
class Case:
    """A bill to be: ``cost`` is what the insurance covers, ``outside`` what it does not (自费); ``level`` is that of
    the institution, 0 where none was given.

    Raises:
        ValueError: for a negative amount.
    """

    care: Care
    level: int
    referral: Referral
    cost: Money
    outside: Money = NOTHING

    def __post_init__(self) -> None:
        if min(self.cost, self.outside) < NOTHING:
            raise ValueError("a bill has no negative amount")


@dataclass(frozen=True, slots=True)
class Benefit:
    """What the fund pays for one kind of cover and care at institutions of some levels: after the deductible, so much
    of the rest (``ratio``, of patients who come by themselves ``unreferred``), up to ``cap``. ``typical`` is what such
    a case costs as a rule, for an estimate before there is a bill; ``None``: nobody says."""

    cover: InsuranceKind
    care: Care
    levels: frozenset[int]
    deductible: Money
    ratio: Decimal
    unreferred: Decimal
    cap: Money | None
    typical: Money | None
    confidence: Confidence
    source: Text
    period: Period


@dataclass(frozen=True, slots=True)
class Continuity:
    """Whether a referral continues the episode, so that its deductible counts on; by which clauses."""

    continuous: bool
    source: Text
    clauses: tuple[str, ...]
    period: Period


@dataclass(frozen=True, slots=True)
class Benefits:
    """All that holds in a region; ``version`` is the digest of the files it was read from."""

    rows: tuple[Benefit, ...] = ()
    continuity: tuple[Continuity, ...] = ()
    version: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A step of the reckoning: what was done and the amount that came of it."""

    text: Text
    amount: Money
    fields: Mapping[str, object] = field(default_factory=dict)

    def sentence(self, language: str = "zh") -> str:
        """What was done."""
        return self.text.fill(self.fields, language)


@dataclass(frozen=True, slots=True)
class Estimate:
    """What the patient and the fund would pay; together the whole bill, to the fen. ``known`` is false, and all else
    but the ``caveat`` empty, where the cover is not on record or no benefit is written down for it. ``at_least`` is what
    the patient would pay if this episode's deductible were paid already, where it counts on and nobody knows how much was;
    ``confidence`` says whether the rates stand in a text."""

    known: bool
    caveat: Text
    out_of_pocket: Money | None = None
    fund_pays: Money | None = None
    deductible: Money | None = None
    ratio: Decimal | None = None
    lines: tuple[Line, ...] = ()
    at_least: Money | None = None
    confidence: Confidence | None = None
