"""Which specialty somebody means by a few letters, and the first places in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext, gettext_noop

from tiercare.apps.capacity import queries
from tiercare.apps.capacity.queries.comparison import GENERAL, comparison
from tiercare.apps.capacity.queries.first_choice import first_choice
from tiercare.apps.capacity.queries.search import pools_near
from tiercare.apps.capacity.queries.session import left_of
from tiercare.apps.capacity.queries.worklist import offered_items, offered_specialties, recent_specialties
from tiercare.apps.capacity.rules.vocabulary import GRADE_NAMES, GRADES, KIND_NAMES, Grade, Kind
from tiercare.apps.terms import queries as terms
from tiercare.web.pages import said

from .comparing import compared
from .presenters import hits

# Ours: how far is asked for first (the search's own default), and what else is offered, in km.
DISTANCES: tuple[int, ...] = (10, 30, 60, 120)
FAR = 30
_LONGEST = 40
# An examination is picked by its specialty and its item; a specialty by its code alone.
_ITEM = "|"
_LONGEST_PICKED = 100
_CHIPS = 12
_HITS = 20
_ANY = gettext_noop("不限")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a form of the search says. ``specialty`` was picked by name; ``text`` was typed; ``entered``: with Enter."""

    text: str
    specialty: str
    kind: Kind
    grade: Grade | None
    first: date
    far: int
    entered: bool


def asked(given: QueryDict, *, today: date) -> Asked:
    """What the address asks for; what makes no sense is left out."""
    text = given.get("q", "").strip()[:_LONGEST]
    picked = given.get("specialty", "")
    if not picked and given.get("picked_for", "") == text:
        picked = given.get("picked", "")
    kind = _kind(given.get("kind", ""))
    grade = given.get("grade", "")
    return Asked(
        text=text,
        specialty=picked[:_LONGEST_PICKED],
        kind=kind,
        grade=Grade(grade) if grade in set(GRADES[kind]) else None,
        first=max(_day(given.get("from", ""), today), today),
        far=_far(given.get("far", "")),
        entered="go" in given or "specialty" in given,
    )


def choices(wanted: Asked) -> dict[str, Any]:
    """What the selects of the form offer."""
    grades = GRADES[wanted.kind]
    return {
        "asked": wanted,
        "kinds": [(each.value, said(name)) for each, name in KIND_NAMES.items()],
        "grades": [("", gettext(_ANY)), *((each.value, said(GRADE_NAMES[each])) for each in grades)]
        if len(grades) > 1
        else [],
        "distances": DISTANCES,
    }


def found(
    request: HttpRequest, wanted: Asked, resident_id: UUID, *, near_to: UUID | None = None
) -> dict[str, Any]:
    """The specialties (of examinations their items too) that fit, and the first places in the one that was picked or
    fits best."""
    names = dict(terms.specialty_names(on=request.today))
    offered = set(offered_specialties(wanted.kind))
    if wanted.kind is Kind.EXAM:
        items = {f"{specialty}{_ITEM}{item}": item for specialty, item in offered_items()}
        names |= items
        offered |= items.keys()
    recent = [code for code in recent_specialties(request.actor) if code in offered]
    fitting = matching(wanted.text, names, offered, recent)
    code = wanted.specialty if wanted.specialty in offered else ""
    if not code and wanted.text and fitting:
        code = fitting[0]
    shown = fitting[:_CHIPS] if wanted.text else [*recent, *(each for each in fitting if each not in recent)]
    context: dict[str, Any] = {
        "asked": wanted,
        "chips": [
            {"code": each, "name": names[each], "chosen": each == code, "recent": each in recent}
            for each in (shown if code in shown or not code else [code, *shown])[: 2 * _CHIPS]
        ],
        "specialty": code,
        "specialty_name": names.get(code, ""),
        "nothing_offered": not offered,
    }
    # First contact is a matter of clinics; an examination is ordered, a bed is asked for.
    choice = first_choice(resident_id, on=request.today) if wanted.kind is Kind.CLINIC else None
    if choice is not None:
        context["choice"] = {"name": choice.name, "clause": choice.clause, "general": _general(offered, code)}
    if code:
        specialty, _, item = code.partition(_ITEM)
        rows = queries.first_places(
            request.actor,
            resident_id=resident_id,
            specialty=specialty,
            item=item,
            kind=wanted.kind,
            grades=[wanted.grade] if wanted.grade else (),
            first=wanted.first,
            far=float(wanted.far),
            limit=_HITS,
            near_to=near_to,
            before=choice.institutions if choice else (),
        )
        left: dict[UUID, Mapping[Any, int]] = {}
        for channel in {each.channel for each in rows}:
            of_channel = [each.place.session_id for each in rows if each.channel is channel]
            left |= left_of(request.actor, of_channel, channel=channel)
        own = choice.institutions if choice else frozenset()
        context["hits"] = hits(rows, left, today=request.today, own=own)
        # As above, of clinics only.
        beside = (
            None
            if wanted.kind is not Kind.CLINIC
            else comparison(
                request.actor,
                resident_id=resident_id,
                specialty=specialty,
                hits=rows,
                first=wanted.first,
                far=float(wanted.far),
                near_to=near_to,
                before=own,
            )
        )
        if beside is not None:
            context["compared"] = compared(beside, names, today=request.today)
        if not rows:
            context["waitable"] = _waitable(request, wanted, resident_id, specialty, near_to)
    return context


def _general(offered: Iterable[str], chosen: str) -> str:
    """The clinic of general practice, where somebody offers one and it is not what was chosen."""
    return GENERAL if GENERAL in set(offered) and chosen != GENERAL else ""


def _waitable(
    request: HttpRequest, wanted: Asked, resident_id: UUID, code: str, near_to: UUID | None
) -> list[dict[str, Any]]:
    """The pools on whose waiting lists one can be put where nothing is free."""
    found = pools_near(
        request.actor,
        resident_id=resident_id,
        specialty=code,
        kind=wanted.kind,
        grades=[wanted.grade] if wanted.grade else (),
        far=float(wanted.far),
        near_to=near_to,
    )
    return [
        {
            "pool_id": each.pool_id,
            "pool": each.pool,
            "grade": said(GRADE_NAMES[each.grade]),
            "institution": each.institution,
            "km": f"{each.km:.1f}" if each.km else "",
        }
        for each in found
    ]


def matching(text: str, names: Mapping[str, str], offered: Iterable[str], recent: Sequence[str]) -> list[str]:
    """The offered specialties that fit what was typed: characters of the name, its pinyin initials, or the code.

    Those booked lately first, then the shortest names that begin with it. Of equal names (the adult's and the
    child's tree have some) the code decides, so that the order never changes.
    """
    folded = text.casefold().replace(" ", "")

    def rank(code: str) -> tuple[bool, bool, int, str] | None:
        name = names[code]
        keys = (name.casefold().replace(" ", ""), _initials(name), code.casefold())
        if not any(folded in key for key in keys):
            return None
        begins = any(key.startswith(folded) for key in keys)
        return (code not in recent, not begins, len(name), code)

    ranked = {code: rank(code) for code in offered if code in names}
    fitting = {code: place for code, place in ranked.items() if place is not None}
    return sorted(fitting, key=fitting.__getitem__)


@lru_cache(maxsize=1024)
def _initials(name: str) -> str:
    return terms.initials(name)


def _kind(text: str) -> Kind:
    return Kind(text) if text in set(Kind) else Kind.CLINIC


def _day(text: str, otherwise: date) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return otherwise


def _far(text: str) -> int:
    return int(text) if text in {str(each) for each in DISTANCES} else FAR
