"""Filters narrow, together too; what they cannot know simply fits nothing."""

from __future__ import annotations

import re

import pytest

from .conftest import FRAME


def _ids(page: str) -> list[str]:
    return re.findall(r'<td class="id"[^>]*><a [^>]*>([A-Z]+-\d+)</a>', page)


@pytest.mark.parametrize(
    ("path", "query", "expected"),
    [
        ("/compliance", {"state": "AT_RISK"}, {"NHC-75"}),
        ("/compliance", {"force": "principle"}, {"WH-06", "WH-27", "WH-29"}),
        ("/compliance", {"document": "WH", "force": "encourage"}, {"WH-18"}),
        ("/compliance", {"q": "wh-27"}, {"WH-27"}),
        ("/compliance", {"state": "NONSENSE"}, set()),
        ("/clauses", {"pack": "wuhu", "force": "principle"}, {"WH-03", "WH-06", "WH-27", "WH-29"}),
        ("/clauses", {"q": "WH-27"}, {"WH-27"}),
        ("/clauses", {"pack": "nowhere"}, set()),
    ],
)
def test_filters(client_of, path: str, query: dict[str, str], expected: set[str]) -> None:
    assert set(_ids(client_of().get(path, FRAME | query).content.decode())) == expected


def test_the_ledger_is_paged_without_a_gap(client_of) -> None:
    client, seen = client_of(), []
    for number in range(1, 13):
        seen += _ids(client.get("/clauses", FRAME | {"page": str(number)}).content.decode())
    assert len(seen) == len(set(seen)) == 556


@pytest.mark.parametrize("number", ["0", "-3", "9999", "x", "１"])
def test_a_page_that_is_none_shows_the_nearest(client_of, number: str) -> None:
    assert len(_ids(client_of().get("/clauses", FRAME | {"page": number}).content.decode())) > 0


def test_the_fragment_that_htmx_takes_equals_the_fresh_page(client_of) -> None:
    client = client_of()
    query = FRAME | {"state": "MET"}
    fresh = client.get("/compliance", query).content.decode()
    swapped = client.get("/compliance", query, headers={"HX-Request": "true"}).content.decode()
    cut = re.compile(r'<div id="results".*?</main>', re.DOTALL)
    assert cut.search(fresh)[0] == cut.search(swapped)[0]


def test_english_pages_hold_no_chinese_of_ours(client_of) -> None:
    client = client_of()
    client.cookies["tiercare_language"] = "en"
    page = client.get("/compliance", FRAME).content.decode()
    main = re.search(r"<main.*?</main>", page, re.DOTALL)[0]
    main = re.sub(
        r'<td class="whole clip">.*?</td>', "", main, flags=re.DOTALL
    )  # gists quote document numbers
    main = re.sub(r'<ul class="areas">.*?</ul>', "", main, flags=re.DOTALL)  # names of places
    assert re.findall(r"[\u4e00-\u9fff]+", main) == []
