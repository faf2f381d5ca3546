"""What ``tiercare plan`` is asked about: the region, how fine, with which minutes, supposed how; and plans in files."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from tiercare.apps.network import queries as network
from tiercare.apps.planning import queries
from tiercare.cli import bootstrap
from tiercare.cli.network import _day
from tiercare.engines.planning.reading import faults
from tiercare.engines.planning.regions import Region, Wishes

SHOWN = 8  # names in a line

PlanFile = Annotated[
    Path,
    typer.Argument(help="solve --out 写出的方案 a plan that solve --out wrote", exists=True, dir_okay=False),
]
Uneven = Annotated[
    float | None,
    typer.Option(help="负担不均：偏离应有份额的每人折几分钟 minutes for each person off a lead's share"),
]
Change = Annotated[
    float | None, typer.Option(help="改换牵头医院：每人折几分钟 minutes for each person whose lead changes")
]
Border = Annotated[
    float | None, typer.Option(help="跨县区：每人折几分钟 minutes for each person across a county's border")
]
Farthest = Annotated[
    float | None, typer.Option(help="到牵头医院最远几分钟 nobody farther from the lead, where possible")
]
LevelOption = Annotated[queries.Level, typer.Option(help="分到乡镇还是村 divide townships, or villages")]
ServiceOption = Annotated[
    queries.Service,
    typer.Option(help="片区、中医或妇幼牵头 the grids, or a division among TCM or maternal-child hospitals"),
]
Services = Annotated[
    bool, typer.Option("--services", help="床位和全科医生也要够 beds and doctors limit a grid, too")
]
Minutes = Annotated[
    Path | None,
    typer.Option(help="自己的时间表 your own minutes: from,to,minutes", exists=True, dir_okay=False),
]
Positions = Annotated[
    Path | None, typer.Option(help="自己的坐标 your own positions: code,lng,lat", exists=True, dir_okay=False)
]
Pairs = Annotated[
    Path | None,
    typer.Option(help="必须或不得的配对 pairs: place,lead,rule (fixed|never)", exists=True, dir_okay=False),
]
Links = Annotated[
    Path | None,
    typer.Option(
        help="轮渡、桥梁、道路相连的地方 places that a ferry or bridge joins: from,to",
        exists=True,
        dir_okay=False,
    ),
]
Opens = Annotated[
    list[str] | None, typer.Option("--open", help="设想这家医院牵头 suppose that this hospital leads")
]
Closes = Annotated[
    list[str] | None, typer.Option("--close", help="设想它不再牵头 suppose that it leads no more")
]
Upgrades = Annotated[
    list[str] | None,
    typer.Option("--upgrade", help="设想扩建 suppose other means: NAME:beds=900,areas=340221+340222"),
]
Merges = Annotated[list[str] | None, typer.Option("--merge", help="设想合并 suppose a merger: NAME=INTO")]


@dataclass(frozen=True, slots=True)
class Asked:
    """What of a region is asked for, and where the user's own tables are."""

    options: queries.Options = field(default_factory=queries.Options)
    minutes: Path | None = None
    positions: Path | None = None
    pairs: Path | None = None
    links: Path | None = None
    what_if: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class Ready:
    """The ground as it is and as it is supposed, on its day. The two are one where nothing is supposed."""

    ground: queries.Ground
    supposed: queries.Ground
    day: date


def ready(region: str, on: datetime | None, asked: Asked) -> Ready:
    """The region as the planner sees it; ends with what is wrong in it.

    Raises:
        Refused: for a region without grids, tables with faults, and what cannot be supposed.
    """
    bootstrap.ready(region)
    day = _day(region, on)
    ground = queries.ground_of(network.region_of(region), on=day, options=asked.options)
    if asked.positions is not None:
        ground = queries.with_positions(ground, asked.positions.read_bytes(), asked.positions.name)
    if asked.minutes is not None:
        ground = queries.with_minutes(ground, asked.minutes.read_bytes(), asked.minutes.name)
    if asked.pairs is not None:
        ground = queries.with_pairs(ground, asked.pairs.read_bytes(), asked.pairs.name)
    if asked.links is not None:
        ground = queries.with_links(ground, asked.links.read_bytes(), asked.links.name)
    supposed = queries.supposed(ground, asked.what_if)
    found = faults(supposed.region)
    for fault in found:
        typer.echo(f"{fault.text.zh} {fault.text.en}", err=True)
    if found:
        raise typer.Exit(1)
    return Ready(ground, supposed, day)


def what_if(
    opens: list[str] | None, closes: list[str] | None, upgrades: list[str] | None, merges: list[str] | None
) -> list[dict[str, Any]]:
    """What-ifs of the command line as rows, mergers first and closures last.

    Raises:
        typer.BadParameter: for an upgrade or merger that is not written as it should be.
    """
    rows: list[dict[str, Any]] = []
    for each in merges or []:
        one, _, other = each.partition("=")
        if not one or not other:
            raise typer.BadParameter(f"{each}: 写成 甲医院=乙医院 write NAME=INTO")
        rows.append({"act": "merge", "lead": one, "into": other})
    rows += [_upgrade(each) for each in upgrades or []]
    rows += [{"act": "open", "institution": each} for each in opens or []]
    return [*rows, *({"act": "close", "lead": each} for each in closes or [])]


def _upgrade(text: str) -> dict[str, Any]:
    name, _, rest = text.partition(":")
    row: dict[str, Any] = {"act": "upgrade", "lead": name}
    for part in filter(None, rest.split(",")):
        key, _, value = part.partition("=")
        if not value:
            raise typer.BadParameter(f"{text}: 写成 医院:beds=900,areas=340221+340222 write NAME:beds=900,…")
        if key == "areas":
            row["areas"] = value.split("+")
        elif key == "beds":
            # Beds are both its share of the burden and its room.
            row["share"] = value
            row.setdefault("room", {})["beds"] = value
        else:
            row.setdefault("room", {})[key] = value
    return row


def weighed(
    region: str,
    day: date,
    *,
    uneven: float | None,
    change: float | None,
    border: float | None,
    farthest: float | None,
) -> Wishes:
    """The wishes of the region's pack, those that were given in their place."""
    given = {"uneven": uneven, "change": change, "border": border, "farthest": farthest}
    said = {name: value for name, value in given.items() if value is not None}
    return replace(queries.wishes_for(network.region_of(region), on=day), **said)


@dataclass(frozen=True, slots=True)
class Read:
    """A plan of a file, and what it was drawn on."""

    lead_of: Mapping[str, str]
    wishes: Wishes
    asked: Asked


def read(path: Path) -> Read:
    """A plan from a file; ends with a word on what is wrong with it."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        lead_of = {str(key): str(value) for key, value in content["lead_of"].items()}
        known = {"uneven", "change", "border", "farthest", "far"}
        wishes = Wishes(**{key: float(value) for key, value in content["wishes"].items() if key in known})
        drawn = content.get("drawn_on", {})
        options = queries.Options(
            queries.Level(drawn.get("level", queries.Level.TOWNSHIP.value)),
            queries.Service(drawn.get("service", queries.Service.AREAL.value)),
            bool(drawn.get("services", False)),
        )
        rows = [dict(each) for each in content.get("what_if", [])]
    except (ValueError, KeyError, TypeError, AttributeError) as problem:
        typer.echo(
            f"{path} 不是 solve --out 写出的方案。 {path} is no plan that solve --out wrote: {problem}",
            err=True,
        )
        raise typer.Exit(2) from problem
    return Read(lead_of, wishes, Asked(options, what_if=rows))


def fits(region: Region, lead_of: Mapping[str, str]) -> None:
    """End with a word if a plan names what the region does not know, or leaves places out."""
    leads = {lead.key for lead in region.leads}
    places = {place.key for place in region.places}
    strange = sorted((set(lead_of) ^ places) | (set(lead_of.values()) - leads))
    if strange:
        shown = "、".join(strange[:SHOWN])
        typer.echo(f"方案与地区对不上：{shown}。 The plan does not fit the region: {shown}.", err=True)
        raise typer.Exit(2)


def plain(wishes: Wishes) -> dict[str, float]:
    """Wishes as a file keeps them."""
    return {name: float(getattr(wishes, name)) for name in Wishes.__slots__}


def drawn_on(options: queries.Options) -> dict[str, Any]:
    """Options as a file keeps them."""
    return {"level": options.level.value, "service": options.service.value, "services": options.services}
