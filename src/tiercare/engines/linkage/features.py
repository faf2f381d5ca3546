"""What is compared: one form of a name, its sounds, a birth date in digits, an address in its steps."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from tiercare.engines import naming

from .model import Person
from .shares import share, share_in_any_order
from .sounds import coarse, syllable

_SEXES = ("1", "2")
STEPS = {6: 4, 9: 6, 12: 9}  # digits down to county, township, village: where that step's own digits begin
# Full-width digits, letters and signs of an address as their plain forms; blanks and commas carry nothing there.
# The batch does the same inside DuckDB, which has no NFKC.
FULL_WIDTH = "".join(chr(code) for code in range(0xFF01, 0xFF5F))
PLAIN = "".join(chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F))
ADDRESS_NOISE = r"[\s,.;、。　]+"
_PLAINLY = str.maketrans(FULL_WIDTH, PLAIN)
_NOISE = re.compile(ADDRESS_NOISE, re.ASCII)
_SEPARATORS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Name:
    """A name in the forms that the levels compare, and how common each form is (share of a cohort).

    folded: as ``naming.fold`` without separators. ordered: its characters sorted, so that 王小明 and 小明王 meet.
    sound: toneless syllables with blanks between, the likeliest. readings: all that the whole may be read.
    alike: syllables without what many speakers do not distinguish (zh/z, ch/c, sh/s, n/l, -ng/-n), sorted.
    family, given: the alike syllables of the surname and behind it, in order.
    """

    folded: str
    ordered: str
    sound: str
    readings: tuple[str, ...]
    alike: str
    surname: str
    family: str
    given: str
    folded_share: float
    ordered_share: float
    sound_share: float
    alike_share: float


@dataclass(frozen=True, slots=True)
class Features:
    """One person as it is compared. Empty text: unknown. birth: YYYYMMDD; steps: county, township, village."""

    name: Name | None
    sex: str
    birth: str
    phone: str
    home: str
    county: str
    township: str
    village: str


def features(person: Person) -> Features:
    """What is compared of ``person``."""
    code = person.address_code or ""
    return Features(
        name=name_forms(person.name),
        sex=person.sex if person.sex in _SEXES else "",
        birth=person.birth_date.isoformat().replace("-", "") if person.birth_date else "",
        phone=person.phone_hash or "",
        home=_NOISE.sub("", (person.address_text or "").translate(_PLAINLY)),
        county=step(code, 6),
        township=step(code, 9),
        village=step(code, 12),
    )


def step(code: str, digits: int) -> str:
    """The first ``digits`` of a 12-digit division code, or nothing where the code does not reach so far down."""
    return code[:digits] if len(code) == 12 and code[STEPS[digits] : digits].strip("0") else ""


@lru_cache(maxsize=65_536)
def name_forms(name: str) -> Name | None:
    """The forms of a name; None where no letter or character is left of it."""
    folded = _SEPARATORS.sub("", naming.fold(name))
    if not folded:
        return None
    syllables = [syllable(character) for character in folded]
    alike = [coarse(sound) for sound in syllables]
    split = len(naming.split(folded)[0])
    return Name(
        folded=folded,
        ordered="".join(sorted(folded)),
        sound=" ".join(syllables),
        readings=naming.readings(folded),
        alike=" ".join(sorted(alike)),
        surname=folded[:split],
        family=" ".join(alike[:split]),
        given=" ".join(alike[split:]),
        folded_share=share("characters", folded[:split], folded[split:]),
        ordered_share=share_in_any_order("characters", folded),
        sound_share=share("sounds", " ".join(syllables[:split]), syllables[split:]),
        alike_share=share_in_any_order("alike", alike),
    )
