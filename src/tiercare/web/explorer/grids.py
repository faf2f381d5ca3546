"""The planning map's errors: townships that lie in no grid, and in several (CX-07), where the region's text asks for that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tiercare.apps.network.rules.grids import every_township_in_one_grid
from tiercare.apps.terms import queries as terms
from tiercare.engines.policy import PackSet, RuleCard

from .tree import Place

_CARD = every_township_in_one_grid.__name__
_PREFECTURE, _COUNTY = 4, 6  # digits


@dataclass(frozen=True, slots=True)
class Wrong:
    """A township with the grids that it lies in: none, or too many."""

    code: str
    name: str
    county: str
    grids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Planned:
    """What the map says about grids: the card that asks, how many townships were looked at, and which are wrong."""

    card: RuleCard
    checked: int
    wrong: Sequence[Wrong]

    @property
    def left_out(self) -> int:
        """How many lie in no grid."""
        return sum(not each.grids for each in self.wrong)

    @property
    def twice(self) -> int:
        """How many lie in several."""
        return len(self.wrong) - self.left_out


def planned(place: Place, packs: PackSet, pack: str, *, on: date) -> Planned | None:
    """The errors of a prefecture or a county on the day; ``None`` where no text in force asks, or of other areas."""
    card = next(
        (each for each in packs.cards_for(pack, app="network") if each.id == _CARD and on in each.period),
        None,
    )
    if card is None or len(place.code) not in (_PREFECTURE, _COUNTY):
        return None
    counties = {
        code: name
        for code, name in place.around.planned_names.items()
        if len(code) == _COUNTY and code.startswith(place.code)
    }
    if not counties:
        return None  # nobody planned here yet
    checked, wrong = 0, list[Wrong]()
    for county, below in terms.township_names(list(counties), on=on).items():
        whole = place.around.grids.get(county, ())
        for code, name in (below or {county: ""}).items():
            checked += 1
            grids = tuple(dict.fromkeys((*place.around.grids.get(code, ()), *whole)))
            if len(grids) != 1:
                wrong.append(Wrong(code, name, counties[county], grids))
    return Planned(card, checked, wrong)
