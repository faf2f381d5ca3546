"""What came of a trial in a few sentences that can be quoted: what was tried, what it did, who loses, how sure that is, what it leans on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from tiercare.web.pages import english

from .figures import by_part

Row = Mapping[str, Any]
_NAMED, _GROUPS = 3, 3  # outcomes and groups that a sentence names


def sentences(
    told: Mapping[str, Any], rows: Sequence[Row], losing: Sequence[Row], compared: int | None
) -> list[str]:
    """At most five of them.

    Args:
        told: the trial as ``presenters.whole`` has it: its size, sides and levers.
        rows, losing: as ``presenters`` makes them, those to be named first at the head.
        compared: how many outcomes were judged together; none of a trial of before that was done.
    """
    return [
        _tried(told),
        _did(rows),
        _lose(losing),
        _sure(rows, compared),
        _leans(rows, told["line"]["seeds"]),
    ]


def changed(policy: Iterable[Row]) -> str:
    """Which levers differ between the two sides, from what to what."""
    return _joined(
        _("{lever}由 {before} 改为 {after}").format(lever=each["short"], before=each["a"], after=each["b"])
        for each in policy
        if each["differs"]
    )


def _tried(told: Mapping[str, Any]) -> str:
    return _(
        "模拟试算（{residents} 名虚构居民，{year} 年，成对重复 {seeds} 次）：与{one}相比，{changed}。"
    ).format(
        residents=told["line"]["residents"],
        year=told["year"],
        seeds=told["line"]["seeds"],
        changed=changed(told["policy"]),
        one=told["sides"][0],
    )


def _did(rows: Sequence[Row]) -> str:
    better, worse = (_named(rows, verdict) for verdict in ("better", "worse"))
    if not better and not worse:
        return _("没有哪一项看得出更好或更差。")
    if better and worse:
        told = _("更好的有{better}；更差的有{worse}。").format(better=better, worse=worse)
    elif better:
        told = _("更好的有{better}；没有哪一项看得出更差。").format(better=better)
    else:
        told = _("更差的有{worse}；没有哪一项看得出更好。").format(worse=worse)
    return told + _("括号内是平均变化的 95 % 区间。")


def _named(rows: Sequence[Row], verdict: str) -> str:
    found = [row for row in rows if row["verdict"] == verdict]
    told = _joined(map(_moved, found[:_NAMED]))
    more = len(found) - _NAMED
    return _("{told}等 {count} 项").format(told=told, count=len(found)) if more > 0 else told


def _moved(row: Row) -> str:
    rises = row["raw"]["mean"] > 0
    told = _("{name}由 {a} 升至 {b}（{interval}）") if rises else _("{name}由 {a} 降至 {b}（{interval}）")
    return told.format(name=row["short"], a=row["a"], b=row["b"], interval=row["within"])


def _lose(losing: Sequence[Row]) -> str:
    sure = [each for each in losing if each["sure"]]
    if not sure:
        return _("没有哪一组人可以确定吃亏。")
    people, places = (
        [each for each in sure if not each["place"]],
        len({each["group"] for each in sure if each["place"]}),
    )
    named = _joined(
        _("{group}（{what} {part}）").format(
            group=each["group"],
            what=each["short"],
            part=by_part(each["raw"]["before"], each["raw"]["after"]) or each["after"],
        )
        for each in people[:_GROUPS]
    )
    if not people:
        return _("吃亏的是 {places} 个地方的居民。").format(places=places)
    groups = len({each["group"] for each in people})
    if places:
        return _("吃亏的有 {groups} 类人和 {places} 个地方的居民，最重的是{named}。").format(
            groups=groups, places=places, named=named
        )
    return _("吃亏的有 {groups} 类人，最重的是{named}。").format(groups=groups, named=named)


def _sure(rows: Sequence[Row], compared: int | None) -> str:
    if compared is None:
        return _("这次试算早于多项校正：各项单独判断，本来无关的约二十分之一会碰巧显得有差别；请再算一次。")
    certain = [row for row in rows if row["certain"]]
    alone = sum(bool(row["raw"].get("alone")) for row in rows)
    told = _(
        "{compared} 项结果一起判断，{certain} 项确有差别（全部属实的把握不低于 95 %），其中 {robust} 项换一组假设也几乎如此；其余看不出差别{alone}。"
    )
    return told.format(
        compared=compared,
        certain=len(certain),
        robust=sum(bool(row["raw"]["robust"]) for row in certain),
        alone=_("（{alone} 项单看像有，可能只是碰巧，多算几次能分清）").format(alone=alone) if alone else "",
    )


def _leans(rows: Sequence[Row], seeds: int) -> str:
    """The assumption on which most of the certain differences surely lean, main results first; and the model's own doubt."""
    found: dict[str, list[tuple[Row, Row]]] = {}
    for row in rows:
        for lean in row["leans"] if row["certain"] else ():
            found.setdefault(lean["text"], []).append((row, lean))
    if not found:
        return _("重复 {seeds} 次还看不出结果最依赖哪条假设；这是模型推算，只说明假设成立时会怎样。").format(
            seeds=seeds
        )
    name = max(found, key=lambda text: _weight(found[text]))
    return _(
        "结果最依赖的假设是“{name}”（{ours}，牵动{outcomes}）；这是模型推算，只说明假设成立时会怎样。"
    ).format(
        name=name,
        ours=_("平台假设") if found[name][0][1]["ours"] else _("有出处"),
        outcomes=_joined(row["short"] for row, _lean in found[name]),
    )


def _weight(leaning: Sequence[tuple[Row, Row]]) -> tuple[int, int, float]:
    return (
        sum(bool(row["headline"]) for row, _lean in leaning),
        len(leaning),
        max(abs(lean["raw"] or 0.0) for _row, lean in leaning),
    )


def _joined(each: Iterable[str]) -> str:
    return ("; " if english() else "、").join(each)
