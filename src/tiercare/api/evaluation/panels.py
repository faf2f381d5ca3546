"""``/api/evaluation/panels``: indicators side by side, row by row, for a period and a year before."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from tiercare.api.paging import known_only
from tiercare.api.problems import Problem
from tiercare.apps.evaluation.queries import panels
from tiercare.apps.evaluation.queries.book import panels_of
from tiercare.apps.evaluation.queries.indicator import newest_run
from tiercare.apps.evaluation.queries.panels import Laid, Line, Number
from tiercare.apps.evaluation.queries.runs import NO_SUCH_RUN
from tiercare.engines.measures.panels import Panel
from tiercare.kernel.refusal import Refused
from tiercare.kernel.text import Text

router = Router(tags=["panels"])
_READ: dict[int, Any] = dict.fromkeys((401, 403, 404, 422), Problem)
Name = Annotated[str, Field(max_length=120, pattern=r"^[^\x00-\x1f\x7f]*$")]
Spanned = Annotated[str, Field(max_length=7, pattern=r"^(\d{4}(Q[1-4])?)?$")]
Area = Annotated[str, Field(max_length=12, pattern=r"^\d*$")]


class ColumnOut(Schema):
    """An indicator in its place; ``show`` is its value, its numerator, or the rest of its denominator."""

    indicator: str
    version: int
    show: str
    name: dict[str, str]
    says: dict[str, str]
    unit: dict[str, str]
    ours: bool


class PanelOut(Schema):
    """What stands side by side, by what rows, over which periods."""

    id: str
    name: dict[str, str]
    says: dict[str, str]
    clauses: list[str]
    per: str
    rows: list[str]
    columns: list[ColumnOut]


class NumberOut(Schema):
    """A cell. Numbers come as text, fractions exactly (``1/3``); money is in fen, shares are parts of one. ``value`` is null over
    a zero denominator, without data (``absent``), and where too few stand behind it for whoever asks (``hidden``)."""

    value: str | None
    before: str | None
    change: str | None
    numerator: str | None
    denominator: str | None
    absent: bool
    hidden: bool


class AlliedOut(Schema):
    """A specialty alliance with the provincial centres it is linked to."""

    slug: str
    name: str
    centres: list[str]


class LineOut(Schema):
    """A row: its key as the panel's ``rows`` say, and a number for each column."""

    key: list[str]
    numbers: list[NumberOut]
    specialty: str | None
    marked: bool
    alliances: list[AlliedOut]


class StrengthenOut(Schema):
    """A specialty under which the rows were seen, and how much stands behind it."""

    specialty: str
    count: str


class LaidOut(PanelOut):
    """A panel over a period and an area; ``total`` holds what stands in no row, too."""

    run: str
    synthetic: bool
    span: str
    before: str
    area: str
    own: bool
    left_out: int
    total: list[NumberOut]
    lines: list[LineOut]
    strengthen: list[StrengthenOut]


@router.get("/panels", response={200: list[PanelOut], **_READ}, summary="并列表目录 · Panels of a region")
def list_panels(request: HttpRequest, pack: Name) -> list[dict[str, Any]]:
    """Every panel of a pack. Whether there is a run to lay it over is said by the panel itself."""
    known_only(request, "pack")
    newest_run(request.actor, pack)
    return [_panel(each) for each in panels_of(pack).values()]


@router.get("/panels/{panel}", response={200: LaidOut, **_READ}, summary="并列表 · Indicators side by side")
def one_panel(
    request: HttpRequest, panel: Name, pack: Name, span: Spanned = "", area: Area = ""
) -> dict[str, Any]:
    """A panel for the newest whole period and all that the caller sees, unless ``span`` and ``area`` say otherwise."""
    known_only(request, "pack", "span", "area")
    run = newest_run(request.actor, pack)
    if run is None:
        raise Refused(NO_SUCH_RUN)
    return _laid(panels.laid(request.actor, run, panel, span=span, area=area))


def _laid(found: Laid) -> dict[str, Any]:
    return {
        **_panel(found.panel),
        "run": str(found.run.id),
        "synthetic": found.run.synthetic,
        "span": found.span,
        "before": found.before,
        "area": found.area,
        "own": found.own,
        "left_out": found.left_out,
        "total": [_number(each) for each in found.total.numbers],
        "lines": [_line(each) for each in found.lines],
        "strengthen": [{"specialty": code, "count": str(count)} for code, count in found.strengthen],
    }


def _panel(panel: Panel) -> dict[str, Any]:
    return {
        "id": panel.id,
        "name": _both(panel.name),
        "says": _both(panel.says),
        "clauses": list(panel.clauses),
        "per": panel.per.value,
        "rows": [each.value for each in panel.rows],
        "columns": [
            {
                "indicator": each.indicator.id,
                "version": each.indicator.version,
                "show": each.show.value,
                "name": _both(each.name),
                "says": _both(each.indicator.says),
                "unit": _both(each.indicator.unit),
                "ours": each.indicator.ours,
            }
            for each in panel.columns
        ],
    }


def _line(each: Line) -> dict[str, Any]:
    return {
        "key": list(each.key),
        "numbers": [_number(number) for number in each.numbers],
        "specialty": each.specialty,
        "marked": each.marked,
        "alliances": [
            {"slug": row.slug, "name": row.name, "centres": [name for _, name in row.centres]}
            for row in each.allied
        ],
    }


def _number(each: Number) -> dict[str, Any]:
    return {
        **{
            name: _text(getattr(each, name))
            for name in ("value", "before", "change", "numerator", "denominator")
        },
        "absent": each.absent,
        "hidden": each.hidden,
    }


def _text(amount: Fraction | None) -> str | None:
    return None if amount is None else str(amount)


def _both(text: Text) -> Mapping[str, str]:
    return {"zh": text.zh, "en": text.en}
