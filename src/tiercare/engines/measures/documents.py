"""The book of indicators and the book of fact tables, as documents that the code writes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tiercare.engines.policy import PackSet, load_packs

from .derived import derived
from .indicators import Direction, Form, Indicator
from .load import Book, load_book
from .schema import Attribution, Fact, facts
from .targets import Target

_DIRECTIONS = {Direction.UP: "↑ 升高为好 higher is better", Direction.DOWN: "↓ 降低为好 lower is better"}
_FORMS = {
    Form.RATIO: "比 ratio",
    Form.NUMBER: "数 number",
    Form.MEDIAN: "中位数 median",
    Form.GROWTH: "比上期的增长 growth against the period before",
    Form.REQUIRED: "已有与应有之比 there against required",
    Form.QUOTIENT: "两个指标之商 quotient of two indicators",
    Form.CHANGE: "指标比上期的变化 change of an indicator against the period before",
    Form.PROBABILITY: "逐个五岁组死亡的概率 probability of dying in five-year bands one after the other",
}
_BY = {
    Attribution.VISITED: "就诊机构 where seen",
    Attribution.RESIDENCE: "居住地 residence",
    Attribution.INSURED: "参保地 where insured",
    Attribution.CONTRACT: "签约机构 where signed",
    Attribution.SENT: "申请方 who sends",
    Attribution.RECEIVED: "接收方 who receives",
}


def render_indicators() -> str:
    """Every indicator of every pack with its definition, and what each region asks of it."""
    packs = load_packs()
    books = {pack.id: load_book(packs, pack.id) for pack in packs}
    lines = [
        "# 指标册 Book of indicators",
        "",
        "由各政策包的 `indicators/` 生成。分母为零没有值，不是 0 %。标“本平台定义”的，原文没有给出公式，写明的算法是我们的。",
        "Written from `indicators/` of the packs. A zero denominator has no value. Where it says “ours”, the text gives no formula.",
    ]
    for pack in sorted(packs, key=lambda each: len(packs.chain(each.id))):
        book = books[pack.id]
        above = books[pack.extends] if pack.extends else None
        new = [
            version
            for key, versions in book.indicators.items()
            if above is None or _texts(above.indicators.get(key, ())) != _texts(versions)
            for version in versions
        ]
        asked = [target for target in book.targets if target.pack == pack.id]
        if new or asked:
            lines += ["", f"## {pack.name.zh} {pack.name.en}"]
        for indicator in new:
            lines += ["", *_indicator(indicator, book)]
        if asked:
            lines += ["", *_targets(asked, book, packs)]
    return "\n".join(lines)


def _texts(versions: Sequence[Indicator]) -> list[object]:
    return [
        (each.version, each.name, each.says, each.text, each.of, each.per, each.form) for each in versions
    ]


def _indicator(indicator: Indicator, book: Book) -> Iterator[str]:
    ours = " · 本平台定义 ours" if indicator.ours else ""
    yield f"### {indicator.name.zh} {indicator.name.en}"
    yield ""
    yield f"{indicator.says.zh}"
    yield f"{indicator.says.en}"
    yield ""
    yield f"- `{indicator.id}` v{indicator.version} · {_FORMS[indicator.form]}{ours}"
    for side, name in (("numerator", "分子 numerator"), ("denominator", "分母 denominator")):
        for text in indicator.text[side]:
            yield f"- {name}: `{text}`"
    if indicator.of:
        yield f"- 由 of: {', '.join(f'`{each}`' for each in indicator.of)}"
    unit = " ".join(dict.fromkeys(filter(None, (indicator.unit.zh, indicator.unit.en))))
    said = [f"单位 unit {unit}"] if unit else []
    said += [_DIRECTIONS[indicator.direction]] if indicator.direction in _DIRECTIONS else []
    said += [
        f"分母少于 {indicator.small} 不排名、不公开 below {indicator.small} neither ranked nor published"
    ]
    yield f"- {' · '.join(said)}"
    clauses = f" · {', '.join(indicator.clauses)}" if indicator.clauses else ""
    yield f"- 出处 source: {indicator.source.zh} {indicator.source.en}{clauses}"


def _targets(asked: Sequence[Target], book: Book, packs: PackSet) -> Iterator[str]:
    yield "| 条款 clause | 要求 asked | 指标 indicator | 比较 compared | 时间 when | 说明 note |"
    yield "|---|---|---|---|---|---|"
    for target in asked:
        gist = packs.clause[target.clause].gist
        versions = book.indicators.get(target.indicator, ())
        name = versions[-1].name.zh if versions else "—"
        note = target.reason or target.note
        yield (
            f"| {target.clause} | {gist.zh} | {name} | {_compared(target)} | {target.span or '—'} "
            f"| {f'{note.zh} {note.en}' if note else ''} |"
        )


def _compared(target: Target) -> str:
    if target.limit is None:
        return {"up": "↑", "down": "↓"}.get(target.op, "原文没有给出数值 no number in the text")
    number = f"{float(target.limit):g}"
    return f"{number} – {float(target.upper):g}" if target.upper is not None else f"{target.op} {number}"


def render_facts() -> str:
    """Every fact table: its grain, who answers for it, and a sentence for each column."""
    lines = [
        "# 事实表 Fact tables",
        "",
        "由 `engines/measures/facts.yaml` 生成。每张表另有 `region`（上报的区划）和 `month`（YYYYMM）两列。金额以分计。",
        "Written from `engines/measures/facts.yaml`. Every table has `region` and `month` besides. Money is in fen.",
    ]
    for fact in facts().values():
        lines += ["", *_fact(fact)]
    return "\n".join(lines)


def _fact(fact: Fact) -> Iterator[str]:
    yield f"## `{fact.name}` {fact.title.zh} {fact.title.en}"
    yield ""
    yield f"一行是：{fact.grain.zh}。One row: {fact.grain.en}."
    kind = "存量，取期末 stock, the last month counts" if fact.stock else "流量，逐月相加 flow, months add up"
    yield f"主键 key {', '.join(f'`{each}`' for each in fact.unique)} · {kind} · 报送 sent by {fact.sent_by.zh} {fact.sent_by.en}"
    by = "；".join(f"{_BY[each]}" for each in fact.by)
    yield f"归属 attribution: {by}"
    yield ""
    yield "| 列 column | 类型 type | 含义 | meaning |"
    yield "|---|---|---|---|"
    for column in fact.columns.values():
        kind = " ".join(column.words) if column.words else column.type.value
        optional = "（可空 optional）" if column.optional else ""
        yield f"| `{column.name}` | {kind}{optional} | {column.says.zh} | {column.says.en} |"
    for since in derived(fact.name).values():
        yield f"| `{since.name}` | 派生 derived | {since.says.zh} | {since.says.en} |"
