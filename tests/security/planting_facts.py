"""Extracts of facts: one that was checked and waits to be decided, one that was taken, with rows that wait."""

from __future__ import annotations

from tiercare.apps.evaluation.commands import importing

from .world import CITY, World

_HEADER = "就诊流水号,患者编号,就诊类型,就诊日期,机构编号,机构层级,机构区划,居住地,急危重症,疑难,中医诊疗,来院方式,总费用,基金支付,个人负担"
_ROW = (
    "{0},P{0},门诊,2025-{1}-{2},wuhu-yijishan_hospital,三级,340202017,340202017,否,否,否,自行就诊,12.5,10,2.5"
)


def extract(month: str) -> bytes:
    """Two rows of a month, one on a day that no calendar has."""
    return "\n".join(
        (_HEADER, _ROW.format(f"{month}1", month, "03"), _ROW.format(f"{month}2", month, "32"))
    ).encode()


def facts_planted(world: World) -> dict[str, str]:
    """The ids of the upload and of the batch."""
    actor = world.actor("commission@own")

    def received(month: str) -> importing.FactUpload:
        found = importing.receive_facts(
            actor=actor, region=CITY, file_name=f"{month}.csv", pieces=[extract(month)], fact="visits"
        )
        if found.state == "CHECKED":
            return found
        return importing.check_facts(
            actor=actor, upload_id=found.id, content=found.mapping, mode=importing.Mode.ADD
        )

    taken = importing.take_facts(actor=actor, upload_id=received("03").id)
    return {"upload": str(received("04").id), "facts_batch": taken.batch}
