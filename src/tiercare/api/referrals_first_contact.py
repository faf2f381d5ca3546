"""``/api/referrals/statistics/first-contact`` and ``/hops``: where care begins and how requests move; nothing of any resident."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema

from tiercare.apps.referrals.queries.first_contact import first_contact
from tiercare.apps.referrals.queries.hops import hops
from tiercare.apps.referrals.queries.statistics import scope_of
from tiercare.apps.referrals.rules.first_contact import DEFINITIONS, Section

from .paging import Day, known_only
from .problems import Problem

router = Router(tags=["referrals"])
REFUSALS = {401: Problem, 403: Problem, 404: Problem, 422: Problem}


class ShareOut(Schema):
    """One month (of specialist visits: quarter) of a consortium, a group, or of all. ``share`` is null of nothing; where
    there are too few to be shown ``hidden`` is true and the numbers are 0."""

    consortium: UUID | None
    name: str
    group: str
    since: date
    part: int
    whole: int
    share: float | None
    hidden: bool


class SectionOut(Schema):
    """What is counted, by which clauses and how."""

    section: Section
    clauses: list[str]
    definition: str
    lines: list[ShareOut]


class FirstContactOut(Schema):
    """Of first contacts and visits in the period, both days included."""

    first: date
    last: date
    sections: list[SectionOut]


class BetweenOut(Schema):
    """Hops from one level to another; seconds are medians. ``climbs``: levels up; null beside them."""

    source: str
    target: str
    climbs: int | None
    hops: int
    answered: int
    arrived: int
    to_answer: float | None
    to_arrival: float | None


class HopOut(Schema):
    """A request on its way from one institution to another, in seconds until the answer and the arrival."""

    request: UUID
    number: str
    act: str
    source: str
    target: str
    source_level: str
    target_level: str
    at: datetime
    to_answer: float | None
    to_arrival: float | None


class ChainOut(Schema):
    """A way over several institutions."""

    number: str
    seconds: float
    hops: list[HopOut]


class HopsOut(Schema):
    """``levels`` as the text in force says them, with the ``duties`` of each; empty where none does. ``ours`` are the levels whose
    duties no text lists: the words are the platform's until the region puts its own in their place."""

    first: date
    last: date
    levels: list[str]
    duties: dict[str, list[str]]
    ours: list[str]
    between: list[BetweenOut]
    chains: list[ChainOut]


@router.get(
    "/statistics/first-contact",
    response={200: FirstContactOut, **REFUSALS},
    summary="首诊统计 · Where care begins",
)
def where_care_begins(
    request: HttpRequest, first: Day, last: Day, institution: UUID | None = None
) -> FirstContactOut:
    """Of your institution; of an area of all in it, or of one of them. Only what a text in force there asks for."""
    known_only(request, "first", "last", "institution")
    scope = scope_of(request.actor, first=first, last=last, institution_id=institution)
    found = first_contact(scope)
    asked = found.asked
    return FirstContactOut(
        first=scope.first,
        last=scope.last,
        sections=[
            SectionOut(
                section=section,
                clauses=list(asked.clauses[section]),
                definition=DEFINITIONS[section].zh.format(
                    gap=asked.gap, level=asked.level, least=asked.least
                ),
                lines=[
                    ShareOut(
                        consortium=each.consortium_id,
                        share=each.share,
                        **{name: getattr(each, name) for name in _PLAIN},
                    )
                    for each in lines
                ],
            )
            for section, lines in found.sections.items()
        ],
    )


_PLAIN = ("name", "group", "since", "part", "whole", "hidden")


@router.get("/statistics/hops", response={200: HopsOut, **REFUSALS}, summary="逐级流转 · From level to level")
def from_level_to_level(
    request: HttpRequest, first: Day, last: Day, institution: UUID | None = None
) -> HopsOut:
    """How requests moved along village, township and county (YN-22), each hop timed."""
    known_only(request, "first", "last", "institution")
    scope = scope_of(request.actor, first=first, last=last, institution_id=institution)
    found = hops(scope)
    return HopsOut(
        first=scope.first,
        last=scope.last,
        levels=list(found.levels),
        duties={level: [each.zh for each in items] for level, items in found.duties.items()},
        ours=[level for level in found.levels if level in found.ours],
        between=[
            BetweenOut(**{name: getattr(each, name) for name in BetweenOut.model_fields})
            for each in found.between
        ],
        chains=[
            ChainOut(
                number=chain.number,
                seconds=chain.seconds,
                hops=[
                    HopOut(
                        request=each.request_id,
                        **{name: getattr(each, name) for name in HopOut.model_fields if name != "request"},
                    )
                    for each in chain.hops
                ],
            )
            for chain in found.chains
        ],
    )
