"""An alert of collected members on its page: the pack's limits beside the numbers, joins beside the plan by name and day, as a
file too (NHC-83)."""

from __future__ import annotations

import csv
from io import StringIO

from tiercare.apps.evaluation import commands
from tiercare.apps.evaluation.rules.kinds import KindId
from tiercare.apps.evaluation.rules.standing import Party
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7

from ..evaluation.supervised import Parties, parties, today
from ..residents.care import synthetic_clock
from ..residents.conftest import site
from .test_supervision import AT, as_, read

__all__ = ["as_", "parties", "site", "synthetic_clock"]


def _alert(**content: object) -> object:
    payload = {
        "rule": "land_grab",
        "account": False,
        "template": "signal_check",
        "synthetic": True,
        "content": content,
    }
    what = commands.Issue(
        KindId.ALERT,
        "疑似“跑马圈地”：示例",
        Party("3402"),
        today(),
        period="2025",
        subject_type="consortium",
        subject_key="wuhu-city-jinghu",
        subject_name="镜湖示例",
        payload=payload,
    )
    return commands.issue(Actor.system("test"), what, issuer=Party("3402"))


JOINS = [
    {"key": "wuhu-a", "name": "=示例护理院", "on": "2025-03-01", "whole": False, "id": str(uuid7())},
    {"key": "wuhu-b", "name": "示例医共体", "on": "2025-04-02", "whole": True, "id": str(uuid7())},
]


def test_limits_and_joins_stand_on_the_page_and_in_the_file(parties: Parties, as_) -> None:
    key = _alert(
        zh="示例提示", en="An example", members=70, most_members=60, share=0.123, most_share=0.5, lead_tier="tertiary",
        lead="wuhu-yijishan_hospital", joins=JOINS, joined_beside=2,
    )  # fmt: skip
    city = as_(parties.city)
    page = read(city.get(f"/supervision/matters/{key}{AT}"))
    assert "弋矶山" in page and "三级医院" in page
    assert "超过" in page and page.count("tag-violated") == 1, "of two limits one is exceeded"
    assert "12.3%" in page and "50%" in page and "没有规划依据的加入（2）" in page
    assert "2025-03-01" in page and "医共体整体加入" in page
    answer = city.get(f"/supervision/matters/{key}/joins.csv{AT}")
    lines = list(csv.reader(StringIO(answer.content.decode("utf-8-sig"))))
    assert {line[5] for line in lines[1:]} == {"演示数据（合成）"}, (
        "the database of the tests is a synthetic one"
    )
    assert [line[1:5] for line in lines[1:]] == [
        ["'=示例护理院", "wuhu-a", "机构加入", "2025-03-01"],
        ["示例医共体", "wuhu-b", "医共体整体加入", "2025-04-02"],
    ]
    assert as_(parties.elsewhere).get(f"/supervision/matters/{key}/joins.csv{AT}").status_code == 404


def test_an_alert_about_something_else_says_nothing_of_members(parties: Parties, as_) -> None:
    key = _alert(zh="示例", en="An example", flows=[])
    city = as_(parties.city)
    page = read(city.get(f"/supervision/matters/{key}{AT}"))
    assert "没有规划依据" not in page and "与上限对照" not in page
    answer = city.get(f"/supervision/matters/{key}/joins.csv{AT}")
    assert len(answer.content.decode("utf-8-sig").splitlines()) == 1
