"""``tiercare policy``: packs, clauses, rules, parameters, the clause ledger, validation. Needs no database."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.table import Table

from tiercare.cli import words
from tiercare.engines.payment import load_benefits
from tiercare.engines.policy import (
    Clause,
    PackErrors,
    PackSet,
    ParameterAnswer,
    ParameterProblem,
    clause_ledger,
    load_packs,
    parameter,
)
from tiercare.engines.policy.load import own_folder
from tiercare.engines.twin.from_packs import load_rows

Read = TypeVar("Read")

app = typer.Typer(
    no_args_is_help=True, help="政策包、条款、规则与参数 Policy packs, clauses, rules, parameters."
)

Packs = Annotated[list[Path] | None, typer.Option("--packs", help="另载的政策包或文件夹 packs beside ours")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON 输出")]
Region = Annotated[str, typer.Option("--region", help="政策包或区划代码 pack id or division code")]
Day = Annotated[datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="日期，默认今天 as of")]


def load(packs: list[Path] | None) -> PackSet:
    """Our packs and those named, or every problem printed and exit code 1."""
    return _or_problems(lambda: load_packs(packs or ()))


def _or_problems(reading: Callable[[], Read]) -> Read:
    try:
        return reading()
    except PackErrors as errors:
        for problem in errors.problems:
            typer.echo(problem.sentence("zh"), err=True)
            typer.echo("  " + problem.sentence("en"), err=True)
        zh, en = f"共 {len(errors.problems)} 处问题。", f"{len(errors.problems)} problem(s)."
        typer.echo(f"{zh} {en}", err=True)
        raise typer.Exit(1) from errors


def day(on: datetime | None) -> date:
    """The asked day, or today in China."""
    return on.date() if on else words.today()


@app.command("packs")
def list_packs(packs: Packs = None, as_json: AsJson = False) -> None:
    """列出政策包、继承关系与文件。List the packs, whom they extend, their documents."""
    known = load(packs)
    rows = [
        {
            "pack": pack.id,
            "name": {"zh": pack.name.zh, "en": pack.name.en},
            "extends": pack.extends,
            "region": pack.region,
            "clauses": len(pack.clauses),
            "cards": len(pack.cards),
            "lists": len(pack.lists),
            "documents": [
                {
                    "id": document.id,
                    "title": document.title.zh,
                    "number": document.number,
                    "in_force_from": document.in_force_from.isoformat(),
                    "dated_by_text": document.dated_by_text,
                }
                for document in pack.documents
            ],
        }
        for pack in known
    ]
    if as_json:
        return _json(rows)
    table = Table("政策包", "继承", "地区", "条款", "规则卡", "名单", "文件")
    for pack in known:
        documents = "\n".join(f"{d.number or d.id} {d.title.zh}" for d in pack.documents)
        counts = [str(len(part)) for part in (pack.clauses, pack.cards, pack.lists)]
        table.add_row(f"{pack.id} {pack.name.zh}", pack.extends or "—", pack.region, *counts, documents)
    Console().print(table)
    return None


@app.command()
def clauses(
    region: Region = "",
    text: Annotated[str, typer.Option("--text")] = "",
    packs: Packs = None,
    as_json: AsJson = False,
) -> None:
    """列出条款。List clauses, of all packs or of those that hold in a region."""
    known = load(packs)
    chosen = known.clauses_for(_pack(known, region)) if region else tuple(known.clause.values())
    found = [c for c in chosen if text in c.gist.zh or text.lower() in c.gist.en.lower() or text == c.id]
    if as_json:
        return _json([_clause(c) for c in found])
    table = Table("条款", "位置", "措辞", "内容", "参数")
    for c in found:
        values = "\n".join(f"{p.key} {p.op} {words.shown(p.value)}" for p in c.parameters)
        table.add_row(c.id, c.section, c.force.label.zh, c.gist.zh, values)
    Console().print(table)
    return None


@app.command()
def rules(region: Region = "", packs: Packs = None, as_json: AsJson = False) -> None:
    """列出规则卡。List the rule cards, of all packs or of those that hold in a region."""
    known = load(packs)
    cards = known.cards_for(_pack(known, region)) if region else [c for pack in known for c in pack.cards]
    if as_json:
        return _json(
            [
                {
                    "card": card.key,
                    "sentence": {"zh": card.sentence.zh, "en": card.sentence.en},
                    "clauses": list(card.clauses),
                    "force": card.force.value,
                    "waivable": card.waivable,
                    "parameters": dict(card.parameters),
                    "deadline": card.deadline,
                    "constraint": card.constraint,
                    "file": card.file,
                    "line": card.line,
                }
                for card in cards
            ]
        )
    table = Table("规则卡", "措辞", "内容", "条款", "参数")
    for card in cards:
        table.add_row(
            card.key,
            card.force.label.zh,
            card.sentence.zh,
            " ".join(card.clauses),
            "\n".join(card.parameters.values()),
        )
    Console().print(table)
    return None


@app.command("parameter")
def ask_parameter(
    key: str, region: Region = "wuhu", on: Day = None, packs: Packs = None, as_json: AsJson = False
) -> None:
    """某参数在某地某日是多少，出自哪一条。What a parameter is, there and then, and which clause says so."""
    known = load(packs)
    try:
        answer = parameter(known, key, region, on=day(on))
    except ParameterProblem as problem:
        typer.echo(f"{problem.message.zh}\n{problem.message.en}", err=True)
        raise typer.Exit(1) from problem
    if as_json:
        return _json(_answer(answer) | {"others": [_answer(other) for other in answer.others]})
    for one in (answer, *answer.others):
        source = one.document.number or one.document.title.zh
        typer.echo(f"{one.parameter.name} {one.parameter.op} {words.shown(one.value)}")
        typer.echo(f"  {one.clause.force.label.zh} · {one.clause.gist.zh}")
        typer.echo(f"  {one.pack.name.zh} · {source} · {one.clause.section} · {one.parameter.period}")
    return None


@app.command()
def ledger(packs: Packs = None, as_json: AsJson = False) -> None:
    """条款台账：哪些条款已由软件实现，哪些测试可以证明。The clause ledger."""
    rows = clause_ledger(load(packs))
    if as_json:
        return _json([{"id": r.clause.id, "state": r.state, "tests": list(r.tests)} for r in rows])
    table = Table("文件", "条款数", "已实现", "计划中")
    for document in dict.fromkeys(r.clause.document for r in rows):
        own = [r for r in rows if r.clause.document == document]
        working = sum(r.state == "working" for r in own)
        table.add_row(document, str(len(own)), str(working), str(len(own) - working))
    working = sum(r.state == "working" for r in rows)
    table.add_row("合计", str(len(rows)), str(working), str(len(rows) - working), style="bold")
    Console().print(table)
    return None


@app.command()
def validate(packs: Packs = None) -> None:
    """检查政策包；有问题时指出文件、行、键和改法。Check packs; problems name file, line, key and fix."""
    known = load(packs)
    for pack in known:  # read when they are used: told here before somebody uses them
        _or_problems(partial(load_benefits, [Path(each.folder) for each in known.chain(pack.id)]))
        _or_problems(partial(load_rows, known, pack.id))
    count = sum(len(pack.clauses) for pack in known)
    cards = sum(len(pack.cards) for pack in known)
    typer.echo(f"{len(known.packs)} 个政策包、{count} 条条款、{cards} 张规则卡，没有问题。")
    typer.echo(f"{len(known.packs)} packs, {count} clauses, {cards} rule cards: no problem.")
    typer.echo(f"自带政策包 our packs: {own_folder()}")


def _pack(known: PackSet, region: str) -> str:
    pack = known.find(region)
    if pack is None:
        typer.echo(f"“{region}”没有政策包；现有：{'、'.join(known.packs)}。", err=True)
        typer.echo(f"No pack covers “{region}”; there are {', '.join(known.packs)}.", err=True)
        raise typer.Exit(1)
    return pack.id


def _clause(c: Clause) -> dict[str, Any]:
    return {
        "id": c.id,
        "document": c.document,
        "section": c.section,
        "gist": {"zh": c.gist.zh, "en": c.gist.en},
        "kind": c.kind,
        "capability": c.capability,
        "force": c.force.value,
        "parameters": [
            {
                "key": p.key,
                "op": p.op,
                "value": words.plain(p.value),
                "type": p.type,
                "from": p.period.start.isoformat(),
                "to": p.period.end.isoformat() if p.period.end else None,
            }
            for p in c.parameters
        ],
    }


def _answer(answer: ParameterAnswer) -> dict[str, Any]:
    return {
        "name": answer.parameter.name,
        "op": answer.parameter.op,
        "value": words.plain(answer.value),
        "type": answer.parameter.type,
        "from": answer.parameter.period.start.isoformat(),
        "clause": answer.clause.id,
        "section": answer.clause.section,
        "force": answer.clause.force.value,
        "document": answer.document.id,
        "number": answer.document.number,
        "title": answer.document.title.zh,
        "pack": answer.pack.id,
    }


def _json(value: object) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))
