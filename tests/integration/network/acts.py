"""What the tests of cards change in the register of a real region, and how a verdict is asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from django.db import transaction
from psycopg.types.range import DateRange

from tiercare.apps.network import commands, models, queries
from tiercare.engines.policy import PackSet, load_packs
from tiercare.engines.policy.model import Value
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7

PACKS = load_packs()
ALWAYS = DateRange(date(2010, 1, 1), None)


@dataclass(frozen=True)
class Case:
    """On a region as it comes, ``card`` stands at ``before``; ``act`` makes it ``after``. With ``name`` of the
    pack altered to ``value`` the same register is judged ``other``."""

    clause: str
    card: str
    before: str
    act: Callable[[], None]
    after: str
    name: str = ""
    value: Value = None
    other: str = ""


def altered(name: str, value: Value) -> PackSet:
    """The packs, one parameter of which has another value."""
    clause = PACKS.clause[name.partition(".")[0]]
    parameters = tuple(replace(p, value=value) if p.name == name else p for p in clause.parameters)
    pack = PACKS.packs[clause.pack]
    clauses = tuple(replace(c, parameters=parameters) if c.id == clause.id else c for c in pack.clauses)
    return PackSet({**PACKS.packs, pack.id: replace(pack, clauses=clauses)})


def _institutions(prefix: str) -> list[models.Institution]:
    found = list(models.Institution.objects.filter(slug__startswith=prefix))
    assert found, prefix
    return found


def _without(part: type[models.Facility] | type[models.LicensedSpecialty], prefix: str, *codes: str) -> None:
    field = "kind" if part is models.Facility else "code"
    gone, _ = part.objects.filter(**{"institution__slug__startswith": prefix, f"{field}__in": codes}).delete()
    assert gone, (prefix, codes)


def no_facility(prefix: str, *kinds: str) -> Callable[[], None]:
    return lambda: _without(models.Facility, prefix, *kinds)


def no_specialty(prefix: str, *codes: str) -> Callable[[], None]:
    return lambda: _without(models.LicensedSpecialty, prefix, *codes)


def _facility(institution: models.Institution, kind: str) -> None:
    if not models.Facility.objects.filter(institution=institution, kind=kind).exists():
        models.Facility.objects.create(institution=institution, kind=kind, period=ALWAYS)


def facility(prefix: str, *kinds: str, category: str = "") -> Callable[[], None]:
    def act() -> None:
        for institution in _institutions(prefix):
            if not category or institution.versions.filter(category=category).exists():
                for kind in kinds:
                    _facility(institution, kind)

    return act


def version(prefix: str, **fields: object) -> Callable[[], None]:
    def act() -> None:
        assert models.InstitutionVersion.objects.filter(institution__slug__startswith=prefix).update(**fields)

    return act


def leaves(institution: str, consortium: str = "", **of: object) -> Callable[[], None]:
    def act() -> None:
        gone, _ = models.Membership.objects.filter(
            institution__slug__startswith=institution, consortium__slug__startswith=consortium, **of
        ).delete()
        assert gone, (institution, consortium)

    return act


def joins(institution: str, consortium: str) -> Callable[[], None]:
    def act() -> None:
        models.Membership.objects.create(
            institution=models.Institution.objects.get(slug=institution),
            consortium=models.Consortium.objects.get(slug=consortium),
            role="MEMBER",
            period=ALWAYS,
            consented_on=date(2010, 1, 1),
        )

    return act


def unsigned(slug: str) -> Callable[[], None]:
    def act() -> None:
        assert models.Agreement.objects.filter(slug=slug).update(signed_on=None)

    return act


def forms(division: str, lead: str, *specialties: str) -> Callable[[], None]:
    def act() -> None:
        for specialty in specialties:
            consortium = models.Consortium.objects.create(
                slug=f"new-{uuid7()}", kind="SPECIALTY_ALLIANCE", specialty_code=specialty
            )
            models.ConsortiumVersion.objects.create(
                consortium=consortium, period=ALWAYS, name=f"联盟{specialty}", division_code=division
            )
            models.Membership.objects.create(
                institution=models.Institution.objects.get(slug=lead),
                consortium=consortium,
                role="LEAD",
                period=ALWAYS,
            )

    return act


def elsewhere(division: str, *consortia: str) -> Callable[[], None]:
    """A tertiary hospital of another province joins these."""

    def act() -> None:
        institution = institution_of(division, "GENERAL")
        for slug in consortia:
            joins(institution.slug, slug)()

    return act


def institution_of(division: str, category: str) -> models.Institution:
    institution = models.Institution.objects.create(slug=f"new-{uuid7()}")
    models.InstitutionVersion.objects.create(
        institution=institution,
        period=ALWAYS,
        name="演示医院",
        category=category,
        level=3,
        owner="PUBLIC",
        affiliation="PREFECTURE",
        division_code=division,
    )
    return institution


def practitioners(prefix: str, count: int, category: str = "") -> Callable[[], None]:
    def act() -> None:
        for institution in _institutions(prefix):
            if category and not institution.versions.filter(category=category).exists():
                continue
            people = models.Clinician.objects.bulk_create(
                models.Clinician(name="演示医师", scope_code="02", synthetic=True) for _ in range(count)
            )
            models.PracticeSite.objects.bulk_create(
                models.PracticeSite(
                    clinician=person, institution=institution, ground="REGISTERED", period=ALWAYS
                )
                for person in people
            )

    return act


def no_kind(*kinds: str) -> Callable[[], None]:
    def act() -> None:
        assert models.ConsortiumVersion.objects.filter(consortium__kind__in=kinds).delete()[0]

    return act


def both(*acts: Callable[[], None]) -> Callable[[], None]:
    def act() -> None:
        for each in acts:
            each()

    return act


def perform(pack: str, cases: list[Case]) -> list[tuple[str, str, list[str]]]:
    """Lay the region down once, perform every case on it and undo it; answers those that came out otherwise."""
    if not models.LaidDown.objects.filter(pack=pack).exists():
        commands.lay_down_region(actor=Actor.system("test"), pack_id=pack)
    on = queries.demonstration_day(pack)
    assert on is not None

    def states(packs: PackSet | None = None) -> dict[str, str]:
        checked = queries.check(pack, on=on, packs=packs)
        return {v.card.key: v.state.value for v in checked.compliance.verdicts}

    untouched = states()
    wrong = []
    for case in cases:
        with transaction.atomic():
            case.act()
            got = [untouched[case.card], states()[case.card]]
            got += [states(altered(case.name, case.value))[case.card]] if case.name else []
            transaction.set_rollback(True)
        if got != [state for state in (case.before, case.after, case.other) if state]:
            wrong.append((case.clause, case.card, got))
    return wrong
