"""Days as people type them: which texts and numbers mean a day, and which leave a doubt."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiercare.engines.sheets import Cell, as_date, letter, normalised
from tiercare.engines.sheets.model import column_number

DAY = date(2019, 7, 1)


@pytest.mark.parametrize(
    "cell",
    [
        DAY,
        datetime(2019, 7, 1, tzinfo=UTC),
        "2019-07-01",
        "2019-7-1",
        "2019/7/1",
        "2019.7.1",
        "2019年7月1日",
        "２０１９年７月１日",
        " ２０１９－０７－０１ ",
        "2019-07-01 00:00:00",
        "2019-07-01T00:00:00",
        "20190701",
        20190701,
        20190701.0,
        43647,
        43647.0,
        "43647",
        "43647.0",
    ],
)
def test_all_usual_ways_of_writing_a_day_are_understood(cell: Cell) -> None:
    assert as_date(cell) == DAY


@pytest.mark.parametrize(
    "cell",
    [
        *(None, "", True, False, "长期", "2019", "2019年7月", 2019, 12, "7/1/2019", "01.07.2019"),
        *("2019-02-30", "20191301", "2019-7/1", 43647.5, float("nan"), float("inf"), 18263, 99999, "5"),
        *("2019-07-01 08:30:00", datetime(2019, 7, 1, 8, 30, tzinfo=UTC)),
    ],
)
def test_what_leaves_a_doubt_is_no_day(cell: Cell) -> None:
    assert as_date(cell) is None


def test_serial_numbers_reach_from_1950_to_2100() -> None:
    assert as_date(18264) == date(1950, 1, 1)
    assert as_date(73415) == date(2100, 12, 31)
    assert as_date(73416) is None


def test_a_workbook_from_1904_counts_otherwise() -> None:
    assert as_date(43647 - 1462, from_1904=True) == DAY
    assert as_date("2019-07-01", from_1904=True) == DAY


@given(st.dates(min_value=date(1950, 1, 1), max_value=date(2100, 12, 31)))
def test_every_day_is_understood_in_each_form(day: date) -> None:
    serial = (day - date(1899, 12, 30)).days
    compact = f"{day:%Y%m%d}"
    assert {as_date(day.isoformat()), as_date(serial), as_date(compact), as_date(int(compact))} == {day}


@given(st.integers(0, 16383))
def test_letters_name_each_column_once(column: int) -> None:
    assert column_number(letter(column)) == column


def test_letters_are_those_of_excel() -> None:
    assert [letter(n) for n in (0, 25, 26, 701, 702, 16383)] == ["A", "Z", "AA", "ZZ", "AAA", "XFD"]


def test_normalised_makes_full_width_forms_plain() -> None:
    assert normalised("　ＡＢ１２\n（机构）\ufeff ") == "AB12 (机构)"
