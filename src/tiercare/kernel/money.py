"""Money: whole fen (分), never floating point, so that a settlement replays to the cent."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount of renminbi in fen."""

    fen: int

    @classmethod
    def yuan(cls, amount: str | int | Decimal) -> Money:
        """From yuan, exactly.

        Raises:
            ValueError: if ``amount`` has more than two decimals.
        """
        fen = Decimal(amount) * 100
        if fen != fen.to_integral_value():
            raise ValueError(f"{amount} yuan is not a whole number of fen")
        return cls(int(fen))

    def __add__(self, other: Money) -> Money:
        return Money(self.fen + other.fen)

    def __sub__(self, other: Money) -> Money:
        return Money(self.fen - other.fen)

    def __neg__(self) -> Money:
        return Money(-self.fen)

    def share(self, ratio: Decimal) -> Money:
        """This amount times ``ratio``, rounded half up to the fen."""
        return Money(int((Decimal(self.fen) * ratio).quantize(Decimal(1), rounding=ROUND_HALF_UP)))

    def split(self, weights: list[int]) -> list[Money]:
        """Divide among ``weights`` so that the parts sum exactly to the whole (largest remainder).

        Raises:
            ValueError: if there is no positive weight or a negative one.
        """
        total = sum(weights)
        if total <= 0 or min(weights) < 0:
            raise ValueError("weights must not be negative and at least one must be positive")
        parts = [self.fen * weight // total for weight in weights]
        rest = self.fen - sum(parts)
        order = sorted(range(len(weights)), key=lambda i: (-(self.fen * weights[i] % total), i))
        for i in order[:rest]:
            parts[i] += 1
        return [Money(part) for part in parts]

    def __str__(self) -> str:
        sign, fen = ("-", -self.fen) if self.fen < 0 else ("", self.fen)
        return f"{sign}{fen // 100}.{fen % 100:02d}"
