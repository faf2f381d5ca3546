"""Trying a policy as a person does: a slider moved, a run looked at until it is done, the result read, on a phone and in English too."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from .conftest import Site
from .looks import axe, wide
from .test_planning import run

pytestmark = pytest.mark.journey
Open = Callable[..., Page]
FRAME = "?region=wuhu&on=2019-07-01"
# The site of journeys has no worker: what was asked for is played here.
_PLAY = """
import django
django.setup()
from tiercare.apps.access.queries import EVERYWHERE, scoped
from tiercare.apps.trials import commands, models
from tiercare.kernel.actor import Actor
with scoped(Actor.system("test"), area=EVERYWHERE):
    waiting = list(models.Trial.objects.filter(stage="WAITING").values_list("id", flat=True))
for each in waiting:
    commands.run_trial(each)
"""


def built(page: Page, title: str) -> None:
    """A small trial is asked for, with a lever set by its slider."""
    page.goto(f"/trials/new{FRAME}")
    page.fill("#title", title)
    slider = page.locator("[data-slider='b.unreferred_cut']")
    slider.focus()
    for _ in range(20):
        slider.press("ArrowRight")
    expect(page.locator("[id='b.unreferred_cut']")).to_have_value("20")
    page.fill("#residents", "2000")
    page.fill("#seeds", "8")
    page.get_by_role("button", name="开始试算").click()


TALLEST = 4000  # px at 390 px with folds closed: some five screens of a phone
_FOCUSED = """() => {
    const one = document.activeElement, style = getComputedStyle(one), box = one.getBoundingClientRect();
    const ours = one.closest("main") !== null;
    return {name: one.innerText || one.id, seen: !ours || style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 && box.width > 0};
}"""


def reached(page: Page, name: str, most: int = 80) -> list[str]:
    """Press Tab until something of this name has the focus; what of ours on the way had it without being seen to."""
    unseen = []
    for _ in range(most):
        page.keyboard.press("Tab")
        found = page.evaluate(_FOCUSED)
        if not found["seen"]:
            unseen.append(found["name"])
        if found["name"].strip() == name:
            return unseen
    raise AssertionError(f"{name} is not reached by the keyboard")


def test_a_policy_is_tried_and_its_result_read(as_role: Open, site: Site) -> None:
    page = as_role()
    built(page, "")
    expect(page.locator("#title-error")).to_contain_text("名字")
    expect(page.locator("[id='b.unreferred_cut']")).to_have_value("20")
    found = axe(page)
    page.fill("#title", "示例：少报两成")
    page.get_by_role("button", name="开始试算").click()
    expect(page.locator("[data-trial]")).to_contain_text("排队中")
    found += axe(page)
    run(site, _PLAY)
    expect(page.locator(".trial-plot")).to_be_visible(timeout=90_000)
    expect(page.locator("#said")).to_be_focused()
    expect(page.locator(".trial-mark")).to_contain_text("居民均为虚构")
    expect(page.locator("#quote p")).to_have_count(6)
    expect(page.locator("#numbers")).to_have_attribute("open", "")
    expect(page.locator("#losers details[data-fold]")).not_to_have_attribute("open", "")
    found += axe(page)
    address = page.url.partition("#")[0]
    page.goto(f"/trials{FRAME}")
    expect(page.get_by_role("link", name="示例：少报两成").first).to_be_visible()
    found += axe(page)
    for width, language in ((390, "zh-hans"), (390, "en"), (1280, "en")):
        other = as_role(width=width, height=844, language=language)
        for path in (address, f"/trials{FRAME}", f"/trials/new{FRAME}"):
            other.goto(path)
            found += ([f"{path} scrolls sideways at {width} {language}"] if wide(other) else []) + axe(other)
    assert found == []
    on_a_phone(as_role(width=390, height=844), address)
    on_paper(as_role(), address)


def on_a_phone(page: Page, address: str) -> None:
    """Short with its folds closed; a link opens the fold that it leads to, and what is in it fits."""
    page.goto(address)
    assert page.locator("details[data-fold][open]").count() == 0
    assert page.evaluate("document.documentElement.scrollHeight") <= TALLEST
    page.locator(".trial-nav a[href='#numbers']").click()
    expect(page.locator("#numbers")).to_have_attribute("open", "")
    for fold in page.locator("details").all():
        fold.evaluate("fold => { fold.open = true; }")
    assert not wide(page)


def on_paper(page: Page, address: str) -> None:
    """All that matters is unfolded while it is printed and folded again afterwards; the mark is on the sheet."""
    page.goto(address)
    closed = page.locator("details[data-fold]:not([open])").count()
    assert closed > 0
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert page.locator("details[data-fold]:not([open])").count() == 0
    expect(page.locator(".trial-mark")).to_be_visible()
    expect(page.locator(".trial-nav")).to_be_hidden()
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")
    page.emulate_media(media="screen")
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.locator("details[data-fold]:not([open])").count() == closed


def test_a_run_is_heard_and_stopped_by_the_keyboard_alone(as_role: Open) -> None:
    page = as_role()
    built(page, "示例：停下来")
    expect(page.locator("[data-trial]")).to_contain_text("排队中")
    expect(page.locator("[role=status][data-told]")).to_be_attached()
    page.goto(page.url)  # from the top, as somebody who comes back
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    assert reached(page, "停止") == []
    page.keyboard.press("Enter")
    expect(page.locator("[data-trial]")).to_contain_text("已停止")
    assert reached(page, "按现在的政策包再算") == []
