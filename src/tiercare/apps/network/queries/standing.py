"""What the rule cards found, prefecture by prefecture: asked anew, or as it was kept.

A region of several prefectures is judged one by one and added up. What was found is kept (``models.Judged``)
with the stamp of the prefecture and the digest of packs and waivers; where both are the same, nothing has to
be asked again.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from itertools import islice
from threading import Barrier, BrokenBarrierError
from typing import Any

from django.db import connection
from django.db.models import F, Sum
from django.db.models.functions import Left

from tiercare.apps.mandates import queries as mandates
from tiercare.apps.terms import queries as terms
from tiercare.engines.policy import Finding, Measure, Outcome, PackSet, Waiver, inspect, together
from tiercare.kernel.text import Text

from .. import models, rules
from .facts import Loaded, build, load, network_facts, prefix_range

# A board shows so many findings of a card and prefecture; the rest is counted, and found by drilling down.
KEPT = 20


@dataclass(frozen=True, slots=True)
class Size:
    """How much was looked at."""

    institutions: int = 0
    consortia: int = 0
    grids: int = 0
    areas: int = 0

    def __add__(self, other: Size) -> Size:
        return Size(
            self.institutions + other.institutions,
            self.consortia + other.consortia,
            self.grids + other.grids,
            self.areas + other.areas,
        )


@dataclass(frozen=True, slots=True)
class Standing:
    """What was found in one prefecture, by card key."""

    part: str
    outcomes: Mapping[str, Outcome]
    size: Size


def parts_of(region: str) -> dict[str, int]:
    """The prefectures of ``region`` that have a network, each with its stamp; a prefecture or county is its own."""
    if len(region) >= 4:
        return {region: 0}
    low, high = prefix_range(region)
    rows = models.Stamp.objects.filter(prefecture__gte=low, prefecture__lt=high).order_by("prefecture")
    return dict(rows.values_list("prefecture", "version"))


def heads_of(parts: Iterable[str]) -> dict[str, frozenset[str]]:
    """The provinces that are judged with each prefecture: its own, with the first of the province."""
    first: dict[str, str] = {}
    for part in sorted(parts):
        if len(part) == 4:
            first.setdefault(part[:2], part)
    return {part: frozenset({part[:2]}) if first.get(part[:2]) == part else frozenset() for part in parts}


def digest_of(packs: PackSet, pack_id: str, waivers: Sequence[Waiver]) -> str:
    """Of the pack and the waivers that its findings are held against."""
    said = "|".join(f"{w.card} {w.subject} {w.period} {w.reason}" for w in waivers)
    return hashlib.sha256(f"{packs.digest(pack_id)} {said}".encode()).hexdigest()


def look_at(
    packs: PackSet, pack_id: str, region: str, part: str, *, on: date
) -> tuple[Standing, rules.Network]:
    """Ask every card about one prefecture of a larger region, or about a region that is no larger."""
    narrowed = part if len(region) < 4 else ""
    facts = network_facts(region, on=on, part=narrowed, heads=frozenset() if narrowed else None)
    return _asked(packs, pack_id, part, facts, on), facts


def look_at_each(
    packs: PackSet,
    pack_id: str,
    region: str,
    parts: Sequence[str],
    *,
    on: date,
    heads: Mapping[str, frozenset[str]],
) -> Iterator[Standing]:
    """Ask every card about each prefecture of a larger region.

    While the cards of one are asked, the next are loaded on connections of their own; inside a transaction,
    which another connection could not see, one comes after the other.
    """
    names = terms.specialty_names(on=on) if parts else {}

    def loaded(part: str) -> Loaded:
        return load(region, on=on, part=part, heads=heads[part], specialty_names=names)

    if len(parts) < _WORTH_A_THREAD or connection.in_atomic_block:
        for part in parts:
            yield _asked(packs, pack_id, part, build(loaded(part)), on)
        return
    with ThreadPoolExecutor(max_workers=_LOADERS) as loader:
        waiting = iter(parts)
        coming = deque((part, loader.submit(loaded, part)) for part in islice(waiting, _AHEAD))
        try:
            while coming:
                part, found = coming.popleft()
                facts = build(found.result())
                coming.extend((next_, loader.submit(loaded, next_)) for next_ in islice(waiting, 1))
                yield _asked(packs, pack_id, part, facts, on)
        finally:
            wait([loader.submit(_close_together, barrier) for barrier in [Barrier(_LOADERS)] * _LOADERS])


def _close_together(everyone: Barrier) -> None:
    """Give up this thread's connection; each loader does it once, since none goes on before all are here."""
    with suppress(BrokenBarrierError):
        everyone.wait(timeout=10)
    connection.close()


# Two loaders keep two cores busy, the database's and ours; so many prefectures are loaded ahead.
_LOADERS, _AHEAD = 2, 4
_WORTH_A_THREAD = 8


def _asked(packs: PackSet, pack_id: str, part: str, facts: rules.Network, on: date) -> Standing:
    outcomes = inspect(packs, packs.cards_for(pack_id, app="network"), rules.PREDICATES, facts, on=on)
    return Standing(part, outcomes, size_of(facts))


def size_of(facts: rules.Network) -> Size:
    """How much the facts hold of the region itself."""
    return Size(len(facts.local()), len(facts.of_kind(*rules.Kind)), len(facts.grids), len(facts.areas))


def kept(
    pack_id: str, parts: Mapping[str, int], *, on: date, digest: str
) -> tuple[dict[str, tuple[Any, Size]], set[str]]:
    """What was kept for ``parts`` (by prefecture: its id and size), and those for which it is still true."""
    rows = models.Judged.objects.filter(pack=pack_id, on=on, prefecture__in=parts)
    found: dict[str, tuple[Any, Size]] = {}
    fresh = set()
    for key, prefecture, version, of, *sizes in rows.values_list(
        "id", "prefecture", "version", "digest", "institutions", "consortia", "grids"
    ):
        found[prefecture] = (key, Size(*sizes))
        if version == parts[prefecture] and of == digest:
            fresh.add(prefecture)
    return found, fresh


def kept_sums(ids: Collection[Any], waivers: Sequence[Waiver]) -> dict[str, Outcome]:
    """What was kept, added up, with some of the findings of each card, those with a waiver among them."""
    rows = (
        models.CardOutcome.objects.filter(judged_id__in=ids)
        .values("card")
        .annotate(
            checked=Sum("checked"),
            numerator=Sum("numerator"),
            denominator=Sum("denominator"),
            found=Sum("found"),
            target=F("target"),
        )
    )
    outcomes: dict[str, list[Outcome]] = {}
    for row in rows.values_list("card", "checked", "numerator", "denominator", "found", "target"):
        card, checked, numerator, denominator, count, target = row
        measure = Measure(numerator or 0, denominator) if denominator is not None else None
        outcomes.setdefault(card, []).append(Outcome(checked, (), measure, target, count))
    shown = _shown(ids, waivers)
    return {card: _with_findings(together(parts), shown.get(card, ())) for card, parts in outcomes.items()}


def _shown(ids: Collection[Any], waivers: Sequence[Waiver]) -> dict[str, tuple[Finding, ...]]:
    """A handful of findings of each card: those of its first prefecture that has any, and every waived one."""
    rows = models.CardOutcome.objects.filter(judged_id__in=ids, found__gt=0)
    first = rows.order_by("card", "id").distinct("card").values_list("card", "findings")
    found = {card: {item["subject"]: finding_from(item) for item in plain} for card, plain in first}
    for waiver in waivers:
        holding = rows.filter(card=waiver.card, findings__contains=[{"subject": waiver.subject}])
        for plain in holding.values_list("findings", flat=True):
            for item in plain:
                if item["subject"] == waiver.subject:
                    found.setdefault(waiver.card, {})[waiver.subject] = finding_from(item)
    return {card: tuple(findings.values()) for card, findings in found.items()}


def worth_keeping(card: str, outcome: Outcome, waivers: Sequence[Waiver]) -> tuple[Finding, ...]:
    """The first findings of a card, and all that somebody waived."""
    waived = {waiver.subject for waiver in waivers if waiver.card == card}
    first = sorted(outcome.findings, key=lambda finding: finding.subject not in waived)
    return tuple(first[: max(KEPT, len(waived))])


def _with_findings(outcome: Outcome, findings: tuple[Finding, ...]) -> Outcome:
    return Outcome(
        outcome.checked, findings, outcome.measure, outcome.target, max(outcome.more - len(findings), 0)
    )


@dataclass(frozen=True, slots=True)
class PartRow:
    """What one card found in an area one level below the asked one."""

    area: str
    card: str
    found: int
    numerator: int | None
    denominator: int | None


def by_area(ids: Collection[Any], *, digits: int) -> list[PartRow]:
    """What was kept, added up by the first ``digits`` of the prefecture's code: 2 for provinces, 4 for prefectures."""
    rows = (
        models.CardOutcome.objects.filter(judged_id__in=ids)
        .annotate(area=Left("judged__prefecture", digits))
        .values("area", "card")
        .annotate(found=Sum("found"), numerator=Sum("numerator"), denominator=Sum("denominator"))
        .order_by("area", "card")
    )
    return [PartRow(*row) for row in rows.values_list("area", "card", "found", "numerator", "denominator")]


def waivers_of(pack_id: str, *, on: date) -> list[Waiver]:
    """Waivers in force."""
    return mandates.waivers(pack_id, on=on)


def finding_plain(finding: Finding) -> dict[str, Any]:
    """A finding as JSON keeps it."""
    return {
        "subject": finding.subject,
        "links": list(finding.links),
        "fields": {name: _plain(value) for name, value in finding.fields.items()},
    }


def finding_from(plain: Mapping[str, Any]) -> Finding:
    """The finding that ``finding_plain`` wrote."""
    fields = {name: _from_plain(value) for name, value in plain["fields"].items()}
    return Finding(plain["subject"], fields, tuple(plain["links"]))


def _plain(value: object) -> object:
    if isinstance(value, Text):
        return {"zh": value.zh, "en": value.en}
    if isinstance(value, date):
        return {"date": value.isoformat()}
    return value if isinstance(value, int | float | str | None) else str(value)


def _from_plain(value: Any) -> object:
    if isinstance(value, dict):
        return date.fromisoformat(value["date"]) if "date" in value else Text(value["zh"], value["en"])
    return value
