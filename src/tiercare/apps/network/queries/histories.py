"""What is on record of many things at once: their segments and facets, in one to five queries a register.

``Scope`` says of which: those of given identities (checking and writing), or those of a region (export).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Model, Q

from .. import models
from ..rules.histories import ATTRIBUTES, FACETS, Attributes, Identity, State, canonical
from ..rules.registers import (
    AGREEMENTS,
    CLINICIANS,
    CONSORTIA,
    DEPARTMENTS,
    EQUIPMENT,
    INSTITUTIONS,
    JOININGS,
    MEMBERSHIPS,
    OBLIGATIONS,
    TRUSTEESHIPS,
)
from ..rules.timeline import Segment
from .lookups import a_day, one_of, plain_rows


class Place(NamedTuple):
    """How a column of a register is kept: the model's field, and the path that leads to its code."""

    field: str
    path: str = ""

    @property
    def source(self) -> str:
        """The path to select and to filter by."""
        return self.path or self.field


@dataclass(frozen=True, slots=True)
class Table:
    """A register whose rows are rows of one table: where its identity and its attributes are kept."""

    model: type[Model]
    identity: Mapping[str, Place]
    attributes: Mapping[str, Place]


def _slug(name: str) -> Place:
    return Place(f"{name}_id", f"{name}__slug")


TABLES: Mapping[str, Table] = {
    MEMBERSHIPS.key: Table(
        models.Membership,
        {"consortium": _slug("consortium"), "institution": _slug("institution")},
        {"role": Place("role"), "consented_on": Place("consented_on")},
    ),
    JOININGS.key: Table(models.Joining, {"parent": _slug("parent"), "child": _slug("child")}, {}),
    TRUSTEESHIPS.key: Table(
        models.Trusteeship,
        {"trustee": _slug("trustee"), "entrusted": _slug("entrusted")},
        {"agreement": _slug("agreement")},
    ),
    DEPARTMENTS.key: Table(
        models.Department,
        {"institution": _slug("institution"), "name": Place("name")},
        {"specialty": Place("specialty_code")},
    ),
    EQUIPMENT.key: Table(
        models.Equipment,
        {"institution": _slug("institution"), "kind": Place("kind"), "model": Place("model")},
        {"count": Place("count")},
    ),
    CLINICIANS.key: Table(
        models.PracticeSite,
        {"code": Place("clinician_id", "clinician__code"), "institution": _slug("institution")},
        {"ground": Place("ground"), "agreement": _slug("agreement")},
    ),
}
# What an institution has besides its version: the table, and the fields that make the word in its column.
CHILDREN: Mapping[str, tuple[type[Model], tuple[str, ...]]] = {
    "specialties": (models.LicensedSpecialty, ("code",)),
    "key_specialties": (models.KeySpecialty, ("code", "rank")),
    "facilities": (models.Facility, ("kind",)),
}


class Child(NamedTuple):
    """A row of a child table: its id, the word in the column, its first day and its end."""

    id: UUID
    word: str
    start: date
    end: date | None

    def holds(self, on: date) -> bool:
        """Whether it held that day."""
        return self.start <= on and (self.end is None or on < self.end)


@dataclass(slots=True)
class Found:
    """What was found of one thing: its state, and the rows that hold it."""

    state: State
    id: UUID | None = None
    rows: dict[date, UUID] = field(default_factory=dict)
    versions: list[Any] = field(default_factory=list)
    children: dict[str, list[Child]] = field(default_factory=dict)


Histories = dict[Identity, Found]


def histories(register: str, identities: Collection[Identity]) -> Histories:
    """What is on record of each of ``identities``, without those of which nothing is."""
    codes = list({identity[0] for identity in identities})
    if register == INSTITUTIONS.key:
        return institutions(one_of("slug", codes))
    if register == CONSORTIA.key:
        return consortia(one_of("slug", codes))
    if register == AGREEMENTS.key:
        return agreements(one_of("slug", codes))
    if register == OBLIGATIONS.key:
        return obligations(one_of("agreement__slug", codes))
    wanted = Q()
    for n, place in enumerate(TABLES[register].identity.values()):
        # A clinician's other places of practice are read too: name, title and scope are one for all.
        if register != CLINICIANS.key or n == 0:
            wanted &= one_of(place.source, {identity[n] for identity in identities})
    return relations(register, wanted)


def states(register: str, identities: Collection[Identity]) -> dict[Identity, State]:
    """As ``histories``, without the rows that hold them: what checking many rows needs, and sooner."""
    if register == INSTITUTIONS.key:
        return _institution_states(one_of("institution__slug", {identity[0] for identity in identities}))
    return {identity: found.state for identity, found in histories(register, identities).items()}


_DAYS = ("period__startswith", "period__endswith")
_UNREAD = UUID(int=0)


def _institution_states(wanted: Q) -> dict[Identity, State]:
    children: dict[str, dict[str, list[Child]]] = defaultdict(lambda: {kind: [] for kind in CHILDREN})
    for kind, (model, words) in CHILDREN.items():
        rows = model._default_manager.filter(wanted).order_by("period")
        for code, start, end, *parts in plain_rows(rows, "institution__slug", *_DAYS, *words):
            children[code][kind].append(
                Child(_UNREAD, "=".join(parts), date.fromisoformat(start), a_day(end))
            )
    segments: dict[str, list[Segment[Attributes]]] = defaultdict(list)
    facets: dict[str, Attributes] = {}
    versions = models.InstitutionVersion.objects.filter(wanted).order_by("period")
    named = ("institution__slug", "institution__social_credit_code", *_DAYS, *_VERSION_FIELDS)
    for code, credit, start, end, *values in plain_rows(versions, *named):
        row = _Version(*values)
        period = (date.fromisoformat(start), a_day(end))
        said = _version_values(row) | {"licence_until": a_day(row.licence_until)}
        segments[code] += _pieces(*period, said, children[code])
        facets[code] = (credit or "",)
    return {(code,): State(tuple(rows), facets[code]) for code, rows in segments.items()}


class _Version(NamedTuple):
    """The fields of an ``InstitutionVersion`` that its register keeps, as JSON has them."""

    name: str
    category: str
    level: int
    grade: str
    owner: str
    affiliation: str
    funding: str
    division_code: str
    township_code: str
    beds: int
    licence_number: str
    licence_until: str | None
    qualified: bool
    subcentre: bool
    managed_as_level: int
    lng: float | None
    lat: float | None
    place_is_illustrative: bool


_VERSION_FIELDS = _Version._fields


def institutions(wanted: Q) -> Histories:
    """Institutions by code (``wanted`` filters ``Institution``): four queries besides the first."""
    own = {row.id: row for row in models.Institution.objects.filter(wanted)}
    versions: dict[UUID, list[models.InstitutionVersion]] = defaultdict(list)
    for row in models.InstitutionVersion.objects.filter(one_of("institution__id", own)).order_by("period"):
        versions[row.institution_id].append(row)
    children: dict[UUID, dict[str, list[Child]]] = {key: {kind: [] for kind in CHILDREN} for key in own}
    for kind, (model, words) in CHILDREN.items():
        rows = model._default_manager.filter(one_of("institution__id", own)).order_by("period")
        days = ("period__startswith", "period__endswith")  # two dates are read faster than a range
        for institution, key, start, end, *parts in rows.values_list("institution_id", "id", *days, *words):
            children[institution][kind].append(Child(key, "=".join(parts), start, end))
    found: Histories = {}
    for key, institution in own.items():
        segments = tuple(
            segment
            for row in versions[key]
            for segment in _pieces(row.period.lower, row.period.upper, _version_values(row), children[key])
        )
        facets: Attributes = (institution.social_credit_code or "",) if segments else ()
        state = State(segments, facets)
        found[(institution.slug,)] = Found(state, key, versions=versions[key], children=children[key])
    return found


def _pieces(
    start: date, end: date | None, said: Mapping[str, Any], children: Mapping[str, list[Child]]
) -> list[Segment[Attributes]]:
    """A version as one segment, or as several where a specialty or a facility came or went within it."""
    cuts = {start}
    for rows in children.values():
        for row in rows:
            if row.start > start and (end is None or row.start < end):
                cuts.add(row.start)
            if row.end is not None and row.end > start and (end is None or row.end < end):
                cuts.add(row.end)
    pieces: list[Segment[Attributes]] = []
    for cut in sorted(cuts):
        held = {kind: tuple(row.word for row in rows if row.holds(cut)) for kind, rows in children.items()}
        attributes = canonical(INSTITUTIONS.key, ATTRIBUTES[INSTITUTIONS.key], {**said, **held})
        if pieces and pieces[-1].attributes == attributes:
            continue
        if pieces:
            pieces[-1] = Segment(pieces[-1].start, cut, pieces[-1].attributes)
        pieces.append(Segment(cut, end, attributes))
    return pieces


def _version_values(row: models.InstitutionVersion | _Version) -> dict[str, Any]:
    drawn = row.place_is_illustrative
    return {
        "name": row.name,
        "category": row.category,
        "level": str(row.level),
        "grade": row.grade,
        "owner": row.owner,
        "affiliation": row.affiliation,
        "funding": row.funding,
        "division": row.division_code,
        "township": row.township_code,
        "beds": row.beds,
        "licence": row.licence_number,
        "licence_until": row.licence_until,
        "qualified": row.qualified,
        "subcentre": row.subcentre,
        "managed_as_level": str(row.managed_as_level or ""),
        "lng": None if drawn else row.lng,
        "lat": None if drawn else row.lat,
    }


def consortia(wanted: Q) -> Histories:
    """Consortia by code (``wanted`` filters ``Consortium``): three queries."""
    own = {row.id: row for row in models.Consortium.objects.filter(wanted)}
    versions: dict[UUID, list[models.ConsortiumVersion]] = defaultdict(list)
    for row in models.ConsortiumVersion.objects.filter(one_of("consortium__id", own)).order_by("period"):
        versions[row.consortium_id].append(row)
    adopted: dict[UUID, set[date]] = defaultdict(set)
    worded: dict[UUID, set[date]] = defaultdict(set)
    charters = models.Charter.objects.filter(one_of("consortium__id", own)).order_by("adopted_on")
    for consortium, day, text, texts in charters.values_list("consortium_id", "adopted_on", "text", "texts"):
        adopted[consortium].add(day)
        if text or texts:
            worded[consortium].add(day)
    found: Histories = {}
    for key, own_row in own.items():
        segments = tuple(_consortium_segment(version) for version in versions[key])
        facets: Attributes = ()
        if segments:
            facets = canonical(
                CONSORTIA.key,
                FACETS[CONSORTIA.key],
                {
                    "kind": own_row.kind,
                    "specialty": own_row.specialty_code,
                    "approved_on": own_row.approved_on,
                    "approved_by": own_row.approved_by,
                    "charter_on": max(adopted[key], default=None),
                },
            )
        state = State(segments, facets, frozenset(adopted[key]), frozenset(worded[key]))
        found[(own_row.slug,)] = Found(state, key, versions=versions[key])
    return found


def _consortium_segment(row: models.ConsortiumVersion) -> Segment[Attributes]:
    said = {
        "name": row.name,
        "division": row.division_code,
        "tight": row.tight,
        "effective": row.effective,
        "committee": row.committee,
        "unified": tuple(row.unified),
    }
    attributes = canonical(CONSORTIA.key, ATTRIBUTES[CONSORTIA.key], said)
    return Segment(row.period.lower, row.period.upper, attributes)


def relations(register: str, wanted: Q) -> Histories:
    """Rows of the registers in ``TABLES`` (``wanted`` filters the table): one query."""
    table = TABLES[register]
    facets = FACETS.get(register, ())
    sources = [place.source for place in (*table.identity.values(), *table.attributes.values())]
    if facets:
        sources += ["clinician__name", "clinician__title", "clinician__scope_code"]
    rows = (
        table.model._default_manager.filter(wanted).order_by("period").values_list("id", "period", *sources)
    )
    segments: dict[Identity, list[Segment[Attributes]]] = defaultdict(list)
    ids: dict[Identity, dict[date, UUID]] = defaultdict(dict)
    about: dict[Identity, Attributes] = {}
    split, last = len(table.identity), len(sources) - len(facets)
    for key, period, *values in rows:
        if any(value is None for value in values[:split]):
            continue  # a clinician without a code is in no register
        identity = tuple(values[:split])
        said = dict(zip(table.attributes, values[split:last], strict=True))
        attributes = canonical(register, ATTRIBUTES[register], said)
        segments[identity].append(Segment(period.lower, period.upper, attributes))
        ids[identity][period.lower] = key
        about[identity] = tuple(values[last:])
    return {
        identity: Found(State(tuple(rows), about[identity]), rows=ids[identity])
        for identity, rows in segments.items()
    }


def agreements(wanted: Q) -> Histories:
    """Agreements by code (``wanted`` filters ``Agreement``): two queries."""
    found: Histories = {}
    rows = list(models.Agreement.objects.filter(wanted).select_related("consortium"))
    parties = parties_of(row.id for row in rows)
    for row in rows:
        said = {
            "title": row.title,
            "consortium": row.consortium.slug if row.consortium else "",
            "parties": tuple(parties.get(row.id, ())),
            "sections": tuple(row.sections),
            "signed_on": row.signed_on,
        }
        attributes = canonical(AGREEMENTS.key, ATTRIBUTES[AGREEMENTS.key], said)
        segment = Segment(row.period.lower, row.period.upper, attributes)
        found[(row.slug,)] = Found(State((segment,)), row.id, versions=[row])
    return found


def parties_of(agreement_ids: Iterable[UUID]) -> dict[UUID, list[str]]:
    """The parties of each agreement as files write them."""
    found: dict[UUID, list[str]] = defaultdict(list)
    rows = models.AgreementParty.objects.filter(one_of("agreement__id", agreement_ids))
    for agreement, slug, government in rows.values_list("agreement_id", "institution__slug", "government_of"):
        found[agreement].append(slug or f"gov:{government}")
    return found


def party_word(key: str) -> str:
    """A party as files write it, from a stored key."""
    return key.removeprefix("institution:")


def party_key(word: str) -> str:
    """A party as it is stored: files write the bare code."""
    return word if word.startswith("gov:") else f"institution:{word}"


def obligations(wanted: Q) -> Histories:
    """Obligations by agreement, parties and words (``wanted`` filters ``Obligation``): one query."""
    segments: dict[Identity, list[Segment[Attributes]]] = defaultdict(list)
    ids: dict[Identity, dict[date, UUID]] = defaultdict(dict)
    rows = models.Obligation.objects.filter(wanted).order_by("due", "id")
    fields = ("id", "agreement__slug", "debtor", "creditor", "text_zh", "text_en", "due", "clause", "met_on")
    for key, agreement, debtor, creditor, zh, en, due, clause, met in rows.values_list(*fields):
        identity = (agreement, party_word(debtor), party_word(creditor), zh)
        if due in ids[identity]:
            continue  # the very same obligation twice: one row says it
        said = {"text_en": en, "clause": clause, "met_on": met}
        attributes = canonical(OBLIGATIONS.key, ATTRIBUTES[OBLIGATIONS.key], said)
        segments[identity].append(Segment(due, None, attributes))
        ids[identity][due] = key
    return {identity: Found(State(tuple(rows)), rows=ids[identity]) for identity, rows in segments.items()}
