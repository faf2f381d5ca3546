"""A trial in the reader's words: where it stands, what would differ and how sure that is, what it leans on, who loses, what it ran on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from tiercare.apps.trials.queries.trials import Listed, Whole
from tiercare.apps.trials.rules.trials import GOING_ON, MOST_LIVES, MOST_SEEDS, SECONDS, STAGE_NAMES, Stage
from tiercare.engines.twin.levers import LEVERS
from tiercare.kernel.clock import ZONE
from tiercare.web.pages import english, said

from . import plotting, summing, words
from .figures import by_part, digits_of, interval, value, within

_PERCENT, _MINUTE = 100, 60
_PLACES = 15  # places that are shown before "all of them"
_TWICE, _MORE = 6, 4  # draws that are played a second time; "more seeds" are so many times as many
_FEWEST_TO_LEAN = 8  # seeds below which nothing is said of what a result leans on
_LIVING = "住在"  # how the engine calls those who live in a place
# What every trial is looked at for, whether it differs or not: access, places, the fund, people's own money.
HEADLINES = (
    "primary_first",
    "referral_wait",
    "no_place",
    "out_of_area_stays",
    "fund_surplus",
    "own_payment",
    "own_poor",
)
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
CERTAIN = frozenset({"better", "worse", "more", "less"})
_ANSWERS = ("better", "worse", "more", "less", "unclear", "same", "unknown")


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
        "step": each.done,
        "steps": steps(each.seeds),
        "on": each.base_on,
        "residents": f"{each.residents:,}",
        "seeds": each.seeds,
        "first_seed": each.first_seed,
        "last_seed": each.first_seed + each.seeds - 1,
        "at": f"{at:%Y-%m-%d %H:%M}",
        "by": each.asked_by,
        "differs": [one for one in map(_lever, each.policy) if one["differs"]],
        "beside": each.beside,
    }


def whole(found: Whole) -> dict[str, Any]:
    """One trial with everything that is said of it."""
    policy = [_lever(row) for row in found.line.policy]
    context = {
        "of": found,
        "line": line(found.line),
        "sides": sides(found),
        "policy": policy,
        "changed": [row for row in policy if row["differs"]],
        "notices": [in_words(each) for each in found.notices],
        "why": [in_words(each) for each in found.why],
        "long": how_long(found.line.residents, found.line.seeds),
        "left": None if found.seconds_left is None else in_time(found.seconds_left),
    }
    return context if found.result is None else context | _came(found.result, context, found.line.seeds)


def _came(result: Mapping[str, Any], context: Mapping[str, Any], seeds: int) -> dict[str, Any]:
    """What came of it: sentences to quote, the outcomes that every trial is looked at for, all of them, who loses."""
    rows, losing = differences(result), losers(result)
    by_name = {row["outcome"]: row for row in rows}
    headlines = [by_name[name] for name in HEADLINES if name in by_name]
    others = [row for row in rows if row not in headlines]
    sure = [each for each in losing if each["sure"]]
    places = [each for each in sure if each["place"]]
    compared = result.get("compared")
    told = {**context, "year": result["year"]}
    return {
        "year": result["year"],
        "rows": rows,
        "headlines": headlines,
        "others": sum(row["certain"] for row in others),
        "summary": summing.sentences(told, [*headlines, *others], losing, compared),
        "compared": compared,
        "tally": _tally(rows),
        "groups": [each for each in sure if not each["place"]],
        "places": places[:_PLACES],
        "other_places": places[_PLACES:],
        "places_count": len(places),
        "by_luck": [each for each in losing if not each["sure"]],
        "more_losers": result.get("more_losers", 0),
        "leans": seeds >= _FEWEST_TO_LEAN,
    }


def _tally(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """How many outcomes have which verdict."""
    counted = ((each, sum(row["verdict"] == each for row in rows)) for each in _ANSWERS)
    return [
        {"word": _(VERDICTS[each][0]), "tag": VERDICTS[each][1], "icon": VERDICTS[each][2], "count": count}
        for each, count in counted
        if count
    ]


def differences(result: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every outcome under both policies, the difference with its interval, and in words what it means and how sure it is."""
    return [_difference(each) for each in result["differences"]]


def _difference(each: Mapping[str, Any]) -> dict[str, Any]:
    unit, verdict = each["unit"], each["verdict"]
    word, tag, icon = VERDICTS[verdict]
    name = in_words(each["name"])
    change = each["mean"] if verdict in CERTAIN else None
    digits = digits_of(unit, each["a"]["mean"], each["b"]["mean"], change=change)
    return {
        "outcome": each["outcome"],
        "headline": each["outcome"] in HEADLINES,
        "name": name,
        "short": _short(name),
        "definition": in_words(each["definition"]),
        "verdict": verdict,
        "certain": verdict in CERTAIN,
        "word": _(word),
        "tag": tag,
        "icon": icon,
        "a": value(each["a"]["mean"], unit, digits=digits),
        "b": value(each["b"]["mean"], unit, digits=digits),
        "mean": value(each["mean"], unit, digits=digits, change=True),
        "interval": interval(each, digits),
        "within": within(each, digits),
        "sure": _sure(each),
        "chance": "" if each["by_chance"] is None else f"{each['by_chance'] * _PERCENT:.0f} %",
        "leans": [lean for lean in map(_lean, each["leans_on"]) if lean["sure"]],
        "drawn": plotting.drawn(each),
        "raw": each,
    }


def _short(name: str) -> str:
    """A name without the unit behind it: the figure has it."""
    return name.partition("（")[0].partition(" (")[0]


def _sure(each: Mapping[str, Any]) -> str:
    """How sure a difference is, in words."""
    if each["verdict"] in {"same", "unknown"}:
        return ""
    if each["verdict"] == "unclear":
        return _("单看像有差别，一起判断可能是碰巧") if each.get("alone") else _("差别小于误差")
    return _("换一组假设也几乎都如此") if each["robust"] else _("平均如此，换一组假设可能不同")


def _lean(lean: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "text": in_words(lean["text"]),
        "sure": lean["sure"],
        "raw": lean["correlation"],
        "correlation": f"{lean['correlation'] or 0:+.2f}",
        "ours": not lean["source"],
    }


def losers(result: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Who pays more or goes without: the sure ones first, among them groups of people before places, the hardest hit first."""
    return sorted(map(_loser, result["losers"]), key=lambda row: (not row["sure"], row["place"]))


def _loser(each: Mapping[str, Any]) -> dict[str, Any]:
    what = in_words(each["name"])
    # Of losers everything is a head of the group: yuan, or referrals that found no place.
    unit = "yuan" if each["unit"] == "yuan" else "rate"
    digits = digits_of(unit, each["before"], each["after"])
    return {
        "group": in_words(each["group"]),
        "what": what,
        "short": _short(what),
        "before": value(each["before"], unit, digits=digits),
        "after": value(each["after"], unit, digits=digits),
        "part": by_part(each["before"], each["after"]),
        "times": each["times"],
        "share": f"{(each['share'] or 0) * _PERCENT:.0f} %",
        "sure": each["sure"],
        "place": str(each["group"][0]).startswith(_LIVING),
        "raw": each,
    }


def _lever(row: Mapping[str, Any]) -> dict[str, Any]:
    name = row["name"]
    told = said(LEVERS[name].name) if name in LEVERS else name
    return {
        "name": told,
        "short": _short(told),
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


def how_long(residents: int, seeds: int) -> str:
    """About how long a run takes, in words."""
    return in_time(SECONDS * residents * steps(seeds))


def in_time(seconds: float) -> str:
    """A while, about, in words."""
    if seconds < _MINUTE:
        return _("约 {n} 秒").format(n=max(5, round(seconds / 5) * 5))
    return _("约 {n} 分钟").format(n=round(seconds / _MINUTE + 0.5))


def steps(seeds: int) -> int:
    """How many pairs of years are played: some draws twice, to tell chance from assumptions."""
    return seeds + min(seeds, max(_TWICE, -(-seeds // 5)))


def again_seeds(found: Whole) -> int:
    """How many seeds are offered for another run: more where somebody may want to know it better, as many where there is no result yet."""
    seeds, residents = found.line.seeds, found.line.residents
    if found.result is None:
        return seeds
    return max(seeds, min(seeds * _MORE, MOST_SEEDS, MOST_LIVES // max(residents, 1)))


def in_words(both: Sequence[str]) -> str:
    """A sentence that was kept in zh and en, in the reader's language."""
    return both[1] if english() else both[0]
