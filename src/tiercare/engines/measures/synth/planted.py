"""What can be hidden in synthetic facts so that a signal can be judged by whether it finds it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Siphon:
    """虹吸: from a month on the lead draws stable patients, staff and with them the fund's money from its members.

    Attributes:
        from_month: YYYYMM.
        strength: share (0–1) of the stable patients of members' primary care who go to the lead by themselves instead;
            referrals and postings down fall by as much, a third as many of the members' staff move up within a year.
    """

    consortium: str
    from_month: int
    strength: float = 0.4


@dataclass(frozen=True, slots=True)
class LandGrab:
    """跑马圈地: a consortium takes in many loose members and does nothing for them."""

    consortium: str
    members: int = 20


@dataclass(frozen=True, slots=True)
class Heaping:
    """Readings and costs of an institution are rounded to whole tens, of this share of its rows."""

    institution: str
    share: float = 0.7


@dataclass(frozen=True, slots=True)
class PileUp:
    """Readings of an institution that miss what counts as controlled by up to ``within`` are written down as just meeting it."""

    institution: str
    share: float = 0.8
    within: int = 6


@dataclass(frozen=True, slots=True)
class Impossible:
    """On one day of each month an institution reports this share of the month's outpatients: more than its physicians can see."""

    institution: str
    share: float = 0.5


Planted = Siphon | LandGrab | Heaping | PileUp | Impossible


@dataclass(slots=True)
class Truth:
    """What was written and what is hidden in it.

    Attributes:
        rows: rows by fact table.
        planted: each thing with how many rows it changed, and the institutions it concerns.
        people: how many synthetic residents there are.
    """

    region: str
    seed: int
    months: tuple[int, ...]
    people: int = 0
    rows: dict[str, int] = field(default_factory=dict)
    planted: dict[Planted, int] = field(default_factory=dict)
    concerned: dict[Planted, tuple[str, ...]] = field(default_factory=dict)
    synthetic: bool = True

    def count(self, planted: Planted, rows: int) -> None:
        """Note that ``rows`` more were changed."""
        self.planted[planted] = self.planted.get(planted, 0) + rows
