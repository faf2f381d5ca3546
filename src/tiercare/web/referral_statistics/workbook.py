"""The numbers as a file, each with its definition beside it."""

from __future__ import annotations

from collections.abc import Iterable

from tiercare.apps.exchange.workflow import ACT_NAMES, Act
from tiercare.apps.records.rules.vocabulary import STAGE_NAMES, Stage
from tiercare.apps.referrals.queries.statistics import Growth, Statistics, Time
from tiercare.apps.referrals.rules import measures
from tiercare.apps.referrals.rules.vocabulary import GROUP_NAMES, RETURNS, Group
from tiercare.engines.sheets import Cell, Table
from tiercare.kernel.text import Text
from tiercare.web.marks import write_xlsx

_HOUR = 3600
_COUNTS = (
    Text("指标", "measure"),
    Text("数", "count"),
    Text("分母", "out of"),
    Text("比例", "share"),
    Text("口径", "definition"),
)
_TIMES = (
    *(Text("范围", "of"), Text("步骤", "step"), Text("中位数（小时）", "median (hours)")),
    *(Text("第 90 百分位（小时）", "90th percentile (hours)"), Text("件数", "cases")),
)
_BOUNCES = (
    *(Text("做法", "act"), Text("原因", "reason"), Text("机构", "institution")),
    *(Text("科室", "department"), Text("次数", "cases")),
)
_DOWN = (
    *(Text("患者类别", "group"), Text("接收机构", "receiver"), Text("提交", "sent")),
    *(Text("接收", "accepted"), Text("到院", "arrived")),
)
_STAGES = (
    *(Text("阶段", "stage"), Text("标记", "marked"), Text("已下转", "sent down"), Text("仍在等", "waiting")),
    *(Text("说明理由留下", "kept with a reason"), Text("未下转离院", "left without")),
    *(Text("中位数（天）", "median (days)"), Text("第 90 百分位（天）", "90th percentile (days)")),
)
_SHEETS = (
    *(Text("总数和比例", "counts and shares"), Text("用时", "times"), Text("退回和转交", "returns")),
    *(Text("下转", "referrals down"), Text("可下转患者", "ready to go down")),
)
_ALL, _GREEN = Text("全部", "all"), Text("绿色通道", "green channel")


def written(found: Statistics, growth: Growth, *, language: str = "zh") -> bytes:
    """The .xlsx: counts with their definitions, times, returns, referrals down, and who was ready to go."""

    def words(texts: Iterable[Text]) -> tuple[str, ...]:
        return tuple(each.in_language(language) for each in texts)

    names = words(_SHEETS)
    return write_xlsx(
        [
            Table(names[0], words(_COUNTS), _counts(found, growth, language)),
            Table(
                names[1],
                words(_TIMES),
                [*_times(_ALL, found.times, language), *_times(_GREEN, found.emergency, language)],
            ),
            Table(names[2], words(_BOUNCES), _bounced(found, language)),
            Table(names[3], words(_DOWN), _down(found, language)),
            Table(names[4], words(_STAGES), _stages(found, language)),
        ]
    )


def _counts(found: Statistics, growth: Growth, language: str) -> list[tuple[Cell, ...]]:
    rows: list[tuple[Cell, ...]] = [
        (
            known.name.in_language(language),
            found.counts[name],
            found.counts[known.of] if known.of else None,
            found.share(name, known.of) if known.of else None,
            known.definition.in_language(language),
        )
        for name, known in measures.MEASURES.items()
    ]
    grown = Text("下转人次年增长率", "yearly growth of referrals down").in_language(language)
    return [
        *rows,
        (
            f"{grown} {growth.year}",
            growth.this,
            growth.last,
            growth.rate,
            measures.GROWTH.in_language(language),
        ),
    ]


def _times(whose: Text, times: Iterable[Time], language: str) -> list[tuple[Cell, ...]]:
    return [
        (
            whose.in_language(language),
            measures.STEPS[each.step].in_language(language),
            round(each.median / _HOUR, 2),
            round(each.p90 / _HOUR, 2),
            each.cases,
        )
        for each in times
    ]


def _bounced(found: Statistics, language: str) -> list[tuple[Cell, ...]]:
    return [
        (
            ACT_NAMES[Act(each.act)].in_language(language),
            RETURNS[each.code].name.in_language(language) if each.code in RETURNS else each.code,
            each.institution,
            each.department,
            each.cases,
        )
        for each in found.bounced
    ]


def _down(found: Statistics, language: str) -> list[tuple[Cell, ...]]:
    return [
        (
            GROUP_NAMES[Group(each.group)].in_language(language) if each.group in set(Group) else "",
            each.institution,
            each.sent,
            each.accepted,
            each.arrived,
        )
        for each in found.down
    ]


def _stages(found: Statistics, language: str) -> list[tuple[Cell, ...]]:
    return [
        (
            STAGE_NAMES[Stage(each.stage)].in_language(language),
            *(each.marked, each.sent, each.waiting, each.kept, each.left_without),
            *(None if value is None else round(value, 1) for value in (each.median, each.p90)),
        )
        for each in found.stages
    ]
