"""What rows of a panel are called: institutions, counties, towns, diseases, departments, groups of the panel itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from django.utils.translation import gettext, gettext_noop

from tiercare.apps.evaluation.queries.whose import names_of
from tiercare.apps.records.rules.icd import CATEGORIES
from tiercare.apps.terms import queries as terms
from tiercare.engines.measures.expressions import TOWN
from tiercare.engines.measures.panels import Dimension, Key, Panel, Per
from tiercare.web.indicators.breakdown import elsewhere
from tiercare.web.indicators.words import word
from tiercare.web.pages import said

HEADS: Mapping[Dimension, str] = {
    Dimension.INSTITUTION: gettext_noop("机构"),
    Dimension.CONSORTIUM: gettext_noop("医联体"),
    Dimension.COUNTY: gettext_noop("县区"),
    Dimension.TOWN: gettext_noop("乡镇（街道）"),
    Dimension.DISEASE: gettext_noop("病种"),
    Dimension.SPECIALTY: gettext_noop("专科"),
    Dimension.OPERATION: gettext_noop("手术操作"),
    Dimension.MANAGED: gettext_noop("慢性病"),
    Dimension.GROUP: gettext_noop("专科、技术"),
}
EVERY: Mapping[Per, str] = {Per.QUARTER: gettext_noop("逐季"), Per.YEAR: gettext_noop("逐年")}
# A code stands beside a name where people know the code.
_CODED = frozenset({Dimension.DISEASE, Dimension.OPERATION, Dimension.SPECIALTY})


def heads(panel: Panel) -> list[str]:
    """What stands above the names of rows."""
    return [gettext(HEADS[each]) for each in panel.rows]


def coded(dimension: Dimension, key: str, name: str) -> str:
    """The code to be shown beside a name, if any."""
    return key if dimension in _CODED and name != key else ""


def names_for(panel: Panel, keys: Sequence[Key], *, on: date) -> Callable[[Key], list[str]]:
    """The names of a row's key, one for each dimension of the panel."""
    known = [
        _names(panel, dimension, {key[at] for key in keys}, on) for at, dimension in enumerate(panel.rows)
    ]
    return lambda key: [of.get(each) or each for of, each in zip(known, key, strict=True)]


def specialties(*, on: date) -> Mapping[str, str]:
    """The names of specialties by code."""
    return terms.specialty_names(on=on)


def _names(panel: Panel, dimension: Dimension, keys: set[str], on: date) -> Mapping[str, str]:
    if dimension in (Dimension.INSTITUTION, Dimension.CONSORTIUM):
        found = names_of((), on=on)
        return {key: found[dimension.value, key] for key in keys if (dimension.value, key) in found}
    if dimension in (Dimension.COUNTY, Dimension.TOWN):
        return _places(dimension, keys, on)
    if dimension is Dimension.SPECIALTY:
        return specialties(on=on)
    if dimension is Dimension.MANAGED:
        return {key: word(key) for key in keys}
    groups = {group.id: said(group.name) for group in panel.groups}
    return CATEGORIES if dimension is Dimension.DISEASE else groups


def _places(dimension: Dimension, keys: set[str], on: date) -> Mapping[str, str]:
    """Counties and towns; a town that is on record by its county alone says so."""
    found = {code: name for (level, code), name in names_of(keys, on=on).items() if level == "division"}
    named = {key: found.get(key) or elsewhere(key) for key in keys}
    if dimension is Dimension.TOWN:
        vague = gettext("{county}（乡镇不详）")
        named |= {key: vague.format(county=named[key]) for key in keys if len(key) < TOWN}
    return named
