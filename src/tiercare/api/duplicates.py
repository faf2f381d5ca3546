"""``/api/duplicates``: pairs of entries that may be one person, and the keeper's decisions about them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Field, Query, Router, Schema

from tiercare.apps.residents import commands, queries
from tiercare.apps.residents.rules.doubles import LEVEL_NAMES

from .paging import known_only, no_cursor
from .problems import Problem
from .writes import Body, once

router = Router(tags=["duplicates"])

REFUSALS = {403: Problem, 404: Problem, 422: Problem}
WRITES = {**REFUSALS, 409: Problem, 428: Problem}
_PAGE = 20
_BETWEEN = "~"


class EntryOut(Schema):
    """As much of an entry as a list shows: name and number masked, the year of birth."""

    id: UUID
    name: str
    sex: str
    birth_year: int | None
    division: str
    institution: UUID
    identity_kind: str
    number: str
    temporary: bool
    deceased: bool


class ReasonOut(Schema):
    """What the comparison found: its key, and the same in words."""

    key: str
    zh: str
    en: str


class PairOut(Schema):
    """Two entries that may be one person, with the probability (0 to 1) that they are."""

    id: UUID
    first: EntryOut
    second: EntryOut
    likelihood: float
    reasons: list[ReasonOut]
    source: str
    found_at: datetime


class PairPage(Schema):
    """A page of pairs, the likeliest first; ``next`` is the cursor of the page that follows, if one does."""

    items: list[PairOut]
    next: str | None


class MergeIn(Body):
    """Two entries are one person, led by whoever leads ``kept``."""

    kept: UUID
    merged: UUID
    reason: str


class PartIn(Body):
    """A merge is undone."""

    merge: UUID
    reason: str


class DismissIn(Body):
    """A pair is two people."""

    first: UUID
    second: UUID
    reason: str


class MergedOut(Schema):
    """The merge; with its id it can be undone."""

    merge: UUID


class DoneOut(Schema):
    """What was decided: ``parted`` or ``different``."""

    decision: str


class Asked(Schema):
    """Which page, and of which pairs."""

    cursor: str = Field("", max_length=100)
    temporary: bool = False


@router.get("", response={200: PairPage, **REFUSALS}, summary="Pairs that may be one person")
def listed(request: HttpRequest, asked: Query[Asked]) -> PairPage:
    """The undecided pairs of the keeper's area, 20 at a time; ``temporary=true``: with a temporary entry only."""
    known_only(request, model=Asked)
    after = _place(asked.cursor) if asked.cursor else None
    found = queries.open_pairs(request.actor, after=after, limit=_PAGE + 1, temporary=asked.temporary)
    last = found[_PAGE - 1] if len(found) > _PAGE else None
    return PairPage(
        items=[_pair(each) for each in found[:_PAGE]],
        next=f"{last.weight.hex()}{_BETWEEN}{last.id}" if last else None,
    )


@router.post("/merge", response={201: MergedOut, **WRITES}, summary="Two entries are one person")
def merge(request: HttpRequest, body: MergeIn) -> HttpResponse:
    """Merge. Nothing that hangs on either entry is rewritten; ``/part`` undoes it."""
    return once(
        request,
        201,
        lambda: MergedOut(
            merge=commands.merge(request.actor, kept_id=body.kept, merged_id=body.merged, reason=body.reason)
        ),
    )


@router.post("/part", response={200: DoneOut, **WRITES}, summary="Undo a merge")
def part(request: HttpRequest, body: PartIn) -> HttpResponse:
    """Each entry stands for itself again, with all that was its own."""

    def work() -> DoneOut:
        commands.part(request.actor, merge_id=body.merge, reason=body.reason)
        return DoneOut(decision="parted")

    return once(request, 200, work)


@router.post("/dismiss", response={200: DoneOut, **WRITES}, summary="A pair is two people")
def dismiss(request: HttpRequest, body: DismissIn) -> HttpResponse:
    """The pair is not proposed again."""

    def work() -> DoneOut:
        commands.dismiss(request.actor, first_id=body.first, second_id=body.second, remark=body.reason)
        return DoneOut(decision="different")

    return once(request, 200, work)


def _place(cursor: str) -> tuple[float, UUID]:
    """Where the page before ended.

    Raises:
        Refused: 422 for a cursor that this list never gave.
    """
    weight, _, key = cursor.partition(_BETWEEN)
    try:
        return float.fromhex(weight), UUID(key)
    except (ValueError, OverflowError):
        raise no_cursor() from None


def _pair(pair: queries.OpenPair) -> PairOut:
    named = ((key, LEVEL_NAMES.get(key)) for key in pair.reasons)
    return PairOut(
        id=pair.id,
        first=_entry(pair.first),
        second=_entry(pair.second),
        likelihood=round(pair.likelihood, 4),
        reasons=[
            ReasonOut(key=key, zh=text.zh if text else key, en=text.en if text else key)
            for key, text in named
        ],
        source=pair.source,
        found_at=pair.found_at,
    )


def _entry(least: queries.Least) -> EntryOut:
    return EntryOut(
        id=least.id,
        name=least.name,
        sex=least.sex,
        birth_year=least.birth_year,
        division=least.division_code,
        institution=least.institution_id,
        identity_kind=least.identity_kind,
        number=least.number,
        temporary=least.temporary,
        deceased=least.deceased,
    )
