"""Names are text: on pages they are escaped, in spreadsheets they are no formulas (S6, S7)."""

from __future__ import annotations

import csv
from datetime import date
from io import StringIO

import pytest

from tiercare.apps.mandates import models as mandates
from tiercare.apps.network import models
from tiercare.web.spreadsheets import csv_response, neutral

from .conftest import FRAME

HOSTILE = "<img src=x onerror=alert(1)>\"'&{{7*7}}"


@pytest.fixture
def hostile(client_of):
    """A consortium, its lead and a waiver of that name."""
    client = client_of()
    version = models.ConsortiumVersion.objects.filter(name="镜湖区城市医联体").get()
    models.ConsortiumVersion.objects.filter(id=version.id).update(name=HOSTILE)
    lead = models.Membership.objects.get(consortium_id=version.consortium_id, role="LEAD")
    models.InstitutionVersion.objects.filter(institution_id=lead.institution_id).update(name=HOSTILE + "院")
    mandates.Waiver.objects.create(
        pack="wuhu",
        card="wuhu/one_tertiary_partner_per_community",
        subject=f"consortium:{version.consortium_id}",
        subject_name=HOSTILE,
        reason=HOSTILE,
        period=(date(2019, 7, 1), date(2019, 8, 1)),
        granted_by_id=version.id,
        granted_by_name=HOSTILE,
        granted_at="2019-07-01T08:00:00+08:00",
    )
    return client, f"/consortia/{version.consortium_id}"


def test_names_are_escaped_on_every_page(hostile) -> None:
    client, page = hostile
    shown = 0
    for path in ("/", "/consortia", page, "/waivers", "/compliance", "/compliance/WH-07"):
        text = client.get(path, FRAME).content.decode()
        assert "<img src=x" not in text, path
        shown += "&lt;img src=x" in text
    assert shown >= 4


def test_a_search_is_shown_as_it_was_typed(client_of) -> None:
    text = client_of().get("/consortia", FRAME | {"q": HOSTILE}).content.decode()
    assert "<img src=x" not in text
    assert "没有符合条件的医联体" in text


@pytest.mark.parametrize(
    "cell", ["=1+1", "+86 553", "-1", "@SUM(A1)", "\tx", "\rx", "\0x", "  =1+1", "＝1+1", "＠x"]
)
def test_formulas_become_text(cell: str) -> None:
    assert neutral(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["镜湖区", "2019-07-01", "78.9%", "a=b", 0, None])
def test_plain_cells_stay_as_they_are(cell) -> None:
    assert neutral(cell) == ("" if cell is None else str(cell))


def test_quotes_and_lines_survive_the_round_trip() -> None:
    response = csv_response("x", ["名"], [['a"b,c\nd'], ["=HYPERLINK(1)"]])
    rows = list(csv.reader(StringIO(response.content.decode("utf-8-sig"))))
    assert rows == [["名"], ['a"b,c\nd'], ["'=HYPERLINK(1)"]]


def test_the_export_has_the_rows_of_the_board(client_of) -> None:
    client = client_of()
    response = client.get("/compliance.csv", FRAME | {"state": "AT_RISK"})
    rows = list(csv.reader(StringIO(response.content.decode("utf-8-sig"))))
    assert [row[0] for row in rows[1:]] == ["NHC-75"]
    assert rows[1][6:9] == ["56", "71", "78.9%"]
    assert "attachment" in response.headers["Content-Disposition"]
