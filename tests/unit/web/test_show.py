"""What templates ask of a value to show it."""

from __future__ import annotations

import pytest
from django.utils.translation import override

from tiercare.web.templatetags.show import half


@pytest.mark.parametrize(
    ("told", "zh", "en"),
    [
        ("推演：甲，乙 / simulated: a, b", "推演：甲，乙", "simulated: a, b"),
        (
            "推演 / simulated、平台业务数据 platform",
            "推演；平台业务数据 platform",
            "simulated; 平台业务数据 platform",
        ),
        ("推演 / simulated；甲 / a", "推演；甲", "simulated; a"),
        ("made", "made", "made"),
        ("", "", ""),
    ],
)
def test_a_line_in_both_languages_is_read_in_one(told: str, zh: str, en: str) -> None:
    with override("zh-hans"):
        assert half(told) == zh
    with override("en"):
        assert half(told) == en
