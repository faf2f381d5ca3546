"""Indicators, scorecards and checks read a simulated year as they read a region's own extracts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tiercare.engines.measures.assessment import Assessment, assess
from tiercare.engines.measures.honesty import Kind, look
from tiercare.engines.measures.importing import import_file, own_mapping
from tiercare.engines.measures.load import Book, load_book
from tiercare.engines.measures.periods import span
from tiercare.engines.measures.schema import Level
from tiercare.engines.measures.scoring import load_scorecards, outcomes
from tiercare.engines.measures.store import Format, Store, export
from tiercare.engines.twin.acting import EMERGENCY, IN, OUT
from tiercare.engines.twin.facts import write_facts
from tiercare.engines.twin.outcomes import outcomes as outcomes_of
from tiercare.engines.twin.state import OFFERED, RESERVED, USED

from .fact_tables import AT, POLICY, REGION, one, packs, places, played, seen, year


@dataclass(frozen=True)
class Judged:
    """The book of the nation over the year."""

    book: Book
    found: Assessment
    notes: Mapping[str, Any]


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    root, book = tmp_path_factory.mktemp("facts"), load_book(packs(), "cn")
    write_facts(year(), root, at=AT)
    with Store(root) as store:
        found = assess(store, book, [span("2025")], region=REGION)
        notes = look(store, book.on(date(2025, 12, 31)), span("2025"), today=date(2026, 1, 20))
        return Judged(book, found, notes)


def regional(judged: Judged) -> dict[str, Any]:
    return {
        each.indicator: each
        for each in judged.found.values
        if each.level is Level.REGION and each.span == span("2025")
    }


def test_indicators_are_the_sums_of_what_was_played(judged: Judged) -> None:
    found, of = regional(judged), year()
    division = np.array([code[:6] for code in of.world.division_names.to_pylist()])
    outpatients, stays = seen((OUT, EMERGENCY)), seen((IN,))
    lives_here = of.world.place_inside[of.residents["home"]]
    home, ours = of.visits[lives_here[of.visits["person"]]], lives_here[of.sent["person"]]
    primary = ~of.ground.site["hospital"][outpatients["site"]]
    expected = {
        "primary_visit_share": (primary.sum(), len(outpatients)),
        "own_payment_share": (home["cost"].sum() - home["fund"].sum(), home["cost"].sum()),
        "average_stay": (np.maximum(stays["stay"], 1).sum(), len(stays)),
        "reserve_share_slot": tuple(places(of)[[RESERVED, OFFERED]]),
        "down_up_ratio": tuple(int((of.sent["direction"][ours] == n).sum()) for n in (1, 0)),
        "referral_with_place_share": (
            ((of.sent["direction"] == 0) & (of.sent["place"] >= 0)).sum(), (of.sent["direction"] == 0).sum(),
        ),
    }  # fmt: skip
    lives = of.world.place_division[of.residents["home"][home["person"]]]
    same = division[of.world.site_division[home["site"]]] == division[lives]
    expected["in_county_visit_share"] = (same.sum(), len(home))
    for name, (above, below) in expected.items():
        assert found[name].value == Fraction(int(above), int(below)), name
    up = found["up_referral_rate"]
    assert up.numerator == int((of.sent["direction"] == 0).sum()) and up.denominator == primary.sum()
    use = outcomes_of(of)["bed_use"]
    assert float(found["bed_use_rate"].value) == pytest.approx(use)


def test_the_use_of_the_reserve_is_that_of_slots_and_beds(judged: Judged) -> None:
    said = regional(judged)["reserve_use_share"]
    used, kept = one("SELECT sum(used), sum(reserved) FROM quotas WHERE resource = 'bed'")
    slots = places(year())
    assert (said.numerator, said.denominator) == (slots[USED] + used, slots[RESERVED] + kept)
    assert kept == int(year().state.beds[:, 2].sum()) * year().days > 0


def test_scorecards_are_scored(judged: Judged) -> None:
    cards = load_scorecards(packs(), "cn", judged.book)
    for each in outcomes(cards.values(), judged.found, span("2025"), ()):
        assert each.consortia
        lines = [line for result in (each.region, *each.consortia) for line in result.scored]
        assert sum(line.why is None for line in lines) > len(lines) / 2


def test_the_honesty_checks_find_nothing_impossible(judged: Judged) -> None:
    found = {finding.kind for each in judged.notes.values() for finding in each}
    assert found <= {Kind.EMPTY, Kind.SILENT}, (
        found
    )  # columns that some rows have not, village clinics without a visit in a month


def test_they_can_be_imported_as_extracts(tmp_path: Path) -> None:
    write_facts(played(POLICY, residents=1_000), tmp_path / "a", at=AT)
    with Store(tmp_path / "a", threads=1) as store:
        listed = (store.table(fact).select("institution").distinct() for fact in ("institutions", "funds"))
        known = {row["institution"] for rows in listed for row in store.run(rows)}
        for fact in ("visits", "referrals", "bookings", "patients", "funds"):
            file = tmp_path / f"{fact}.parquet"
            export(store, fact, span("2025"), file, Format.PARQUET)
            mapping = own_mapping(fact, REGION, fen=True)
            report = import_file(file, mapping, tmp_path / "b", at=AT, institutions=known)
            assert report.kept == report.came > 0 and not report.findings, (fact, report.findings)
