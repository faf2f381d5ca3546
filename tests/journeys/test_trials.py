"""Trying a policy as a person does: a slider moved, a run looked at until it is done, the result read, on a phone and in English too."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from .conftest import Site
from .test_every_page import _axe
from .test_planning import run, wide

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


def test_a_policy_is_tried_and_its_result_read(as_role: Open, site: Site) -> None:
    page = as_role()
    built(page, "")
    expect(page.locator("#title-error")).to_contain_text("名字")
    expect(page.locator("[id='b.unreferred_cut']")).to_have_value("20")
    found = _axe(page)
    page.fill("#title", "示例：少报两成")
    page.get_by_role("button", name="开始试算").click()
    expect(page.locator("[data-trial]")).to_contain_text("排队中")
    found += _axe(page)
    run(site, _PLAY)
    expect(page.locator(".trial-plot")).to_be_visible(timeout=90_000)
    expect(page.locator(".trial-mark")).to_contain_text("居民均为虚构")
    page.emulate_media(media="print")
    expect(page.locator(".trial-mark")).to_be_visible()
    page.emulate_media(media="screen")
    found += _axe(page)
    address = page.url
    page.goto(f"/trials{FRAME}")
    expect(page.get_by_role("link", name="示例：少报两成").first).to_be_visible()
    found += _axe(page)
    for width, language in ((390, "zh-hans"), (390, "en"), (1280, "en")):
        other = as_role(width=width, height=844, language=language)
        for path in (address, f"/trials{FRAME}", f"/trials/new{FRAME}"):
            other.goto(path)
            found += ([f"{path} scrolls sideways at {width} {language}"] if wide(other) else []) + _axe(other)
    assert found == []
