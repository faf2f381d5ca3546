"""Load the divisions of the whole country, province by province, beside what the register already holds.

The data tell of one day, the cut-off of the publication; what held before they do not know, and saying that it
did would be making history up. So a code that the register does not know begins on that day. What the register
knows of a code on that day it keeps, whoever put it there, with its history, outline, point and population; new
divisions below stand under it for as long as it lasts, and under what follows it after that.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet

from tiercare.apps.access.rules import Right, may
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as clock
from tiercare.kernel.actor import Actor
from tiercare.kernel.divisions import level_of, parent_code
from tiercare.kernel.period import Period
from tiercare.kernel.refusal import Refused

from .. import bundled, events, rules
from ..models import Division, NationwideLoad
from ..pinyin import initials_of_many
from ..published import CUT_OFF, Published, kind_of
from .register import lay_down_divisions

_COPY = (
    "COPY terms_division (id, code, name, initials, level, kind, parent_id, period, point_basis, population_basis)"
    " FROM STDIN"
)
_ON = Period(CUT_OFF)
_LOWEST = 12  # digits of a code under which no other stands


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a call of ``load_nationwide`` did, and what all calls with the same data together found.

    Attributes:
        provinces: codes of the provinces that this call loaded; empty if all were there.
        added: rows that this call added to the register.
        before: rows that earlier calls with the same data had added.
        kept: codes of the data that the register knew already, over all calls.
        left_out: codes of the data that have no place, because a division above had ended by then.
        differing: ``(code, name in the register, name in the data)``, where the register keeps its own; an empty
            name stands for a code that the register had ended by the data's day.
    """

    provinces: tuple[str, ...]
    added: int
    before: int
    kept: int
    left_out: int
    differing: tuple[tuple[str, str, str], ...]


def load_nationwide(
    actor: Actor, *, published: Published, advance: Callable[[str, int], object] = lambda province, rows: None
) -> Loaded:
    """Add to the register every published division that it lacks; never touch what is there.

    Each province is one transaction that ends with a row of ``NationwideLoad`` and one event, so a load that is
    cut off, at whatever point, goes on after the last whole province; loading the same data again adds nothing.
    ``advance`` is told each province that is done, with its rows in the data. The bundled register is laid down first: it knows more of
    its regions, and would find their codes taken afterwards.

    Raises:
        Refused: if the actor may not keep the register of one of the provinces, or a row of the data is wrong;
            nothing is changed then.
    """
    counts = published.counts
    for province in counts:
        if refusal := may(actor, Right.TERMS_EDIT, division=province):
            raise Refused(refusal)
    lay_down_divisions(actor)
    earlier = set(_loads(published).values_list("province", flat=True))
    done: list[str] = []
    if earlier.issuperset(counts):
        for province, rows_there in counts.items():
            advance(province, rows_there)
        return _told(published, done)
    for province, rows in published.provinces():
        if province not in earlier and _load_province(actor, published, province, rows):
            done.append(province)
        advance(province, counts[province])
    return _told(published, done)


def _loads(published: Published) -> QuerySet[NationwideLoad]:
    return NationwideLoad.objects.filter(digest=published.digest)


def _told(published: Published, done: list[str]) -> Loaded:
    loads = list(_loads(published))
    return Loaded(
        provinces=tuple(done),
        added=sum(load.added for load in loads if load.province in done),
        before=sum(load.added for load in loads if load.province not in done),
        kept=sum(load.kept for load in loads),
        left_out=sum(load.left_out for load in loads),
        differing=tuple((code, ours, theirs) for load in loads for code, ours, theirs in load.differing),
    )


def _load_province(
    actor: Actor, published: Published, province: str, rows: Iterable[tuple[str, str]]
) -> bool:
    """One province in one transaction; False if another process has loaded it meanwhile."""
    with transaction.atomic(), connection.cursor() as cursor:
        # Readers go on; whoever wants to write a division waits for the seconds that a province takes.
        cursor.execute("LOCK TABLE terms_division IN EXCLUSIVE MODE")
        if _loads(published).filter(province=province).exists():
            return False
        placing = _Placing(province)
        with cursor.copy(_COPY) as copy:
            for entry in placing.lacking(rows):
                copy.write_row(_columns(entry))
        load = NationwideLoad.objects.create(
            digest=published.digest,
            edition=published.edition,
            province=province,
            added=placing.added,
            kept=placing.kept,
            left_out=placing.left_out,
            differing=placing.differing,
            done_at=clock.now(),
        )
        ledger.append(
            actor,
            events.DivisionsLoaded(province, load.edition, load.digest, load.added, load.kept, load.left_out),
            subject_type="terms.nationwide_load",
            subject_id=load.id,
            division_code=province,
        )
    return True


def _columns(entry: bundled.Entry) -> tuple[object, ...]:
    """The values of ``_COPY``."""
    period = f"[{entry.period.start},{entry.period.end or ''})"
    return (
        entry.id,
        entry.code,
        entry.name,
        initials_of_many(entry.name),
        entry.level.value,
        entry.kind,
        entry.parent,
        period,
        "",
        "",
    )


class _Placing:
    """Finds the place of each division of one province among the rows that the register holds of it."""

    def __init__(self, province: str) -> None:
        self.added = self.kept = self.left_out = 0
        self.differing: list[tuple[str, str, str]] = []
        self._known: dict[str, list[tuple[Period, UUID, str]]] = defaultdict(list)
        # Under what divisions below can stand, from the data's day on: period and key.
        self._spans: dict[str | None, list[tuple[Period, UUID | None]]] = {None: [(_ON, None)]}
        held = Division.objects.filter(code__startswith=province).order_by("code", "period")
        for code, period, key, name in held.values_list("code", "period", "id", "name").iterator():
            self._known[code].append((Period(period.lower, period.upper), key, name))

    def lacking(self, rows: Iterable[tuple[str, str]]) -> Iterator[bundled.Entry]:
        """Rows to add: for each division, parents first, one for each row it stands under (mostly one or none)."""
        for code, name in rows:
            own = self._known.get(code, ())
            above = self._spans.get(parent_code(code), [])
            made = [
                bundled.Entry(code, name, level_of(code), kind_of(code, name), period, parent)
                for period, parent in rules.free_periods([period for period, _, _ in own], above, CUT_OFF)
            ]
            if len(code) < _LOWEST:
                held = ((_ON.intersection(period), key) for period, key, _ in own)
                self._spans[code] = [
                    *((shared, key) for shared, key in held if shared is not None),
                    *((entry.period, entry.id) for entry in made),
                ]
            self.added += len(made)
            if not made:
                self._note(code, name, next((ours for period, _, ours in own if CUT_OFF in period), ""), own)
            yield from made

    def _note(self, code: str, name: str, ours: str, own: Collection[object]) -> None:
        """Why nothing was added for this code: the register has it, or had ended it or what is above it."""
        if ours:
            self.kept += 1
        else:
            self.left_out += 1
        if own and ours != name:
            self.differing.append((code, ours, name))
