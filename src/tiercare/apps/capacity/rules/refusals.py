"""Why a place cannot be had, or a booking not go on; each with the way on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text

_OTHERS = Text(
    "请从下面列出的其他时间或机构中选择。", "Choose another time or institution from those listed."
)

# By the outcome of ``capacity_take`` (migration 0002).
NOT_TAKEN: Mapping[str, Refusal] = {
    "unknown": Refusal(
        code="capacity.no_such_slot",
        message=Text("没有这个时段，或它已撤下。", "There is no such slot, or it was taken off."),
        instead=Text("请刷新号源列表后重新选择。", "Reload the list and choose again."),
        at="slot",
        status=404,
    ),
    "closed": Refusal(
        code="capacity.session_closed",
        message=Text("这一场次已停诊或尚未发布。", "This session is stopped, or not on offer yet."),
        instead=_OTHERS,
        at="slot",
    ),
    "past": Refusal(
        code="capacity.slot_past",
        message=Text("这个时段已经开始，不能再预约。", "This slot has begun and cannot be booked any more."),
        instead=_OTHERS,
        at="slot",
        status=422,
    ),
    "full": Refusal(
        code="capacity.slot_full",
        message=Text("这个时段刚刚约满。", "This slot has just been filled."),
        instead=_OTHERS,
        at="slot",
    ),
    "reserved": Refusal(
        code="capacity.only_reserved_left",
        message=Text(
            "余下的号源为{kept}预留，到{release}才对所有人开放。",
            "What is left is kept for {kept}, and open to all from {release} on.",
        ),
        instead=_OTHERS,
        at="slot",
    ),
    "twice": Refusal(
        code="capacity.booked_already",
        message=Text("这位居民在这一场次已有预约。", "The resident has a place in this session already."),
        instead=Text(
            "请打开已有的预约改约，或选择其他场次。", "Move the booking there is, or choose another session."
        ),
        at="slot",
    ),
}
DECEASED = Refusal(
    code="capacity.resident_deceased",
    message=Text("这位居民登记为已故，不能预约。", "The resident is recorded as deceased."),
    instead=Text("若登记有误，请先在“居民”中更正。", "If the record is wrong, have it corrected first."),
    at="resident",
)
NOBODY = Refusal(
    code="capacity.no_such_resident",
    message=Text("没有这位居民。", "There is no such resident."),
    instead=Text("请重新查找或登记居民。", "Find or register the resident again."),
    at="resident",
    status=404,
)
NOT_YOUR_RESIDENT = Refusal(
    code="capacity.not_your_resident",
    message=Text("本机构与这位居民没有诊疗关系。", "Your institution does not look after this resident."),
    instead=Text("请先扫电子健康卡或登记到院。", "Scan the health card or register the visit first."),
    at="resident",
    status=403,
)
NO_SUCH_CASE = Refusal(
    code="capacity.no_such_case",
    message=Text(
        "没有这条在办的入院或手术，或它不属于本机构。",
        "There is no such open case, or it is another institution's.",
    ),
    instead=Text("请刷新列表后重试。", "Reload the list and try again."),
    at="case",
    status=404,
)
NO_SUCH_SESSION = Refusal(
    code="capacity.no_such_session",
    message=Text("没有这个场次。", "There is no such session."),
    instead=Text("请刷新排班后重新选择。", "Reload the schedule and choose again."),
    at="session",
    status=404,
)
NO_SUCH_POOL = Refusal(
    code="capacity.no_such_pool",
    message=Text("没有这个池。", "There is no such pool."),
    instead=Text("请重新选择门诊、床位或检查。", "Choose a clinic, bed or examination again."),
    at="pool",
    status=404,
)
NO_SUCH_BOOKING = Refusal(
    code="capacity.no_such_booking",
    message=Text("没有这条预约，或您无权看到它。", "There is no such booking, or it is not yours to see."),
    instead=Text("请从预约列表中重新打开。", "Open it again from the list of bookings."),
    at="booking",
    status=404,
)
LAPSED = Refusal(
    code="capacity.hold_lapsed",
    message=Text("占号时间已过，号源已放回。", "The hold has run out and the place went back."),
    instead=Text(
        "请重新选择时段；若仍有余号，可以马上再占。", "Choose the slot again; if it is free, hold it anew."
    ),
    at="booking",
)
NOT_YOUR_HOLD = Refusal(
    code="capacity.not_your_hold",
    message=Text(
        "这个号是别人占的，只有占号的机构或居民本人能确认。",
        "Somebody else holds this place: only they confirm it.",
    ),
    instead=Text(
        "请占号的机构或居民在期限前确认；也可以放回后重新预约。",
        "Have them confirm it in time; or give it back and book anew.",
    ),
    at="booking",
    status=403,
)
HOST_ONLY = Refusal(
    code="capacity.host_only",
    message=Text("只有接诊机构能办理这一步。", "Only the institution that offers the place does this."),
    instead=Text("请联系接诊机构的窗口。", "Ask the desk of that institution."),
    at="booking",
    status=403,
)


def only_reserved(kept: Text, release: object) -> Refusal:
    """All that is left is kept for others until ``release``."""
    return replace(NOT_TAKEN["reserved"], fields={"kept": kept, "release": release})
