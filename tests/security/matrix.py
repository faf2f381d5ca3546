"""S1 as data: every endpoint, what it needs, what it is about, and what of a resident it may show to whom.

A row is one method of one address, spelt as the URL conf (pages) or the OpenAPI document (API) spells it. A new
endpoint needs a row in ``rows_people``, ``rows_capacity``, ``rows_network`` or ``rows_platform``; ``test_matrix`` says which is missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from tiercare.apps.access.rights import Reach, Right, Role, reach

from .world import ANONYMOUS, HALF_OPEN, OWN, UNASSIGNED, Person, World

# What an endpoint needs where it is no right: nothing; any session of an account; one of staff; the first step only.
ANYBODY, SIGNED_IN, FIRST_STEP = "anybody", "signed in", "first step"


class Came(StrEnum):
    """The class of an answer. Whoever may not pass is refused or told that nothing is there."""

    PASSED = "passed"
    REFUSED = "refused"
    NOT_FOUND = "not found"
    BROKEN = "broken"


A_FILE = "a file"  # stands in ``send`` for an upload
_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>|\{(\w+)\}|\(\?P<(\w+)>[^)]*\)")


@dataclass(frozen=True)
class Row:
    """One endpoint.

    ``of`` names the thing that it is about, where the right then only reaches the holders who are ``own`` to it;
    empty, every holder may. ``also`` and ``never`` are exceptions by role or person, each with its reason beside it.
    ``reads`` is the name under which a reading of the resident is recorded, empty where nothing of theirs is shown.
    ``path`` fills parameters of the address that are not simply the id of what they name; ``send`` is the body, its
    texts filled from ``World.ids``; ``query`` what stands behind the address; ``variant`` tells two rows of one
    address apart. ``ends`` are the classes of answer by which those who may pass are known, where it is not only the
    usual one; ``personal``: everybody asks, not only each role once; ``asked_by``: only these ask, where one answer costs
    much and hangs on nobody.
    """

    method: str
    address: str
    needs: Right | str
    of: str = ""
    reads: str = ""
    send: Mapping[str, Any] = field(default_factory=dict)
    query: str = ""
    path: Mapping[str, str] = field(default_factory=dict)
    also: frozenset[str] = frozenset()
    never: frozenset[str] = frozenset()
    headers: Mapping[str, str] = field(default_factory=dict)
    variant: str = ""
    ends: frozenset[Came] = frozenset({Came.PASSED})
    personal: bool = True
    asked_by: frozenset[str] = frozenset()

    @property
    def key(self) -> str:
        """How tests and the snapshot call it."""
        return f"{self.method} /{self.address}{' ' if self.variant else ''}{self.variant}"

    @property
    def is_api(self) -> bool:
        """Whether bodies are JSON and refusals are problems."""
        return self.address.startswith("api/")

    def allows(self, person: Person) -> bool:
        """Whether this person passes the check of rights."""
        if {person.name, person.role} & (self.never | self.also):
            return not {person.name, person.role} & self.never
        by_standing = {
            ANYBODY: True,
            FIRST_STEP: person.role == HALF_OPEN,
            SIGNED_IN: person.role not in (ANONYMOUS, HALF_OPEN),
        }
        if self.needs in by_standing:
            return by_standing[self.needs]
        if person.role in (ANONYMOUS, HALF_OPEN, UNASSIGNED):
            return False
        how_far = reach(Role(person.role), Right(self.needs))
        return how_far is not Reach.NONE and (
            not self.of or how_far is Reach.ANYWHERE or person.relation == OWN
        )

    def needs_place(self, person: Person) -> bool:
        """Whether this role has the right at all, so that where it acts decides."""
        held = self.needs in set(Right) and person.role in set(Role)
        return held and reach(Role(person.role), Right(self.needs)) is not Reach.NONE

    def reaches_the_gate(self, person: Person) -> bool:
        """Whether the role is stopped by the ground that is missing, not before by having no such right."""
        return self.needs_place(person) and not {person.name, person.role} & self.never

    def url(self, world: World) -> str:
        """The address of the real thing."""

        def fill(found: re.Match[str]) -> str:
            name = next(filter(None, found.groups()))
            wanted = self.path.get(name, name.removesuffix("_id"))
            return world.ids.get(wanted, wanted)

        bare = self.address.replace("^", "").replace("$", "")
        return f"/{_PARAMETER.sub(fill, bare)}{self.query.format(**world.ids)}"

    def body(self, world: World) -> dict[str, Any]:
        """What is sent."""
        return {name: _filled(value, world.ids) for name, value in self.send.items()}


def _filled(value: Any, ids: Mapping[str, str]) -> Any:
    if value == A_FILE:
        return SimpleUploadedFile(
            "科室.csv",
            f"机构编码,科室名称,诊疗科目代码,生效日期\n{ids['hospital_code']},甲,99.99,2019-08-01\n".encode(),
        )
    if isinstance(value, str):
        return value.format(**ids)
    if isinstance(value, list):
        return [_filled(each, ids) for each in value]
    if isinstance(value, dict):
        return {name: _filled(each, ids) for name, each in value.items()}
    return value


def names(*found: str) -> frozenset[str]:
    """People, by role or by name."""
    return frozenset(found)


def rows() -> tuple[Row, ...]:
    """The whole matrix."""
    from .rows_assessments import ASSESSMENTS
    from .rows_beds import BEDS
    from .rows_board import BOARD
    from .rows_booking_pages import BOOKING_PAGES
    from .rows_bulletins import BULLETINS
    from .rows_capacity import CAPACITY
    from .rows_capacity_pages import CAPACITY_PAGES
    from .rows_care import CARE
    from .rows_centre import CENTRE
    from .rows_daylist import DAYLIST
    from .rows_facts import FACTS
    from .rows_feeds import FEEDS
    from .rows_followup import FOLLOWUP
    from .rows_indicators import INDICATORS
    from .rows_localities import LOCALITIES
    from .rows_network import NETWORK
    from .rows_people import PEOPLE
    from .rows_plans import PLANS
    from .rows_platform import PLATFORM
    from .rows_projects import PROJECTS
    from .rows_records import RECORDS
    from .rows_referral_statistics import REFERRAL_STATISTICS
    from .rows_referrals_pages import REFERRALS_PAGES
    from .rows_requests_api import REQUESTS_API
    from .rows_requests_pages import REQUESTS_PAGES
    from .rows_signing import SIGNING
    from .rows_supervision import SUPERVISION
    from .rows_surveys import SURVEYS
    from .rows_trials import TRIALS
    from .rows_waiting import WAITING

    found = (
        *PLATFORM,
        *REFERRAL_STATISTICS,
        *PEOPLE,
        *CAPACITY,
        *CAPACITY_PAGES,
        *BOOKING_PAGES,
        *BEDS,
        *CENTRE,
        *CARE,
        *WAITING,
        *DAYLIST,
        *FEEDS,
        *BOARD,
        *INDICATORS,
        *FACTS,
        *LOCALITIES,
        *BULLETINS,
        *ASSESSMENTS,
        *RECORDS,
        *FOLLOWUP,
        *REQUESTS_API,
        *REFERRALS_PAGES,
        *REQUESTS_PAGES,
        *SIGNING,
        *SUPERVISION,
        *PROJECTS,
        *SURVEYS,
        *PLANS,
        *TRIALS,
        *NETWORK,
    )
    keys = [row.key for row in found]
    assert len(keys) == len(set(keys)), [key for key in keys if keys.count(key) > 1]
    return found


def by_key(found: Iterable[Row]) -> dict[str, Row]:
    """Rows by what they are called."""
    return {row.key: row for row in found}
