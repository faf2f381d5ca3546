"""What the areas of a region lack against the standards of their pack, and the cheapest way to close each gap."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from tiercare.apps.network import queries as network
from tiercare.apps.network.rules import Area as CountyArea
from tiercare.apps.network.rules import AreaKind, Institution, Network
from tiercare.engines.planning.lacking import Area, Gap, Way, gaps
from tiercare.engines.planning.standards import Counted, Means, Measure, Which
from tiercare.kernel.text import Text

from .ours import book_of, pack_of, standards_in

_UNRECORDED = Text("{what}没有登记，无法计算", "{what}: none on record, nothing to compute")
_NOBODY = Text("常住人口没有登记，无法计算", "permanent residents are not on record")


@dataclass(frozen=True, slots=True)
class GapRow:
    """What an area lacks of one thing.

    Attributes:
        ways: the cheapest that close it, each with how often it is taken; price: of all of them, in the unit of ``Gaps``.
        left: what no way closes.
    """

    area: str
    area_name: str
    people: int
    standard: Counted
    has: float
    wanted: float
    lacking: float
    ways: tuple[tuple[Way, int], ...]
    price: float
    left: float


@dataclass(frozen=True, slots=True)
class Gaps:
    """Everything that the areas of a region lack, the widest gap (as a part of what is wanted) first.

    Attributes:
        standards: those that were held against; met: how many pairs of area and standard have enough.
        unknown: what could not be computed: the standard (or the area) by name, and why.
        price_unit: of every price; ways_ours: the ways and prices are the packs' illustration, not the user's own.
    """

    rows: tuple[GapRow, ...]
    standards: tuple[Counted, ...]
    met: int
    unknown: tuple[tuple[Text, Text], ...]
    price_unit: Text
    ways_ours: bool

    @property
    def price(self) -> float:
        """Of closing what can be closed."""
        return sum(row.price for row in self.rows)


def gaps_of(
    region: str,
    *,
    on: date,
    ways: Sequence[Way] | None = None,
    net: Network | None = None,
) -> Gaps:
    """What the counties and districts of a region lack on a day; zones are served by those around them. All institutions on record count,
    private ones too.

    Args:
        region: a division code.
        ways: the user's own in place of those of the packs; ``Way.what`` names a standard.
        net: the network of that day, where it has been read already.

    Raises:
        PackErrors: if a pack's planning file is wrong.
    """
    pack = pack_of(region, on=on)
    if pack is None:
        return Gaps((), (), 0, (), Text("", ""), ways_ours=False)
    net = net or network.network_facts(region, on=on)
    book = book_of(pack)
    counted, unrecorded = _recorded(net, standards_in(region, on=on))
    areas = [area for _, area in sorted(net.areas.items()) if area.kind is not AreaKind.ZONE]
    peopled = [area for area in areas if area.population]
    offered = ways if ways is not None else list(_offered(net, peopled, book.means))
    found = gaps(
        [Area(a.code, a.name, a.population, _has(net, a, counted)) for a in peopled],
        [each.standard for each in counted],
        offered,
    )
    rows = tuple(_row(net, gap, counted, offered) for gap in found)
    nobody = [(Text(area.name, area.name), _NOBODY) for area in areas if not area.population]
    met = len(peopled) * len(counted) - len(rows)
    return Gaps(rows, tuple(counted), met, (*unrecorded, *nobody), book.price_unit, ways is None)


def _recorded(
    net: Network, standards: Sequence[Counted]
) -> tuple[list[Counted], tuple[tuple[Text, Text], ...]]:
    """Standards of which the register knows anything at all: no doctor in a whole region is a register without doctors, not a gap."""
    kept, unknown = [], []
    for each in standards:
        if each.measure is not Measure.INSTITUTIONS and not _amount(net.local(), each):
            what = {"what": each.standard.name}
            said = Text(_UNRECORDED.fill(what), _UNRECORDED.fill(what, "en"))
            unknown.append((each.standard.name, said))
        else:
            kept.append(each)
    return kept, tuple(unknown)


def _inside(net: Network, code: str) -> list[Institution]:
    return [each for each in net.local() if each.division == code]


def _has(net: Network, area: CountyArea, standards: Sequence[Counted]) -> dict[str, float]:
    rows = _inside(net, area.code)
    return {each.standard.id: float(_amount(rows, each)) for each in standards}


def _amount(rows: Iterable[Institution], counted: Counted) -> int:
    of = counted.of
    taken = [row for row in rows if of is None or of.takes(row.category.value, row.level, row.grade)]
    if counted.measure is Measure.BEDS:
        return sum(row.beds for row in taken)
    if counted.measure is Measure.GENERAL_PRACTITIONERS:
        return sum(row.general_practitioners for row in taken)
    return len(taken)


def _offered(net: Network, areas: Sequence[CountyArea], means: Sequence[Means]) -> Iterable[Way]:
    for area in areas:
        rows = _inside(net, area.code)
        for each in means:
            most = each.most if each.most_of is None else min(each.most, _count(rows, each.most_of))
            if most:
                key = f"{area.code}.{each.id}"
                yield Way(key, each.name, area.code, each.standard, each.gives, each.price, most)


def _count(rows: Iterable[Institution], which: Which) -> int:
    return sum(1 for row in rows if which.takes(row.category.value, row.level, row.grade))


def _row(net: Network, gap: Gap, counted: Sequence[Counted], ways: Sequence[Way]) -> GapRow:
    area, by_id = net.areas[gap.area], {way.id: way for way in ways}
    return GapRow(
        gap.area,
        area.name,
        area.population,
        next(each for each in counted if each.standard.id == gap.standard),
        gap.has,
        gap.wanted,
        gap.lacking,
        tuple((by_id[key], times) for key, times in gap.taken),
        gap.price,
        gap.left,
    )
