"""Which years a run computes, and which a page opens with."""

from __future__ import annotations

import pytest

from tiercare.apps.evaluation.rules.spans import last_years, periods_of, shown_first

WHOLE = {year: [year * 100 + month for month in range(1, 13)] for year in range(2021, 2027)}


@pytest.mark.parametrize(
    ("months", "years"),
    [
        ([], []),
        ([202403], [2024]),
        ([202212, 202301, 202403], [2023, 2024]),
        ([*WHOLE[2023], *WHOLE[2024], *WHOLE[2025]], [2024, 2025]),
        ([*WHOLE[2024], *WHOLE[2025], 202601], [2024, 2025, 2026]),
        ([*WHOLE[2022], 202306], [2022, 2023]),
    ],
)
def test_whole_years_and_what_began_after_them(months: list[int], years: list[int]) -> None:
    assert last_years(months) == years


def test_a_page_opens_with_the_newest_whole_year() -> None:
    months = [*WHOLE[2024], *WHOLE[2025], 202601]
    spans = [str(each) for each in periods_of(last_years(months), months).all]
    assert "2026" in spans and "2026Q1" in spans and "2026-01" in spans and "2026-02" not in spans
    assert shown_first(spans) == "2025"
    assert shown_first(["2026", "2026-01"]) == "2026"
    assert shown_first([]) == ""
