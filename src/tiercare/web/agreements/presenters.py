"""An agreement as its page shows it: sections in their order, who may do what now, and why not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from tiercare.apps.access import rules as access
from tiercare.apps.access.rules import Right
from tiercare.apps.network.queries.duties import Agreed, Duty, Responsibilities
from tiercare.apps.network.queries.papers import OwedRow, PaperPage, PaperRow, PartyRow
from tiercare.apps.network.rules.paper_cards import section_name
from tiercare.apps.network.rules.papers import Demand, Life
from tiercare.kernel.actor import Actor
from tiercare.web import labels
from tiercare.web.pages import said, told

FILTERS = ("life", "q")
# Lives and standings in the colours and icons of cards; the words are their own.
LIFE_TAGS: Mapping[str, tuple[str, str]] = {
    "DRAFT": ("at_risk", "edit"),
    "SIGNED": ("advice", "calendar"),
    "IN_FORCE": ("met", "check"),
    "ENDING": ("missed", "clock-x"),
    "ENDED": ("not_applicable", "minus"),
}
STANDING_TAGS: Mapping[str, tuple[str, str]] = {
    "MET": ("met", "check"),
    "DUE": ("not_applicable", "calendar"),
    "OVERDUE": ("missed", "clock-x"),
}
_NOBODY = UUID(int=0)


def tag(group: str, code: str) -> dict[str, str]:
    """A state's name with its colour and icon."""
    colour, icon = (LIFE_TAGS if group == "life" else STANDING_TAGS)[code]
    return {"code": code, "name": labels.name(group, code), "tag": colour, "icon": icon}


def rows(found: Iterable[PaperRow], wanted: Mapping[str, str]) -> list[dict[str, Any]]:
    """Agreements that fit the filters."""
    text = wanted.get("q", "").strip().lower()
    return [
        {"of": row, "life": tag("life", row.life), "count": len(row.parties)}
        for row in found
        if wanted.get("life") in ("", None, row.life.value)
        and (not text or text in f"{row.title} {row.consortium} {' '.join(row.parties)}".lower())
    ]


def counts(found: Sequence[PaperRow]) -> list[tuple[dict[str, str], int]]:
    """How many stand where, as tiles."""
    return [(tag("life", life), sum(row.life is life for row in found)) for life in Life]


def sections(paper: PaperPage) -> list[dict[str, Any]]:
    """Sections in the order of the draft, each with its parts (one a party, or one), what asks for it, and
    whether something is still to be written."""
    demands = {demand.key: demand for demand in paper.table.demands}
    keys = list(dict.fromkeys([*paper.texts, *demands]))
    order = list(dict.fromkeys(key.partition("@")[0] for key in [*_framed(keys)]))
    found = []
    for word in order:
        parts = [_part(key, paper, demands) for key in keys if key.partition("@")[0] == word]
        found.append(
            {
                "word": word,
                "name": said(section_name(word, "", names={})),
                "parts": parts,
                "clauses": tuple(dict.fromkeys(c for part in parts for c in part["clauses"])),
                "missing": any(part["missing"] for part in parts),
            }
        )
    return found


def _framed(keys: Sequence[str]) -> Iterable[str]:
    """Why first, how long last, whatever stands between as it was written."""
    yield from (key for key in keys if key == "purpose")
    yield from (key for key in keys if key not in ("purpose", "term"))
    yield from (key for key in keys if key == "term")


def _part(key: str, paper: PaperPage, demands: Mapping[str, Demand]) -> dict[str, Any]:
    party, demand, text = key.partition("@")[2], demands.get(key), paper.texts.get(key, "")
    return {
        "key": key,
        "party": paper.table.names.get(party, party),
        "text": text,
        "clauses": demand.clauses if demand else (),
        "missing": demand is not None and not text.strip(),
    }


def drafting_refused(paper: PaperPage, actor: Actor) -> dict[str, Any] | None:
    """Why this person may not change the draft, if so."""
    own = actor.institution_id if actor.institution_id in paper.institutions else None
    refusal = access.may(actor, Right.NETWORK_APPLY, division=paper.division, institution_id=own or _NOBODY)
    return told(refusal) if refusal else None


def ending_refused(paper: PaperPage, actor: Actor) -> dict[str, Any] | None:
    """Why this person may not end the agreement, if so."""
    refusal = access.may(actor, Right.NETWORK_DECIDE, division=paper.division)
    return told(refusal) if refusal else None


def parties(paper: PaperPage, actor: Actor) -> list[dict[str, Any]]:
    """Parties with their signatures, and whether this person may sign for them."""
    return [{"of": party, "why_not": _signing_refused(party, paper, actor)} for party in paper.parties]


def _signing_refused(party: PartyRow, paper: PaperPage, actor: Actor) -> dict[str, Any] | None:
    refusal = access.may(
        actor,
        Right.NETWORK_APPLY,
        division=party.government_of or paper.division,
        institution_id=party.institution_id or _NOBODY,
    )
    return told(refusal) if refusal else None


def obligations(paper: PaperPage, actor: Actor) -> list[dict[str, Any]]:
    """Obligations with their standing; ``meet`` says that this person may record that one was met."""
    return [
        {
            "of": owed,
            "text": said(owed.text),
            "state": tag("standing", owed.standing),
            "meet": _may_meet(owed, paper, actor),
        }
        for owed in paper.obligations
    ]


def _may_meet(owed: OwedRow, paper: PaperPage, actor: Actor) -> bool:
    refusal = access.may(
        actor, Right.NETWORK_APPLY, division=paper.division, institution_id=owed.debtor_id or _NOBODY
    )
    return paper.life in (Life.IN_FORCE, Life.ENDING) and owed.met_on is None and refusal is None


def responsibilities(found: Responsibilities) -> dict[str, Any]:
    """The block ``agreements/_responsibilities.html``: clauses by who has to act, beside what was agreed."""
    return {
        "consortium_id": found.consortium_id,
        "open": found.open,
        "groups": [
            {"name": labels.name("duty_of", actor), "duties": [_duty(duty) for duty in duties]}
            for actor, duties in found.duties.items()
        ],
        "others": [_agreed(row) for row in found.others],
        "lists": [
            {
                "id": row.id,
                "clause": row.clause,
                "name": said(row.name),
                "items": [said(i) for i in row.items],
            }
            for row in found.lists
        ],
    }


def _duty(duty: Duty) -> dict[str, Any]:
    return {
        "clause": duty.clause.id,
        "force": duty.clause.force,
        "gist": said(duty.clause.gist),
        "agreed": [_agreed(row) for row in duty.agreed],
    }


def _agreed(row: Agreed) -> dict[str, Any]:
    return {"of": row, "text": said(row.text), "state": tag("standing", row.standing)}
