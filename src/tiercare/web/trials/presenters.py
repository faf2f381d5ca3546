"""A trial in the reader's words: where it stands, what would differ and how sure that is, what it leans on, who loses, what it ran on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from tiercare.apps.trials.queries.trials import Listed, Whole
from tiercare.apps.trials.rules.trials import GOING_ON, MOST_SEEDS, SECONDS, STAGE_NAMES, Stage
from tiercare.engines.twin.levers import LEVERS
from tiercare.kernel.clock import ZONE
from tiercare.web.pages import english, said

from . import plotting, words

_PERCENT, _MINUTE = 100, 60
_LOSERS = 15  # groups that are shown before "all of them"
_TWICE, _MORE = 6, 3  # draws that are played a second time; "more seeds" are so many times as many
_FEWEST_TO_LEAN = 8  # seeds below which nothing is said of what a result leans on
_LIVING = "住在"  # how the engine calls those who live in a place
# How a verdict is shown: word, tag, icon. Never by colour alone.
VERDICTS: Mapping[str, tuple[str, str, str]] = {
    "better": (gettext_noop("更好"), "met", "check"),
    "worse": (gettext_noop("更差"), "violated", "alert"),
    "more": (gettext_noop("更多"), "advice", "right"),
    "less": (gettext_noop("更少"), "advice", "left"),
    "same": (gettext_noop("没有差别"), "not_applicable", "minus"),
    "unclear": (gettext_noop("看不出差别"), "not_applicable", "dashed"),
    "unknown": (gettext_noop("没有这类情况"), "not_applicable", "ban"),
}
_ANSWERS = ("better", "worse", "unclear")
_UNITS = {
    "days": gettext_noop("天"),
    "yuan": gettext_noop("元"),
}


def line(each: Listed) -> dict[str, Any]:
    """A trial in a list."""
    at = each.asked_at.astimezone(ZONE)
    return {
        "id": each.id,
        "title": each.title,
        "stage": said(STAGE_NAMES[each.stage]),
        "going": each.stage in GOING_ON,
        "done": each.stage is Stage.DONE,
        "failed": each.stage is Stage.FAILED,
        "on": each.base_on,
        "residents": f"{each.residents:,}",
        "seeds": each.seeds,
        "first_seed": each.first_seed,
        "last_seed": each.first_seed + each.seeds - 1,
        "at": f"{at:%Y-%m-%d %H:%M}",
        "by": each.asked_by,
    }


def whole(found: Whole) -> dict[str, Any]:
    """One trial with everything that is said of it."""
    context = {
        "of": found,
        "line": line(found.line),
        "sides": sides(found),
        "policy": [_lever(row) for row in found.policy],
        "notices": [in_words(each) for each in found.notices],
        "why": [in_words(each) for each in found.why],
        "step": found.line.done,
        "steps": steps(found.line.seeds),
    }
    if found.result is None:
        return context
    rows, losing = differences(found.result), losers(found.result)
    return context | {
        "rows": rows,
        "plot": plotting.plot(rows),
        "tally": [
            {
                "word": _(VERDICTS[verdict][0]),
                "tag": VERDICTS[verdict][1],
                "icon": VERDICTS[verdict][2],
                "count": count,
            }
            for verdict in _ANSWERS
            if (count := sum(row["verdict"] == verdict for row in rows))
        ],
        "headlines": [row for row in rows if row["verdict"] in {"better", "worse"}],
        "losers": losing[:_LOSERS],
        "other_losers": losing[_LOSERS:],
        "more_losers": found.result.get("more_losers", 0),
        "leans": found.line.seeds >= _FEWEST_TO_LEAN,
        "year": found.result["year"],
    }


def differences(result: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every outcome under both policies, the difference with its interval, and in words what it means and how sure it is."""
    return [_difference(each) for each in result["differences"]]


def _difference(each: Mapping[str, Any]) -> dict[str, Any]:
    unit, verdict = each["unit"], each["verdict"]
    word, tag, icon = VERDICTS[verdict]
    return {
        "outcome": each["outcome"],
        "name": in_words(each["name"]),
        "definition": in_words(each["definition"]),
        "verdict": verdict,
        "word": _(word),
        "tag": tag,
        "icon": icon,
        "a": value(each["a"]["mean"], unit),
        "b": value(each["b"]["mean"], unit),
        "mean": value(each["mean"], unit, change=True),
        "low": value(each["low"], unit, change=True, bare=True),
        "high": value(each["high"], unit, change=True, bare=True),
        "sure": _sure(each),
        "leans": [_lean(lean) for lean in each["leans_on"][:1]],
        "raw": each,
    }


def _sure(each: Mapping[str, Any]) -> str:
    """How sure a difference is, in words."""
    if each["verdict"] in {"same", "unknown"}:
        return ""
    if each["verdict"] == "unclear":
        return _("差别小于误差")
    told = _("换一组假设也几乎都如此") if each["robust"] else _("平均如此，换一组假设可能不同")
    if each["by_chance"] is None:
        return told
    share = f"{each['by_chance'] * _PERCENT:.0f} %"
    return _("{told}；波动中偶然占 {share}").format(told=told, share=share)


def _lean(lean: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "text": in_words(lean["text"]),
        "sure": lean["sure"],
        "up": (lean["correlation"] or 0) > 0,
        "correlation": f"{lean['correlation'] or 0:+.2f}",
        "ours": not lean["source"],
    }


def losers(result: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Who pays more or goes without: the sure ones first, among them groups of people before places, the hardest hit first."""
    return sorted(map(_loser, result["losers"]), key=lambda row: (not row["sure"], row["place"]))


def _loser(each: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "group": in_words(each["group"]),
        "what": in_words(each["name"]),
        # Of losers everything is a head of the group: yuan, or referrals that found no place.
        "before": value(each["before"], "yuan" if each["unit"] == "yuan" else "rate"),
        "after": value(each["after"], "yuan" if each["unit"] == "yuan" else "rate"),
        "times": each["times"],
        "share": f"{(each['share'] or 0) * _PERCENT:.0f} %",
        "sure": each["sure"],
        "place": str(each["group"][0]).startswith(_LIVING),
        "raw": each,
    }


def _lever(row: Mapping[str, Any]) -> dict[str, Any]:
    name = row["name"]
    return {
        "name": said(LEVERS[name].name) if name in LEVERS else name,
        "clause": row["clause"],
        "ours": row["ours"],
        "why": in_words(row["why"]) if row["why"] else "",
        **{
            side: words.shown(name, row[side]) if name in LEVERS else str(row[side])
            for side in ("pack", "a", "b")
        },
        "differs": row["a"] != row["b"],
    }


def sides(found: Whole) -> tuple[str, str]:
    """What the two policies are called."""
    if found.a:
        return _("情景甲"), _("情景乙")
    return _("现行政策"), _("情景")


def value(number: float | None, unit: str, *, change: bool = False, bare: bool = False) -> str:
    """A value with its unit (or ``bare``); a change with its sign, of shares in percentage points."""
    if number is None:
        return "—"
    digits = 2 if unit in {"share", *_UNITS} else 3
    shown = round(number * (_PERCENT if unit == "share" else 1), digits)
    told = f"{shown:{'+' if change and shown else ''},.{digits}f}".replace(
        "-0." + "0" * digits, "0." + "0" * digits
    )
    if bare:
        return told
    if unit == "share":
        return f"{told} {_('个百分点')}" if change else f"{told} %"
    return f"{told} {_(_UNITS[unit])}" if unit in _UNITS else told


def how_long(residents: int, seeds: int) -> str:
    """About how long a run takes, in words."""
    seconds = SECONDS * residents * steps(seeds)
    if seconds < _MINUTE:
        return _("约 {n} 秒").format(n=max(5, round(seconds / 5) * 5))
    return _("约 {n} 分钟").format(n=round(seconds / _MINUTE + 0.5))


def steps(seeds: int) -> int:
    """How many pairs of years are played: some draws twice, to tell chance from assumptions."""
    return seeds + min(seeds, max(_TWICE, -(-seeds // 5)))


def more_seeds(seeds: int) -> int:
    """How many seeds are offered where somebody wants to know it better."""
    return min(seeds * _MORE, MOST_SEEDS)


def in_words(both: Sequence[str]) -> str:
    """A sentence that was kept in zh and en, in the reader's language."""
    return both[1] if english() else both[0]
