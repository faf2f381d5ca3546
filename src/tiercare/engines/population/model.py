"""The plain values of a synthetic population."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

CENSUS_DAY: Final = date(2020, 11, 1)  # 第七次全国人口普查标准时点: the day for which the pyramid is known

# GB/T 2261.1
MALE: Final = "1"
FEMALE: Final = "2"

# GB/T 4761, one digit
HEAD: Final = "0"
SPOUSE: Final = "1"
SON: Final = "2"
DAUGHTER: Final = "3"
GRANDCHILD: Final = "4"
PARENT: Final = "5"
OTHER_RELATIVE: Final = "8"
NOT_RELATED: Final = "9"

HAN_NATION: Final = "01"


@dataclass(frozen=True, slots=True)
class Village:
    """A place of people: statistical code of 12 digits, name, whether its addresses are a town's.

    ``population`` weighs the places against each other; without it a usual size is taken.
    """

    code12: str
    name: str
    population: int | None = None
    urban: bool = False


@dataclass(frozen=True, slots=True)
class Member:
    """A synthetic person. ``sex`` GB/T 2261.1, ``relation`` to the head GB/T 4761, ``nation`` GB/T 3304.

    ``identity_kind`` is one of id_card, foreign_resident, hmt_resident, hk_macao_permit, taiwan_permit, passport,
    birth_certificate, by_mother, none; ``identity_number`` is None for the last. Foreigners have no ``nation``.
    ``groups`` are codes of key groups (see ``KEY_GROUPS``).
    """

    name: str
    sex: str
    birth_date: date
    relation: str
    phone: str | None
    identity_kind: str
    identity_number: str | None
    nation: str | None
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Household:
    """People who live together, the head first: where (12 digits), at which address below the village."""

    division_code: str
    address: str
    members: tuple[Member, ...]
