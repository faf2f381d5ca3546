"""The main job's two years: what a commission sees is what the twin played under the pack in force, and it changes with the pack."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from tiercare.apps.mandates import queries as mandates
from tiercare.apps.trials.queries.profiles import profile_of
from tiercare.cli.demonstration_evaluation import SEED, simulated
from tiercare.engines.measures.evaluate import evaluate
from tiercare.engines.measures.load import load_book
from tiercare.engines.measures.periods import span
from tiercare.engines.measures.schema import Level
from tiercare.engines.measures.store import Store
from tiercare.engines.policy import PackSet
from tiercare.engines.twin.from_packs import benefits_of, levers_of
from tiercare.engines.twin.running import Year
from tiercare.engines.twin.state import OFFERED, RESERVED
from tiercare.engines.twin.years import years

pytestmark = pytest.mark.django_db
_PACK, _YEARS, _RESIDENTS = "taiyuan", (2024, 2025), 4_000
_PROMISE = "TY-91.reserve_lead_hospital"
_SEEN = ("reserve_share_slot", "primary_visit_share", "referral_with_place_share")


def test_the_commission_sees_the_year_that_was_played(tmp_path: Path) -> None:
    said: list[str] = []
    shown, told = [], _seen(tmp_path, said)
    for nth, year in enumerate(_played()):
        hospital = year.ground.site["hospital"] & year.ground.site["inside"]
        slots = year.state.places[hospital, : year.days].sum(axis=(0, 1))
        inside = year.visits[year.ground.site["inside"][year.visits["site"]] & (year.visits["kind"] != 2)]
        up = year.sent[year.sent["direction"] == 0]
        shown.append(slots[OFFERED])
        assert told["reserve_share_slot", _YEARS[nth]] == Fraction(int(slots[RESERVED]), int(slots[OFFERED]))
        assert told["primary_visit_share", _YEARS[nth]] == Fraction(
            int((~year.ground.site["hospital"][inside["site"]]).sum()), len(inside)
        )
        assert told["referral_with_place_share", _YEARS[nth]] == Fraction(
            int((up["place"] >= 0).sum()), len(up)
        )
    assert shown[0] != shown[1], "another year, other illnesses"
    assert any("2024" in each for each in said) and any("202512" in each for each in said), (
        "told month by month"
    )


def test_a_pack_that_promises_more_shows_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    as_it_is, packs, found = _seen(tmp_path / "as_it_is"), mandates.packs(), {}
    for share in (0.0, 0.4):
        monkeypatch.setattr(mandates, "packs", lambda share=share: _promising(packs, share))
        found[share] = _seen(tmp_path / str(share))
    for year in _YEARS:
        none, some, more = (each["reserve_share_slot", year] for each in (found[0.0], as_it_is, found[0.4]))
        assert 0 == none < some < more


def test_all_of_it_is_marked_with_where_it_comes_from(tmp_path: Path) -> None:
    simulated(_PACK, _YEARS[:1], tmp_path, residents=500)
    with Store(tmp_path, threads=1) as store:
        assert store.synthetic
        (region,) = store.regions
        batches = store.manifest(region).batches
    assert len({each.arrived.source for each in batches}) == 1
    for word in ("推演", "模拟数据", "500", str(SEED), _PACK):
        assert word in batches[0].arrived.source, word


def _played() -> list[Year]:
    """The same years, played once more."""
    packs = mandates.packs()
    policies = {year: levers_of(packs, _PACK, on=date(year, 7, 1)).levers for year in _YEARS}
    profile, benefits = profile_of(packs.packs[_PACK]), benefits_of(packs, _PACK)
    policies[_YEARS[0] - 1] = policies[_YEARS[0]]
    return list(years(profile, policies, residents=_RESIDENTS, seed=SEED, benefits=benefits))[1:]


def _seen(root: Path, said: list[str] | None = None) -> dict[tuple[str, int], Fraction]:
    """Some of the region's indicators over the facts that the main job writes."""
    simulated(_PACK, _YEARS, root, residents=_RESIDENTS, progress=(said if said is not None else []).append)
    packs = mandates.packs()
    book = [each for each in load_book(packs, _PACK).on(date(2025, 12, 31)) if each.id in _SEEN]
    spans = [span(str(year)) for year in _YEARS]
    with Store(root, threads=1) as store:
        found = evaluate(store, book, spans, region=packs.packs[_PACK].region, levels={Level.REGION})
    return {(each.indicator, int(str(each.span))): each.value or Fraction(0) for each in found}


def _promising(packs: PackSet, share: float) -> PackSet:
    """Our packs with another share in the text."""
    pack, clause = packs.packs[_PACK], packs.clause[_PROMISE.partition(".")[0]]
    parameters = tuple(replace(p, value=share) if p.name == _PROMISE else p for p in clause.parameters)
    clauses = tuple(
        replace(each, parameters=parameters) if each.id == clause.id else each for each in pack.clauses
    )
    return PackSet({**packs.packs, pack.id: replace(pack, clauses=clauses)})
