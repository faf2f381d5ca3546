"""Lines, bands and columns as plain numbers that a template draws as SVG: no script, nothing inline, printable."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

_NAMED = 6  # so many columns have room for their names


@dataclass(frozen=True, slots=True)
class Point:
    """A value of a line at its place; ``fell`` where it is marked."""

    x: str
    y: str
    label: str
    text: str
    fell: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A line in a box of ``width`` × ``height``, with the levels that are demanded as dashed lines."""

    width: int
    height: int
    path: str
    points: tuple[Point, ...]
    levels: tuple[tuple[str, str], ...]
    low: str
    high: str
    said: str


def line(
    values: Sequence[tuple[str, float, str, bool]],
    levels: Sequence[tuple[float, str]] = (),
    *,
    shown: Callable[[float], str],
    width: int = 240,
    height: int = 56,
    margin: int = 6,
) -> Line | None:
    """A line through (label, value, text, marked); ``None`` for less than two points. A level far off still shows: the box
    reaches to it."""
    if len(values) < 2:
        return None
    everything = [value for _, value, _, _ in values] + [level for level, _ in levels]
    low, high = min(everything), max(everything)
    room = (high - low) or abs(high) or 1.0
    low, high = low - room * 0.08, high + room * 0.08

    def up(value: float) -> str:
        return _plain(height - margin - (value - low) / (high - low) * (height - 2 * margin))

    step = (width - 2 * margin) / (len(values) - 1)
    points = tuple(
        Point(_plain(margin + at * step), up(value), label, text, marked)
        for at, (label, value, text, marked) in enumerate(values)
    )
    return Line(
        width,
        height,
        "M" + "L".join(f"{each.x} {each.y}" for each in points),
        points,
        tuple((up(level), text) for level, text in levels),
        shown(min(value for _, value, _, _ in values)),
        shown(max(value for _, value, _, _ in values)),
        "；".join(f"{label} {text}" for label, _, text, _ in values),
    )


@dataclass(frozen=True, slots=True)
class Node:
    """An end of bands: where it stands, how tall it is, what it is called and how much goes through it."""

    id: str
    name: str
    count: int
    x: str
    y: str
    height: str
    middle: str
    named: str
    right: bool


@dataclass(frozen=True, slots=True)
class Band:
    """What goes from one node to another."""

    path: str
    css: str
    said: str


@dataclass(frozen=True, slots=True)
class Sankey:
    """Bands between two columns of nodes."""

    width: int
    height: int
    bar: int
    nodes: tuple[Node, ...]
    bands: tuple[Band, ...]


@dataclass(frozen=True, slots=True)
class Went:
    """So many from here to there; ``css`` names the kind of band."""

    source: str
    target: str
    count: int
    css: str
    said: str


def sankey(
    flows: Sequence[Went],
    left: Mapping[str, str],
    right: Mapping[str, str],
    *,
    width: int = 600,
    height: int = 280,
    side: int = 148,
) -> Sankey | None:
    """Bands as thick as what goes through them, from ``left`` to ``right`` (id -> name, in their order); ``None`` without any."""
    known = [each for each in flows if each.count and each.source in left and each.target in right]
    total = sum(each.count for each in known)
    if not total:
        return None
    bar, gap, edge = 12, 20, 10  # a name needs its line, however thin its end is
    sources = [key for key in left if any(each.source == key for each in known)]
    targets = [key for key in right if any(each.target == key for each in known)]
    scale = (height - 2 * edge - gap * (max(len(sources), len(targets)) - 1)) / total

    def column(
        keys: Sequence[str], names: Mapping[str, str], end: Callable[[Went], str], at_right: bool
    ) -> list[Node]:
        counts = [sum(each.count for each in known if end(each) == key) for key in keys]
        tall = sum(counts) * scale + gap * (len(keys) - 1)
        y, nodes = (height - tall) / 2, []
        for key, count in zip(keys, counts, strict=True):
            thick = max(count * scale, 1.0)
            x = width - side - bar if at_right else side
            nodes.append(
                Node(
                    key,
                    names[key],
                    count,
                    _plain(x),
                    _plain(y),
                    _plain(thick),
                    _plain(y + thick / 2),
                    _plain(x + bar + 8 if at_right else x - 8),
                    at_right,
                )
            )
            y += thick + gap
        return nodes

    starts = column(sources, left, lambda each: each.source, False)
    ends = column(targets, right, lambda each: each.target, True)
    bands = _bands(known, starts, ends, scale, side + bar, width - side - bar)
    return Sankey(width, height, bar, (*starts, *ends), bands)


def _bands(
    known: Sequence[Went], starts: Sequence[Node], ends: Sequence[Node], scale: float, x0: float, x1: float
) -> tuple[Band, ...]:
    out = {each.id: float(each.y) for each in starts}
    into = {each.id: float(each.y) for each in ends}
    order = {each.id: at for at, each in enumerate(ends)}
    rank = {each.id: at for at, each in enumerate(starts)}
    middle = (x0 + x1) / 2
    bands = []
    for each in sorted(known, key=lambda went: (rank[went.source], order[went.target], went.css)):
        thick = max(each.count * scale, 0.6)
        a, b = out[each.source], into[each.target]
        out[each.source], into[each.target] = a + each.count * scale, b + each.count * scale
        top = f"M{_plain(x0)} {_plain(a)}C{_plain(middle)} {_plain(a)} {_plain(middle)} {_plain(b)} {_plain(x1)} {_plain(b)}"
        back = f"C{_plain(middle)} {_plain(b + thick)} {_plain(middle)} {_plain(a + thick)} {_plain(x0)} {_plain(a + thick)}Z"
        bands.append(Band(f"{top}L{_plain(x1)} {_plain(b + thick)}{back}", each.css, each.said))
    return tuple(bands)


@dataclass(frozen=True, slots=True)
class Column:
    """Two columns side by side under one label."""

    label: str
    tick: str
    here: tuple[str, str, str]
    there: tuple[str, str, str]
    middle: str
    texts: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Columns:
    """Pairs of columns, as tall as the greatest of all."""

    width: int
    height: int
    wide: str
    columns: tuple[Column, ...]
    most: int


def columns(pairs: Sequence[tuple[str, int, int]], *, width: int = 260, height: int = 84) -> Columns | None:
    """(label, here, there) as pairs of columns; ``None`` without any count. Of many, only first quarters are named below, by
    their year."""
    most = max((max(here, there) for _, here, there in pairs), default=0)
    if not most:
        return None
    step, base = width / len(pairs), height - 16
    wide = min(16.0, step / 2.8)

    def one(count: int, x: float) -> tuple[str, str, str]:
        tall = count / most * (base - 4)
        return _plain(x), _plain(base - tall), _plain(tall)

    made = []
    for at, (label, here, there) in enumerate(pairs):
        middle = step * at + step / 2
        made.append(
            Column(
                label,
                label if len(pairs) <= _NAMED else f"20{label[:2]}" if label.endswith("Q1") else "",
                one(here, middle - wide - 0.5),
                one(there, middle + 0.5),
                _plain(middle),
                (here, there),
            )
        )
    return Columns(width, height, _plain(wide), tuple(made), most)


def shares(counts: Mapping[str, int]) -> list[tuple[str, int, float]]:
    """Each count with its part of all, in the order given; nothing without any."""
    total = sum(counts.values())
    return [(key, count, count / total) for key, count in counts.items() if count] if total else []


def together(flows: Sequence[Sequence[object]], *places: int) -> dict[tuple[str, ...], int]:
    """Counts of flows (their last item) added up by the words at ``places``."""

    def key(flow: Sequence[object]) -> tuple[str, ...]:
        return tuple(str(flow[at]) for at in places)

    return {
        words: sum(int(str(flow[-1])) for flow in group)
        for words, group in groupby(sorted(flows, key=key), key)
    }


def _plain(number: float) -> str:
    return f"{number:.1f}".rstrip("0").rstrip(".")
