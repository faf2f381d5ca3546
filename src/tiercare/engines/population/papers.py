"""Identity numbers and phones that have the real shape and are meant never to be a real person's.

Reserved here for demonstration: in numbers by GB 11643 the sequences 900–999 (odd for males), of passports the letters
ZZ, of permits the numbers beginning with 00, of birth certificates the letter Z, of phones the prefix 163, which no
operator had been given when this was written. Nothing can exclude that an office once gave out such a sequence, so
databases that hold these people are marked synthetic and send nothing to anybody.
"""

from __future__ import annotations

from datetime import date
from random import Random
from typing import Final

from .model import MALE

FIRST_SEQUENCE: Final = 900
PHONE_PREFIX: Final = "163"

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"
_PHONES = 100_000_000
_STRIDE = 61_803_399  # ours: without common factor with the above, so no number comes twice
_HK_MACAO_AREAS = ("810000", "820000", "830000")
_FOREIGN_AREAS = ("911840", "931826", "944392", "945410")


class Papers:
    """Gives out numbers, none twice."""

    def __init__(self, rng: Random) -> None:
        self._offset = rng.randrange(_PHONES)
        self._phones = 0
        self._serial = 0
        self._areas: dict[str, int] = {}
        self._days: dict[date, tuple[str, int]] = {}
        self._used: dict[tuple[str, date, str], int] = {}
        self._sequences = [
            (str(each), _weigh(str(each), 14)) for each in range(FIRST_SEQUENCE, FIRST_SEQUENCE + 100)
        ]

    def close_area(self, area: str) -> None:
        """Forgets what was given out in ``area``: nobody else will be born there."""
        self._used = {key: used for key, used in self._used.items() if key[0] != area}

    def id_card(self, area: str, born: date, sex: str) -> str | None:
        """A number by GB 11643, or None when the reserved sequences of that area, day and sex are used up."""
        key = (area, born, sex)
        at = self._used.get(key, 0) * 2 + (sex == MALE)
        if at >= len(self._sequences):
            return None
        self._used[key] = at // 2 + 1
        sequence, last = self._sequences[at]
        day, middle = self._day(born)
        first = self._areas.get(area)
        if first is None:
            first = self._areas[area] = _weigh(area, 0)
        return area + day + sequence + _CHECK[(first + middle + last) % 11]

    def other(self, kind: str, born: date, sex: str) -> str | None:
        """A number of a document that is no resident's identity card; None for kinds without one."""
        self._serial += 1
        serial = self._serial
        if kind == "hmt_resident":
            return self.id_card(_HK_MACAO_AREAS[serial % 3], born, sex)
        if kind == "foreign_resident":
            return self.id_card(_FOREIGN_AREAS[serial % 4], born, sex)
        shapes = {
            "hk_macao_permit": f"H00{serial:06d}",
            "taiwan_permit": f"00{serial:06d}",
            "passport": f"ZZ{serial:07d}",
            "birth_certificate": f"Z{serial:09d}",
        }
        return shapes.get(kind)

    def phone(self) -> str:
        """A mobile number that belongs to nobody; the first hundred million are all different."""
        self._phones += 1
        return f"{PHONE_PREFIX}{(self._offset + self._phones * _STRIDE) % _PHONES:08d}"

    def _day(self, born: date) -> tuple[str, int]:
        found = self._days.get(born)
        if found is None:
            text = f"{born:%Y%m%d}"
            found = self._days[born] = (text, _weigh(text, 6))
        return found


def _weigh(digits: str, at: int) -> int:
    """What these digits add to the sum under the check digit, standing at position ``at``."""
    return sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS[at:], strict=False))
