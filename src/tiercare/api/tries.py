"""``POST /api/network/registers/try`` and ``/registers``: rows of the registers as JSON; what they would do, and
taking them over, all or none. Both say the same about the same rows."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import ConfigDict, Field

from tiercare.apps.access.rules import Right
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network.commands import trying
from tiercare.apps.network.commands.imports.effect import effect_of
from tiercare.apps.network.queries.imports import import_refusal
from tiercare.apps.network.rules.entries import Entry, read_row
from tiercare.apps.network.rules.registers import REGISTERS, Register
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from . import problems
from .directory import may
from .paging import Day, Words
from .problems import Problem
from .writes import Body, once

router = Router(tags=["registers"])
AT_MOST = 2000
_CELL_AT_MOST = 4000
_TOLD_AT_MOST = 200
_FAILURES = dict.fromkeys((400, 401, 403, 404, 422), Problem)

Named = Literal[
    "institutions",
    "consortia",
    "memberships",
    "joinings",
    "agreements",
    "obligations",
    "trusteeships",
    "departments",
    "equipment",
    "clinicians",
]


class RowIn(Body):
    """A row: texts, numbers or booleans by column key (``GET /api/network/registers`` lists them); ``VOID`` takes
    back one that was recorded by mistake."""

    register_key: Named = Field(alias="register")
    op: Literal["PUT", "VOID"] = "PUT"
    cells: dict[str, str | int | float | bool | None] = Field(max_length=60)


class RowsIn(Body):
    """Rows for ``region`` (a pack id or division code), held against its cards from ``on`` (today) on."""

    region: Words
    on: Day | None = None
    entries: list[RowIn] = Field(min_length=1, max_length=AT_MOST)


class Both(Schema):
    """A sentence in both languages."""

    zh: str
    en: str


class RowProblemOut(Schema):
    """What is wrong with a row: ``place`` as in ``entries.3``, the column's key (empty for the whole row), what
    stands there, why it cannot be taken, and how to mend it."""

    place: str
    register_key: str = Field(alias="register")
    column: str
    value: str
    message: Both
    fix: Both


class RowOutcome(Schema):
    """What a row came to, or would."""

    model_config = ConfigDict(serialize_by_alias=True)

    place: str
    register_key: str = Field(alias="register")
    outcome: Literal["created", "changed", "unchanged", "voided"]


class Counts(Schema):
    """How many rows came to what."""

    created: int
    changed: int
    unchanged: int
    voided: int


class LinkOut(Schema):
    """Something that a finding is about; ``key`` is its id, empty for what the rows would make."""

    kind: str
    key: str
    code: str
    name: str


class FindingOut(Schema):
    """What a card finds from a day on, with the way out and the rows that bring it."""

    on: date
    subject: str
    links: list[LinkOut]
    message: Both
    remedy: Both
    rows: list[str]


class ValueOut(Schema):
    """A parameter of a card and the clause that sets it."""

    value: Any
    op: str
    clause: str
    document: str
    number: str | None
    title: Both


class CardOut(Schema):
    """A rule card with the findings that the rows bring, or take away."""

    card: str
    pack: str
    state: str
    force: str
    waivable: bool
    sentence: Both
    clauses: list[str]
    parameters: dict[str, ValueOut]
    deadline: date | None
    findings: list[FindingOut]


class TriedOut(Schema):
    """What rows would do. ``ok`` if taking them over would not be refused; ``broken`` cards refuse, ``worsened``
    targets and advice do not; ``days`` are those looked at."""

    pack: str
    region: str
    on: date
    ok: bool
    days: list[date]
    problems: list[RowProblemOut]
    counts: Counts
    rows: list[RowOutcome]
    broken: list[CardOut]
    worsened: list[CardOut]
    healed: list[CardOut]


class TakenOut(Schema):
    """What was taken over."""

    pack: str
    region: str
    on: date
    counts: Counts
    rows: list[RowOutcome]


class RowsProblem(Problem):
    """The problem of rows that are not taken over: besides ``errors``, every row's problem and every broken card as
    trying them tells them."""

    rows: list[RowProblemOut]
    broken: list[CardOut]


@dataclass(frozen=True, slots=True)
class Asked:
    """Rows that can be read, and what is wrong with the others."""

    pack: str
    region: str
    on: date
    entries: tuple[Entry, ...]
    unread: tuple[Mapping[str, Any], ...]


@router.post(
    "/registers/try",
    response={200: TriedOut, **_FAILURES},
    summary="试算变更 · What rows would do, nothing of it stays",
)
def try_rows(request: HttpRequest, body: RowsIn) -> HttpResponse:
    """Needs no Idempotency-Key: nothing is written. Rows outside the acting person's reach are told as such."""
    may(request, Right.NETWORK_DECIDE, Right.NETWORK_REPORT, Right.NETWORK_APPLY)
    told = _tried(request, _read(body))
    return HttpResponse(TriedOut(**told).model_dump_json(by_alias=True), content_type="application/json")


@router.post(
    "/registers",
    response={
        201: TakenOut,
        **dict.fromkeys((400, 401, 403, 404, 409, 428), Problem),
        422: RowsProblem,
    },
    summary="登记 · Take rows over, all or none",
)
def take_rows_over(request: HttpRequest, body: RowsIn) -> HttpResponse:
    """Refused as a whole where a row cannot be taken or a card would be violated; ``rows`` and ``broken`` then say
    what ``try`` says. Rows that stand already change nothing."""
    may(request, Right.NETWORK_DECIDE, Right.NETWORK_REPORT)
    asked = _read(body)
    refusal = import_refusal(request.actor, asked.region)
    if refusal:
        raise Refused(refusal)
    if asked.unread:
        return _refused(request, asked)

    def work() -> TakenOut:
        written = trying.take_over(request.actor, asked.entries, pack_id=asked.pack, on=asked.on)
        told = {
            "pack": asked.pack,
            "region": asked.region,
            "on": asked.on,
            "counts": _counts(written),
            "rows": _outcomes(written),
        }
        return TakenOut.model_validate(told)

    try:
        return once(request, 201, work)
    except Refused as refused:
        if refused.refusals[0].code.startswith(("api.", "ledger.")):
            raise
        return _refused(request, asked, refused)


def _read(body: RowsIn) -> Asked:
    pack = mandates.packs().find(body.region)
    if pack is None:
        raise Refused(mandates.region_without_pack(body.region))
    entries: list[Entry] = []
    unread: list[Mapping[str, Any]] = []
    for number, row in enumerate(body.entries):
        register, place = REGISTERS[row.register_key], f"entries.{number}"
        found = _unknown(register, row, place)
        cells = {
            name: value[:_CELL_AT_MOST] if isinstance(value, str) else value
            for name, value in row.cells.items()
        }
        entry, faults = read_row(register, {**cells, "op": row.op}, place)
        found += [_problem(place, register.key, p.column, p.value, p.message, p.fix) for p in faults]
        unread += found
        if entry is not None and not found:
            entries.append(entry)
    return Asked(pack.id, pack.region, body.on or ledger.today(), tuple(entries), tuple(unread))


def _unknown(register: Register, row: RowIn, place: str) -> list[Mapping[str, Any]]:
    """Cells of columns that the register does not have."""
    columns = [column.key for column in register.columns if column.key != "op"]
    known = "、".join(columns)
    return [
        _problem(
            place,
            register.key,
            name[:40],
            "",
            Text(
                f"“{register.name.zh}”没有“{name[:40]}”这一列。",
                f"{register.name.en} has no column “{name[:40]}”.",
            ),
            Text(f"可用的列：{known}。", f"Its columns are: {known}."),
        )
        for name in row.cells
        if name not in columns
    ]


def _problem(place: str, register: str, column: str, value: str, message: Text, fix: Text) -> dict[str, Any]:
    return {
        "place": place,
        "register": register,
        "column": column,
        "value": value[:200],
        "message": {"zh": message.zh, "en": message.en},
        "fix": {"zh": fix.zh, "en": fix.en},
    }


def _tried(request: HttpRequest, asked: Asked) -> dict[str, Any]:
    considered = trying.consider(request.actor, asked.entries, pack_id=asked.pack, on=asked.on)
    effect = effect_of(considered, pack_id=asked.pack)
    told = [
        *asked.unread,
        *(_problem(p.place, p.register, p.column, p.value, p.message, p.fix) for p in considered.problems),
    ]
    return {
        "pack": asked.pack,
        "region": asked.region,
        "on": asked.on,
        "ok": not told and not effect["broken"],
        "days": effect["days"],
        "problems": sorted(told, key=lambda problem: int(problem["place"].partition(".")[2])),
        "counts": _counts(considered.written),
        "rows": _outcomes(considered.written),
        **{part: effect[part] for part in ("broken", "worsened", "healed")},
    }


def _counts(written: trying.Written) -> dict[str, int]:
    return {name: getattr(written, name) for name in ("created", "changed", "unchanged", "voided")}


def _outcomes(written: trying.Written) -> list[dict[str, str]]:
    return [
        {"place": entry.place, "register": entry.register, "outcome": came_to}
        for entry, came_to in sorted(written.rows, key=lambda row: int(row[0].place.partition(".")[2]))
    ]


def _refused(request: HttpRequest, asked: Asked, refused: Refused | None = None) -> HttpResponse:
    """The problem, with what trying the rows tells about them."""
    told = _tried(request, asked)
    reasons = list(_reasons(told)) or list(refused.refusals if refused else ())
    head = reasons[0]
    answer = problems.answer(request, head, reasons[:_TOLD_AT_MOST])
    content = {**json.loads(answer.content), "rows": told["problems"], "broken": told["broken"]}
    whole = RowsProblem(**content).model_dump_json(by_alias=True)
    return HttpResponse(whole, status=head.status, content_type=problems.CONTENT_TYPE)


def _reasons(told: Mapping[str, Any]) -> Iterable[Refusal]:
    for problem in told["problems"]:
        where = ".cells.".join(part for part in (problem["place"], problem["column"]) if part)
        yield Refusal(
            "row_cannot_be_taken",
            _finished(problem["message"]),
            _finished(problem["fix"]),
            at=where,
            status=422,
        )
    for card in told["broken"]:
        for finding in card["findings"]:
            yield Refusal(
                card["card"],
                _finished(finding["message"]),
                _finished(finding["remedy"]),
                clauses=tuple(card["clauses"]),
                at=finding["rows"][0] if finding["rows"] else None,
                status=422,
            )


def _finished(both: Mapping[str, str]) -> Text:
    """A finished sentence: a brace in it must not be taken for a field."""
    return Text(*(both[language].replace("{", "{{").replace("}", "}}") for language in ("zh", "en")))
