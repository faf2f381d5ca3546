"""Residents in bulk: whole files, bad lines, and the same file twice."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest

from tiercare.apps.access.queries import EVERYWHERE, scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.residents import commands, queries
from tiercare.apps.residents.commands import importing
from tiercare.apps.residents.models import Household, HouseholdMember, Resident, Token
from tiercare.apps.residents.rules import Relation
from tiercare.apps.residents.rules.file import COLUMNS, columns_of, read_line
from tiercare.cli import residents as cli
from tiercare.engines.population import Village, generate
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused

from .conftest import id_number

SYSTEM = Actor.system("test")
HEADER = [column.heading.zh for column in COLUMNS]


def lines(*rows: list[str], header: list[str] = HEADER):
    """Rows as the command reads them from a file."""
    places = columns_of(header)
    assert not isinstance(places, tuple)
    return [(number, read_line(number, row, places)) for number, row in enumerate(rows, start=2)]


def row(name: str = "王小明", *, number: str | None = None, **more: str) -> list[str]:
    given = {
        "name": name, "sex": "男", "birth_date": "1968-05-17", "identity_kind": "居民身份证",
        "number": id_number() if number is None else number, "division_code": "340223", **more,
    }  # fmt: skip
    return [given.get(column.field, "") for column in COLUMNS]


def codes(result: commands.Imported) -> dict[int, str]:
    return {number: refusals[0].code for number, refusals in result.bad}


def test_a_file_of_households_is_found_by_name_and_number(site) -> None:
    number = id_number(sequence=11)
    result = commands.import_residents(
        SYSTEM,
        lines=lines(
            row("王建国", number=number, household="1", relation="户主", phone="13800001111"),
            row("李秀英", number=id_number(sequence=22), sex="女", household="1", relation="配偶"),
        ),
        institution_id=site.township,
    )
    assert (result.taken, result.known, result.bad) == (2, 0, [])
    desk = site.actor(Role.REGISTRAR)
    (found,) = queries.listed(desk, text="李秀英")
    assert [each.id for each in queries.find(desk, number="13800001111")] == [
        each.id for each in queries.listed(desk, text="wjg")
    ]
    with scoped(desk):
        assert Household.objects.count() == 1
        head = HouseholdMember.objects.get(relation=Relation.HEAD.value)
        assert HouseholdMember.objects.get(resident_id=found.id).household_id == head.household_id


def test_bad_lines_are_set_aside_with_their_reason_and_the_others_taken(site) -> None:
    wrong = id_number()[:-1] + ("1" if id_number()[-1] != "1" else "2")
    result = commands.import_residents(
        SYSTEM,
        lines=lines(
            row(number=wrong),
            row("王😀", number=id_number(sequence=3)),
            row(number=id_number(sequence=5)),
            row("王大明", number=id_number(sequence=5)),
            row(number=id_number(sequence=7), division_code="999999"),
            row(number=id_number(sequence=9), sex="雄"),
            row(number=id_number(sequence=11), birth_date="昨天"),
            row(number=id_number(sequence=13), birth_date="1968/5/17"),
            ["王"],
        ),
        institution_id=site.township,
    )
    assert result.taken == 2
    assert codes(result) == {
        2: "residents.number_check_digit",
        3: "residents.name",
        5: "residents.twice_in_file",
        6: "residents.unknown_division",
        7: "residents.unknown_word",
        8: "residents.birth_date",
        10: "residents.division",
    }


def test_the_same_file_twice_changes_nothing(site) -> None:
    file = lines(row(number=id_number(sequence=1)), row("李四", number=id_number(sequence=3)))
    commands.import_residents(SYSTEM, lines=file, institution_id=site.township)
    with scoped(SYSTEM, area=EVERYWHERE):
        before = set(Resident.objects.values_list("id", flat=True))
    again = commands.import_residents(SYSTEM, lines=file, institution_id=site.township)
    with scoped(SYSTEM, area=EVERYWHERE):
        assert set(Resident.objects.values_list("id", flat=True)) == before
    assert (again.taken, again.known) == (0, 2) and set(codes(again).values()) == {"residents.known_already"}


def test_portions_hold_the_same_as_one_by_one(site, monkeypatch, register) -> None:
    """What the bulk load writes for a resident is what the desk writes."""
    monkeypatch.setattr(importing, "PORTION", 2)
    one = register("欧阳娜娜", number=id_number(sequence=99), phone="13811112222")
    commands.import_residents(
        SYSTEM,
        lines=lines(*(row("欧阳娜娜", number=id_number(sequence=n), phone="13811112222") for n in (1, 3, 5))),
        institution_id=site.township,
    )

    def written(key) -> tuple[object, ...]:
        resident = Resident.objects.get(pk=key)
        tokens = set(Token.objects.filter(resident_id=key).values_list("institution_id", "token"))
        return (
            resident.name, resident.sex, resident.birth_date, resident.division_code, resident.institution_id,
            resident.keeps_file, tuple(resident.known_at), resident.temporary, tokens,
        )  # fmt: skip

    with scoped(SYSTEM, area=EVERYWHERE):
        kinds = {written(key)[0] for key in Resident.objects.values_list("id", flat=True)}
        desk = written(one)
        bulk = [written(key) for key in Resident.objects.exclude(pk=one).values_list("id", flat=True)]
    assert kinds == {"欧阳娜娜"} and bulk == [desk] * 3


def test_only_the_platform_imports(site) -> None:
    with pytest.raises(Refused):
        commands.import_residents(site.actor(Role.OPERATOR), lines=[], institution_id=site.township)


def test_generated_people_pass_every_check(site) -> None:
    people = generate(seed=7, villages=[Village("340223100201", "示例村")], people=300)
    numbered = [
        [m.name, m.sex, m.birth_date.isoformat(), m.identity_kind, m.identity_number or "", m.phone or "",
         home.division_code, home.address, m.nation or "", str(at), m.relation]
        for at, home in enumerate(people) for m in home.members
    ]  # fmt: skip
    result = commands.import_residents(
        SYSTEM, lines=lines(*numbered), institution_id=site.township, synthetic=True
    )
    assert (result.taken, result.bad) == (300, [])


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_files_in_either_encoding_are_read(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "居民.csv"
    with file.open("w", encoding=encoding, newline="") as out:
        csv.writer(out).writerows([HEADER, row("王䶮")])
    header, rows = cli._rows(file)
    assert header == HEADER and [(number, cells[0]) for number, cells in rows] == [(2, "王䶮")]


def test_lines_set_aside_can_be_mended_and_run_no_formula(tmp_path: Path) -> None:
    file = tmp_path / "居民.csv"
    with file.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([HEADER, row("=cmd()", number=""), row()])
    beside = tmp_path / "待更正.csv"
    places = columns_of(HEADER)
    cli._set_aside(
        beside,
        file,
        {2: importing.read_registration(read_line(2, row("=cmd()"), places).given, today=date(2026, 1, 1))},
    )
    with beside.open(encoding="utf-8-sig", newline="") as done:
        header, line = csv.reader(done)
    assert (
        header == [*HEADER, "行号", "原因"]
        and line[0] == "'=cmd()"
        and line[-2] == "2"
        and "姓名" in line[-1]
    )


def test_missing_columns_are_named() -> None:
    refusals = columns_of(["姓名", "性别"])
    assert isinstance(refusals, tuple)
    assert {refusal.fields["column"].zh for refusal in refusals} == {
        "出生日期",
        "证件类型",
        "证件号码",
        "行政区划代码",
    }
