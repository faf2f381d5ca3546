"""Reads of uploaded files: who may see which, and what stands in quarantine."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Case, Q, When

from tiercare.apps.access.rules import Right, may
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal

from .. import models
from ..rules.registers import REGISTERS
from ..workflow import area_proposing


def decides(actor: Actor, region: str) -> bool:
    """Whether the actor keeps all registers of ``region`` or of a county in it, rather than its own
    institution's only; rows outside its area are told one by one."""
    return _may(actor, Right.NETWORK_DECIDE, area_proposing(actor, region)) is None


def _may(actor: Actor, right: Right, division: str) -> Refusal | None:
    return may(actor, right, division=division, institution_id=actor.institution_id)


def import_refusal(actor: Actor, region: str) -> Refusal | None:
    """Why the actor may not import into ``region``, if so."""
    if decides(actor, region):
        return None
    return _may(actor, Right.NETWORK_REPORT, area_proposing(actor, region))


def import_batches(actor: Actor, region: str, *, limit: int = 100) -> list[models.ImportBatch]:
    """Files uploaded for ``region`` that the actor may see, the newest first, without their content."""
    if import_refusal(actor, region):
        return []
    found = models.ImportBatch.objects.filter(_seen_by(actor, region), region=region)
    return list(found.defer("content").order_by("-uploaded_at", "-id")[:limit])


def import_batch(actor: Actor, batch_id: UUID) -> models.ImportBatch | None:
    """One uploaded file without its content; None if there is none that the actor may see."""
    batch = models.ImportBatch.objects.defer("content").filter(id=batch_id).first()
    if batch is None or import_refusal(actor, batch.region):
        return None
    seen = models.ImportBatch.objects.filter(_seen_by(actor, batch.region), id=batch_id).exists()
    return batch if seen else None


def _seen_by(actor: Actor, region: str) -> Q:
    """The region's commission sees every file, a county's those it uploaded, an office its institution's."""
    if _may(actor, Right.NETWORK_DECIDE, region) is None:
        return Q()
    if decides(actor, region):
        return Q(uploaded_by_id=actor.account_id)
    return Q(institution_id=actor.institution_id)


def bad_rows(
    batch_id: UUID, *, offset: int = 0, limit: int | None = None
) -> tuple[list[models.ImportRow], int]:
    """Rows of a file in quarantine that are still bad, in the order of the file, and how many there are."""
    rows = models.ImportRow.objects.filter(batch_id=batch_id).exclude(problems=[])
    end = None if limit is None else offset + limit
    order = Case(*(When(register=key, then=n) for n, key in enumerate(REGISTERS)))
    return list(rows.order_by(order, "sheet", "number")[offset:end]), rows.count()


def slugs_known(institutions: set[str], consortia: set[str]) -> tuple[dict[str, UUID], dict[str, UUID]]:
    """Ids of institutions and of consortia by their codes, for links."""
    return (
        dict(models.Institution.objects.filter(slug__in=institutions).values_list("slug", "id")),
        dict(models.Consortium.objects.filter(slug__in=consortia).values_list("slug", "id")),
    )
