"""How far a consortium reaches beyond its own area (CX-23, CX-24, YN-26, YN-27)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from tiercare.kernel.text import Text


class Reach(StrEnum):
    """Where those who take part in a consortium lie, seen from its own area."""

    LOCAL = "LOCAL"
    PREFECTURES = "PREFECTURES"
    PROVINCES = "PROVINCES"


REACH_NAMES: Mapping[Reach, Text] = {
    Reach.LOCAL: Text("本地", "Local"),
    Reach.PREFECTURES: Text("跨市（州）", "Across prefectures"),
    Reach.PROVINCES: Text("跨省（区、市）", "Across provinces"),
}

# Codes of GB/T 2260: a partner may lie in a province of which the register of divisions holds nothing.
PROVINCE_NAMES: Mapping[str, Text] = {
    "11": Text("北京市", "Beijing"),
    "12": Text("天津市", "Tianjin"),
    "13": Text("河北省", "Hebei"),
    "14": Text("山西省", "Shanxi"),
    "15": Text("内蒙古自治区", "Inner Mongolia"),
    "21": Text("辽宁省", "Liaoning"),
    "22": Text("吉林省", "Jilin"),
    "23": Text("黑龙江省", "Heilongjiang"),
    "31": Text("上海市", "Shanghai"),
    "32": Text("江苏省", "Jiangsu"),
    "33": Text("浙江省", "Zhejiang"),
    "34": Text("安徽省", "Anhui"),
    "35": Text("福建省", "Fujian"),
    "36": Text("江西省", "Jiangxi"),
    "37": Text("山东省", "Shandong"),
    "41": Text("河南省", "Henan"),
    "42": Text("湖北省", "Hubei"),
    "43": Text("湖南省", "Hunan"),
    "44": Text("广东省", "Guangdong"),
    "45": Text("广西壮族自治区", "Guangxi"),
    "46": Text("海南省", "Hainan"),
    "50": Text("重庆市", "Chongqing"),
    "51": Text("四川省", "Sichuan"),
    "52": Text("贵州省", "Guizhou"),
    "53": Text("云南省", "Yunnan"),
    "54": Text("西藏自治区", "Tibet"),
    "61": Text("陕西省", "Shaanxi"),
    "62": Text("甘肃省", "Gansu"),
    "63": Text("青海省", "Qinghai"),
    "64": Text("宁夏回族自治区", "Ningxia"),
    "65": Text("新疆维吾尔自治区", "Xinjiang"),
    "71": Text("台湾省", "Taiwan"),
    "81": Text("香港特别行政区", "Hong Kong"),
    "82": Text("澳门特别行政区", "Macao"),
}


@dataclass(frozen=True, slots=True)
class Reached:
    """How far, and the codes of what lies outside: provinces of two digits, prefectures of four."""

    reach: Reach
    provinces: tuple[str, ...]
    prefectures: tuple[str, ...]

    @property
    def name(self) -> Text:
        """What it is called."""
        return REACH_NAMES[self.reach]

    @property
    def beyond(self) -> bool:
        """True where somebody outside takes part."""
        return self.reach is not Reach.LOCAL


def reached(home: str, places: Iterable[str]) -> Reached:
    """How far a consortium of the area ``home`` reaches when those who take part lie in ``places``.

    ``home`` has 2, 4 or 6 digits; a place its county-level six. Outside is another province, else another
    prefecture; an alliance of a whole province reaches across prefectures when its members lie in several.
    """
    around = sorted({place[:4] for place in places})
    provinces = tuple(sorted({place[:2] for place in around} - {home[:2]}))
    inside = [place for place in around if place[:2] == home[:2]]
    outside = [place for place in inside if place != home[:4]]
    prefectures = tuple(outside) if len(home) >= 4 or len(inside) > 1 else ()
    if provinces:
        return Reached(Reach.PROVINCES, provinces, prefectures)
    return Reached(Reach.PREFECTURES if prefectures else Reach.LOCAL, (), prefectures)
