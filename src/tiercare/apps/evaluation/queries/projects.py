"""Work programmes in force for somebody, their projects counted by programme and county, listed, and beside the year before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right, may
from tiercare.apps.ledger import queries as clock
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network.queries.reading import area_names
from tiercare.engines.measures.programmes import Programme, Works
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused, refuse
from tiercare.kernel.text import Text

from ..rules import oversight as sheets
from ..rules.projects import NO_PROGRAMME, NOT_LISTED
from ..rules.standing import Standing
from .book import works_of
from .matters import Listed, area_of, as_json, listed, reads
from .oversight import Roll, Subject, party_for

PAGE, MOST = 50, 3000


class Box(StrEnum):
    """Which of the projects."""

    ALL = "all"
    OPEN = "open"
    DONE = "done"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list is narrowed to; empty is everything that the actor may see. ``top`` is a top-level programme with all that
    stands under it, ``area`` the owner's county, ``year`` that of the period; ``by_subject``: those of one hospital stand
    together."""

    top: str = ""
    programme: str = ""
    area: str = ""
    consortium: str = ""
    year: str = ""
    text: str = ""
    box: Box = Box.ALL
    by_subject: bool = False


# A county is six digits of the owner's area; a city's own commission stands for itself.
_FIT = """
m.kind = 'PROJECT' AND m.state <> 'WITHDRAWN'
  AND (%(top)s::text = '' OR m.payload ->> 'top' = %(top)s::text)
  AND (%(programme)s::text = '' OR m.payload ->> 'programme' = %(programme)s::text)
  AND (%(consortium)s::text = '' OR m.payload ->> 'consortium' = %(consortium)s::text)
  AND (%(area)s::text = '' OR left(m.owner_area, 6) = %(area)s::text)
  AND (%(year)s::text = '' OR m.period = %(year)s::text)
  AND (%(text)s::text = '' OR strpos(lower(m.title || ' ' || m.subject_name), lower(%(text)s::text)) > 0)
  AND CASE %(box)s::text WHEN 'open' THEN m.turn <> '' WHEN 'done' THEN m.turn = ''
      WHEN 'late' THEN m.turn <> '' AND m.due_on < %(today)s::date ELSE true END
"""
_LIST = """
SELECT m.*, (SELECT count(*) FROM evaluation_matter c WHERE c.parent_id = m.id AND c.turn <> '') AS open_children
FROM evaluation_matter m WHERE <fit>
ORDER BY CASE WHEN %(by_subject)s::boolean THEN m.subject_name END, m.turn = '', m.due_on, m.subject_name, m.made_at, m.id
LIMIT %(limit)s OFFSET %(offset)s
""".replace("<fit>", _FIT)
_COUNTS = """
count(*) FILTER (WHERE m.turn <> '') AS open, count(*) FILTER (WHERE m.turn = '') AS done,
count(*) FILTER (WHERE m.turn <> '' AND m.due_on < %(today)s::date) AS overdue
"""
# Names as the newest of them kept them: a programme that the pack has no longer is still called something.
_COUNTED = """
SELECT m.payload ->> 'top' AS top, m.payload ->> 'programme' AS programme, left(m.owner_area, 6) AS area, <counts>,
    max(m.payload -> 'top_name' ->> 'zh') AS top_zh, max(m.payload -> 'top_name' ->> 'en') AS top_en,
    max(m.payload -> 'programme_name' ->> 'zh') AS zh, max(m.payload -> 'programme_name' ->> 'en') AS en
FROM evaluation_matter m WHERE <fit> GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
""".replace("<counts>", _COUNTS).replace("<fit>", _FIT)
_BY_CONSORTIUM = """
SELECT m.payload ->> 'consortium' AS consortium, max(m.payload ->> 'consortium_name') AS name, <counts>
FROM evaluation_matter m WHERE <fit> AND coalesce(m.payload ->> 'consortium', '') <> '' GROUP BY 1 ORDER BY 2, 1
""".replace("<counts>", _COUNTS).replace("<fit>", _FIT)
_BEFORE = """
SELECT m.period, m.result FROM evaluation_matter m
WHERE m.kind = 'PROJECT' AND m.state <> 'WITHDRAWN' AND m.subject_type = %(group)s AND m.subject_key = %(key)s
  AND m.payload ->> 'programme' = %(programme)s AND m.period = %(period)s AND m.result <> '{}'::jsonb
"""


@dataclass(frozen=True, slots=True)
class Count:
    """How many are open, done, and of the open ones overdue."""

    open: int = 0
    done: int = 0
    overdue: int = 0

    def __add__(self, other: Count) -> Count:
        return Count(self.open + other.open, self.done + other.done, self.overdue + other.overdue)

    @property
    def whole(self) -> int:
        """All of them."""
        return self.open + self.done


@dataclass(frozen=True, slots=True)
class Line:
    """A programme with its counts by county; ``standing`` where it is in force."""

    id: str
    name: Text
    counts: Mapping[str, Count]
    standing: bool

    @property
    def whole(self) -> Count:
        """All counties together."""
        return sum(self.counts.values(), Count())


@dataclass(frozen=True, slots=True)
class Top:
    """A top-level programme with the programmes below it, itself among them."""

    line: Line
    below: Sequence[Line] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class Dashboard:
    """Programmes by counties (code and name), those with projects among the counties of the area."""

    tops: Sequence[Top]
    areas: Sequence[tuple[str, str]]
    works: Works

    @property
    def whole(self) -> Count:
        """Everything."""
        return sum((each.line.whole for each in self.tops), Count())


def pack_for(actor: Actor) -> str:
    """The pack in force where the actor stands."""
    today = clock.today()
    return mandates.pack_in_force(party_for(actor, on=today).area, on=today)


def works_for(actor: Actor) -> Works:
    """The programmes and standards in force where the actor stands; none where no pack was put in force."""
    try:
        pack = pack_for(actor)
    except Refused:
        return Works()
    return works_of(pack, on=clock.today())


def programme_of(works: Works, name: str) -> Programme:
    """The programme of that id.

    Raises:
        Refused: if there is none, naming the clause that does not list it.
    """
    found = works.programmes.get(name)
    if found is None:
        clause = works.unlisted.get(name)
        raise Refused(replace(NOT_LISTED, clauses=(clause,)) if clause else NO_PROGRAMME)
    return found


def eligible(everybody: Roll, programme: Programme) -> Sequence[Subject]:
    """Whose projects the programme knows, of those whom somebody may give something."""
    return everybody.filers.get(programme.of.value, ())


def dashboard(actor: Actor, *, year: str = "") -> Dashboard:
    """Open, done and overdue projects by programme and county, as far as the actor sees them; one statement of counts.

    Raises:
        Refused: if the actor has no part in supervision.
    """
    today, works = _reader(actor), works_for(actor)
    with scoped(actor, area=area_of(actor)):
        counted = rows(_COUNTED, **_given(Wanted(year=year), today))
    names = area_names(on=today)
    codes = sorted({row["area"] for row in counted})
    return Dashboard(_tops(works, counted), [(each, names.get(each, each)) for each in codes], works)


def _tops(works: Works, counted: Sequence[Mapping[str, Any]]) -> list[Top]:
    counts: dict[str, dict[str, Count]] = {key: {} for key in works.programmes}
    names = {key: each.name for key, each in works.programmes.items()}
    above = dict(works.tops)
    for row in counted:
        name = row["programme"]
        counts.setdefault(name, {})[row["area"]] = Count(row["open"], row["done"], row["overdue"])
        names.setdefault(name, Text(row["zh"], row["en"]))
        # Where it was opened it stays: a pack that is ordered anew counts what comes from then on.
        above.setdefault(name, row["top"])
        names.setdefault(row["top"], Text(row["top_zh"], row["top_en"]))
    below: dict[str, list[Line]] = {}
    for name, by_area in counts.items():
        line = Line(name, names[name], by_area, name in works.programmes)
        below.setdefault(above[name], []).append(line)
    order = {key: at for at, key in enumerate(works.programmes)}
    return [
        Top(Line(key, names[key], _together(lines), key in works.programmes), lines)
        for key, lines in sorted(below.items(), key=lambda each: order.get(each[0], len(order)))
    ]


def _together(lines: Sequence[Line]) -> Mapping[str, Count]:
    found: dict[str, Count] = {}
    for line in lines:
        for area, count in line.counts.items():
            found[area] = found.get(area, Count()) + count
    return found


def projects(actor: Actor, wanted: Wanted, *, page: int = 1, most: int = PAGE) -> tuple[list[Listed], bool]:
    """Projects that the actor may see, open ones first by their day, and whether there are more.

    Raises:
        Refused: if the actor has no part in supervision.
    """
    today = _reader(actor)
    with scoped(actor, area=area_of(actor)):
        found = rows(
            _LIST,
            limit=most + 1,
            offset=(max(page, 1) - 1) * most,
            by_subject=wanted.by_subject,
            **_given(wanted, today),
        )
    return [listed(row, today) for row in found[:most]], len(found) > most


def by_consortium(actor: Actor, wanted: Wanted) -> list[tuple[str, str, Count]]:
    """Of projects in which a lead hospital helps: counts by its consortium, with key and name.

    Raises:
        Refused: if the actor has no part in supervision.
    """
    today = _reader(actor)
    with scoped(actor, area=area_of(actor)):
        found = rows(_BY_CONSORTIUM, **_given(wanted, today))
    return [(r["consortium"], r["name"], Count(r["open"], r["done"], r["overdue"])) for r in found]


@dataclass(frozen=True, slots=True)
class Compared:
    """A field of a yearly sheet: what it says, what the year before said, and the difference of numbers."""

    field: Mapping[str, Any]
    now: str
    before: str
    change: str


def beside(actor: Actor, standing: Standing) -> tuple[str, list[Compared]]:
    """A yearly sheet beside that of the year before: which year that is, and the fields by their domain; empty where the project
    is none or the year before has no sheet."""
    payload = standing.payload
    if not payload["yearly"] or not standing.period.isdecimal():
        return "", []
    year = str(int(standing.period) - 1)
    with scoped(actor, area=area_of(actor)):
        found = rows(
            _BEFORE,
            group=standing.subject_type,
            key=standing.subject_key,
            programme=payload["programme"],
            period=year,
        )
    said = as_json(found[0]["result"]) if found else {}
    now = standing.result
    lines = [
        Compared(each, str(now.get(each["id"], "")), str(said.get(each["id"], "")), _change(each, now, said))
        for each in payload["sheet"]
    ]
    return (year if found else ""), lines


def _change(each: Mapping[str, Any], now: Mapping[str, Any], before: Mapping[str, Any]) -> str:
    if each["type"] != "number":
        return ""
    new, old = sheets.number(now.get(each["id"])), sheets.number(before.get(each["id"]))
    if new is None or old is None:
        return ""
    return f"{(new - old).normalize():+f}" if new != old else "0"


def _reader(actor: Actor) -> date:
    refuse(None if reads(actor) else may(actor, Right.SUPERVISION_ANSWER))
    return clock.today()


def _given(wanted: Wanted, today: date) -> dict[str, Any]:
    return {
        "top": wanted.top,
        "programme": wanted.programme,
        "consortium": wanted.consortium,
        "area": wanted.area,
        "year": wanted.year,
        "text": wanted.text,
        "box": wanted.box.value,
        "today": today,
    }
