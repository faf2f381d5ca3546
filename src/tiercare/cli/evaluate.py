"""``tiercare evaluate``: the indicators of a pack over facts, and what its clauses ask of them. Needs no database."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tiercare.cli import words
from tiercare.cli.bootstrap import Stop
from tiercare.cli.comparing import both_as_json, show_both
from tiercare.cli.facts import Facts, Memory, Threads, folder
from tiercare.cli.policy import AsJson, Packs, load
from tiercare.cli.scorecards import MET, show
from tiercare.cli.scorecards import as_json as card_as_json
from tiercare.cli.spark import session, spark
from tiercare.engines.measures.assessment import Assessment, assess
from tiercare.engines.measures.comparing import changed, compared
from tiercare.engines.measures.evaluate import Value
from tiercare.engines.measures.indicators import Indicator
from tiercare.engines.measures.kept import KeptSums
from tiercare.engines.measures.load import Book, load_book
from tiercare.engines.measures.periods import NoPeriod, Span, span
from tiercare.engines.measures.rounding import plain, shown
from tiercare.engines.measures.schema import Level
from tiercare.engines.measures.scoring import Outcome, load_marks, load_scorecards, outcomes
from tiercare.engines.measures.store import Store
from tiercare.engines.measures.targets import Met, Standing
from tiercare.engines.policy import PackErrors, PackSet

T = TypeVar("T")


def evaluate(
    pack: Annotated[str, typer.Option("--pack", help="政策包 pack, such as wuhu")],
    period: Annotated[
        list[str] | None,
        typer.Option("--period", help="年、季或月，如 2025、2025Q3、2025-07；默认各条款所定的年份和最近一年"),
    ] = None,
    facts: Facts = None,
    indicator: Annotated[
        str | None,
        typer.Option("--indicator", help="只看一个指标，展开到每个机构 one indicator, place by place"),
    ] = None,
    engine: Annotated[str, typer.Option("--engine", help="duckdb 或 spark")] = "duckdb",
    master: Annotated[str, typer.Option("--spark-master", help="Spark 集群的地址")] = "local[2]",
    memory: Memory = "4GB",
    threads: Threads = None,
    marks: Annotated[
        Path | None,
        typer.Option(
            "--marks",
            exists=True,
            help="完成记录的文件：哪一栏、谁记、哪天、依据 what was recorded as complete",
        ),
    ] = None,
    packs: Packs = None,
    as_json: AsJson = False,
) -> None:
    """按政策包计算指标，逐条说明达到与否。Evaluate a pack's indicators, clause by clause."""
    known = load(packs)
    if pack not in known.packs:
        raise Stop(f"没有政策包“{pack}”。There is no pack “{pack}”: {', '.join(sorted(known.packs))}.")
    book = book_of(known, pack)
    every = _told(lambda: load_scorecards(known, pack, book)) if indicator is None else {}
    takes = {panel.id for card in every.values() for panel in card.panels if panel.marked}
    marked = _told(lambda: load_marks(marks, takes, today=words.today())) if marks else ()
    if indicator is not None:
        book = _only(book, indicator)
    with Store(folder(facts), memory=memory, threads=threads) as store:
        spans = _spans(period, store)
        tables, region, kept = (
            tables_of(engine, store, master),
            known.packs[pack].region,
            _kept(engine, store),
        )
        found = assess(tables, book, spans, region=region, kept=kept)
        both = [
            compared(tables, book, indicator, each, region=region, kept=kept)
            for each in found.spans
            if indicator is not None and changed(book, indicator, each)
        ]
        synthetic = store.synthetic
    cards = [card for each in found.spans for card in outcomes(every.values(), found, each, marked)]
    cards = [card for card in cards if any(line.why is None for line in card.region.scored)]
    if as_json:
        said = {
            **_json(found, book, cards, synthetic=synthetic),
            "compared": [both_as_json(each) for each in both],
        }
        typer.echo(json.dumps(said, ensure_ascii=False, indent=2))
        return
    console = Console()
    if synthetic:
        console.print("[bold yellow]以下数据为模拟生成，不是真实数据。 These facts are made up.[/]")
    if indicator is not None:
        _one(console, book, found, indicator)
        for each in both:
            show_both(console, each)
    else:
        _scores(console, book, found, spans)
    _standings(console, known, book, found.standings)
    for card in cards:
        show(console, known, found, card)
    console.print(f"复算凭据 digest {found.digest}")


def book_of(packs: PackSet, pack: str) -> Book:
    """The book of a pack, or every problem printed and exit code 1."""
    return _told(lambda: load_book(packs, pack))


def _told(load: Callable[[], T]) -> T:
    """What was read, or every problem of the files printed and exit code 1."""
    try:
        return load()
    except PackErrors as errors:
        for problem in errors.problems:
            typer.echo(f"{problem.sentence('zh')}\n  {problem.sentence('en')}", err=True)
        raise typer.Exit(1) from errors


def _only(book: Book, key: str) -> Book:
    """One indicator, with what it is made of and what is asked of it.

    Raises:
        Stop: there is none of this id.
    """
    if key not in book.indicators:
        near = get_close_matches(key, book.indicators, 3)
        hint = f"：{'、'.join(near)}？" if near else "。"
        raise Stop(
            f"没有指标“{key}”{hint}\nThere is no indicator “{key}”{': ' + ', '.join(near) + '?' if near else '.'}"
        )
    wanted = {key, *(each for version in book.indicators[key] for each in version.of)}
    kept = {each: versions for each, versions in book.indicators.items() if each in wanted}
    return replace(book, indicators=kept, targets=tuple(t for t in book.targets if t.indicator == key))


def tables_of(engine: str, store: Store, master: str) -> Any:
    """The tables on the engine that was asked for.

    Raises:
        Stop: for an engine there is not, or Spark where it is not installed.
    """
    if engine == "duckdb":
        return store
    if engine != "spark":
        raise Stop(
            f"没有“{engine}”这种引擎，请用 duckdb 或 spark。There is no engine “{engine}”: duckdb or spark."
        )
    return spark().SparkTables(store, session(master))


def _kept(engine: str, store: Store) -> KeptSums | None:
    return KeptSums(store) if engine == "duckdb" else None


def _spans(periods: Sequence[str] | None, store: Store) -> list[Span]:
    """The periods that were asked for, or the last calendar year of which there are visits.

    Raises:
        Stop: for what is no period; without facts.
    """
    try:
        asked = [span(each) for each in periods or ()]
    except NoPeriod as error:
        raise Stop(
            f"“{error}”不是年、季或月，请写成 2025、2025Q3 或 2025-07。“{error}” is no year, quarter or month: 2025, 2025Q3, 2025-07."
        ) from error
    months = store.months("visits")
    if not months:
        raise Stop(
            "还没有就诊数据。请先用 tiercare facts import 导入，或用 tiercare facts synth 生成模拟数据。\n"
            "There are no visits yet: tiercare facts import, or tiercare facts synth for made-up ones."
        )
    return asked or [span(str(months[-1] // 100))]


def _scores(console: Console, book: Book, found: Assessment, spans: Sequence[Span]) -> None:
    table = Table(
        "指标 indicator",
        "编号 id",
        *(str(each) for each in spans),
        "分子/分母 counts",
        title="指标 indicators",
    )
    for key, versions in book.indicators.items():
        values = [found.regional(key, each) for each in spans]
        if any(value is not None and value.numerator is not None for value in values):
            last = values[-1]
            table.add_row(
                escape(versions[-1].name.zh),
                key,
                *(_number(versions[-1], v) for v in values),
                _counts(versions[-1], last),
            )
    console.print(table)
    console.print(
        "每个数的定义和逐机构的数：tiercare evaluate --pack … --indicator 编号。 Definition and places: --indicator id."
    )


def _standings(console: Console, packs: PackSet, book: Book, standings: Sequence[Standing]) -> None:
    table = Table(
        "条款 clause",
        "要求 asked",
        "时间 when",
        "比较 compared",
        "现值 value",
        "结论 verdict",
        "说明 why",
        title="条款要求 what the clauses ask",
    )
    for each in standings:
        target = each.target
        versions = book.indicators.get(target.indicator, ())
        compared = f"{target.op} {float(target.limit):g}" if target.limit is not None else target.op
        value = _number(versions[-1], each.value) if versions else "—"
        why = each.reason or target.note
        table.add_row(
            target.clause,
            escape(packs.clause[target.clause].gist.zh),
            str(target.span or "—"),
            compared,
            value,
            MET[each.met],
            escape(why.zh) if why else "",
        )
    console.print(table)
    counts = {met: sum(each.met is met for each in standings) for met in Met}
    console.print(" · ".join(f"{MET[met]} {count}" for met, count in counts.items()))


def _one(console: Console, book: Book, found: Assessment, key: str) -> None:
    for version in book.indicators[key]:
        console.print(f"[bold]{escape(version.name.zh)}[/] {escape(version.name.en)}")
        console.print(escape(version.says.zh))
        console.print(escape(version.says.en))
        for side, texts in version.text.items():
            for text in texts:
                console.print(f"{side}: {escape(text)}")
        console.print(f"{escape(version.source.zh)} {' '.join(version.clauses)}")
        if len(book.indicators[key]) > 1:
            console.print(f"第 {version.version} 版 version {version.version}: {version.period}")
        table = Table("时间 when", "层级 level", "编号 key", "值 value", "分子 numerator", "分母 denominator")
        for value in sorted(
            (each for each in found.of(key) if each.version == version.version),
            key=lambda each: (each.span, list(Level).index(each.level), each.key),
        ):
            table.add_row(
                str(value.span),
                value.level,
                value.key,
                _number(version, value),
                plain(value.numerator),
                plain(value.denominator),
            )
        console.print(table)


def _number(indicator: Indicator, value: Value | None) -> str:
    return "—" if value is None or value.value is None else shown(value.value, indicator.unit.zh)


def _counts(indicator: Indicator, value: Value | None) -> str:
    """Numerator and denominator as they were counted; money in fen, as it is kept."""
    if value is None or value.numerator is None:
        return "—"
    above = plain(value.numerator)
    return (
        above if not indicator.denominator and not indicator.of else f"{above} / {plain(value.denominator)}"
    )


def _json(found: Assessment, book: Book, cards: Sequence[Outcome], *, synthetic: bool) -> Mapping[str, Any]:
    return {
        "synthetic": synthetic,
        "digest": found.digest,
        "indicators": {
            key: {
                "name": {"zh": versions[-1].name.zh, "en": versions[-1].name.en},
                "definition": {"zh": versions[-1].says.zh, "en": versions[-1].says.en},
                "text": versions[-1].text,
                "clauses": versions[-1].clauses,
                "unit": versions[-1].unit.zh,
                "values": [_value(value) for value in found.of(key)],
            }
            for key, versions in book.indicators.items()
        },
        "scorecards": [card_as_json(each) for each in cards],
        "targets": [
            {
                "clause": each.target.clause,
                "indicator": each.target.indicator or None,
                "op": each.target.op,
                "limit": None if each.target.limit is None else float(each.target.limit),
                "period": str(each.target.span) if each.target.span else None,
                "met": each.met,
                "reason": None if each.reason is None else {"zh": each.reason.zh, "en": each.reason.en},
                "value": None if each.value is None else _value(each.value),
            }
            for each in found.standings
        ],
    }


def _value(value: Value) -> Mapping[str, Any]:
    return {
        "period": str(value.span),
        "level": Level(value.level),
        "key": value.key,
        "numerator": None if value.numerator is None else str(value.numerator),
        "denominator": None if value.denominator is None else str(value.denominator),
        "value": None if value.value is None else float(value.value),
    }
