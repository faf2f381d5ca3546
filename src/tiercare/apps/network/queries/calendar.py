"""Everything of a region that has a day: what is owed, planned, ending, or due by a rule."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from uuid import UUID

from django.db.models import Q

from tiercare.apps.mandates import queries as mandates
from tiercare.engines.policy.resolve import in_force
from tiercare.engines.policy.verdicts import last_day
from tiercare.kernel.text import Text

from .. import models
from ..rules.papers import RENEWAL_WARNING, Standing, standing
from .facts import prefix_range
from .reading import area_names
from .tables import government_name


class ItemKind(StrEnum):
    """What has its day."""

    OBLIGATION = "OBLIGATION"
    MILESTONE = "MILESTONE"
    AGREEMENT_END = "AGREEMENT_END"
    LICENCE = "LICENCE"
    DEADLINE = "DEADLINE"


@dataclass(frozen=True, slots=True)
class Item:
    """One entry: ``parties`` are keys and names of whom it concerns; ``target`` names the thing that mends it,
    as (kind, key): an agreement, a plan's milestone, an institution, a rule card."""

    kind: ItemKind
    on: date
    text: Text
    standing: Standing
    target: tuple[str, str]
    parties: tuple[tuple[str, str], ...] = ()
    clause: str = ""
    warned_from: date | None = field(default=None)


def calendar_items(region: str, pack_id: str, *, on: date, first: date, last: date) -> list[Item]:
    """Entries from ``first`` to ``last``, and whatever is overdue on ``on``; the earliest first. Six queries,
    however many entries."""
    low, high = prefix_range("" if region == "00" else region)
    inside = {"division_code__gte": low, "division_code__lt": high, "period__contains": on}
    found = [
        *_obligations(inside, on, first, last),
        *_milestones(region, on, first, last),
        *_ends(inside, on, first, last),
        *_licences(inside, on, first, last),
        *_deadlines(pack_id, on, first, last),
    ]
    return sorted(found, key=lambda item: (item.on, item.kind, item.text.zh))


def _obligations(inside: dict[str, object], on: date, first: date, last: date) -> list[Item]:
    consortia = models.ConsortiumVersion.objects.filter(**inside).values("consortium_id")
    rows = list(
        models.Obligation.objects.filter(
            Q(due__range=(first, last)) | Q(due__lt=on) & (Q(met_on__isnull=True) | Q(met_on__gt=on)),
            agreement__consortium_id__in=consortia,
            agreement__signed_on__lte=on,
            agreement__period__contains=on,
        ).values_list(
            "id", "agreement_id", "debtor", "creditor", "text_zh", "text_en", "due", "met_on", "clause"
        )
    )
    slugs = {key.partition(":")[2] for row in rows for key in row[2:4] if key.startswith("institution:")}
    versions = models.InstitutionVersion.objects.filter(institution__slug__in=slugs, period__contains=on)
    names = dict(versions.values_list("institution__slug", "name"))
    areas = area_names(on=on)

    def named(key: str) -> tuple[str, str]:
        scheme, _, rest = key.partition(":")
        return key, government_name(areas, rest) if scheme == "gov" else names.get(rest, rest)

    return [
        Item(
            ItemKind.OBLIGATION,
            due,
            Text(zh, en or zh),
            standing(due, met_on, on),
            ("agreement", f"{agreement}#owed-{key}"),
            (named(debtor), named(creditor)),
            clause,
        )
        for key, agreement, debtor, creditor, zh, en, due, met_on, clause in rows
    ]


def _milestones(region: str, on: date, first: date, last: date) -> list[Item]:
    rows = models.PlanMilestone.objects.filter(
        Q(due__range=(first, last)) | Q(due__lt=on) & (Q(met_on__isnull=True) | Q(met_on__gt=on)),
        plan__division_code__startswith="" if region == "00" else region,
        plan__finished_on__lte=on,
    ).values_list("id", "plan__division_code", "text_zh", "text_en", "due", "met_on")
    return [
        Item(
            ItemKind.MILESTONE,
            due,
            Text(zh, en or zh),
            standing(due, met_on, on),
            ("milestone", str(key)),
            ((f"gov:{code}", code),),
        )
        for key, code, zh, en, due, met_on in rows
    ]


def _ends(inside: dict[str, object], on: date, first: date, last: date) -> list[Item]:
    """Ends of agreements in force: the last day on which they hold. Without a renewal they count as overdue
    from the day of the warning on, since that is when somebody has to act."""
    consortia = models.ConsortiumVersion.objects.filter(**inside).values("consortium_id")
    rows = (
        models.Agreement.objects.filter(
            Q(period__endswith__range=(first, last)) | Q(period__endswith__lte=on + RENEWAL_WARNING),
            consortium_id__in=consortia,
            signed_on__lte=on,
            period__contains=on,
        )
        .values_list("id", "title", "period", "renewals__signed_on")
        .order_by("id")
    )
    found: dict[UUID, Item] = {}
    for key, title, period, renewed_on in rows:
        warned = period.upper - RENEWAL_WARNING
        state = Standing.MET if renewed_on and renewed_on <= on else standing(warned, None, on)
        found[key] = Item(
            ItemKind.AGREEMENT_END,
            period.upper,
            Text(f"{title}到期", f"{title}: the term ends"),
            state,
            ("agreement", str(key)),
            warned_from=warned,
        )
    return list(found.values())


def _licences(inside: dict[str, object], on: date, first: date, last: date) -> list[Item]:
    rows = models.InstitutionVersion.objects.filter(
        Q(licence_until__range=(first, last)) | Q(licence_until__lt=on), **inside
    ).values_list("institution_id", "institution__slug", "name", "licence_until")
    return [
        Item(
            ItemKind.LICENCE,
            until,
            Text(f"{name}执业许可证到期", f"{name}: the licence ends"),
            standing(until, None, on),
            ("institution", str(key)),
            ((f"institution:{slug}", name),),
        )
        for key, slug, name, until in rows
    ]


def _deadlines(pack_id: str, on: date, first: date, last: date) -> list[Item]:
    """Last days that the rule cards set. Whether they were kept is for the board to say: here they are days."""
    packs = mandates.packs()
    found = []
    for card in packs.cards_for(pack_id, app="network"):
        parameter = in_force(packs, card.deadline, on) if card.deadline and on in card.period else None
        if parameter is not None and first <= (day := last_day(parameter)) <= last:
            found.append(
                Item(
                    ItemKind.DEADLINE,
                    day,
                    card.sentence,
                    Standing.DUE,
                    ("card", card.key),
                    clause=card.clauses[0],
                )
            )
    return found
