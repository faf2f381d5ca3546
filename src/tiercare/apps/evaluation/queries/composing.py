"""What a bulletin says, from a run: every number with its counts, the period before, how demands stand, and the definition."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right, may
from tiercare.apps.ledger import queries as clock
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network.queries.reading import area_names
from tiercare.apps.terms import queries as terms
from tiercare.engines.measures.indicators import Indicator
from tiercare.engines.measures.periods import span
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import refuse
from tiercare.kernel.text import Text

from ..rules.bulletins import BULLETIN, Choice, period_text, wrong_with
from .book import book_of
from .matters import area_of
from .runs import Kept, run_of
from .values import Number, Stood, Which, read_numbers, read_standings

_REGION, _DIVISION = "region", "division"


def digest(content: Mapping[str, Any]) -> str:
    """SHA-256 of a paper: of its content as JSON with sorted keys, in UTF-8."""
    plain = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).hexdigest()


def compose(actor: Actor, choice: Choice) -> dict[str, Any]:
    """The bulletin that a choice makes, for the whole region of its run.

    Raises:
        Refused: if the actor sees no indicators, there is no such run, or something of the choice is wrong.
    """
    refuse(may(actor, Right.EVALUATION_READ))
    run = run_of(actor, choice.run)
    book = book_of(run.pack)
    refuse(*wrong_with(choice, run.spans, book.indicators))
    before = str(span(choice.period).before())
    with scoped(actor, area=area_of(actor)):
        spans = {choice.period, before}
        which = Which(set(choice.indicators), {_REGION, _DIVISION}, spans)
        numbers = {(n.indicator, n.key, n.span): n for n in read_numbers(run.id, which)}
        stood = read_standings(run.id, choice.indicators)
    places = sorted({n.key for n in numbers.values() if n.level == _DIVISION})
    names = names_of([run.region, *places])
    return {
        "kind": BULLETIN,
        "title": choice.title.strip(),
        "words": choice.words.strip(),
        "issuer": f"{names.get(run.region, run.region)}卫生健康委员会",
        "area": names.get(run.region, run.region),
        "period": choice.period,
        "period_text": _both(period_text(choice.period)),
        "before": before if before in run.spans else "",
        "day": clock.today().isoformat(),
        "synthetic": run.synthetic or clock.installation().synthetic,
        "places": [{"key": key, "name": names.get(key, key)} for key in places],
        "lines": [
            _line(book.indicators[each], numbers, places, choice.period, before, run, stood)
            for each in choice.indicators
        ],
        "source": _source(run),
    }


def names_of(codes: Sequence[str]) -> Mapping[str, str]:
    """Names of divisions: as the region calls its areas, else as the register does (a county may bear a newer code)."""
    today = clock.today()
    own = area_names(on=today)
    others = terms.divisions([code for code in codes if code not in own], on=today)
    return own | {code: row.name for code, row in others.items()}


def _source(run: Kept) -> dict[str, Any]:
    pack = mandates.packs().packs[run.pack]
    return {
        "run": str(run.id),
        "made_at": run.made_at.isoformat(),
        "digest": run.digest,
        "pack": run.pack,
        "pack_name": pack.name.zh,
        "pack_digest": run.pack_digest,
        "tables": dict(run.sources),
    }


def _line(
    versions: Sequence[Indicator],
    numbers: Mapping[tuple[str, str, str], Number],
    places: Iterable[str],
    period: str,
    before: str,
    run: Kept,
    stood: Iterable[Stood],
) -> dict[str, Any]:
    newest = versions[-1]
    now = numbers.get((newest.id, run.region, period))
    past = numbers.get((newest.id, run.region, before))
    defined = next((each for each in versions if now and each.version == now.version), newest)
    here = {key: numbers.get((newest.id, key, period)) for key in places}
    return {
        "indicator": newest.id,
        **definition(defined),
        "region": plain(now),
        "before": plain(past),
        "turn": _turn(defined, now, past),
        "places": {key: plain(number) for key, number in here.items() if number is not None},
        "demands": [_demand(each, period) for each in stood if each.indicator == newest.id],
    }


def definition(indicator: Indicator) -> dict[str, Any]:
    """An indicator's definition as it goes with every number that leaves the platform."""
    return {
        "version": indicator.version,
        "name": _both(indicator.name),
        "says": _both(indicator.says),
        "numerator": list(indicator.text.get("numerator", ())),
        "denominator": list(indicator.text.get("denominator", ())),
        "from": _both(indicator.source),
        "clauses": list(indicator.clauses),
        "unit": _both(indicator.unit),
        "ours": indicator.ours,
        "small": indicator.small,
    }


def plain(number: Number | None) -> dict[str, str | None] | None:
    """A value with its counts as text, without zeros at the end; nothing where there are no data."""
    if number is None:
        return None
    return {
        "numerator": _short(number.numerator),
        "denominator": _short(number.denominator),
        "value": _short(number.value),
    }


def _short(number: Decimal | None) -> str | None:
    if number is None:
        return None
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _turn(indicator: Indicator, now: Number | None, past: Number | None) -> str:
    """``better``, ``worse`` or ``same`` against the period before; ``up`` and ``down`` where neither is better."""
    if now is None or past is None or now.value is None or past.value is None:
        return ""
    if now.value == past.value:
        return "same"
    risen = now.value > past.value
    wanted = indicator.direction.value
    if wanted not in {"up", "down"}:
        return "up" if risen else "down"
    return "better" if risen == (wanted == "up") else "worse"


def _demand(stood: Stood, period: str) -> dict[str, Any]:
    """What a clause asks; the verdict only where it was judged over this very period."""
    return {
        "clause": stood.clause,
        "op": stood.op,
        "limit": _short(stood.limit),
        "met": stood.met.value if stood.span == period else "",
    }


def _both(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}
