"""What is said of a plan and of a search for one, and why something cannot be done with them."""

from __future__ import annotations

from enum import StrEnum

from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text

LONGEST_TITLE, LONGEST_WORDS = 120, 4000
MOST_EFFORT = 20.0  # times the usual; more than that is a night's work and belongs on the command line


class Source(StrEnum):
    """Where a plan came from: a search, somebody's hand on the map, a file."""

    SEARCH = "SEARCH"
    HAND = "HAND"
    FILE = "FILE"


class Stage(StrEnum):
    """Where a search stands."""

    WAITING = "WAITING"
    RUNNING = "RUNNING"
    DONE = "DONE"
    FAILED = "FAILED"
    STOPPED = "STOPPED"


STAGE_NAMES = {
    Stage.WAITING: Text("排队中", "waiting"),
    Stage.RUNNING: Text("计算中", "running"),
    Stage.DONE: Text("已完成", "done"),
    Stage.FAILED: Text("没有可行方案", "no plan found"),
    Stage.STOPPED: Text("已停止", "stopped"),
}
SOURCE_NAMES = {
    Source.SEARCH: Text("计算得出", "found by a search"),
    Source.HAND: Text("人工调整", "drawn by hand"),
    Source.FILE: Text("导入", "from a file"),
}
GOING_ON = frozenset({Stage.WAITING, Stage.RUNNING})

NO_SUCH_PLAN = Refusal(
    code="planning.no_such_plan",
    message=Text("没有这个方案，或它不在您的辖区。", "There is no such plan, or it is not of your area."),
    instead=Text("请从方案列表中打开。", "Open it from the list of plans."),
    at="plan",
    status=404,
)
NO_SUCH_SEARCH = Refusal(
    code="planning.no_such_search",
    message=Text("没有这次计算，或它不在您的辖区。", "There is no such search, or it is not of your area."),
    instead=Text("请从规划页面重新开始。", "Begin anew from the planning page."),
    at="search",
    status=404,
)
NO_TITLE = Refusal(
    code="planning.no_title",
    message=Text("请给方案起个名字（不超过 {most} 字）。", "Name the plan (at most {most} characters)."),
    instead=Text("一句话说清它和别的方案有什么不同。", "Say in a sentence how it differs from others."),
    fields={"most": LONGEST_TITLE},
    at="title",
    status=422,
)
WORDS_TOO_LONG = Refusal(
    code="planning.words_too_long",
    message=Text("说明最多写 {most} 个字。", "At most {most} characters of words."),
    instead=Text("请写要点，详细材料放到讨论里。", "Write the essence; put the rest into the discussion."),
    fields={"most": LONGEST_WORDS},
    at="words",
    status=422,
)
BAD_WEIGHT = Refusal(
    code="planning.bad_weight",
    message=Text("权重和时限要是不小于零的数。", "Weights and limits are numbers not below zero."),
    instead=Text("请改成 0 或更大的分钟数。", "Give minutes, 0 or more."),
    at="wishes",
    status=422,
)
BAD_EFFORT = Refusal(
    code="planning.bad_effort",
    message=Text("寻找的力度要大于 0，最多 {most}。", "The effort is above 0 and at most {most}."),
    instead=Text(
        "一般用 1；想找得更久，用命令行 tiercare plan solve。",
        "1 is usual; for longer use tiercare plan solve.",
    ),
    fields={"most": MOST_EFFORT},
    at="effort",
    status=422,
)
WAITING = Refusal(
    code="planning.search_waiting",
    message=Text(
        "这个地区已有一次计算在排队或进行中。", "A search of this region is waiting or running already."
    ),
    instead=Text("请等它完成，或先停止它。", "Wait until it is done, or stop it first."),
    at="search",
    status=409,
)
OVER = Refusal(
    code="planning.search_over",
    message=Text("这次计算已经结束。", "This search is over."),
    instead=Text("请重新开始一次。", "Begin another."),
    at="search",
    status=409,
)
UNDER_DISCUSSION = Refusal(
    code="planning.under_discussion",
    message=Text("这个方案已在征求意见。", "This plan is being discussed already."),
    instead=Text(
        "请打开原来的讨论；要重新开始，先撤销它。", "Open that discussion; to begin anew, withdraw it first."
    ),
    at="plan",
    status=409,
)
NO_PARTIES = Refusal(
    code="planning.no_parties",
    message=Text(
        "没有选择征求意见的单位，或所选单位不在这个方案里。",
        "Nobody is asked, or somebody who has no part in this plan.",
    ),
    instead=Text("请从列出的县区和牵头医院中选择。", "Choose among the counties and leads that are listed."),
    at="parties",
    status=422,
)
SECOND_PERSON = Refusal(
    code="planning.second_person",
    message=Text("报送方案的人不能自己审定。", "Whoever handed the plan in does not approve it."),
    instead=Text("请同事核对意见后审定。", "Have a colleague look at the opinions and approve it."),
    at="matter",
    status=403,
)
SAY_WHETHER = Refusal(
    code="planning.say_whether",
    message=Text("请写明同意还是不同意。", "Say whether you agree."),
    instead=Text("选择“同意”或“不同意”，并写一两句理由。", "Choose, and give a reason in a sentence or two."),
    at="agrees",
    status=422,
)


def misfit(keys: list[str]) -> Refusal:
    """A plan that does not fit the ground: places or consortia that are not there, or places without one."""
    return Refusal(
        code="planning.misfit",
        message=Text("方案与地区现状对不上：{keys}。", "The plan does not fit the region as it is: {keys}."),
        instead=Text(
            "区划或医联体变了。请在现状上重新划分，再保存。",
            "Divisions or consortia have changed. Draw it anew on how they stand.",
        ),
        fields={"keys": "、".join(keys[:8]) + ("……" if len(keys) > 8 else "")},
        at="lead_of",
        status=422,
    )
