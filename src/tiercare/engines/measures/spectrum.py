"""Of what a region's people are ill, and for which diseases they leave: 疾病谱和外转率前十病种 (太原 三(五) “三清一打通”, TY-42).

A disease is a category of ICD-10, its first three characters. A rate of few cases says little: such diseases stand in the spectrum
and are left out of the ranking.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from .breakdown import CATEGORY, Slice, broken_down
from .cells import Tables
from .evaluate import evaluate
from .indicators import Indicator
from .periods import Span
from .schema import Level


@dataclass(frozen=True, slots=True)
class Disease:
    """A disease among the residents of an area.

    Attributes:
        code: ICD-10 category.
        cases: visits and stays for it, wherever they were.
        share: of all cases that have a diagnosis.
        left: of the cases, those outside the county.
        stays, left_stays: the stays among them.
    """

    code: str
    cases: int
    share: Fraction
    left: int
    stays: int
    left_stays: int

    @property
    def rate(self) -> Fraction:
        """外转率 of the disease: cases outside the county ÷ cases."""
        return Fraction(self.left, self.cases)


@dataclass(frozen=True, slots=True)
class Spectrum:
    """The diseases of an area over a period, the most frequent first.

    Attributes:
        cases: all visits and stays of its residents.
        unnamed: those without a diagnosis; they are in no disease, and many of them make the spectrum doubtful.
    """

    region: str
    span: Span
    diseases: tuple[Disease, ...]
    cases: int
    unnamed: int

    def leaving(self, top: int, *, least: int) -> tuple[Disease, ...]:
        """The diseases that most often are treated outside, the highest rate first; of equal rates the one with more who leave.

        Args:
            top: how many (``TY-42.top_n``).
            least: below so many cases a disease is not ranked (``Indicator.small``).
        """
        ranked = [each for each in self.diseases if each.left and each.cases >= least]
        return tuple(sorted(ranked, key=lambda each: (-each.rate, -each.left, each.code))[:top])


def spectrum(
    tables: Tables, leaving: Indicator, leaving_stays: Indicator, span: Span, *, region: str
) -> Spectrum:
    """The spectrum of the residents of ``region``: a prefecture, or one county at a time.

    Args:
        leaving: cases outside the county ÷ all cases of residents (``transfer_out_rate``).
        leaving_stays: the same of stays (``transfer_out_stay_rate``).

    Raises:
        NotBrokenDown: if these are not over a table with diagnoses.
    """
    found = broken_down(tables, leaving, span, [CATEGORY], region=region)
    stays = {each.key: each for each in broken_down(tables, leaving_stays, span, [CATEGORY], region=region)}
    named = sum(int(each.denominator) for each in found)
    diseases = [_disease(each, stays.get(each.key), named) for each in found if each.denominator]
    cases = _all(tables, leaving, span, region)
    return Spectrum(
        region=region,
        span=span,
        diseases=tuple(sorted(diseases, key=lambda each: (-each.cases, each.code))),
        cases=cases,
        unnamed=cases - named,
    )


def _disease(found: Slice, stays: Slice | None, named: int) -> Disease:
    return Disease(
        code=found.key[0],
        cases=int(found.denominator),
        share=found.denominator / named,
        left=int(found.numerator),
        stays=int(stays.denominator) if stays else 0,
        left_stays=int(stays.numerator) if stays else 0,
    )


def _all(tables: Tables, leaving: Indicator, span: Span, region: str) -> int:
    values = evaluate(tables, [leaving], [span], region=region, levels={Level.REGION})
    return int(next(each.denominator or 0 for each in values))
