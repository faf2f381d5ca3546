"""The verdict: a region's network on a day, held against the pack that is in force there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from tiercare.apps.mandates import queries as mandates
from tiercare.engines.policy import Compliance, PackSet, State, Verdict, evaluate, summarise
from tiercare.kernel.refusal import Refused

from .. import rules
from .facts import network_facts


@dataclass(frozen=True)
class Checked:
    """A verdict with what it was made of, so that it can be shown, repeated and argued with."""

    pack: str
    region: str
    on: date
    facts: rules.Network
    compliance: Compliance


def check(pack_id: str, *, on: date, packs: PackSet | None = None) -> Checked:
    """Hold the network of the pack's area, as of ``on``, against all its cards.

    ``packs`` takes the place of the installed ones (``--packs``).

    Raises:
        Refused: if there is no such pack.
    """
    known = packs or mandates.packs()
    pack = known.find(pack_id)
    if pack is None:
        raise Refused(mandates.region_without_pack(pack_id))
    facts = network_facts("" if pack.region == "00" else pack.region, on=on)
    verdicts = _verdicts(known, pack.id, facts, on)
    return Checked(pack.id, pack.region, on, facts, summarise(known, pack.id, verdicts, on=on))


def _verdicts(packs: PackSet, pack_id: str, facts: rules.Network, on: date) -> list[Verdict]:
    return evaluate(
        packs,
        packs.cards_for(pack_id),
        rules.PREDICATES,
        facts,
        on=on,
        waivers=mandates.waivers(pack_id, on=on),
    )


def check_changes(pack_id: str, before: rules.Network, after: rules.Network, *, on: date) -> list[Verdict]:
    """Verdicts of ``after`` that are violated and whose findings were not there in ``before``: what a change
    would break. A fault that was there already does not stop other work."""
    packs = mandates.packs()
    known = _violations(_verdicts(packs, pack_id, before, on))
    broken = []
    for verdict in _verdicts(packs, pack_id, after, on):
        if verdict.state is State.VIOLATED:
            fresh = tuple(f for f in verdict.findings if (verdict.card.key, f.links) not in known)
            if fresh:
                broken.append(replace(verdict, findings=fresh))
    return broken


def _violations(verdicts: Iterable[Verdict]) -> set[tuple[str, tuple[str, ...]]]:
    return {(v.card.key, f.links) for v in verdicts if v.state is State.VIOLATED for f in v.findings}
