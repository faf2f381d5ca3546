"""What drafts are made from and looked at with: what stands, what a set of rows changes, what it is called."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from uuid import UUID

from django.db.models import Q

from .. import models
from ..rules.drafting import Heir
from ..rules.entries import Entry
from ..rules.histories import Identity, Outcome, State, entry_of, identity_of, step
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
    REGISTERS,
    TRUSTEESHIPS,
    Op,
)
from ..rules.sentences import NAMED_BY, RowChange
from ..rules.timeline import Clash, NothingThere, on_day
from . import histories as load
from .histories import Histories

_FEW = 20


# What stands ---------------------------------------------------------------------------------------------


def present_rows(
    *, institutions: Collection[str] = (), consortia: Collection[str] = (), on: date
) -> tuple[Entry, ...]:
    """Every row of these institutions and consortia (by code) that holds on ``on`` or begins later, and of the
    consortia and institutions that these rows name their own row, for their names; about ten queries."""
    own, theirs = list(institutions), list(consortia)
    found = {
        MEMBERSHIPS.key: load.relations(
            MEMBERSHIPS.key, Q(institution__slug__in=own) | Q(consortium__slug__in=theirs)
        ),
        JOININGS.key: load.relations(JOININGS.key, Q(parent__slug__in=theirs) | Q(child__slug__in=theirs)),
        TRUSTEESHIPS.key: load.relations(
            TRUSTEESHIPS.key, Q(trustee__slug__in=own) | Q(entrusted__slug__in=own)
        ),
        AGREEMENTS.key: load.agreements(
            Q(consortium__slug__in=theirs) | Q(id__in=_signed_by(own)),
        ),
        **{
            key: load.relations(key, Q(institution__slug__in=own))
            for key in (DEPARTMENTS.key, EQUIPMENT.key, CLINICIANS.key)
        },
    }
    rows = [row for register, histories in found.items() for row in _lasting(register, histories, on)]
    named = _named(rows)
    about = {
        INSTITUTIONS.key: load.institutions(Q(slug__in=[*own, *named["institution"]])),
        CONSORTIA.key: load.consortia(Q(slug__in=[*theirs, *named["consortium"]])),
    }
    rows += [row for register, histories in about.items() for row in _lasting(register, histories, on)]
    return tuple(rows)


def _signed_by(slugs: Collection[str]) -> Collection[UUID]:
    parties = models.AgreementParty.objects.filter(institution__slug__in=list(slugs))
    return list(parties.values_list("agreement_id", flat=True))


def _lasting(register: str, histories: Histories, on: date) -> list[Entry]:
    return [
        entry_of(register, identity, segment, found.state.facets)
        for identity, found in sorted(histories.items())
        for segment in found.state.segments
        if segment.end is None or segment.end > on
    ]


def codes_taken(codes: Collection[str]) -> set[str]:
    """Those of ``codes`` that an institution or a consortium has."""
    wanted = list(codes)
    institutions = models.Institution.objects.filter(slug__in=wanted).values_list("slug", flat=True)
    consortia = models.Consortium.objects.filter(slug__in=wanted).values_list("slug", flat=True)
    return {*institutions, *consortia}


def known_consortia(entries: Iterable[Entry]) -> set[str]:
    """Codes of consortia in ``entries`` that are on record, on whatever day."""
    codes = {entry.text("code") for entry in entries if entry.register == CONSORTIA.key}
    if not codes:
        return set()
    rows = models.Consortium.objects.filter(slug__in=list(codes), versions__isnull=False)
    return set(rows.values_list("slug", flat=True))


# What a set of rows changes ------------------------------------------------------------------------------


def row_changes(entries: Sequence[Entry]) -> tuple[RowChange, ...]:
    """What each row does to what is on record, in the order in which they would be written for one thing; rows
    for which there is no room do nothing."""
    states: dict[str, dict[Identity, State]] = {}
    for register in REGISTERS:
        identities = {identity_of(entry) for entry in entries if entry.register == register}
        if identities:
            found = load.histories(register, identities)
            states[register] = {key: there.state for key, there in found.items()}
    order = sorted(range(len(entries)), key=lambda n: (entries[n].op is Op.PUT, entries[n].start))
    done: dict[int, RowChange] = {}
    for n in order:
        entry, identity = entries[n], identity_of(entries[n])
        before = states[entry.register].get(identity, State())
        try:
            after, outcome = step(before, entry)
        except (Clash, NothingThere):
            done[n] = RowChange(entry, Outcome.UNCHANGED, entry.start, None, None)
            continue
        states[entry.register][identity] = after
        done[n] = _compared(entry, identity, outcome, before, after)
    return tuple(done[n] for n in range(len(entries)))


def _compared(entry: Entry, identity: Identity, outcome: Outcome, before: State, after: State) -> RowChange:
    day = _first_difference(before, after) or entry.start

    def row(state: State) -> Entry | None:
        segment = on_day(state.segments, day)
        return entry_of(entry.register, identity, segment, state.facets) if segment else None

    return RowChange(entry, outcome, day, row(before), row(after))


def _first_difference(before: State, after: State) -> date | None:
    """The first day on which the two say something different."""
    if before == after:
        return None
    days = {day for state in (before, after) for s in state.segments for day in (s.start, s.end) if day}
    for day in sorted(days):
        was, becomes = on_day(before.segments, day), on_day(after.segments, day)
        if (was is None) != (becomes is None):
            return day
        if was and becomes and was.attributes != becomes.attributes:
            return day
    return max(days, default=None) if before.facets == after.facets else min(days, default=None)


def first_day(changes: Sequence[RowChange], heirs: Sequence[Heir] = ()) -> date | None:
    """The first day on which anything of a set of changes takes effect."""
    days = [change.on for change in changes if change.outcome is not Outcome.UNCHANGED]
    return min([*days, *(heir.on for heir in heirs)], default=None)


def divisions_touched(entries: Iterable[Entry]) -> set[str]:
    """Codes of the areas whose commissions a set of rows concerns: where its institutions and consortia lie,
    before and after. A membership concerns the consortium's area, a trusteeship that of the one entrusted, an
    agreement that of its consortium, or of its governments."""
    divisions: set[str] = set()
    institutions: set[str] = set()
    consortia: set[str] = set()
    for entry in entries:
        divisions.add(entry.text("division"))
        if entry.register == INSTITUTIONS.key:
            institutions.add(entry.text("code"))
        elif entry.register == CONSORTIA.key:
            consortia.add(entry.text("code"))
        elif entry.register == TRUSTEESHIPS.key:
            institutions.add(entry.text("entrusted"))
        elif entry.register in (AGREEMENTS.key, OBLIGATIONS.key):
            words = (*entry.several("parties"), entry.text("debtor"), entry.text("creditor"))
            divisions |= {w.removeprefix("gov:") for w in words if w.startswith("gov:")}
            consortia |= {entry.text("consortium"), *_consortium_of(entry.text("agreement"))}
        else:
            institutions.add("" if entry.register == MEMBERSHIPS.key else entry.text("institution"))
            consortia |= {entry.text(key) for key in ("consortium", "parent", "child")}
    divisions |= _lie(models.InstitutionVersion, "institution__slug", institutions)
    divisions |= _lie(models.ConsortiumVersion, "consortium__slug", consortia)
    return divisions - {""}


def _consortium_of(agreement: str) -> set[str]:
    if not agreement:
        return set()
    rows = models.Agreement.objects.filter(slug=agreement, consortium__isnull=False)
    return set(rows.values_list("consortium__slug", flat=True))


def _lie(
    model: type[models.InstitutionVersion] | type[models.ConsortiumVersion], own: str, codes: set[str]
) -> set[str]:
    """Where things lie now, by the last of their versions."""
    wanted = list(codes - {""})
    if not wanted:
        return set()
    rows = model._default_manager.filter(**{f"{own}__in": wanted}).order_by("period")
    return set(dict(rows.values_list(own, "division_code")).values())


# What things are called ----------------------------------------------------------------------------------


def _named(entries: Iterable[Entry]) -> dict[str, set[str]]:
    """Codes that rows name, by kind."""
    found: dict[str, set[str]] = {"institution": set(), "consortium": set(), "agreement": set()}
    for entry in entries:
        for key, kind in NAMED_BY.items():
            found[kind].add(entry.text(key))
        found["institution"] |= {word for word in entry.several("parties") if not word.startswith("gov:")}
        if entry.register == INSTITUTIONS.key:
            found["institution"].add(entry.text("code"))
        if entry.register == CONSORTIA.key:
            found["consortium"].add(entry.text("code"))
    return {kind: codes - {""} for kind, codes in found.items()}


def names_of(
    entries: Sequence[Entry], heirs: Iterable[Heir] = (), *, on: date | None = None
) -> dict[tuple[str, str], str]:
    """What everything that rows name is called on ``on`` (or was, or will be, nearest to it), by kind and code;
    what the rows themselves set up is called as they say."""
    wanted = _named(entries)
    for heir in heirs:
        wanted["institution"] |= {heir.old, heir.new}
    names: dict[tuple[str, str], str] = {
        (_KIND[entry.register], entry.text("code")): entry.text("name")
        for entry in entries
        if entry.register in _KIND
    }
    for kind, model, own in (
        ("institution", models.InstitutionVersion, "institution__slug"),
        ("consortium", models.ConsortiumVersion, "consortium__slug"),
    ):
        if wanted[kind]:
            rows = model._default_manager.filter(**{f"{own}__in": list(wanted[kind])}).order_by("period")
            seen: set[str] = set()
            for code, name, period in rows.values_list(own, "name", "period"):
                if code not in seen or on is None or period.lower <= on:
                    names[kind, code] = name
                seen.add(code)
    if wanted["agreement"]:
        rows_ = models.Agreement.objects.filter(slug__in=list(wanted["agreement"]))
        names |= {("agreement", code): title for code, title in rows_.values_list("slug", "title")}
    return names


_KIND: Mapping[str, str] = {INSTITUTIONS.key: "institution", CONSORTIA.key: "consortium"}
