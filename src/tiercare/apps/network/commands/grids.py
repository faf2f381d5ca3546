"""Drawing the grids of a region anew, from a day on; what stood before stays in the history."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction
from psycopg.types.range import DateRange

from tiercare.apps.access.rights import Right
from tiercare.apps.ledger import commands as ledger
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import stable_id, uuid7
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from .. import events, models
from ..rules import Role
from .standing import standing_consortium
from .trying import tried


@dataclass(frozen=True, slots=True)
class Drawn:
    """A grid as it is to be: its places (townships, or areas as a whole) and the consortia that answer for it. ``grid`` is the grid
    that it goes on as; ``None`` begins a new one."""

    grid: UUID | None
    name: str
    places: tuple[str, ...]
    consortia: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Following:
    """A member that goes with its township from one consortium to another."""

    institution_id: UUID
    old: UUID
    new: UUID


@transaction.atomic
def redraw_grids(
    *, actor: Actor, region: str, grids: Sequence[Drawn], start: date, following: Sequence[Following] = ()
) -> int:
    """From ``start`` on, these are the grids of ``region``, all of them, and these members go with their townships; answers how many
    places changed their grid. A member that has left meanwhile is passed over.

    Raises:
        Refused: if the actor may not decide there, a later division is on record already, a place is named twice or left out, a
            consortium does not stand that day, or a card of the region's pack would be violated by it.
    """
    wanted = _wanted(grids)
    moved = 0
    with tried(actor, Right.NETWORK_DECIDE, region, on=start):
        standing = list(models.Grid.objects.select_for_update().filter(region=region, period__contains=start))
        _nothing_later(region, start)
        _nothing_dropped(standing, wanted, start)
        ids = _kept_or_begun(region, grids, standing, start)
        moved += _move_places(standing, {code: ids[i] for code, i in wanted.items()}, start)
        _answer(
            standing,
            {(ids[i], consortium) for i, drawn in enumerate(grids) for consortium in drawn.consortia},
            start,
        )
        for grid in standing:
            if grid.id not in ids.values():
                _end(grid, start)
        followed = _follow(following, start)
    for each in followed:
        _told(actor, region, each, start)
    ledger.append(
        actor,
        events.GridsRedrawn(region, start, len(grids), moved),
        subject_type="region",
        subject_id=stable_id("region", region),
        institution_id=actor.institution_id,
        division_code=region,
    )
    return moved


def _wanted(grids: Sequence[Drawn]) -> dict[str, int]:
    found: dict[str, int] = {}
    twice = set()
    for i, grid in enumerate(grids):
        twice |= {code for code in grid.places if code in found}
        found.update(dict.fromkeys(grid.places, i))
    if twice:
        raise Refused(_twice(sorted(twice)))
    return found


def _nothing_later(region: str, start: date) -> None:
    """Rows that begin later would overlap, or be forgotten."""
    later = models.GridPlace.objects.filter(grid__region=region, period__startswith__gt=start)
    first = later.order_by("period").values_list("period", flat=True).first()
    if first is not None:
        raise Refused(_later(first.lower))


def _nothing_dropped(standing: Sequence[models.Grid], wanted: Mapping[str, int], start: date) -> None:
    """A place leaves its grid only for another: by itself, with its area, or by its townships."""
    rows = models.GridPlace.objects.filter(grid__in=[grid.id for grid in standing], period__contains=start)
    codes = sorted(rows.values_list("division_code", flat=True))
    dropped = [c for c in codes if not any(w.startswith(c) or c.startswith(w) for w in wanted)]
    if dropped:
        raise Refused(_dropped(dropped))


def _kept_or_begun(
    region: str, grids: Sequence[Drawn], standing: Sequence[models.Grid], start: date
) -> Mapping[int, UUID]:
    known = {grid.id: grid for grid in standing}
    found = {}
    for i, drawn in enumerate(grids):
        for consortium in drawn.consortia:
            standing_consortium(consortium, start)
        if drawn.grid in known:
            found[i] = known[drawn.grid].id
            continue
        key = uuid7()
        models.Grid.objects.create(
            id=key, slug=f"{region}-{key.hex}", region=region, name=drawn.name, period=DateRange(start, None)
        )
        found[i] = key
    return found


def _move_places(standing: Sequence[models.Grid], wanted: Mapping[str, UUID], start: date) -> int:
    rows = models.GridPlace.objects.select_for_update().filter(
        grid__in=[grid.id for grid in standing], period__contains=start
    )
    left, moved = dict(wanted), 0
    for row in rows:
        if left.get(row.division_code) == row.grid_id:
            del left[row.division_code]
            continue
        _end(row, start)
        moved += 1
    models.GridPlace.objects.bulk_create(
        models.GridPlace(grid_id=grid, division_code=code, period=DateRange(start, None))
        for code, grid in sorted(left.items())
    )
    return max(moved, len(left))


def _answer(standing: Sequence[models.Grid], wanted: Collection[tuple[UUID, UUID]], start: date) -> None:
    rows = models.Responsibility.objects.select_for_update().filter(
        grid__in=[grid.id for grid in standing], period__contains=start
    )
    left = set(wanted)
    for row in rows:
        if (row.grid_id, row.consortium_id) in left:
            left.remove((row.grid_id, row.consortium_id))
        else:
            _end(row, start)
    models.Responsibility.objects.bulk_create(
        models.Responsibility(grid_id=grid, consortium_id=consortium, period=DateRange(start, None))
        for grid, consortium in sorted(left)
    )


def _follow(following: Sequence[Following], start: date) -> list[Following]:
    """Those that were members on the day, and are now of the other."""
    wanted = {(each.institution_id, each.old): each for each in following}
    rows = models.Membership.objects.select_for_update().filter(
        institution__in={each.institution_id for each in following}, role=Role.MEMBER, period__contains=start
    )
    found = []
    for row in list(rows):
        each = wanted.get((row.institution_id, row.consortium_id))
        if each is None:
            continue
        _end(row, start)
        models.Membership.objects.create(
            consortium_id=each.new,
            institution_id=row.institution_id,
            role=Role.MEMBER,
            period=DateRange(start, None),
        )
        found.append(each)
    return found


def _told(actor: Actor, region: str, each: Following, start: date) -> None:
    for consortium, event in (
        (each.old, events.MembershipEnded(str(each.old), str(each.institution_id), start)),
        (each.new, events.MembershipStarted(str(each.new), str(each.institution_id), Role.MEMBER, start)),
    ):
        ledger.append(
            actor,
            event,
            subject_type="consortium",
            subject_id=consortium,
            institution_id=each.institution_id,
            division_code=region,
        )


def _end(
    row: models.Grid | models.GridPlace | models.Responsibility | models.Membership, start: date
) -> None:
    """What began that very day was never in force."""
    if row.period.lower == start:
        row.delete()
        return
    row.period = DateRange(row.period.lower, start)
    row.save(update_fields=["period"])


def _twice(codes: Sequence[str]) -> Refusal:
    return Refusal(
        code="network.place_in_two_grids",
        message=Text("{places} 划进了两个网格。", "{places} lie in two grids."),
        instead=Text("每个地方只能在一个网格里，请核对。", "A place lies in one grid; please check."),
        fields={"places": "、".join(codes[:8]) + ("……" if len(codes) > 8 else "")},
        at="grids",
        status=422,
    )


def _dropped(codes: Sequence[str]) -> Refusal:
    return Refusal(
        code="network.place_in_no_grid",
        message=Text("{places} 不再属于任何网格。", "{places} would lie in no grid any more."),
        instead=Text("请把它们划进一个网格。", "Put them into a grid."),
        fields={"places": "、".join(codes[:8]) + ("……" if len(codes) > 8 else "")},
        at="grids",
        status=422,
    )


def _later(day: date) -> Refusal:
    return Refusal(
        code="network.later_grids",
        message=Text(
            "已经登记了从 {day} 起的网格划分。", "A division of grids from {day} on is on record already."
        ),
        instead=Text("请把生效日期定在那天或以后。", "Let it take effect on that day or later."),
        fields={"day": day},
        at="start",
        status=409,
    )
