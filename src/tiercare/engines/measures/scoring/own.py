"""A unit's own numbers in place of the platform's, where whoever reviews accepts them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from ..evaluate import Value
from ..indicators import Form
from .model import Taken
from .replay import Inputs

# Whose numerator and denominator somebody can count for themselves.
REPORTED = frozenset({Form.RATIO, Form.NUMBER, Form.MEDIAN, Form.REQUIRED})


@dataclass(frozen=True, slots=True)
class Own:
    """What a unit says of an indicator; ``form`` and ``per`` are the definition's."""

    form: Form
    per: int
    numerator: Fraction
    denominator: Fraction | None

    @property
    def value(self) -> Fraction | None:
        """As the engine computes it; without a denominator there is none, but of a plain number."""
        if self.form is Form.NUMBER:
            return self.numerator
        if not self.denominator:
            return None
        if self.form is Form.MEDIAN:
            return self.numerator
        if self.form is Form.REQUIRED:
            return self.numerator / -(-self.denominator // self.per)
        return self.numerator * self.per / self.denominator


def with_own(inputs: Inputs, own: Mapping[str, Own]) -> Inputs:
    """The inputs of a result with the numbers of ``own`` in them; everything else stays as it was counted."""
    return replace(
        inputs,
        taken=tuple(_taken(inputs, each, own.get(each.indicator)) for each in inputs.taken),
    )


def _taken(inputs: Inputs, taken: Taken, own: Own | None) -> Taken:
    if own is None:
        return taken
    value = Value(
        taken.indicator,
        taken.version,
        inputs.span,
        inputs.level,
        inputs.key,
        own.numerator,
        own.denominator,
        own.value,
    )
    return replace(taken, value=value)
