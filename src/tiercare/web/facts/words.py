"""What the pages of facts call things."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from tiercare.engines.measures.importing import Aspect, Finding, Weight
from tiercare.engines.measures.schema import Column, Type
from tiercare.kernel.text import Text
from tiercare.web.pages import english, said

ASPECTS: Mapping[Aspect, str] = {
    Aspect.BATCH: gettext_noop("整批"),
    Aspect.READING: gettext_noop("读不出的内容"),
    Aspect.COMPLETENESS: gettext_noop("缺填"),
    Aspect.PLAUSIBILITY: gettext_noop("不合常理"),
    Aspect.SEQUENCE: gettext_noop("先后矛盾"),
    Aspect.DUPLICATES: gettext_noop("重复"),
}
# The word, the colour of its tag and its icon.
WEIGHTS: Mapping[Weight, tuple[str, str, str]] = {
    Weight.FAULT: (gettext_noop("待核"), "violated", "ban"),
    Weight.SUSPICION: (gettext_noop("存疑"), "at_risk", "alert"),
    Weight.NOTE: (gettext_noop("提示"), "not_applicable", "info"),
}
TYPES: Mapping[Type, str] = {
    Type.KEY: gettext_noop("标识"),
    Type.CODE: gettext_noop("代码"),
    Type.CODES: gettext_noop("若干代码，用竖线隔开"),
    Type.DIVISION: gettext_noop("区划代码"),
    Type.WORD: gettext_noop("选项"),
    Type.FLAG: gettext_noop("是/否"),
    Type.COUNT: gettext_noop("整数"),
    Type.YUAN: gettext_noop("金额"),
    Type.MINUTES: gettext_noop("分钟"),
    Type.DATE: gettext_noop("日期"),
}
# The engine speaks of a mapping file; here the mapping is a table on the page.
_FIXES: Mapping[str, Text] = {
    "empty": Text(
        "请补齐；全列同值的，可在“列的对应”里“空着时填”一个值。",
        "Fill it in; if one value fits all, write it beside the column in the mapping.",
    ),
    "no_date": Text(
        "请写成 2025-03-01；日或月写在前面的，请在“列的对应”里选日期顺序。",
        "Write 2025-03-01; where the day or the month comes first, choose the order in the mapping.",
    ),
    "no_flag": Text(
        "请改为是/否，或在“列的对应”里写明它的意思。",
        "Write 是 or 否, or say in the mapping what the file's mean.",
    ),
    "unknown_word": Text("请在“列的对应”里选它是哪一项。", "Say in the mapping which choice it means."),
    "in_store": Text(
        "要更正已入库的月份，请上传整月数据并选“替换这些月份”。",
        "To correct a month, upload all of it and choose to replace these months.",
    ),
    "units": Text(
        "会收下并标记；整列单位不对的，请在“列的对应”里改单位；一列里有几种单位的，请拆成几个文件。",
        "Taken and flagged; change the unit in the mapping, or split the file if it has several.",
    ),
}


def fix_of(found: Finding) -> str:
    """The way on, as somebody at a page goes it."""
    return said(_FIXES.get(found.code, found.fix))


def sentence(found: Finding) -> str:
    """What is wrong."""
    return found.sentence("en" if english() else "zh")


def month(number: int | None) -> str:
    """202503 as 2025-03."""
    return f"{number // 100}-{number % 100:02}" if number else _("月份不明")


def months(numbers: tuple[int, ...] | list[int], most: int = 6) -> str:
    """Months as people list them: neighbours as from … to …, and no more than fit."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == _after(runs[-1][-1]):
            runs[-1].append(number)
        else:
            runs.append([number])
    return _("、").join(map(_run, runs[:most])) + ("…" if len(runs) > most else "")


def _run(run: list[int]) -> str:
    """2025-03, or 2025-03–2025-05: shorter it would look like a day."""
    return month(run[0]) if run[0] == run[-1] else f"{month(run[0])}–{month(run[-1])}"


def _after(number: int) -> int:
    return number + 1 if number % 100 < 12 else number + 89


def type_of(column: Column) -> str:
    """What kind of thing a column holds."""
    return _(TYPES[column.type])


def short(count: int) -> str:
    """A count in four signs or so."""
    if count < 10_000:
        return str(count)
    if english():
        return f"{count / 1000:.0f}k" if count < 1_000_000 else f"{count / 1_000_000:.1f}M"
    return f"{count / 10_000:.1f}万" if count < 1_000_000 else f"{count / 10_000:.0f}万"
