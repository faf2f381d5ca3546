"""Cards as rows and as a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import yaml

from tiercare.apps.network.queries import Checked
from tiercare.engines.policy import Force, PackSet, RuleCard, State
from tiercare.web import labels
from tiercare.web.pages import english, said


@dataclass(frozen=True, slots=True)
class Row:
    """A card in the list."""

    pack: str
    pack_name: str
    id: str
    sentence: str
    clauses: tuple[str, ...]
    force: Force
    state: State
    findings: int
    deadline: date | None


def rows(packs: PackSet, checked: Checked) -> list[Row]:
    """Every card that holds in the region."""
    return [
        Row(
            pack=verdict.card.pack,
            pack_name=said(packs.packs[verdict.card.pack].name),
            id=verdict.card.id,
            sentence=said(verdict.card.sentence),
            clauses=verdict.card.clauses,
            force=verdict.card.force,
            state=verdict.state,
            findings=len(verdict.findings),
            deadline=verdict.deadline,
        )
        for verdict in checked.compliance.verdicts
    ]


def fitting(found: Sequence[Row], wanted: Mapping[str, str]) -> list[Row]:
    """Rows that fit every filter."""
    text = wanted.get("q", "").strip().lower()
    return [
        row
        for row in found
        if wanted.get("state") in ("", None, row.state.value)
        and wanted.get("force") in ("", None, row.force.value)
        and wanted.get("pack") in ("", None, row.pack)
        and (not text or text in f"{row.id} {row.sentence} {' '.join(row.clauses)}".lower())
    ]


def offered(packs: PackSet, found: Sequence[Row]) -> dict[str, list[tuple[str, str]]]:
    """What each filter can be set to."""
    return {
        "state": [(s.value, said(s.label)) for s in State if any(row.state is s for row in found)],
        "force": [(f.value, said(f.label)) for f in Force if any(row.force is f for row in found)],
        "pack": [(pack, said(packs.packs[pack].name)) for pack in dict.fromkeys(row.pack for row in found)],
    }


def rule(packs: PackSet, card: RuleCard) -> dict[str, Any]:
    """All that stands on the card, whether or not it holds in the region shown."""
    document = packs.document[packs.clause[card.clauses[0]].document]
    return {
        "pack": card.pack,
        "pack_name": said(packs.packs[card.pack].name),
        "id": card.id,
        "key": card.key,
        "of_network": card.app == "network",
        "sentence": said(card.sentence),
        "document": said(document.title),
        "clauses": [{"id": key, "gist": said(packs.clause[key].gist)} for key in card.clauses],
        "force": card.force,
        "strength": labels.strength(card.force.strength),
        "period": labels.period(card.period.start, card.period.end),
        "parameters": [_parameter(packs, name, ref) for name, ref in card.parameters.items()],
        "deadline": _parameter(packs, "deadline", card.deadline) if card.deadline else None,
        "message": card.message.in_language("en" if english() else "zh"),
        "remedy": card.remedy.in_language("en" if english() else "zh"),
        "constraint": card.constraint,
        "replaces": card.replaces,
        "replaces_name": said(packs.packs[card.replaces].name) if card.replaces else "",
        "approval": card.approval_before_change,
        "examples": [
            {
                "name": example.name,
                "on": example.on,
                "state": State(example.verdict),
                "facts": yaml.safe_dump(_plain(example.facts), allow_unicode=True, sort_keys=False),
            }
            for example in card.examples
        ],
    }


def _parameter(packs: PackSet, name: str, reference: str) -> dict[str, Any]:
    values = packs.parameters[reference]
    clause = packs.clause[values[0].clause]
    return {
        "name": name,
        "key": reference,
        "clause": clause.id,
        "document": said(packs.document[clause.document].title),
        "values": [
            {
                "shown": labels.shown(v.value, v.type, v.op),
                "period": labels.period(v.period.start, v.period.end),
            }
            for v in values
        ],
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    return value


def replaced_by(packs: PackSet, pack_id: str, card: RuleCard) -> str | None:
    """The key of the card that takes this one's place in the region, if one does."""
    for pack in packs.chain(pack_id):
        for other in pack.cards:
            if other.replaces == card.pack and other.id == card.id:
                return other.key
    return None
