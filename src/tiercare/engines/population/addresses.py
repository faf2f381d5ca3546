"""Addresses below the village: roads, housing estates and villagers' groups that could be anywhere."""

from __future__ import annotations

import re
from random import Random
from typing import Final

from .draws import ranked
from .model import Village

_ROADS = (
    "人民路",
    "解放路",
    "建设路",
    "和平路",
    "新华路",
    "中山路",
    "文化路",
    "团结路",
    "胜利路",
    "光明路",
    "迎宾路",
    "滨河路",
    "长江路",
    "黄河路",
    "幸福路",
    "振兴路",
    "朝阳路",
    "育才路",
    "学府路",
    "工业路",
    "环城路",
    "青年路",
    "公园路",
    "健康路",
    "东风路",
    "红旗路",
    "友谊路",
    "向阳路",
    "兴业路",
    "康宁路",
)
_ESTATES = (
    "幸福里",
    "阳光家园",
    "锦绣苑",
    "和谐家园",
    "翠湖花园",
    "金桂苑",
    "安居小区",
    "康乐小区",
    "绿城雅苑",
    "明珠花园",
    "福满园",
    "香樟苑",
    "静安里",
    "春晖苑",
)
_GROUPS: Final = "一二三四五六七八九十"
_BODY = re.compile("(社区居民委员会|社区居委会|居民委员会|居委会|村民委员会|村委会|社区|村)$")


class Addresses:
    """Draws addresses of one generation."""

    def __init__(self, rng: Random) -> None:
        self._random = rng.random
        self._roads = ranked(rng, _ROADS)
        self._estates = ranked(rng, _ESTATES)
        self._villages: dict[str, str] = {}

    def address(self, village: Village) -> str:
        """In towns a road and number or a flat, elsewhere village, group and number."""
        if not village.urban:
            return f"{self._short(village)}村{_GROUPS[self._below(10)]}组{1 + self._below(120)}号"
        road = f"{self._roads.draw()}{1 + self._below(400)}号"
        if self._random() < 0.25:
            return road
        flat = f"{1 + self._below(24)}栋{1 + self._below(4)}单元{1 + self._below(18)}0{1 + self._below(4)}室"
        return f"{road}{self._estates.draw()}{flat}"

    def _short(self, village: Village) -> str:
        """The village's name without the body that governs it (丁塘村委会 → 丁塘)."""
        found = self._villages.get(village.name)
        if found is None:
            found = self._villages[village.name] = _BODY.sub("", village.name) or village.name
        return found

    def _below(self, limit: int) -> int:
        return int(self._random() * limit)
