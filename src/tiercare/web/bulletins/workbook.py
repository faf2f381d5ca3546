"""Papers and tables of indicators as files for a spreadsheet: numbers as numbers, definition and synthetic mark beside them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from tiercare.apps.evaluation.rules import bulletins as rules
from tiercare.engines.sheets import Cell, Table
from tiercare.kernel.text import Text
from tiercare.web.marks import write_xlsx

from . import paper as papers
from .paper import Paper

DEFINITIONS = Text("口径", "definitions")
ABOUT = Text("说明", "about")
_DEFINITION = (
    *(Text("编号", "id"), Text("指标", "indicator"), Text("版本", "version"), Text("口径", "definition")),
    *(Text("分子", "numerator"), Text("分母", "denominator"), Text("单位", "unit"), Text("来源", "source")),
    *(Text("条款", "clauses"), Text("口径由谁定", "whose definition")),
)
_TEXT, _OURS = Text("文件", "the text"), Text("平台（原文未给公式）", "ours: the text gives no formula")


def words(texts: Iterable[Text], language: str) -> tuple[str, ...]:
    """Texts in a language."""
    return tuple(each.in_language(language) for each in texts)


def number(text: str | None) -> Cell:
    """A kept number as a number; nothing stays nothing."""
    return None if text is None else float(Decimal(text))


def definitions(lines: Iterable[Mapping[str, Any]], language: str = "zh") -> Table:
    """A sheet with the definition of each indicator."""

    def said(both: Mapping[str, str]) -> str:
        return both["en"] if language.startswith("en") else both["zh"]

    rows: list[tuple[Cell, ...]] = [
        (
            *(line["indicator"], said(line["name"]), line["version"], said(line["says"])),
            *("\n".join(line["numerator"]), "\n".join(line["denominator"]), said(line["unit"])),
            *(said(line["from"]), "、".join(line["clauses"])),
            (_OURS if line["ours"] else _TEXT).in_language(language),
        )
        for line in lines
    ]
    return Table(DEFINITIONS.in_language(language), words(_DEFINITION, language), rows)


def about(facts: Iterable[tuple[str, str]], language: str = "zh") -> Table:
    """A sheet that says what the others rest on."""
    header = words((Text("项目", "what"), Text("内容", "is")), language)
    return Table(ABOUT.in_language(language), header, [tuple(each) for each in facts])


def written(content: Mapping[str, Any], paper: Paper) -> bytes:
    """A kept content as .xlsx: of a bulletin every number with its counts, of other papers their tables."""
    facts = [
        *(("标题", paper.title), ("发文单位", paper.issuer), ("日期", paper.day)),
        *((("编号", paper.number),) if paper.number else ()),
        *((("发往", paper.to),) if paper.to else ()),
        *paper.facts,
        *(("标识", each) for each in paper.marks),
        ("性质", papers.NOT_OFFICIAL),
    ]
    if content["kind"] == rules.BULLETIN:
        tables = [*_bulletin(content), definitions(content["lines"])]
    else:
        tables = [Table(each.name, each.header, [tuple(row) for row in each.rows]) for each in paper.tables]
    return write_xlsx([*tables, about(facts)], simulated=paper.synthetic)


def _bulletin(content: Mapping[str, Any]) -> Sequence[Table]:
    header = (
        *("序号", "编号", "指标", "本期分子", "本期分母", "本期值", "本期（显示）"),
        *("上期值", "上期（显示）", "变化", "文件要求"),
    )
    rows: list[tuple[Cell, ...]] = []
    places: list[tuple[Cell, ...]] = []
    names = {each["key"]: each["name"] for each in content["places"]}
    for at, line in enumerate(content["lines"], 1):
        unit = line["unit"]["zh"]
        demands = "；".join(papers.demand(each, unit) for each in line["demands"])
        now, past = line["region"] or {}, line["before"] or {}
        rows.append(
            (
                *(at, line["indicator"], line["name"]["zh"]),
                *(number(now.get(name)) for name in ("numerator", "denominator", "value")),
                papers.number_of(line["region"], unit),
                number(past.get("value")),
                papers.number_of(line["before"], unit),
                papers.TURNS.get(line["turn"], ""),
                demands,
            )
        )
        for key, value in sorted(line["places"].items()):
            counts = (number(value[name]) for name in ("numerator", "denominator", "value"))
            places.append(
                (
                    line["indicator"],
                    line["name"]["zh"],
                    key,
                    names.get(key, key),
                    *counts,
                    papers.number_of(value, unit),
                )
            )
    by_place = ("编号", "指标", "区划", "县（市、区）", "分子", "分母", "值", "显示")
    return [Table("指标", header, rows), Table("各县（市、区）", by_place, places)]
