"""What an approval would break, asked before anybody decides. The command that approves asks again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network import queries as network
from tiercare.apps.network.commands.fences import FENCES
from tiercare.apps.network.rules import Consortium, Joined, Kind, Membership, Network, Role
from tiercare.engines.policy import Force, Verdict
from tiercare.kernel.refusal import Refused
from tiercare.web.pages import english, said, told


@dataclass(frozen=True, slots=True)
class Broken:
    """A finding of a card that the change would break."""

    pack: str
    card: str
    rule: str
    force: Force
    waivable: bool
    clauses: tuple[str, ...]
    message: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Preview:
    """``missing`` names what does not exist on the day of the change; then no card was asked."""

    broken: tuple[Broken, ...] = ()
    missing: tuple[str, ...] = ()
    refusals: tuple[dict[str, Any], ...] = ()

    @property
    def clean(self) -> bool:
        """True if nothing stands against it."""
        return not (self.broken or self.missing or self.refusals)


def preview(region: str, kind: str, payload: Mapping[str, Any], *, key: str) -> Preview:
    """Hold the network as it would be against the cards; ``key`` stands for the new consortium's id."""
    on = date.fromisoformat(payload["start"])
    before = network.network_facts(region, on=on)
    missing = tuple(sorted(_missing(before, kind, payload)))
    if missing:
        return Preview(missing=missing)
    if kind == "form_consortium":
        after = _formed(before, payload, key)
    else:
        joined = Joined(payload["parent_id"], payload["child_id"])
        if joined in before.joined:
            return Preview(refusals=(told(FENCES["no_overlapping_joining"]),))
        after = replace(before, joined=(*before.joined, joined))
    try:
        pack_id = mandates.pack_in_force(region, on=on)
    except Refused as refused:
        return Preview(refusals=tuple(told(refusal) for refusal in refused.refusals))
    verdicts = network.check_changes(pack_id, before, after, on=on)
    return Preview(broken=tuple(row for verdict in verdicts for row in _rows(verdict)))


def _missing(facts: Network, kind: str, payload: Mapping[str, Any]) -> set[str]:
    """Fields of the payload that name something which is not there that day."""
    if kind == "form_consortium":
        gone = {"lead"} - ({"lead"} if payload["lead_id"] in facts.institutions else set())
        members = payload.get("member_ids", ())
        return gone | ({"members"} if any(k not in facts.institutions for k in members) else set())
    return {name for name in ("parent", "child") if payload[f"{name}_id"] not in facts.consortia}


def _formed(facts: Network, payload: Mapping[str, Any], key: str) -> Network:
    formed = Consortium(
        id=key,
        name=payload["name"],
        kind=Kind(payload["kind"]),
        division=payload["division_code"],
        specialty=payload.get("specialty_code", ""),
        approved=True,  # by the approval that is asked about
    )
    roles = [(payload["lead_id"], Role.LEAD), *((m, Role.MEMBER) for m in payload.get("member_ids", ()))]
    return replace(
        facts,
        consortia={**facts.consortia, key: formed},
        memberships=(*facts.memberships, *(Membership(key, i, role) for i, role in roles)),
    )


def _rows(verdict: Verdict) -> list[Broken]:
    card, language = verdict.card, "en" if english() else "zh"
    return [
        Broken(
            pack=card.pack,
            card=card.id,
            rule=said(card.sentence),
            force=card.force,
            waivable=card.waivable,
            clauses=card.clauses,
            message=verdict.sentence(finding, language),
            remedy=verdict.remedy(finding, language),
        )
        for finding in verdict.findings
    ]
