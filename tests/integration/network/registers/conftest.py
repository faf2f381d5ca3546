"""Rows as a file holds them, and what the tests of the registers share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db import connection

from tiercare.apps.network.commands.registers import Written, write_entries
from tiercare.apps.network.queries.registers import register_rows
from tiercare.apps.network.rules.entries import Entry, read_row
from tiercare.apps.network.rules.registers import REGISTERS

DAY = date(2021, 1, 1)
VERDICT_DAY = date(2019, 7, 1)
YIJISHAN = "wuhu-yijishan_hospital"
SECOND = "wuhu-second_hospital"

HOSPITAL = {
    "code": "new-hospital",
    "name": "新医院（演示）",
    "category": "综合医院",
    "level": "二级",
    "grade": "甲等",
    "owner": "公立",
    "affiliation": "县（区）",
    "division": "340202",
    "beds": "300",
    "specialties": "03、03.04",
    "key_specialties": "03.04=省级",
    "facilities": "远程医疗节点、医学检验中心",
    "from": "2020-01-01",
}
GROUP = {
    "code": "new-group",
    "name": "新医联体（演示）",
    "kind": "城市医联体",
    "division": "340202",
    "tight": "是",
    "unified": "人员、财务",
    "approved_on": "2019-12-01",
    "approved_by": "市卫生健康委",
    "charter_on": "2020-02-01",
    "from": "2020-01-01",
}
OTHER_GROUP = GROUP | {"code": "other-group", "name": "另一医联体（演示）"}
FROM = {"from": "2020-06-01"}


def row(register: str, place: str = "", **cells: str) -> Entry:
    """A row as it is read from a file."""
    unknown = set(cells) - {column.key for column in REGISTERS[register].columns}
    assert not unknown, unknown
    entry, problems = read_row(REGISTERS[register], cells, place)
    assert entry is not None, problems
    return entry


def of_everything() -> list[Entry]:
    """A row of every register, each resting on the ones before it."""
    agreement = {
        "title": "帮扶协议",
        "parties": f"gov:340202、{YIJISHAN}、new-hospital",
        "consortium": "new-group",
    }
    owed = {"debtor": YIJISHAN, "creditor": "new-hospital", "text": "派驻两名医师", "clause": "WH-10"}
    return [
        row("institutions", **HOSPITAL),
        row("consortia", **GROUP),
        row("consortia", **OTHER_GROUP),
        row("memberships", consortium="new-group", institution="new-hospital", role="牵头医院", **FROM),
        row("joinings", parent="new-group", child="other-group", **FROM),
        row("agreements", code="new-agreement", signed_on="2020-05-01", sections="人才共享", **agreement, **FROM),
        row("obligations", agreement="new-agreement", due="2021-06-30", **owed),
        row("trusteeships", trustee=YIJISHAN, entrusted="new-hospital", agreement="new-agreement", **FROM),
        row("departments", institution="new-hospital", name="心内科", specialty="03.04", **FROM),
        row("equipment", institution="new-hospital", kind="呼吸机", model="V{60}", count="4", **FROM),
        row("clinicians", code="d-1", name="演示甲", title="主治医师", scope="02", ground="注册",
            institution="new-hospital", **FROM),
        row("clinicians", code="d-2", name="演示乙", scope="03", ground="帮扶或托管协议", agreement="new-agreement",
            institution="new-hospital", **FROM),
    ]  # fmt: skip


def kept(entries: Sequence[Entry]) -> Written:
    """Write, and let every constraint of the database speak."""
    written = write_entries(entries)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    return written


def standing(on: date = DAY, region: str = "") -> dict[str, list[Entry]]:
    """Every register as it stands that day."""
    return {key: register_rows(key, region, on=on) for key in REGISTERS}
