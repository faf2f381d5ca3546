"""The verdict: a region's network on a day, held against the pack that is in force there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from tiercare.apps.mandates import queries as mandates
from tiercare.engines.policy import (
    Compliance,
    Outcome,
    PackSet,
    State,
    Verdict,
    Waiver,
    inspect,
    judge,
    summarise,
    together,
)
from tiercare.kernel.refusal import Refused

from .. import rules
from . import standing
from .standing import Size


@dataclass(frozen=True)
class Checked:
    """A verdict with what it was made of, so that it can be shown, repeated and argued with.

    ``area`` is what was looked at: the region, or the part of it that was asked for. ``facts`` are its facts,
    or ``None`` where it has several prefectures, which are judged one by one; ``kept`` then names what was
    kept of them and ``pending`` those that wait to be judged anew.
    """

    pack: str
    region: str
    on: date
    facts: rules.Network | None
    compliance: Compliance
    size: Size = field(default_factory=Size)
    area: str = ""
    kept: tuple[Any, ...] = ()
    pending: tuple[str, ...] = ()


def check(
    pack_id: str,
    *,
    on: date,
    packs: PackSet | None = None,
    at_most: int | None = None,
    area: str = "",
) -> Checked:
    """Hold the network of the pack's area, as of ``on``, against all its cards.

    ``packs`` takes the place of the installed ones (``--packs``). A region of several prefectures is added up
    from what was kept; of those for which that is no longer true, at most ``at_most`` are judged here and now
    (all, if left out), the others count as they were kept and are named in ``pending``. ``area`` narrows such
    a region to one of its provinces or prefectures (longer codes: to the prefecture around it).

    Raises:
        Refused: if there is no such pack.
    """
    known = packs or mandates.packs()
    pack = known.find(pack_id)
    if pack is None:
        raise Refused(mandates.region_without_pack(pack_id))
    region = "" if pack.region == "00" else pack.region
    asked = area[:4] if len(region) < 4 and area.startswith(region) and area else region
    waivers = standing.waivers_of(pack.id, on=on)
    facts: rules.Network | None = None
    kept: tuple[Any, ...] = ()
    pending: tuple[str, ...] = ()
    if len(asked) >= 4:
        looked, facts = standing.look_at(known, pack.id, region, asked, on=on)
        outcomes, size = dict(looked.outcomes), looked.size
    else:
        outcomes, size, kept, pending = _added_up(known, pack.id, region, asked, waivers, on, at_most)
    verdicts = [
        judge(known, card, outcomes.get(card.key), on=on, waivers=waivers)
        for card in known.cards_for(pack.id, app="network")
    ]
    return Checked(
        pack.id,
        pack.region,
        on,
        facts,
        summarise(known, pack.id, verdicts, on=on),
        size=size,
        area=asked,
        kept=kept,
        pending=pending,
    )


def _added_up(
    packs: PackSet,
    pack_id: str,
    region: str,
    asked: str,
    waivers: Sequence[Waiver],
    on: date,
    at_most: int | None,
) -> tuple[dict[str, Outcome], Size, tuple[Any, ...], tuple[str, ...]]:
    whole = standing.parts_of(region)
    parts = {part: version for part, version in whole.items() if part.startswith(asked)}
    digest = standing.digest_of(packs, pack_id, waivers)
    found, fresh = standing.kept(pack_id, parts, on=on, digest=digest)
    stale = [part for part in parts if part not in fresh]
    now = stale if at_most is None else stale[:at_most]
    heads = standing.heads_of(whole)
    kept = {key: size for part, (key, size) in found.items() if part not in now}
    sums, size = standing.kept_sums(list(kept), waivers) if kept else {}, sum(kept.values(), Size())
    outcomes = {card: [outcome] for card, outcome in sums.items()}
    for each in standing.look_at_each(packs, pack_id, region, now, on=on, heads=heads):
        size = size + each.size
        for card, outcome in each.outcomes.items():
            outcomes.setdefault(card, []).append(outcome)
    summed = {card: together(of) for card, of in outcomes.items()}
    return summed, size, tuple(kept), tuple(stale[len(now) :])


@dataclass(frozen=True, slots=True)
class Difference:
    """What a change does to the verdict: cards it breaks, cards it worsens without a breach (a target, advice),
    cards it heals; each verdict holds only the findings that are new, or gone."""

    broken: tuple[Verdict, ...] = ()
    worsened: tuple[Verdict, ...] = ()
    healed: tuple[Verdict, ...] = ()


_WORSE = frozenset({State.AT_RISK, State.MISSED, State.ADVICE})
_OPEN = _WORSE | {State.VIOLATED}


def difference(
    pack_id: str, before: rules.Network, after: rules.Network, *, on: date, packs: PackSet | None = None
) -> Difference:
    """What changes between two networks of the same region and day. A fault that was there already does not
    stop other work."""
    known = packs or mandates.packs()
    waivers = standing.waivers_of(pack_id, on=on)

    def verdicts(facts: rules.Network) -> list[Verdict]:
        found = inspect(known, known.cards_for(pack_id, app="network"), rules.PREDICATES, facts, on=on)
        return [
            judge(known, c, found.get(c.key), on=on, waivers=waivers)
            for c in known.cards_for(pack_id, app="network")
        ]

    old, new = verdicts(before), verdicts(after)
    fresh = _only(new, _open_findings(old))
    return Difference(
        broken=tuple(v for v in fresh if v.state is State.VIOLATED),
        worsened=tuple(v for v in fresh if v.state in _WORSE),
        healed=tuple(_only(old, _open_findings(new))),
    )


def _only(verdicts: Iterable[Verdict], known: set[tuple[str, tuple[str, ...]]]) -> list[Verdict]:
    """Open verdicts with the findings that are not ``known``, if any."""
    found = []
    for verdict in verdicts:
        fresh = tuple(f for f in verdict.findings if (verdict.card.key, f.links) not in known)
        if verdict.state in _OPEN and fresh:
            found.append(replace(verdict, findings=fresh))
    return found


def _open_findings(verdicts: Iterable[Verdict]) -> set[tuple[str, tuple[str, ...]]]:
    return {(v.card.key, f.links) for v in verdicts if v.state in _OPEN for f in v.findings}
