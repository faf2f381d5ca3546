"""The flows again, row by row and obvious: the witness that ``flows`` is held against."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from typing import Any

from ..periods import Span
from .flows import Counts, Flow

Rows = Sequence[Mapping[str, Any]]
_PLACES = {
    "visits": "home",
    "referrals": "sender_division",
    "staff": "division",
    "support": "receiver_division",
    "funds": "insured",
    "institutions": "division",
}
_Key = tuple[Flow, str, int]


def gather_by_hand(
    facts: Mapping[str, Rows], spans: Sequence[Span], *, region: str, common: Sequence[str]
) -> list[Counts]:
    """As ``flows.gather``, over rows in memory."""
    inside = {
        fact: [
            row
            for row in rows
            if any(row["month"] in span for span in spans) and row[_PLACES[fact]].startswith(region)
        ]
        for fact, rows in facts.items()
    }
    up: Counter[_Key] = Counter()
    stay: Counter[_Key] = Counter()
    _people(inside.get("visits", []), inside.get("referrals", []), common, up, stay)
    _help(inside.get("staff", []), inside.get("support", []), up, stay)
    for row, site in product(inside.get("funds", []), inside.get("institutions", [])):
        same = site["institution"] == row["institution"] and site["month"] == row["month"]
        known = site["consortium"] is not None and site["role"] is not None
        if same and known and row["service"] != "drugstore":
            side = up if site["role"] == "lead" else stay
            side[Flow.MONEY, site["consortium"], row["month"]] += row["fund"]
    return sorted(Counts(*key, up[key], stay[key]) for key in {*up, *stay})


def _people(
    visits: Rows, referrals: Rows, common: Sequence[str], up: Counter[_Key], stay: Counter[_Key]
) -> None:
    for visit in visits:
        own = visit["consortium"] is not None and visit["home_consortium"] == visit["consortium"]
        if not own or visit["role"] is None:
            continue
        place = visit["consortium"], visit["month"]
        if visit["kind"] == "inpatient" and visit["role"] == "lead" and referrals:
            up[Flow.REFERRALS, *place] += 1
        ill = visit["diagnosis"] is not None and visit["diagnosis"].startswith(tuple(common))
        if ill and visit["kind"] != "emergency" and not visit["critical"] and not visit["difficult"]:
            up[Flow.PATIENTS, *place] += visit["role"] == "lead" and visit["arrival"] == "self"
            stay[Flow.PATIENTS, *place] += visit["role"] != "lead"
    for referral in referrals:
        pair = referral["sender_consortium"], referral["receiver_consortium"]
        if visits and referral["direction"] == "down" and pair[0] is not None and pair[0] == pair[1]:
            stay[Flow.REFERRALS, pair[0], referral["month"]] += 1


def _help(staff: Rows, support: Rows, up: Counter[_Key], stay: Counter[_Key]) -> None:
    for flow, place, moved, below in _staff(staff):
        up[flow, *place] += moved
        stay[flow, *place] += below
    if staff and support:
        for row in staff:
            if row["consortium"] is not None and row["role"] not in {None, "lead"}:
                up[Flow.POSTINGS, row["consortium"], row["month"]] += 1
        for row in support:
            if row["consortium"] is not None and row["direction"] == "down":
                stay[Flow.POSTINGS, row["consortium"], row["month"]] += row["days"]


def _staff(rows: Rows) -> Iterable[tuple[Flow, tuple[str, int], bool, bool]]:
    roles: dict[tuple[str, str], dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    for row in rows:
        if row["consortium"] is not None and row["role"] is not None:
            role = "lead" if row["role"] == "lead" else "member"
            roles[row["person"], row["consortium"]][row["month"]].add(role)
    for (_, consortium), months in roles.items():
        was: set[str] = set()
        for month in sorted(months):
            now = months[month]
            yield Flow.STAFF, (consortium, month), was == {"member"} and now == {"lead"}, now == {"member"}
            was = now
