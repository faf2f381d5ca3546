"""What is exported comes back unchanged: nothing differs, and exported again it is the same to the byte."""

from __future__ import annotations

from datetime import date

import pytest

from tiercare.apps.network import models
from tiercare.apps.network.commands import imports as commands
from tiercare.apps.network.commands.imports.staging import Source
from tiercare.apps.network.queries.sheets import (
    Encoding,
    SheetFile,
    export_workbook,
    template_workbook,
    zipped,
)
from tiercare.apps.network.rules.registers import REGISTERS, Shape
from tiercare.engines.sheets import read
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused

DAY = date(2019, 7, 1)
SYSTEM = Actor.system("test")


def _exported(encoding: Encoding | None) -> tuple[SheetFile, ...]:
    return export_workbook("3402", on=DAY, encoding=encoding)


@pytest.mark.parametrize("encoding", [None, "utf-8-sig", "gb18030"])
def test_an_export_that_comes_back_changes_nothing(wuhu: str, encoding: Encoding | None) -> None:
    files = _exported(encoding)
    filled = [file for file in files if encoding is None or file.content.count(b"\n") > 1]
    sources = [Source(file.name, file.content) for file in filled]
    tried = commands.try_files(actor=SYSTEM, sources=sources, pack_id="wuhu", on=DAY)
    assert not tried.bad
    written = commands.import_files(actor=SYSTEM, tried=tried, skip_bad=False)
    assert (written.created, written.changed, written.voided) == (0, 0, 0)
    assert written.unchanged == tried.staged.rows.total() > 200
    assert not tried.effect["broken"] and not tried.effect["healed"]
    again = _exported(encoding)
    assert [file.content for file in again] == [file.content for file in files]
    assert zipped(again) == zipped(files)


def test_one_register_alone_and_one_institution_alone(wuhu: str) -> None:
    (file,) = export_workbook(wuhu, on=DAY, registers=["memberships"])
    assert file.name == "成员.xlsx"
    found = read(file.content, file.name, is_header=lambda texts: "身份" in texts)
    assert [sheet.name for sheet in found.sheets] == ["成员"]
    hospital = models.Institution.objects.order_by("slug").first()
    assert hospital is not None
    (own,) = export_workbook(wuhu, on=DAY, registers=["institutions"], institution_id=hospital.id)
    lines = read(own.content, own.name, is_header=lambda texts: "机构编码" in texts).sheets[0].lines
    assert [line.cells[1] for line in lines] == [hospital.slug]


def test_an_untouched_template_holds_no_rows_and_explains_every_column() -> None:
    content = template_workbook()
    assert content == template_workbook(), "the same bytes every time"
    found = read(content, "模板.xlsx", is_header=lambda texts: "操作" in texts)
    assert [sheet.name for sheet in found.sheets] == [register.name.zh for register in REGISTERS.values()]
    assert not any(sheet.lines for sheet in found.sheets)
    with pytest.raises(Refused) as error:
        commands.try_files(actor=SYSTEM, sources=[Source("模板.xlsx", content)], pack_id="wuhu", on=DAY)
    assert [refusal.code for refusal in error.value.refusals] == ["import_no_rows"]


def test_no_word_of_a_list_holds_a_sign_that_parts_words() -> None:
    """Several words stand in one cell; such a word could not be read back."""
    for register in REGISTERS.values():
        for column in register.columns:
            if column.shape in (Shape.WORDS, Shape.RANKED):
                for code, name in (column.words or {}).items():
                    assert not set("、;；,，|=") & set(code + name.zh + name.en), (column.key, name)
