"""Lay a region's network down from its pack: the demonstration, and the start of a real region."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.db import transaction

from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as clock
from tiercare.apps.mandates import commands as mandating
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.terms import queries as terms
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import stable_id
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from .. import events, models
from .fences import fenced
from .judging import lock_prefectures
from .laying import Laying
from .region_files import (
    RegionFiles,
    read_region,
)


@dataclass(frozen=True, slots=True)
class LaidDownResult:
    """What laying down did: ``fresh`` is false if the region was there already and nothing was touched."""

    pack: str
    region: str
    verdict_on: date
    fresh: bool
    institutions: int
    consortia: int


@transaction.atomic
def lay_down_region(*, actor: Actor, pack_id: str) -> LaidDownResult:
    """Put the pack in force in its area and lay down the network that stands in its ``region`` folder.

    A second call changes nothing: what people have changed since is theirs.

    Raises:
        Refused: if there is no such pack, or it brings no region.
        PackErrors: if the region's files are wrong.
    """
    packs = mandates.packs()
    if pack_id not in packs.packs:
        raise Refused(mandates.region_without_pack(pack_id))
    pack = packs.packs[pack_id]
    files = read_region(Path(pack.folder))
    if files is None:
        raise Refused(mandates.region_without_pack(pack_id))
    before = models.LaidDown.objects.select_for_update().filter(pack=pack_id).first()
    if before is None:
        _put_chain_in_force(actor, pack_id)
        _refuse_unknown_codes(pack_id, files)
        with fenced():
            Laying(pack_id, files).lay_down()
        lock_prefectures(_divisions(files))
        _record(actor, pack_id, pack.region, files)
    return LaidDownResult(
        pack_id,
        pack.region,
        before.verdict_on if before else files.areas.verdict_on,
        before is None,
        len(files.institutions.institutions),
        len(files.consortia.consortia),
    )


def _divisions(files: RegionFiles) -> set[str]:
    """Codes of all areas that the files put something into."""
    return {
        *(area.code for area in files.areas.areas),
        *(institution.division for institution in files.institutions.institutions),
        *(consortium.division for consortium in files.consortia.consortia),
    }


def _put_chain_in_force(actor: Actor, pack_id: str) -> None:
    """A pack holds from the day of its earliest document; those it extends hold in the areas above."""
    for pack in mandates.packs().chain(pack_id):
        start = min(document.in_force_from for document in pack.documents)
        if mandates.mandate_exists(pack.id):
            continue
        mandating.put_in_force(actor=actor, pack_id=pack.id, start=start)


def _refuse_unknown_codes(pack_id: str, files: RegionFiles) -> None:
    """Every area, township and specialty must stand in the register on the region's day.

    Raises:
        Refused: naming file, row and code.
    """
    on = files.areas.verdict_on
    rows = files.institutions.institutions
    places = {area.code: f"areas.yaml {area.code}" for area in files.areas.areas}
    places |= {code: f"areas.yaml {grid.key}" for grid in files.areas.grids for code in grid.places}
    for i in rows:
        places |= {code: f"institutions.yaml {i.key}" for code in (i.division, i.township) if code}
    known = terms.divisions(list(places), on=on)
    missing = {code: where for code, where in places.items() if code not in known}
    listed = terms.specialty_names(on=on)
    missing |= {
        code: f"institutions.yaml {i.key}" for i in rows for code in i.specialties if code not in listed
    }
    if missing:
        raise Refused(
            Refusal(
                code="region_unknown_code",
                message=Text(
                    "{pack}/region 中的代码在 {on} 不存在：{codes}。",
                    "Codes in {pack}/region do not exist on {on}: {codes}.",
                ),
                instead=Text(
                    "请改用当日有效的区划或诊疗科目代码，或先登记它们。",
                    "Use codes that are valid that day, or enter them in the register first.",
                ),
                fields={
                    "pack": pack_id,
                    "on": on,
                    "codes": "、".join(f"{code}（{where}）" for code, where in sorted(missing.items())[:10]),
                },
                status=422,
            )
        )


def _record(actor: Actor, pack_id: str, region: str, files: RegionFiles) -> None:
    models.LaidDown.objects.create(
        pack=pack_id,
        digest=files.digest,
        region=region,
        verdict_on=files.areas.verdict_on,
        laid_at=clock.now(),
    )
    payload = events.RegionLaidDown(
        pack_id, files.digest, len(files.institutions.institutions), len(files.consortia.consortia)
    )
    ledger.append(
        actor, payload, subject_type="region", subject_id=stable_id("region", pack_id), division_code=region
    )
