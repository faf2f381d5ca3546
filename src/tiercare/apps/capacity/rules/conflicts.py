"""Where a hospital's own system and the platform do not agree: the kinds, what each means, and what mends it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text


class ConflictKind(StrEnum):
    """What does not agree."""

    OVERSOLD = "OVERSOLD"
    STOPPED = "STOPPED"
    STOPPED_HERE = "STOPPED_HERE"
    PHYSICIAN = "PHYSICIAN"
    POOL = "POOL"
    CLASH = "CLASH"
    UNKNOWN = "UNKNOWN"
    LESS_PROMISED = "LESS_PROMISED"
    PROMISE_SOLD = "PROMISE_SOLD"


class ConflictState(StrEnum):
    """Whether it still stands."""

    OPEN = "OPEN"
    SETTLED = "SETTLED"


class Way(StrEnum):
    """What is done about it. ``HEALED``: both agree again without an act here."""

    MOVE = "move"
    EXTRA = "extra"
    STOP = "stop"
    SUBSTITUTE = "substitute"
    ANSWER = "answer"
    RECHECK = "recheck"
    HEALED = "healed"


@dataclass(frozen=True, slots=True)
class KindOfConflict:
    """A kind in words: what it is called, what it means (``said``, ``kept``), what to do, and by which acts."""

    name: Text
    meaning: Text
    instead: Text
    ways: tuple[Way, ...] = ()


CONFLICTS: Mapping[ConflictKind, KindOfConflict] = {
    ConflictKind.OVERSOLD: KindOfConflict(
        Text("号已在别处售出", "Sold elsewhere"),
        Text(
            "医院系统只剩 {said} 个号，平台已约出 {kept} 个。",
            "The hospital's system has {said} places left, {kept} are booked here.",
        ),
        Text(
            "把后约的人改到最近的同类号并通知，或由医院加号接诊。",
            "Move those who booked last and tell them, or see them beyond the offer.",
        ),
        (Way.MOVE, Way.EXTRA),
    ),
    ConflictKind.STOPPED: KindOfConflict(
        Text("医院系统已停诊，仍有人预约", "Stopped there, booked here"),
        Text(
            "医院系统已撤下这一场次，平台上还有 {kept} 人预约；不再放出新号。",
            "The hospital's system took the session off; {kept} people are booked here. No new places are given.",
        ),
        Text(
            "停诊，把已约的人改约并通知；如果是误停，请在医院系统恢复后重新同步。",
            "Stop it here: everybody is moved and told. If it was a mistake, put it back there and send again.",
        ),
        (Way.STOP,),
    ),
    ConflictKind.STOPPED_HERE: KindOfConflict(
        Text("平台已停诊，医院系统仍在放号", "Stopped here, on offer there"),
        Text(
            "这一场次在平台上已停诊，医院系统还说有 {said} 个号。",
            "The session is stopped here; the hospital's system still offers {said} places.",
        ),
        Text("请在医院系统停诊，并由它再发一次。", "Stop it in the hospital's system and let it send again."),
    ),
    ConflictKind.PHYSICIAN: KindOfConflict(
        Text("出诊医师不一致", "Another physician"),
        Text(
            "医院系统换了出诊医师，平台上 {kept} 人约的还是原来的医师。",
            "The hospital's system names another physician; {kept} people booked the one before.",
        ),
        Text("替诊并通知已约的人，或停诊改约。", "Substitute and tell everybody, or stop and move them."),
        (Way.SUBSTITUTE, Way.STOP),
    ),
    ConflictKind.POOL: KindOfConflict(
        Text("所属号源池不一致", "Another pool"),
        Text(
            "医院系统把这一场次放到了别的池，平台上 {kept} 人约的还是原来的。",
            "The hospital's system put the session into another pool; {kept} people booked the one before.",
        ),
        Text("停诊改约，随后按新的池放号。", "Stop and move them; the session then goes on offer anew."),
        (Way.STOP,),
    ),
    ConflictKind.CLASH: KindOfConflict(
        Text("时间冲突", "Two at a time"),
        Text(
            "同一医师、设备或池在这段时间已有别的场次，没有放出。",
            "The physician, device or pool has another session at that time: it is not on offer.",
        ),
        Text("请在医院系统或平台上错开时间。", "Choose another time, there or here."),
    ),
    ConflictKind.UNKNOWN: KindOfConflict(
        Text("对不上登记", "Not on the register"),
        Text("这一场次没有放出。", "The session is not on offer."),
        Text("请先在平台登记，再点“重新核对”。", "Enter it on the platform, then check again."),
    ),
    ConflictKind.LESS_PROMISED: KindOfConflict(
        Text("达不到政策预留", "Less than promised"),
        Text(
            "这样放号达不到政策要求的预留，没有放出。",
            "The day would keep less than policy promises: it is not on offer.",
        ),
        Text(
            "请在池里设置预留比例，或申请豁免，再点“重新核对”。",
            "Set the pool's share, or have it waived, then check again.",
        ),
    ),
    ConflictKind.PROMISE_SOLD: KindOfConflict(
        Text("预留的号已在别处售出", "Promised places sold elsewhere"),
        Text(
            "应为转诊预留 {kept} 个号，只剩 {said} 个。",
            "{kept} places were to be kept for referrals, {said} are left.",
        ),
        Text(
            "请在同日同类的其他场次调剂出预留号，或在医院系统退回。",
            "Lend places to the reserve in another session of the day, or give them back in the hospital's system.",
        ),
    ),
}
WAY_NAMES: Mapping[Way, Text] = {
    Way.MOVE: Text("改约后约的人并通知", "Move those who booked last"),
    Way.EXTRA: Text("由医院加号接诊", "See them beyond the offer"),
    Way.STOP: Text("停诊，改约并通知", "Stop, move and tell everybody"),
    Way.SUBSTITUTE: Text("替诊并通知", "Substitute and tell everybody"),
    Way.ANSWER: Text("告知医院系统", "Tell the hospital's system"),
    Way.RECHECK: Text("重新核对", "Check again"),
    Way.HEALED: Text("两边已一致", "Both agree again"),
}
# Open to every kind: neither changes anything for a patient.
ALWAYS = (Way.ANSWER, Way.RECHECK)
NO_SUCH_WAY = Refusal(
    code="capacity.conflict_not_this_way",
    message=Text("这种不一致不能这样处理。", "This kind of conflict is not mended this way."),
    instead=Text("请用页面上列出的办法。", "Use one of the ways that are listed."),
    at="way",
    status=422,
)
