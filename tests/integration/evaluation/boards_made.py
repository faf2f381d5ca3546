"""Facts for boards, made by hand: whatever region and table, few enough to count on paper; and packs with a file altered."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from tiercare.apps.mandates import queries as mandates
from tiercare.engines.measures.schema import facts
from tiercare.engines.measures.store import Arrived, Mode, writing
from tiercare.engines.policy import PackSet

from ...unit.measures.frames import filled
from ...unit.measures.made import NOW
from .facts_made import JINGHU, LEAD, STATION, YIJIANG

Row = dict[str, Any]


def laid(root: Path, region: str, fact: str, rows: Iterable[Row]) -> None:
    """Rows of one table of a region, as one batch marked synthetic."""
    months: dict[int, list[Row]] = {}
    for row in rows:
        months.setdefault(row["month"], []).append({name: row[name] for name in row if name != "month"})
    schema = facts()[fact].arrow
    with writing(root, region) as writer:
        drafts = {}
        for month, inside in months.items():
            drafts[month] = writer.folder / f"{month}.parquet"
            parquet.write_table(pa.Table.from_pylist(inside, schema), drafts[month])
        digest = sha256(repr(sorted(map(repr, months.items()))).encode()).hexdigest()
        writer.commit(Arrived(fact, "made", digest, NOW, Mode.ADD, synthetic=True), drafts)


def visit(name: str, on: date, place: str, *, tier: str = "primary", **given: Any) -> Row:
    """An outpatient visit."""
    plain = {"kind": "outpatient", "person": name, "home": place, "arrival": "self", "cost": 1000}
    return filled("visits", visit=name, date=on, place=place, tier=tier, **{**plain, **given})


def signed(root: Path, region: str, by_month: dict[int, int], *, of: int = 100, **given: Any) -> None:
    """So many of ``of`` residents signed at the end of each month, all of them also of a key group; one visit a month, so
    that the month is there."""
    home = region.ljust(6, "0") if len(region) < 6 else region
    laid(
        root,
        region,
        "contracts",
        (
            filled(
                "contracts",
                person=f"P{number}",
                institution="made-centre",
                home=home,
                permanent=True,
                key_group=True,
                signed=date(2016, 1, 1),
                promised=2,
                delivered=1,
                month=month,
                **given,
            )
            for month, count in by_month.items()
            for number in range(count)
        ),
    )
    laid(
        root,
        region,
        "population",
        (
            filled("population", division=home, group=group, persons=of, month=month)
            for month in by_month
            for group in ("permanent", "key_group")
        ),
    )
    laid(
        root,
        region,
        "visits",
        (
            visit(f"V{month}", date(month // 100, month % 100, 3), home, institution="made-centre")
            for month in by_month
        ),
    )


def chronic(root: Path, controlled: dict[str, tuple[str, int, int]]) -> None:
    """Hypertensive patients at institutions (key -> consortium, controlled, of) at the end of 2019."""
    laid(
        root,
        "3402",
        "patients",
        (
            filled(
                "patients",
                person=f"{institution}-{number}",
                disease="hypertension",
                institution=institution,
                home="340202",
                consortium=consortium,
                managed=True,
                standard=True,
                measured=True,
                controlled=number < good,
                month=201912,
            )
            for institution, (consortium, good, count) in controlled.items()
            for number in range(count)
        ),
    )


# 镜湖: 30 of 40 in all, 20/20 at the lead and 10/20 at the station; 弋江: 36 of 40, 18/20 at both; of all of them 66 of 80.
CONTROLLED = {
    LEAD: (JINGHU, 20, 20),
    STATION: (JINGHU, 10, 20),
    "wuhu-municipal_tcm_hospital": (YIJIANG, 18, 20),
    "wuhu-yijiang_zhongnan": (YIJIANG, 18, 20),
}


def referral(
    name: str, on: date, way: str, tiers: Sequence[str], division: str = "340202", **given: Any
) -> Row:
    """A referral between tiers, sent from 镜湖 if nothing else is said."""
    return filled(
        "referrals",
        referral=name,
        person=name,
        direction=way,
        sender=LEAD if tiers[0] != "primary" else STATION,
        sender_tier=tiers[0],
        sender_division=division,
        receiver=LEAD if tiers[1] != "primary" else STATION,
        receiver_tier=tiers[1],
        receiver_division=division,
        home=division,
        submitted=on,
        state="closed",
        **{"sender_consortium": JINGHU, "receiver_consortium": JINGHU, **given},
    )


def with_file(
    monkeypatch: pytest.MonkeyPatch, folder: Path, pack: str, name: str, before: str, after: str
) -> None:
    """Our packs, with one file of one pack altered: ``before`` stands there once and becomes ``after``."""
    packs = mandates.packs()
    copy = folder / f"altered-{pack}"
    shutil.copytree(packs.packs[pack].folder, copy)
    text = (copy / name).read_text(encoding="utf-8")
    assert text.count(before) == 1
    (copy / name).write_text(text.replace(before, after), encoding="utf-8")
    altered = PackSet({**packs.packs, pack: replace(packs.packs[pack], folder=copy)})
    monkeypatch.setattr(mandates, "packs", lambda extra=(): altered)
