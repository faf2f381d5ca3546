"""The registers as tables: what is written out is read back to the same, and written again it changes nothing."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tiercare.apps.network import models
from tiercare.apps.network.commands.registers import check_entries
from tiercare.apps.network.queries.registers import register_rows, register_table
from tiercare.apps.network.rules.entries import Entry, match_headers, plain, read_row
from tiercare.apps.network.rules.registers import REGISTERS
from tiercare.kernel.actor import Actor

from .conftest import DAY, GROUP, SECOND, VERDICT_DAY, YIJISHAN, kept, of_everything, row, standing


def _read(register: str, header: list[str], table: list[list[str]]) -> list[Entry]:
    """A table as an import reads it."""
    places = match_headers(REGISTERS[register], header)
    assert not places.unknown
    found = []
    for cells in table:
        entry, problems = read_row(
            REGISTERS[register], {key: cells[place] for key, place in places.positions.items()}
        )
        assert entry is not None, problems
        found.append(entry)
    return found


@pytest.mark.parametrize("register", list(REGISTERS))
def test_what_is_written_out_comes_back_and_changes_nothing(wuhu: str, register: str) -> None:
    kept(of_everything())
    header, table = register_table(register, wuhu, on=DAY)
    assert table, "an empty table shows nothing"
    entries = _read(register, header, table)
    assert entries == register_rows(register, wuhu, on=DAY)
    checked = check_entries(Actor.system("test"), entries, region=wuhu)
    assert checked.problems == ()
    written = kept(checked.ready)
    assert (written.unchanged, written.inverse) == (len(entries), ())
    assert register_table(register, wuhu, on=DAY) == (header, table)


def test_the_laid_down_region_comes_back_as_one_set(wuhu: str) -> None:
    entries = [entry for rows in standing(VERDICT_DAY, wuhu).values() for entry in rows]
    assert {entry.register for entry in entries} >= {
        "institutions",
        "consortia",
        "memberships",
        "obligations",
    }
    checked = check_entries(Actor.system("test"), entries, region=wuhu)
    assert checked.problems == ()
    assert kept(checked.ready).unchanged == len(entries)


def test_names_are_told_beside_codes(wuhu: str) -> None:
    kept(of_everything())
    header, table = register_table("memberships", wuhu, on=DAY)
    rows = [dict(zip(header, cells, strict=True)) for cells in table]
    mine = next(r for r in rows if r["机构编码"] == "new-hospital")
    assert (mine["机构名称"], mine["医联体名称"]) == ("新医院（演示）", "新医联体（演示）")


def test_a_region_sees_its_own_and_what_lies_between(wuhu: str) -> None:
    kept(of_everything())
    codes = {e.text("code") for e in register_rows("institutions", "340202", on=DAY)}
    assert "new-hospital" in codes
    assert all(
        e.text("division").startswith("340202") for e in register_rows("institutions", "340202", on=DAY)
    )
    assert register_rows("institutions", "44", on=DAY) == []
    assert register_rows("institutions", "00", on=DAY) == register_rows("institutions", "", on=DAY)
    joined = row(
        "memberships", consortium="new-group", institution=SECOND, role="成员单位", **{"from": "2020-07-01"}
    )
    kept([joined])
    home = models.InstitutionVersion.objects.get(institution__slug=SECOND).division_code
    assert joined in register_rows("memberships", home, on=DAY)
    assert joined in register_rows("memberships", "340202", on=DAY)


def test_one_institution_sees_its_own(wuhu: str) -> None:
    kept(of_everything())
    key = models.Institution.objects.get(slug="new-hospital").id
    for register in ("institutions", "departments", "equipment", "clinicians", "memberships", "trusteeships"):
        rows = register_rows(register, "", on=DAY, institution_id=key)
        assert rows, register
        assert all("new-hospital" in e.values.values() for e in rows)
    assert [e.text("code") for e in register_rows("agreements", "", on=DAY, institution_id=key)] == [
        "new-agreement"
    ]
    assert [e.text("code") for e in register_rows("consortia", "", on=DAY, institution_id=key)] == [
        "new-group"
    ]


def test_an_agreement_that_waits_for_signatures_is_in_no_register(wuhu: str) -> None:
    kept(of_everything())
    models.Agreement.objects.filter(slug="new-agreement").update(signed_on=None)
    assert "new-agreement" not in {e.text("code") for e in standing()["agreements"]}


def test_the_day_decides(wuhu: str) -> None:
    kept(
        [
            row("consortia", **GROUP),
            row("consortia", **(GROUP | {"name": "改名医联体", "from": "2021-06-01"})),
        ]
    )

    def name(on: date) -> set[str]:
        return {
            e.text("name") for e in register_rows("consortia", "", on=on) if e.text("code") == "new-group"
        }

    assert name(date(2019, 12, 31)) == set()
    assert name(DAY) == {"新医联体（演示）"}
    assert name(date(2021, 6, 1)) == {"改名医联体"}


def test_rows_that_are_kept_as_text_are_the_same_rows(wuhu: str) -> None:
    kept(of_everything())
    for entry in (entry for rows in standing().values() for entry in rows):
        assert read_row(REGISTERS[entry.register], plain(entry)) == (entry, ())


@pytest.mark.parametrize("register", list(REGISTERS))
def test_a_table_takes_as_many_queries_for_a_region_as_for_a_county(wuhu: str, register: str) -> None:
    kept(of_everything())
    with CaptureQueriesContext(connection) as small:
        register_table(register, "340202", on=DAY)
    with CaptureQueriesContext(connection) as large:
        _, table = register_table(register, wuhu, on=DAY)
    assert table
    assert len(small) <= len(large) <= 7
    assert YIJISHAN in {e.text("code") for e in register_rows("institutions", wuhu, on=DAY)}
