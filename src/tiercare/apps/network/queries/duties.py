"""Who has to do what in a consortium: the clauses of its pack beside what its agreements say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from tiercare.apps.mandates import queries as mandates
from tiercare.engines.policy import Clause
from tiercare.kernel.text import Text

from .. import models, rules
from ..rules.papers import Standing, shares, standing
from .reading import area_names
from .tables import government_name


@dataclass(frozen=True, slots=True)
class Agreed:
    """What an agreement in force asks of somebody under a clause."""

    agreement_id: UUID
    title: str
    debtor: str
    text: Text
    due: date
    standing: Standing


@dataclass(frozen=True, slots=True)
class Duty:
    """What a clause lays on somebody, and what was agreed about it; none: not agreed yet."""

    clause: Clause
    agreed: tuple[Agreed, ...]


@dataclass(frozen=True, slots=True)
class NamedItems:
    """A list that a clause names, as the region filled it in."""

    id: str
    clause: str
    name: Text
    items: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Responsibilities:
    """Who has to do what in a consortium: by actor (``LEAD``, ``MEMBERS``), in the order of the document."""

    consortium_id: UUID
    duties: Mapping[str, tuple[Duty, ...]]
    others: tuple[Agreed, ...]
    lists: tuple[NamedItems, ...]

    @property
    def open(self) -> int:
        """How many clauses nothing was agreed about."""
        return sum(not duty.agreed for rows in self.duties.values() for duty in rows)


def responsibilities(consortium_id: UUID, kind: rules.Kind, pack_id: str, *, on: date) -> Responsibilities:
    """What the clauses of the pack lay on lead and members of a consortium of this kind, beside the obligations
    of its agreements in force on ``on``; ``others`` are obligations under no clause of these. Two queries, and
    one for each named list."""
    packs = mandates.packs()
    clauses = {
        clause.id: clause
        for clause in packs.clauses_for(pack_id)
        if packs.document[clause.document].in_force_from <= on
    }
    agreed = _agreed_by_clause(consortium_id, on)
    duties: dict[str, tuple[Duty, ...]] = {}
    for share in shares():
        if kind in share.kinds:
            rows = tuple(
                Duty(clauses[key], tuple(agreed.get(key, ()))) for key in share.clauses if key in clauses
            )
            duties[share.actor] = (*duties.get(share.actor, ()), *rows)
    asked = {duty.clause.id for rows in duties.values() for duty in rows}
    others = tuple(row for key, rows in agreed.items() if key not in asked for row in rows)
    return Responsibilities(
        consortium_id,
        {actor: rows for actor, rows in duties.items() if rows},
        others,
        _lists(pack_id, asked, on),
    )


def _lists(pack_id: str, asked: set[str], on: date) -> tuple[NamedItems, ...]:
    named = [row for row in mandates.packs().lists_for(pack_id) if row.clause in asked]
    return tuple(
        NamedItems(row.id, row.clause, row.name, tuple(mandates.named_list(pack_id, row.id, on=on)[1]))
        for row in named
    )


def _agreed_by_clause(consortium_id: UUID, on: date) -> dict[str, list[Agreed]]:
    rows = list(
        models.Obligation.objects.filter(
            agreement__consortium_id=consortium_id,
            agreement__signed_on__lte=on,
            agreement__period__contains=on,
        )
        .select_related("agreement")
        .order_by("due", "id")
    )
    slugs = {row.debtor.partition(":")[2] for row in rows if row.debtor.startswith("institution:")}
    versions = models.InstitutionVersion.objects.filter(institution__slug__in=slugs, period__contains=on)
    names = dict(versions.values_list("institution__slug", "name")) if slugs else {}
    areas = area_names(on=on) if any(row.debtor.startswith("gov:") for row in rows) else {}
    found: dict[str, list[Agreed]] = {}
    for row in rows:
        scheme, _, key = row.debtor.partition(":")
        found.setdefault(row.clause, []).append(
            Agreed(
                row.agreement_id,
                row.agreement.title,
                government_name(areas, key) if scheme == "gov" else names.get(key, key),
                Text(row.text_zh, row.text_en or row.text_zh),
                row.due,
                standing(row.due, row.met_on, on),
            )
        )
    return found
