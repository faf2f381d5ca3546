"""A kept content as a paper: title, paragraphs, tables, definitions. The page, the print, .docx and .xlsx all show this one.

Papers are in Chinese, as what a commission sends is; what stands around them on a page is in the reader's language.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from tiercare.apps.evaluation.rules import bulletins as rules
from tiercare.engines.measures.rounding import plain, shown
from tiercare.engines.measures.schema import facts

SYNTHETIC = "模拟数据，仅供演示，不得作为考核和决策依据"
NOT_OFFICIAL = "平台生成，未经用印，不是正式发文"
# So many areas stand side by side on a sheet of A4.
_SIDE_BY_SIDE = 6
_SIGNS = {"=": "", ">=": "≥ ", "<=": "≤ ", ">": "> ", "<": "< ", "~=": "约 "}
_WAYS = {"up": "上升", "down": "下降"}
_MET = {"met": "已达到", "not_met": "未达到"}
TURNS = {"better": "向好", "worse": "变差", "same": "持平", "up": "上升", "down": "下降"}
_ROLES = {"LEAD": "牵头", "MEMBER": "成员"}
_LEVELS = {"consortium": "医联体", "division": "县（市、区）", "institution": "机构"}


@dataclass(frozen=True, slots=True)
class Table:
    """A table; columns in ``numbers`` are aligned at the right."""

    name: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper. ``facts`` are what it rests on; ``notes`` the definitions below it, each with its head."""

    kind: str
    title: str
    issuer: str
    to: str
    number: str
    day: str
    synthetic: bool
    paragraphs: tuple[str, ...]
    tables: tuple[Table, ...]
    notes: tuple[tuple[str, str], ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    marks: tuple[str, ...] = field(default=())


def paper_of(content: Mapping[str, Any], *, number: str = "", sha256: str = "") -> Paper:
    """The paper of a kept content; ``number`` is that of the delivery, ``sha256`` the digest it was sealed with."""
    made = {
        rules.BULLETIN: _bulletin,
        rules.RESULT: _result,
        rules.PARTICIPATION: _participation,
        rules.COUNTS: _counts,
    }[content["kind"]](content)
    paragraphs, tables, notes, rests = made
    sealed = (("内容校验（SHA-256）", sha256),) if sha256 else ()
    return Paper(
        kind=content["kind"],
        title=content["title"],
        issuer=content["issuer"],
        to=content.get("to", ""),
        number=number,
        day=_day(content["day"]),
        synthetic=content["synthetic"],
        paragraphs=tuple(paragraphs),
        tables=tuple(tables),
        notes=tuple(notes),
        facts=(*rests, *sealed),
        marks=(SYNTHETIC,) if content["synthetic"] else (),
    )


_Made = tuple[list[str], list[Table], list[tuple[str, str]], list[tuple[str, str]]]


def number_of(value: Mapping[str, str | None] | None, unit: str) -> str:
    """A kept value as people read it; a dash where there is none."""
    if value is None or value["value"] is None:
        return "—"
    return shown(Fraction(Decimal(value["value"])), unit)


def counts_of(value: Mapping[str, str | None] | None) -> str:
    """Its numerator and denominator."""
    if value is None or value["numerator"] is None:
        return "—"
    upper, lower = (_fraction(value[name]) for name in ("numerator", "denominator"))
    return plain(upper) if lower is None or lower == 1 else f"{plain(upper)} / {plain(lower)}"


def demand(asked: Mapping[str, Any], unit: str) -> str:
    """What a clause asks, with the verdict where this very period was judged."""
    limit = _fraction(asked["limit"])
    if asked["op"] in _WAYS:
        said = _WAYS[asked["op"]]
    elif limit is None:
        said = "未给数值"
    else:
        said = f"{_SIGNS.get(asked['op'], '')}{shown(limit, unit)}"
    verdict = _MET.get(asked["met"], "")
    return f"{said}（{asked['clause']}）{verdict}"


def _fraction(text: str | None) -> Fraction | None:
    return None if text is None else Fraction(Decimal(text))


def _bulletin(content: Mapping[str, Any]) -> _Made:
    lines: Sequence[Mapping[str, Any]] = content["lines"]
    said = [part.strip() for part in content["words"].split("\n") if part.strip()]
    tables = [_whole(content, lines), *_by_place(content["places"], lines)]
    notes = [(f"{at}. {line['name']['zh']}", _defined(line)) for at, line in enumerate(lines, 1)]
    source = content["source"]
    tables_said = "；".join(
        f"{_table_name(name)} {each['first']}—{each['last']}"
        for name, each in sorted(source["tables"].items())
    )
    rests = [
        ("统计时期", content["period_text"]["zh"]),
        ("统计地区", content["area"]),
        ("政策包", f"{source['pack_name']}（{source['pack_digest'][:12]}）"),
        ("计算凭据", source["digest"]),
        ("事实数据", tables_said or "—"),
    ]
    return [*said, _summary(content, lines)], tables, notes, rests


def _table_name(name: str) -> str:
    known = facts().get(name)
    return known.title.zh if known else name


def _summary(content: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]) -> str:
    turned = [line["turn"] for line in lines]
    known = sum(line["region"] is not None and line["region"]["value"] is not None for line in lines)
    said = f"{content['period_text']['zh']}，{content['area']}通报指标{len(lines)}项，其中有数据{known}项。"
    if content["before"]:
        before = rules.period_text(content["before"]).zh
        better, worse, same = (turned.count(each) for each in ("better", "worse", "same"))
        said += f"与{before}相比，向好{better}项，变差{worse}项，持平{same}项。"
    unmet = sum(any(each["met"] == "not_met" for each in line["demands"]) for line in lines)
    met = sum(
        any(each["met"] == "met" for each in line["demands"])
        and all(each["met"] != "not_met" for each in line["demands"])
        for line in lines
    )
    return f"{said}有要求并已判定的，{met}项达到，{unmet}项未达到。" if met or unmet else said


def _whole(content: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]) -> Table:
    rows = []
    for at, line in enumerate(lines, 1):
        unit = line["unit"]["zh"]
        demands = "；".join(dict.fromkeys(demand(each, unit) for each in line["demands"])) or "—"
        change = TURNS.get(line["turn"], "—")
        rows.append(
            (
                *(str(at), line["name"]["zh"], number_of(line["region"], unit), counts_of(line["region"])),
                *(number_of(line["before"], unit), change, demands),
            )
        )
    header = ("序号", "指标", "本期", "分子 / 分母", "上期", "变化", "文件要求")
    return Table(f"表1 {content['area']}指标", header, tuple(rows), frozenset({2, 3, 4}))


def _by_place(places: Sequence[Mapping[str, str]], lines: Sequence[Mapping[str, Any]]) -> Iterable[Table]:
    cut = [places[at : at + _SIDE_BY_SIDE] for at in range(0, len(places), _SIDE_BY_SIDE)]
    for count, some in enumerate(cut, 2):
        rows = tuple(
            (
                line["name"]["zh"],
                *(number_of(line["places"].get(place["key"]), line["unit"]["zh"]) for place in some),
            )
            for line in lines
        )
        header = ("指标", *(place["name"] for place in some))
        yield Table(f"表{count} 各县（市、区）指标", header, rows, frozenset(range(1, len(header))))


def _defined(line: Mapping[str, Any]) -> str:
    """A definition in one paragraph."""
    clauses = "、".join(line["clauses"])
    said = [line["says"]["zh"].rstrip("。") + "。", f"来源：{line['from']['zh'].rstrip('。')}。"]
    if clauses:
        said.append(f"条款：{clauses}。")
    if line["ours"]:
        said.append("原文未给公式，口径为平台所定。")
    said.append(f"口径版本{line['version']}。")
    return "".join(said)


def _result(content: Mapping[str, Any]) -> _Made:
    rows = tuple(
        (
            *(unit["name"], _LEVELS.get(unit["level"], unit["level"]), unit["area"]),
            *(unit["total"] or "—", str(unit["place"] or "—"), unit["digest"][:12] or "—"),
        )
        for unit in content["units"]
    )
    header = ("单位", "类别", "所在地区", "得分", "名次", "结果凭据")
    kept = content["assessment"]
    rests = [
        ("考核", kept["title"]),
        ("考核表", f"{kept['card']} 第{kept['version'] or '—'}版"),
        ("计算凭据", kept["run"] or "—"),
    ]
    said = [
        f"现将已锁定的“{kept['title']}”结果移交{content['to']}，作为其中医联体建设（分级诊疗）部分的依据。",
        "结果锁定后不再变动；如需复核，凭结果凭据可重算到每一位小数。",
    ]
    return said, [Table("考核结果", header, rows, frozenset({3, 4}))], [], rests


def _participation(content: Mapping[str, Any]) -> _Made:
    roles = tuple(
        (hospital["name"], each["name"], _ROLES.get(each["role"], "成员"), str(each["others"]))
        for hospital in content["hospitals"]
        for each in hospital["consortia"]
    )
    activity = tuple(
        (each["name"], *(str(hospital["counts"][each["id"]]) for hospital in content["hospitals"]))
        for each in content["counted"]
    )
    names = tuple(hospital["name"] for hospital in content["hospitals"])
    tables = [
        Table("表1 参加医联体情况", ("省属医院", "医联体", "身份", "其他成员（家）"), roles, frozenset({3})),
        Table("表2 全年工作情况", ("项目", *names), activity, frozenset(range(1, len(names) + 1))),
    ]
    said = [
        f"现将{content['period']}年省属医院参与和落实{content['area']}医联体建设的情况报上，供省属公立医院绩效考核参考。"
    ]
    return said, tables, [], [("统计时期", f"{content['period']}年"), ("统计地区", content["area"])]


def _counts(content: Mapping[str, Any]) -> _Made:
    answers: Sequence[Mapping[str, str]] = content["answers"]
    rows = tuple(
        (
            group["name"],
            *(str(group["counts"][each["id"]]) for each in answers),
            str(sum(group["counts"].values())),
        )
        for group in content["groups"]
    )
    header = ("类别", *(each["name"] for each in answers), "已报合计")
    said = [f"现将{content['area']}{content['period']}年县级医院服务能力达标情况汇总报上。"]
    toward = content.get("toward")  # papers of before the platform named it have none
    if toward:
        name = next((each["name"] for each in answers if each["id"] == toward["answer"]), toward["answer"])
        said.append(
            f"全国目标：到{toward['year']}年{toward['general']}家县医院、{toward['tcm']}家县中医医院达到{name}。"
            "以下是本地区的数，供逐级汇总。"
        )
    if content["missing"]:
        said.append(f"尚未报送：{'、'.join(content['missing'])}。")
    return said, [Table("达标情况", header, rows, frozenset(range(1, len(header))))], [], []


def _day(iso: str) -> str:
    year, month, day = iso.split("-")
    return f"{int(year)}年{int(month)}月{int(day)}日"
