"""A round's questions on a page, and its results in words."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from django.http import QueryDict

from tiercare.apps.evaluation.queries import surveys as queries
from tiercare.apps.evaluation.queries.survey_results import Counted, Results
from tiercare.apps.evaluation.queries.surveys import Round
from tiercare.apps.evaluation.rules.surveys import HOW_NAMES, TOLD_NAMES, Told
from tiercare.apps.ledger import queries as ledger
from tiercare.engines.forms import Answers, asked_of
from tiercare.engines.measures.rounding import written
from tiercare.engines.measures.targets import Met
from tiercare.kernel.refusal import Refused
from tiercare.web.pages import said
from tiercare.web.records import asking as forms

_HUNDRED = 100


def asked(of: Round, sent: QueryDict, refused: Refused | None) -> dict[str, Any]:
    """The questions as they are read today, with what was typed."""
    today = ledger.today()
    return forms.shown(of.form(today), sent, refused, institutions=queries.institutions(of.area, on=today))


def given(of: Round, sent: QueryDict) -> Answers:
    """What was answered. A question that the answers before it pass over was not seen: what stands in it is left out.

    Raises:
        Refused: for a number that is none.
    """
    today = ledger.today()
    form = of.form(today)
    found = forms.answers(form, sent, institutions=queries.institutions(of.area, on=today))
    seen = {item.id for item in asked_of(form, found)}
    return {key: value for key, value in found.items() if key in seen}


def percent(value: Fraction | None, digits: int = 1) -> str:
    """A share as people read it."""
    return "—" if value is None else f"{written(value * _HUNDRED, digits)} %"


def shown(found: Results) -> dict[str, Any]:
    """The results for the page."""
    share, target = found.share, found.target
    return {
        "drawn": found.drawn,
        "answered": found.answered,
        "declined": found.declined,
        "waiting": found.waiting,
        "response": percent(found.response, 0),
        "hows": [(said(name), found.hows[how]) for how, name in HOW_NAMES.items()],
        "share": percent(share.value) if share else "",
        "part": share.part if share else None,
        "whole": share.whole if share else None,
        "low": percent(share.low) if share else "",
        "high": percent(share.high) if share else "",
        "target": percent(target.limit, 0) if target else "",
        "clause": target.clause if target else "",
        "met": found.met.value,
        "judged": found.met in {Met.MET, Met.NOT_MET},
        "sure": found.sure,
        "bar": _bar(found),
        "columns": [said(TOLD_NAMES[each]) for each in Told],
        "places": [
            {"of": each, "told": [(said(TOLD_NAMES[told]), each.told[told]) for told in Told]}
            for each in found.places
        ],
        "could_be": sum(each.could_be for each in found.places),
        "totals": [(said(TOLD_NAMES[told]), found.told[told]) for told in Told],
        "items": [_item(each) for each in found.items],
        "doubts": [said(each) for each in found.doubts],
    }


def _bar(found: Results) -> dict[str, str] | None:
    """Where share, interval and target lie between 0 and 100."""
    if found.share is None:
        return None
    low, high = found.share.low * _HUNDRED, found.share.high * _HUNDRED
    at = {"low": low, "wide": high - low, "share": found.share.value * _HUNDRED}
    if found.target is not None and found.target.limit is not None:
        at["target"] = found.target.limit * _HUNDRED
    return {key: str(written(value, 1)) for key, value in at.items()}


def _item(each: Counted) -> dict[str, Any]:
    most = max((count or 0 for count in each.by_value.values()), default=0)
    return {
        "ask": said(each.item.ask),
        "people": each.people,
        "mean": "" if each.mean is None else written(each.mean, 1),
        "bars": [
            (said(each.item.choices[key]), count, round(_HUNDRED * (count or 0) / most) if most else 0)
            for key, count in each.by_value.items()
        ],
    }
