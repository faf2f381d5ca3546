"""Extracts as offices send them, made up: some visits of a month, with the faults that people make."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from tiercare.apps.access.rules import Role
from tiercare.kernel.actor import Actor

HEADER = (
    *(
        "就诊流水号",
        "患者假名",
        "就诊类型",
        "就诊日期",
        "机构编号",
        "机构层级",
        "机构所在区划",
        "居住地",
        "参保地",
    ),
    *(
        "急危重症",
        "疑难",
        "中医诊疗",
        "来院方式",
        "主要诊断编码",
        "总费用（元）",
        "基金支付（元）",
        "个人负担（元）",
    ),
)
GOOD = {
    "患者假名": "P1",
    "就诊类型": "普通门诊",
    "就诊日期": "2025/3/4",
    "机构编号": "wuhu-yijishan_hospital",
    "机构层级": "三级",
    "机构所在区划": "340202017",
    "居住地": "340202017",
    "参保地": "340202",
    "急危重症": "否",
    "疑难": "否",
    "中医诊疗": "否",
    "来院方式": "自行就诊",
    "主要诊断编码": "J06.9",
    "总费用（元）": "1,234.50",
    "基金支付（元）": "1000",
    "个人负担（元）": "234.5",
}


def visit(number: int | str, **changed: str) -> dict[str, str]:
    """A row, as the office's file has it."""
    return {"就诊流水号": f"V{number}", **GOOD, "患者假名": f"P{number}", **changed}


def extract(
    rows: Sequence[Mapping[str, str]], *, header: Sequence[str] = HEADER, encoding: str = "gb18030"
) -> bytes:
    """The file: a cell with a separator in quotes."""
    lines = [",".join(header)]
    for row in rows:
        cells = [row.get(name, "") for name in header]
        lines.append(",".join(f'"{cell}"' if "," in cell else cell for cell in cells))
    return ("\r\n".join(lines) + "\r\n").encode(encoding)


def with_faults() -> bytes:
    """Eight rows: four good (one of them twice), a day that no calendar has, an institution that nobody knows, a cost
    below zero."""
    return extract(
        [
            visit(1),
            visit(2),
            visit(3, 就诊类型="急诊", 急危重症="是"),
            visit(4),
            visit(4),
            visit(5, 就诊日期="2025/2/30"),
            visit(6, 机构编号="示例不存在医院"),
            visit(7, **{"总费用（元）": "-5"}),
        ]
    )


def pieces(content: bytes) -> Iterator[bytes]:
    """As an upload comes."""
    for at in range(0, len(content), 1000):
        yield content[at : at + 1000]


def commission(area: str = "3402") -> Actor:
    """Somebody of the health commission."""
    return Actor(UUID(int=9), "测试·卫健委", Role.COMMISSION.value, division_code=area)
