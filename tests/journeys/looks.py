"""How a page looks to those who read it: what axe finds, and whether something is wider than its window or its card.

Each waits until the page is there: a click is over once its answer begins to arrive, which on a busy machine is
sometimes before the document has its first element.
"""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
_OVERFLOWING = "[...document.querySelectorAll('.paper')].some(e => e.scrollWidth > e.clientWidth + 1)"


def axe(page: Page) -> list[str]:
    """What axe finds serious or critical, a line each, with the page's address and the place."""
    page.wait_for_load_state()
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{page.url} {v['id']}: {v['nodes'][0]['html'][:200]}"
        for v in found["violations"]
        if v["impact"] in {"serious", "critical"}
    ]


def wide(page: Page) -> bool:
    """Whether the page is wider than its window, so that it scrolls sideways."""
    page.wait_for_load_state()
    assert page.viewport_size is not None
    return bool(page.evaluate("document.documentElement.scrollWidth") > page.viewport_size["width"])


def runs_out(page: Page) -> bool:
    """Whether anything runs out of the card it stands in."""
    page.wait_for_load_state()
    return bool(page.evaluate(_OVERFLOWING))
