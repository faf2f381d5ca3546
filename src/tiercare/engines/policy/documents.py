"""The clause ledger and the rule cards as Markdown, for ``docs/generated``."""

from __future__ import annotations

from .ledger import WORKING, clause_ledger
from .load import load_packs
from .model import PackSet, RuleCard


def render_clauses() -> str:
    """Every clause with its wording and state; counts by document first."""
    packs = load_packs()
    rows = clause_ledger(packs)
    lines = [
        "# 条款台账 · Clause ledger",
        "",
        "由政策包与测试运行生成，请勿手改。 Generated from the packs and the test run; do not edit.",
        "",
        "| 文件 document | 条款 clauses | 已实现 working | 计划中 planned |",
        "|---|---:|---:|---:|",
    ]
    for document in packs.document.values():
        own = [row for row in rows if row.clause.document == document.id]
        working = sum(row.state == WORKING for row in own)
        title = document.number or document.title.zh
        lines.append(f"| {document.id} {title} | {len(own)} | {working} | {len(own) - working} |")
    working = sum(row.state == WORKING for row in rows)
    lines += [f"| **合计 all** | {len(rows)} | {working} | {len(rows) - working} |", ""]
    lines += ["| 条款 | 措辞 | 内容 | 状态 | 测试 |", "|---|---|---|---|---:|"]
    for row in rows:
        clause = row.clause
        gist = clause.gist.zh.replace("|", "\\|")
        lines.append(f"| {clause.id} | {clause.force.label.zh} | {gist} | {row.state} | {len(row.tests)} |")
    return "\n".join(lines) + "\n"


def render_rules() -> str:
    """Every rule card, pack by pack."""
    packs = load_packs()
    lines = [
        "# 规则卡 · Rule cards",
        "",
        "由 `policies/*/cards` 生成，请勿手改。 Generated from the cards; do not edit.",
    ]
    for pack in packs:
        inherited = " ← ".join(reversed([p.id for p in packs.chain(pack.id)]))
        lines += ["", f"## {pack.name.zh} {pack.name.en} ({inherited})"]
        for card in pack.cards:
            lines += ["", f"### `{card.key}`", "", *_card(packs, card)]
    return "\n".join(lines) + "\n"


def _card(packs: PackSet, card: RuleCard) -> list[str]:
    waivable = "，可限期豁免 may be waived" if card.waivable else ""
    lines = [
        card.sentence.zh,
        "",
        card.sentence.en,
        "",
        f"- 条款 clauses: {' '.join(card.clauses)} · {card.force.label.zh} {card.force.label.en}{waivable}",
        f"- 自 in force from {card.period.start}",
    ]
    for name, reference in card.parameters.items():
        values = "; ".join(f"{p.op} {p.value} ({p.period})" for p in packs.parameters[reference])
        lines.append(f"- `{name}` = {reference} {values}")
    if card.deadline:
        lines.append(f"- 期限 deadline: {card.deadline} {packs.parameters[card.deadline][0].value}")
    if card.constraint:
        lines.append(f"- 数据库约束 constraint: `{card.constraint}`")
    if card.replaces:
        lines.append(f"- 取代 replaces: `{card.replaces}/{card.id}`")
    return lines
