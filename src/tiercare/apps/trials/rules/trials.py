"""Stages of a trial, how large one may be, and why something cannot be done with it."""

from __future__ import annotations

from enum import StrEnum

from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text

LONGEST_TITLE = 60
# How large a trial on the platform is: its usual size takes less than a minute; what is larger belongs on the command line.
RESIDENTS, SEEDS, FIRST_SEED = 100_000, 10, 1
FEWEST_SEEDS, MOST_SEEDS, MOST_FIRST = 3, 200, 1_000_000
MOST_LIVES = 10_000_000  # residents times seeds
SECONDS = 2.7e-5  # that one resident takes under both policies, measured on two cores


class Stage(StrEnum):
    """Where a trial stands."""

    WAITING = "WAITING"
    RUNNING = "RUNNING"
    DONE = "DONE"
    FAILED = "FAILED"
    STOPPED = "STOPPED"


GOING_ON = frozenset({Stage.WAITING, Stage.RUNNING})
STAGE_NAMES = {
    Stage.WAITING: Text("排队中", "waiting"),
    Stage.RUNNING: Text("计算中", "running"),
    Stage.DONE: Text("已完成", "done"),
    Stage.FAILED: Text("没有算完", "broken off"),
    Stage.STOPPED: Text("已停止", "stopped"),
}
# Stands on every page, sheet and file that shows what came of a trial.
MARK = Text("模拟结果 · 居民均为虚构", "Simulated · every resident is invented")

NO_SUCH_TRIAL = Refusal(
    code="trials.no_such_trial",
    message=Text("没有这次试算，或它不在您的辖区。", "There is no such trial, or it is not of your area."),
    instead=Text("请从试算列表中打开。", "Open it from the list of trials."),
    at="trial",
    status=404,
)
NO_TITLE = Refusal(
    code="trials.no_title",
    message=Text("请给试算起个名字（不超过 {most} 字）。", "Name the trial (at most {most} characters)."),
    instead=Text("一句话说清改了什么，如“预留两成”。", "Say what is changed, such as “reserve a fifth”."),
    fields={"most": LONGEST_TITLE},
    at="title",
    status=422,
)
BAD_SEEDS = Refusal(
    code="trials.bad_seeds",
    message=Text(
        "重复次数要是 {fewest} 到 {most} 之间的整数。", "Seeds are a whole number from {fewest} to {most}."
    ),
    instead=Text(
        "一般用 {usual}；次数越多，区间越窄，用时越长。",
        "{usual} is usual; more of them narrow the intervals and take longer.",
    ),
    fields={"fewest": FEWEST_SEEDS, "most": MOST_SEEDS, "usual": SEEDS},
    at="seeds",
    status=422,
)
BAD_FIRST = Refusal(
    code="trials.bad_first_seed",
    message=Text("随机种子要是不小于 0 的整数，最大 {most}。", "A seed is a whole number from 0 to {most}."),
    instead=Text("没有特别需要就用 {usual}。", "Take {usual} unless you need another."),
    fields={"most": MOST_FIRST, "usual": FIRST_SEED},
    at="first_seed",
    status=422,
)
TOO_LARGE = Refusal(
    code="trials.too_large",
    message=Text(
        "居民数乘重复次数是 {lives:,}，平台上最多 {most:,}。",
        "Residents times seeds are {lives:,}; on the platform at most {most:,}.",
    ),
    instead=Text(
        "请减少居民数或重复次数；更大的用命令行 tiercare twin compare。",
        "Take fewer residents or seeds; for more use tiercare twin compare.",
    ),
    fields={"most": MOST_LIVES, "lives": 0},
    at="seeds",
    status=422,
)
SAME = Refusal(
    code="trials.same",
    message=Text(
        "两边的政策一样，没有可比的。", "Both sides are the same policy: there is nothing to compare."
    ),
    instead=Text(
        "请至少把一项改得与另一边不同。", "Set at least one lever otherwise than on the other side."
    ),
    at="b",
    status=422,
)
WAITING = Refusal(
    code="trials.waiting",
    message=Text(
        "这个地区已有一次试算在排队或进行中。", "A trial of this region is waiting or running already."
    ),
    instead=Text("请等它完成，或先停止它。", "Wait until it is done, or stop it first."),
    at="trial",
    status=409,
)
OVER = Refusal(
    code="trials.over",
    message=Text("这次试算已经结束。", "This trial is over."),
    instead=Text("可以复制它，再算一次。", "Copy it and run it again."),
    at="trial",
    status=409,
)
NOT_DONE = Refusal(
    code="trials.not_done",
    message=Text("这次试算没有结果可下载。", "This trial has no result to take along."),
    instead=Text("请等它完成，或再算一次。", "Wait until it is done, or run it again."),
    at="trial",
    status=409,
)
NO_REGION = Refusal(
    code="trials.no_region",
    message=Text(
        "政策包“{pack}”没有机构和区划，无法模拟。", "The pack “{pack}” lays no region down to simulate."
    ),
    instead=Text(
        "请换一个写有机构和区划的地区。", "Take a region whose pack has institutions and divisions."
    ),
    at="region",
    status=422,
)
BAD_REGION = Refusal(
    code="trials.bad_region",
    message=Text(
        "政策包“{pack}”的地区无法模拟：{why}", "The region of the pack “{pack}” cannot be simulated: {why}"
    ),
    instead=Text(
        "请检查该政策包 region 文件夹里的机构、区划和医联体。", "Look at the region folder of the pack."
    ),
    at="region",
    status=422,
)
BROKE = Text(
    "计算出错，已记录给平台管理员。请再算一次。",
    "The trial broke off; the platform's operator sees why. Please run it again.",
)
CHANGED = Text(
    "排队期间政策包或程序变了，算出来的就不是当时要的。请按现在的政策再算一次。",
    "The pack or the program changed while it waited: this would not be what was asked for. Run it again under the policy as it is now.",
)
