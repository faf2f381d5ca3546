"""How an extract is read, as people choose it column by column, and what is refused of a file before it is tried."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from stdnum.cn import ric

from tiercare.engines.measures.importing import FromFile, Proposal, unit_of, word_of
from tiercare.engines.measures.schema import Column, Fact, Level, Type, facts
from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text

MONTH = "month"
UNITS: Mapping[str, Text] = {
    "yuan": Text("元", "yuan"),
    "wan_yuan": Text("万元", "10,000 yuan"),
    "fen": Text("分", "fen"),
}
ORDERS: Mapping[str, Text] = {
    "ymd": Text("年-月-日", "year-month-day"),
    "dmy": Text("日-月-年", "day-month-year"),
    "mdy": Text("月-日-年", "month-day-year"),
}
# So many numbers of a column are enough to say that it holds identity numbers: one in eleven keys ends right by chance,
# and its birth date is one by chance far more rarely.
_ENOUGH = 3
_NUMBER = re.compile(r"\d{17}[\dXx]")
_REGION_COLUMN = "region"  # of our own exports


@dataclass(frozen=True, slots=True)
class Choice:
    """Where one of our columns comes from: a header of the file, and what fills its gaps; or, without a header, what all
    rows have. ``words``: theirs → ours."""

    header: str = ""
    fixed: str = ""
    unit: str = ""
    order: str = ""
    words: Mapping[str, str] = field(default_factory=dict)


def columns_of(fact: Fact) -> tuple[str, ...]:
    """Our columns in the order of the table; the month first where it is the grain."""
    return (*(() if fact.dated else (MONTH,)), *fact.columns)


def is_required(fact: Fact, name: str) -> bool:
    """Whether no row can do without."""
    return name == MONTH or not fact.columns[name].optional


def choices_of(content: Mapping[str, Any]) -> dict[str, Choice]:
    """A mapping file's content, column by column."""
    headers = {ours: theirs for theirs, ours in content.get("columns", {}).items()}
    fixed = {**content.get("defaults", {}), **content.get("constants", {})}
    return {
        name: Choice(
            headers.get(name, ""),
            fixed.get(name, ""),
            content.get("units", {}).get(name, ""),
            content.get("dates", {}).get(name, ""),
            content.get("words", {}).get(name, {}),
        )
        for name in columns_of(facts()[content["fact"]])
    }


def assembled(fact: Fact, region: str, source: str, choices: Mapping[str, Choice]) -> dict[str, Any]:
    """The content of a mapping file, from what was chosen; its version is for whoever keeps it."""
    known = {name: each for name, each in choices.items() if name in columns_of(fact)}
    read = {name: each for name, each in known.items() if each.header}

    def of_type(name: str, type_: Type) -> bool:
        return name in fact.columns and fact.columns[name].type is type_

    return {
        "fact": fact.name,
        "region": region,
        "source": source or fact.sent_by.zh,
        "columns": {each.header: name for name, each in read.items()},
        "constants": {name: each.fixed for name, each in known.items() if each.fixed and not each.header},
        "defaults": {name: each.fixed for name, each in read.items() if each.fixed},
        "units": {name: each.unit for name, each in read.items() if each.unit and of_type(name, Type.YUAN)},
        "dates": {name: each.order for name, each in read.items() if each.order and of_type(name, Type.DATE)},
        "words": {name: dict(each.words) for name, each in read.items() if each.words},
    }


def drafted(proposal: Proposal, region: str) -> dict[str, Any]:
    """What a proposal comes to, for somebody to check."""
    fact = facts()[proposal.fact]
    choices = {
        ours: guessed(fact.columns.get(ours), theirs, proposal.values.get(theirs, ()))
        for ours, theirs in proposal.columns.items()
    }
    return assembled(fact, region, "", choices)


def guessed(column: Column | None, header: str, values: Sequence[str]) -> Choice:
    """How a column of the file would be read as one of ours."""
    if column is None:
        return Choice(header)
    unit = unit_of(header) if column.type is Type.YUAN else ""
    words = {theirs: word for theirs in values if (word := word_of(column, theirs)) and word != theirs}
    return Choice(header, unit=unit, words=words)


def fits(content: Mapping[str, Any], headers: Iterable[str]) -> bool:
    """Whether a kept mapping reads a file with these headers without another word."""
    return bool(content["columns"]) and content["columns"].keys() <= set(headers)


def same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two contents read a file alike, whatever their version."""
    return {**one, "version": 0, "synthetic": False} == {**other, "version": 0, "synthetic": False}


def unclear(fact: Fact, choices: Mapping[str, Choice]) -> list[Refusal]:
    """What is missing in a choice, told by column."""
    return [
        _from_nowhere(fact, name)
        for name in columns_of(fact)
        if is_required(fact, name) and not (chosen := choices.get(name, Choice())).header and not chosen.fixed
    ]


def chosen_twice(fact: Fact, choices: Mapping[str, Choice]) -> list[Refusal]:
    """Headers that stand for two of our columns: a mapping has room for one."""
    taken: dict[str, str] = {}
    return [
        _twice(fact, each.header, first, name)
        for name in columns_of(fact)
        if (each := choices.get(name, Choice())).header
        and (first := taken.setdefault(each.header, name)) != name
    ]


def called(fact: Fact, name: str) -> Text:
    """One of our columns in a word or two: the beginning of its sentence."""
    if name == MONTH:
        return Text("月份", "month")
    says = fact.columns[name].says
    zh = re.split(r"[。；（：]", says.zh)[0]
    en = re.split(r"[.;(:]", says.en)[0]
    return Text(zh, en)


def not_of_the_region(
    mapping: FromFile | Proposal, values: Mapping[str, Sequence[str]], region: str
) -> Refusal | None:
    """Whether nothing in the file belongs to the region: then it was meant for another one."""
    fact = mapping.fact if isinstance(mapping, FromFile) else facts()[mapping.fact]
    named = values.get(_REGION_COLUMN, ())
    if named:  # it says so itself
        return None if any(value.startswith(region) for value in named) else other_region(region, named)
    places = {levels[Level.DIVISION] for levels in fact.by.values() if Level.DIVISION in levels}
    found = [
        value for name in places for value in values.get(mapping.columns.get(name, ""), ()) if value.isdigit()
    ]
    if found and not any(value.startswith(region) for value in found):
        return other_region(region, sorted(found))
    return None


def identity_numbers(values: Mapping[str, Sequence[str]], today: date) -> list[Refusal]:
    """Columns that hold residents' identity numbers: what is imported stays, so they must not come in."""
    return [
        _identity_number(header)
        for header, found in values.items()
        if sum(_is_number(value, today) for value in found) >= _ENOUGH
    ]


def _is_number(value: str, today: date) -> bool:
    if not _NUMBER.fullmatch(value):
        return False
    try:
        born = date(int(value[6:10]), int(value[10:12]), int(value[12:14]))
    except ValueError:
        return False
    return date(1900, 1, 1) <= born <= today and ric.calc_check_digit(value.upper()) == value[-1].upper()


def _twice(fact: Fact, header: str, first: str, second: str) -> Refusal:
    return Refusal(
        "facts_header_twice",
        Text(
            "“{header}”这一列同时选给了“{first}”和“{second}”。",
            "“{header}” was chosen for “{first}” and for “{second}”.",
        ),
        Text(
            "一列只能对应一项：请改选其中一项；两项确实相同的，请在文件里复制出一列。",
            "A column stands for one thing: choose another; if both are the same, copy the column in the file.",
        ),
        fields={"header": header, "first": called(fact, first), "second": called(fact, second)},
        at=second,
        status=422,
    )


def _from_nowhere(fact: Fact, name: str) -> Refusal:
    return Refusal(
        "facts_column_from_nowhere",
        Text("必填的“{name}”还没有来源。", "“{name}” must be filled in and comes from nowhere yet."),
        Text(
            "请选文件里的一列；全部行都一样的，请在右边填一个值。",
            "Choose a column of the file; if all rows have the same, write it at the right.",
        ),
        fields={"name": called(fact, name)},
        at=name,
        status=422,
    )


def other_region(region: str, found: Sequence[str]) -> Refusal:
    """The answer to an extract of somewhere else."""
    return Refusal(
        "facts_other_region",
        Text(
            "文件里的区划（如 {found}）都不在 {region}，像是别的地区的数据，没有接收。",
            "No division in the file (such as {found}) lies in {region}: it seems to be another region's. Nothing was taken.",
        ),
        Text(
            "请在页面上方改选地区后再上传；确属本地区的，请核对区划代码那一列。",
            "Choose its region at the top of the page and upload it there; if it is yours, check its division codes.",
        ),
        fields={"region": region, "found": "、".join(found[:3])},
        at="file",
        status=422,
    )


def _identity_number(header: str) -> Refusal:
    return Refusal(
        "facts_identity_numbers",
        Text(
            "“{header}”这一列是居民身份证号码，文件没有接收。",
            "The column “{header}” holds identity numbers of residents; the file was not taken.",
        ),
        Text(
            "请在导出时去掉这一列，或换成固定的假名（同一人始终同一个编号），再上传。",
            "Leave it out of the export, or replace it by a pseudonym that stays the same for a person, and upload that.",
        ),
        fields={"header": header},
        at="file",
        status=422,
    )


NO_SUCH_UPLOAD = Refusal(
    code="facts_no_such_upload",
    message=Text("没有这次上传，或您无权查看。", "There is no such upload, or you may not see it."),
    instead=Text("请从“事实数据 · 导入”里选。", "Choose one from the list of uploads."),
    status=404,
)
NO_SUCH_BATCH = Refusal(
    code="facts_no_such_batch",
    message=Text("这个地区没有这一批数据。", "This region has no such batch."),
    instead=Text(
        "请从“事实数据”里点开一张表，再选批次。", "Open a table among the facts and choose a batch."
    ),
    status=404,
)
NO_SUCH_TABLE = Refusal(
    code="facts_no_such_table",
    message=Text("没有这张事实表。", "There is no such fact table."),
    instead=Text("请从“事实数据”里选一张表。", "Choose one among the facts."),
    at="fact",
    status=404,
)
OTHER_AREA = Refusal(
    code="facts_other_area",
    message=Text("这个地区的事实数据不在您的辖区。", "The facts of this region are not of your area."),
    instead=Text("请在页面上方改选本地区。", "Choose your own region at the top of the page."),
    status=403,
)
NOTHING_GOOD = Refusal(
    code="facts_nothing_good",
    message=Text("没有一行可以收下。", "No row of it can be taken."),
    instead=Text(
        "请按下面的原因更正后重新上传，或放弃这次上传。", "Correct it by the reasons below, or give it up."
    ),
)
NOT_CHECKED = Refusal(
    code="facts_not_checked",
    message=Text("这个文件还没有检查。", "The file has not been checked."),
    instead=Text("请先核对映射并检查。", "Check the mapping and try it first."),
)
ENDED = Refusal(
    code="facts_upload_ended",
    message=Text("这次上传已经处理完了。", "This upload has ended already."),
    instead=Text("要更正，请重新上传文件。", "To correct it, upload the file again."),
)
FILE_GONE = Refusal(
    code="facts_file_gone",
    message=Text("上传的文件已不在服务器上。", "The uploaded file is no longer on the server."),
    instead=Text("请放弃这次上传，再上传一次。", "Give this upload up and send the file again."),
)
NOTHING_WAITS = Refusal(
    code="facts_nothing_waits",
    message=Text("这一批没有待核的行。", "No row of this batch waits."),
    instead=Text("全部行都已入库，不必更正。", "All rows were taken; there is nothing to correct."),
    status=404,
)


def too_large(size: int, limit: int) -> Refusal:
    """The answer to a file of ``size`` bytes where ``limit`` MB are taken."""
    return Refusal(
        "facts_too_large",
        Text(
            "文件有 {size} MB，网页上传最多 {limit} MB，没有接收。",
            "The file has {size} MB; the page takes {limit} MB at most. Nothing was received.",
        ),
        Text(
            "请按月拆开上传，或另存为 Parquet（小得多）；再大的请在服务器上用 tiercare facts import 导入，没有大小限制。",
            "Upload it month by month or as Parquet, which is much smaller; larger ones come in on the server by "
            "“tiercare facts import”, which has no limit.",
        ),
        fields={"size": -(-size // (1024 * 1024)), "limit": limit},
        at="file",
        status=413,
    )
