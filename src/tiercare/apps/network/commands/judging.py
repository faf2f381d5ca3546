"""Keep what the rule cards find in each prefecture, so that a province's board need not ask them all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from django.db import transaction

from tiercare.apps.mandates import queries as mandates
from tiercare.engines.policy import Waiver

from .. import models
from ..queries import standing


def lock_prefectures(codes: Iterable[str]) -> None:
    """Take the stamps of these prefectures, counting one more change in each; held until the transaction ends."""
    wanted = sorted({code[:4] for code in codes if code})
    models.Stamp.objects.bulk_create(
        [models.Stamp(prefecture=code) for code in wanted], ignore_conflicts=True
    )
    rows = models.Stamp.objects.select_for_update().filter(prefecture__in=wanted).order_by("prefecture")
    for stamp in rows:
        stamp.version += 1
        stamp.save(update_fields=["version"])


def judge_stale(pack_id: str, *, on: date, at_most: int | None = None) -> int:
    """Judge anew the prefectures of the pack's area for which what was kept is no longer true, and keep it;
    returns how many were judged. A prefecture is kept in a transaction of its own."""
    packs = mandates.packs()
    pack = packs.packs[pack_id]
    region = "" if pack.region == "00" else pack.region
    if len(region) >= 4:
        return 0
    parts = standing.parts_of(region)
    waivers = standing.waivers_of(pack_id, on=on)
    digest = standing.digest_of(packs, pack_id, waivers)
    _, fresh = standing.kept(pack_id, parts, on=on, digest=digest)
    stale = [part for part in parts if part not in fresh][:at_most]
    heads = standing.heads_of(parts)
    for found in standing.look_at_each(packs, pack_id, region, stale, on=on, heads=heads):
        _keep(pack_id, on, found, parts[found.part], digest, waivers)
    return len(stale)


@transaction.atomic
def _keep(
    pack_id: str,
    on: date,
    found: standing.Standing,
    version: int,
    digest: str,
    waivers: Sequence[Waiver],
) -> None:
    models.Judged.objects.filter(pack=pack_id, on=on, prefecture=found.part).delete()
    judged = models.Judged.objects.create(
        pack=pack_id,
        prefecture=found.part,
        on=on,
        version=version,
        digest=digest,
        institutions=found.size.institutions,
        consortia=found.size.consortia,
        grids=found.size.grids,
    )
    models.CardOutcome.objects.bulk_create(
        models.CardOutcome(
            judged=judged,
            card=card,
            checked=outcome.checked,
            numerator=outcome.measure.numerator if outcome.measure else None,
            denominator=outcome.measure.denominator if outcome.measure else None,
            target=outcome.target,
            found=outcome.found,
            findings=[
                standing.finding_plain(finding) for finding in standing.worth_keeping(card, outcome, waivers)
            ],
        )
        for card, outcome in found.outcomes.items()
    )


def forget_judged(*, before: date) -> int:
    """Drop what was kept for days before ``before``; returns how many prefectures' worth."""
    count, _ = models.Judged.objects.filter(on__lt=before).delete()
    return count
