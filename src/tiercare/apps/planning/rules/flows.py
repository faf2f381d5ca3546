"""What flows to primary care and to remote and poor areas (YN-16): staff days and remote sessions, row by row, and their sums."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tiercare.kernel.text import Text

CLAUSE = "YN-16"
LIST = "remote_poor_areas"
_CODE = re.compile(r"\s*(\d{9}|\d{6}|\d{4})\b")


class Source(StrEnum):
    """Where a row comes from. They are never added up with each other: a practice on record says on how many days somebody could come, a report
    on how many they came."""

    PRACTICE = "PRACTICE"
    SUPPORT = "SUPPORT"
    REMOTE = "REMOTE"


SOURCE_NAMES: Mapping[Source, Text] = {
    Source.PRACTICE: Text("协议执业在册（天）", "Practice under agreements on record (days)"),
    Source.SUPPORT: Text("下派帮扶（人日）", "Support reported (person-days)"),
    Source.REMOTE: Text("远程服务（次）", "Remote sessions"),
}
DEFINITIONS: Mapping[Source, Text] = {
    Source.PRACTICE: Text(
        "医务人员依帮扶或托管协议在接收机构执业的登记，与所选时间重合的天数；出处为医务人员登记表。",
        "Days of the period on which a clinician's practice at the receiver is on record under an agreement; from the register of clinicians.",
    ),
    Source.SUPPORT: Text(
        "事实表“下沉与帮扶”中下派、坐诊、带教等向下的人日。",
        "Person-days sent down in the fact table “support”: postings, clinics, teaching.",
    ),
    Source.REMOTE: Text(
        "接收机构申请的远程服务：本平台的会诊申请，加上事实表“远程服务”中平台以外的，同一编号只算一次。",
        "Remote services that the receiver asked for: on this platform, and from elsewhere by the fact table “remote”; each number once.",
    ),
}


@dataclass(frozen=True, slots=True)
class Flow:
    """One thing that went somewhere: ``id`` names it in its source, ``amount`` is days or sessions. ``division`` is where the receiver stands;
    ``remote``: in an area that the region lists as remote or poor."""

    source: Source
    id: str
    sender: str
    receiver: str
    division: str
    area: str
    primary: bool
    remote: bool
    first: date
    amount: int


@dataclass(frozen=True, slots=True)
class Sum:
    """How much of one source went where: to everybody, to primary care, to the areas of the list; ``of`` are the rows behind."""

    source: Source
    all: int
    primary: int
    remote: int


def sums(flows: Iterable[Flow]) -> list[Sum]:
    """The sums of each source."""
    rows = list(flows)
    return [
        Sum(
            source,
            sum(row.amount for row in rows if row.source is source),
            sum(row.amount for row in rows if row.source is source and row.primary),
            sum(row.amount for row in rows if row.source is source and row.remote),
        )
        for source in Source
    ]


def listed_codes(items: Iterable[str], known: Mapping[str, str]) -> tuple[Mapping[str, str], list[str]]:
    """The areas of a list, by code: an item is a division code, a name may follow, or the name alone of one of ``known`` (names by code).
    Also the items that name no area."""
    by_name = {name: code for code, name in known.items()}
    found: dict[str, str] = {}
    unread = []
    for item in items:
        told = _CODE.match(item)
        code = told.group(1) if told else by_name.get(item.strip(), "")
        if code:
            found[code] = (item[told.end() :].strip() if told else item.strip()) or known.get(code, code)
        else:
            unread.append(item)
    return found, unread


def lies_in(places: Collection[str], codes: Collection[str]) -> bool:
    """Whether something that stands in ``places`` (its county, its township) stands in one of the areas."""
    return any(place.startswith(code) for place in places for code in codes)
