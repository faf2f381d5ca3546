"""Why a stay cannot begin, change or end as wanted, and what residents are told of theirs."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from tiercare.kernel.clock import ZONE
from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text

from .wording import spoken


class Told(StrEnum):
    """What a resident is told about a stay that is planned."""

    PLANNED = "planned"
    CHANGED = "changed"
    CANCELLED = "cancelled"


def word(told: Told, *, hospital: str, bed: str, day: bool, starts: datetime, until: datetime | None) -> str:
    """The message to the resident."""
    kind = "日间床位" if day else "床位"
    when = f"{spoken(starts)}至{spoken(until)}" if day and until else f"{spoken(starts)}入院"
    if told is Told.CANCELLED:
        return f"【分级诊疗】{hospital}为您安排的{kind}（{bed}，{when}）已取消，如有疑问请与医院联系。"
    if told is Told.CHANGED:
        return f"【分级诊疗】{hospital}为您安排的{kind}有变：现为{bed}，{when}。"
    return f"【分级诊疗】{hospital}已为您安排{kind}：{bed}，{when}。来不了请提前告知医院。"


def taken(bed: str, starts: datetime, until: datetime | None) -> Refusal:
    """Somebody has the bed for this time, which overlaps."""
    end = Text("离床", "they leave") if until is None else moment(until)
    return replace(TAKEN, fields={"bed": bed, "starts": moment(starts), "until": end})


def moment(at: datetime) -> Text:
    """A moment in a refusal."""
    return Text(spoken(at), f"{at.astimezone(ZONE):%Y-%m-%d %H:%M}")


NO_SUCH_BED = Refusal(
    code="capacity.no_such_bed",
    message=Text("没有这张床。", "There is no such bed."),
    instead=Text("请从床位图中重新选择。", "Choose again on the board."),
    at="bed",
    status=404,
)
NO_SUCH_STAY = Refusal(
    code="capacity.no_such_stay",
    message=Text(
        "没有这条床位安排，或它不属于本机构。", "There is no such stay, or it is another institution's."
    ),
    instead=Text("请刷新床位图后重试。", "Reload the board and try again."),
    at="stay",
    status=404,
)
STANDS_ELSEWHERE = Refusal(
    code="capacity.stay_stands_elsewhere",
    message=Text("这条床位安排已被他人办理。", "Somebody has gone on with this stay already."),
    instead=Text("请刷新床位图。", "Reload the board."),
    at="stay",
)
TAKEN = Refusal(
    code="capacity.bed_taken",
    message=Text(
        "{bed}从{starts}到{until}已有安排，与所选时间冲突。",
        "{bed} is taken from {starts} until {until}, which overlaps.",
    ),
    instead=Text("请另选床位，或避开这段时间。", "Choose another bed, or a time outside of that."),
    at="bed",
)
STILL_TAKEN = Refusal(
    code="capacity.bed_not_left",
    message=Text("{bed}上的患者还没有办离床。", "The patient in {bed} has not been discharged yet."),
    instead=Text("请先给床上的患者办离床或换床，再入床。", "Discharge or move that patient first."),
    at="bed",
)
IN_A_BED = Refusal(
    code="capacity.resident_in_a_bed",
    message=Text("这位患者还在另一张床上，没有办离床。", "The patient still lies in another bed."),
    instead=Text(
        "请先办离床，或在那张床上办换床。", "Discharge them there first, or change beds from there."
    ),
    at="resident",
)
LIES_ELSEWHERE = Refusal(
    code="capacity.resident_in_another_bed",
    message=Text("这位患者在这段时间已安排了别的床位。", "The patient has another bed in that time."),
    instead=Text("请先取消或结束那条安排，或办理换床。", "Cancel or end that one first, or change beds."),
    at="resident",
)
TIME_IS_OVER = Refusal(
    code="capacity.stay_time_over",
    message=Text("预留到{until}为止，已经过了。", "The bed was kept until {until}, which is past."),
    instead=Text("请先改离床时间，再办入床。", "Change the end first, then admit."),
    at="until",
)
SAME_BED = Refusal(
    code="capacity.same_bed",
    message=Text("患者现在就安排在{bed}。", "The patient has {bed} as it is."),
    instead=Text("请选择另一张床。", "Choose another bed."),
    at="bed",
    status=422,
)


def over(until: datetime) -> Refusal:
    """The planned time has passed."""
    return replace(TIME_IS_OVER, fields={"until": moment(until)})
