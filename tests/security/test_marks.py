"""Nothing made up leaves the platform without its mark: every page, file and answer of a demonstration bears it, none of a real database does.

The matrix knows every endpoint and plants something behind each; here one person who may asks each that gives something out.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import connections
from django.test import override_settings
from django.utils.http import parse_header_parameters

from tiercare.apps.evaluation.models import Run
from tiercare.engines.sheets import read
from tiercare.web.marks import COLUMN, DEMONSTRATION, HEADER

from . import world as served
from .matrix import Row, rows
from .probing import asked
from .world import World, answer_to, taken_back

_FRAME = "{% extends 'shell/base.html' %}{% block page %}" + "".join(
    f"{{% block {name} %}}{{% endblock %}}" for name in ("trail", "heading", "lead", "actions", "content")
)
BANNER = 'class="synthetic"'
MARKS = (DEMONSTRATION.zh, "模拟数据")
WINDOW = {"Upgrade-Insecure-Requests": "1"}  # as a browser asks for a page of its own
# Sent back and read again, column by column (their names and the header mark them); or files that people put there themselves.
TAKEN_BACK = {
    *("GET /imports/template", "GET /imports/export", "GET /imports/<uuid:batch_id>/bad-rows"),
    *("GET /api/network/imports/template", "GET /api/network/imports/export"),
    *("GET /api/network/imports/{key}/bad-rows", "GET /capacity/files/template"),
    *("GET /capacity/files/export", "GET /api/capacity/imports/template", "GET /api/capacity/imports/export"),
    *("GET /formulary/template", "GET /formulary/export", "GET /institution-plans/versions/template"),
    *("GET /institution-plans/versions/<uuid:plan_id>/export", "GET /facts/tables/<str:table>/template"),
    *("GET /facts/batches/<str:batch_id>/quarantine", "GET /facts/import/<uuid:upload_id>/quarantine"),
}
# Made by a query that hands out finished bytes.
BYTES_OF_QUERIES = {"GET /capacity/quotas/proof.xlsx"}
ON_SIMULATED = re.compile(
    r"board$|board/wall|board/departments/|indicators|scorecards|assessments|bulletins|deliveries/<|trials|"
    r"supervision/(goals|quality)|api/(indicators/(runs|values|standings)|assessments$|assessments/(published|{key})$|trials)"
)
NOTHING_OF_THE_RUN = {
    *("GET /bulletins/new", "GET /bulletins/<uuid:bulletin_id>/edit"),  # which indicators, no numbers of them
    *(
        "GET /board/departments/<slug:key>/claims",
        "GET /api/trials/levers",
    ),  # real facts of the world; a policy
    "GET /assessments/reports/<uuid:matter_id>/files/<uuid:proof_id>",  # somebody's own file
    "GET /assessments/uses/pay/table",  # to be filled in
    "GET /board/departments/<slug:key>",  # of a region without a run
}
OF_NOBODY = {"GET /healthz", "GET /api/openapi.json"}  # and dear


@pytest.fixture(scope="module")
def framed(world: World) -> Iterator[World]:
    """The world with the real outermost frame of the pages, and a server that has not asked yet what database it serves."""
    (plain,) = settings.TEMPLATES
    loaders = [
        ("django.template.loaders.locmem.Loader", {"shell/app.html": f"{_FRAME}{{% endblock %}}"}),
        "django.template.loaders.app_directories.Loader",
    ]
    options = {**plain["OPTIONS"], "loaders": [("django.template.loaders.cached.Loader", loaders)]}
    with override_settings(TEMPLATES=[{**plain, "OPTIONS": options}]):
        yield world


@pytest.fixture
def server() -> Iterator[None]:
    """One of its own: what the database is, it asks once."""
    served._server.cache_clear()
    yield
    served._server.cache_clear()


@pytest.fixture
def demonstration(framed: World, server: None) -> Iterator[World]:
    """Its database is marked as one in which nobody is real."""
    mark = "UPDATE ledger_installation SET synthetic = %s"
    with connections["owner"].cursor() as cursor:
        cursor.execute(mark, [True])
        yield framed
        cursor.execute(mark, [False])
    connections["owner"].close()


def given_out() -> list[Row]:
    """Every endpoint that shows or hands out something; those that only do something lead on to one of these."""
    told = (row for row in rows() if row.method == "GET" or re.search(r"file|sheet|\.", row.address))
    return [row for row in told if row.key not in OF_NOBODY]


def answer(row: Row, world: World) -> Any:
    """What one person gets who may ask."""
    able = [each for each in world.people.values() if row.allows(each)]
    able = [each for each in able if not row.asked_by or each.name in row.asked_by]
    assert able, f"nobody may ask for {row.key}"
    able.sort(key=lambda each: each.relation != "own")
    with taken_back():
        return asked(with_window(row), able[0], world)


def with_window(row: Row) -> Row:
    """The row asked for by a browser."""
    return Row(**{**vars_of(row), "headers": {**row.headers, **WINDOW}})


def vars_of(row: Row) -> dict[str, Any]:
    """Its fields by name."""
    return {name: getattr(row, name) for name in row.__dataclass_fields__}


def lacks(row: Row, found: Any) -> list[str]:
    """What of its marks an answer of a demonstration lacks."""
    body = b"".join(found.streaming_content) if found.streaming else found.content
    name = name_of(found)
    if name is None and kind(found) == "text/html":
        return [] if not body or BANNER in body.decode() else ["no banner"]
    header = [] if found.headers.get(HEADER) == "true" or not (name or row.is_api) else ["no header"]
    if name is None:
        return header
    named = [] if name.startswith(DEMONSTRATION.zh) else [f"is called {name}"]
    told = [] if row.key in TAKEN_BACK | BYTES_OF_QUERIES else in_file(name, body)
    return [*header, *named, *told]


def in_file(name: str, body: bytes) -> list[str]:
    """Where in a file the mark is missing."""
    match name.rpartition(".")[2]:
        case "xlsx" | "csv":
            return [where for sheet in read(body, name, is_header=_first).sheets for where in in_sheet(sheet)]
        case "ics":
            titles = [line for line in body.decode().splitlines() if line.startswith("SUMMARY")]
            return [each for each in titles if "【演示数据】" not in each]
        case "docx":
            parts = zipfile.ZipFile(io.BytesIO(body))
            words = "".join(parts.read(each).decode() for each in parts.namelist() if each.endswith(".xml"))
            return [] if any(mark in words for mark in MARKS) else ["no mark on its pages"]
        case "json" | "geojson":
            return [] if json.loads(body).get("synthetic") is True else ["no field “synthetic”"]
        case "pdf":  # planted: somebody's own file
            return []
    return [f"no way to look for the mark in {name}"]


def _first(_cells: object) -> bool:
    """Files of ours begin with their header."""
    return True


def in_sheet(sheet: Any) -> list[str]:
    """Rows without the mark."""
    if COLUMN.zh not in sheet.header:
        return [f"{sheet.name}: no column {COLUMN.zh}"]
    at = sheet.header.index(COLUMN.zh)
    bare = [line for line in sheet.lines if not any(mark in str(line.cells[at]) for mark in MARKS)]
    return [f"{sheet.name} {line.number}: {line.cells}" for line in bare]


def name_of(found: Any) -> str | None:
    """What a file is called; ``None`` for what is none."""
    told = found.headers.get("Content-Disposition")
    return parse_header_parameters(told)[1].get("filename", "") if told else None


def kind(found: Any) -> str:
    return str(found.headers.get("Content-Type", "")).partition(";")[0]


def test_everything_that_a_demonstration_gives_out_is_marked(demonstration: World) -> None:
    wrong, files = {}, 0
    for row in given_out():
        found = answer(row, demonstration)
        files += name_of(found) is not None
        if what := lacks(row, found):
            wrong[row.key] = what
    assert not wrong, "\n".join(f"{key}: {what[:3]}" for key, what in wrong.items())
    assert files > len(TAKEN_BACK)


def test_a_real_database_bears_no_mark_of_a_demonstration(framed: World, server: None) -> None:
    """Every file, and of the rest one in twelve."""
    wrong = {}
    for number, row in enumerate(given_out()):
        if number % 12 and not re.search(r"\.|file|export|template|table|rows|quarantine", row.address):
            continue
        found = answer(row, framed)
        body = b"".join(found.streaming_content) if found.streaming else found.content
        marks = {
            "header": HEADER in found.headers,
            "name": DEMONSTRATION.zh in (name_of(found) or ""),
            "text": DEMONSTRATION.zh in texts(body),
        }
        if any(marks.values()):
            wrong[row.key] = marks
    assert wrong == {}


def test_simulated_facts_and_trials_say_so_in_a_real_database(framed: World, server: None) -> None:
    """The planted runs rest on simulated facts, and a trial is always simulated."""
    assert not Run.objects.exclude(synthetic=True).exists()
    seen, bare = 0, []
    for row in rows():
        if row.method != "GET" or not ON_SIMULATED.match(row.address) or row.key in NOTHING_OF_THE_RUN:
            continue
        found = answer(row, framed)
        if found.status_code == 200:
            seen += 1
            text = texts(found.content)
            bare += [] if re.search('模拟|合成数据|演示数据（合成）|"synthetic": ?true', text) else [row.key]
    assert bare == [], "\n".join(bare)
    assert seen > 30


def texts(body: bytes) -> str:
    """All words of an answer, those of a workbook too."""
    if not body.startswith(b"PK"):
        return body.decode("utf-8", "replace") + body.decode("gb18030", "replace")
    parts = zipfile.ZipFile(io.BytesIO(body))
    return "".join(parts.read(each).decode() for each in parts.namelist() if each.endswith(".xml"))


@pytest.mark.parametrize("asked_for", ["/residents/new/check", "/requests/bell"])
def test_a_fragment_opened_alone_has_the_banner_and_one_inside_a_page_has_not(
    asked_for: str, demonstration: World
) -> None:
    browser = demonstration.people["referral_office@own"].browser()
    with taken_back():
        alone = answer_to(browser.get(asked_for, headers=WINDOW)).content.decode()
        inside = answer_to(browser.get(asked_for, headers={"HX-Request": "true"})).content.decode()
    assert BANNER in alone and BANNER not in inside
    assert alone.endswith(inside)
