"""Projects of work programmes: what one keeps of its programme, how its parts stand, and what its acts ask beyond words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol

from tiercare.engines.measures.oversight import Answer, Field
from tiercare.engines.measures.programmes import Blank, Part, Programme
from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text

from . import oversight
from .oversight_refusals import UNKNOWN_FIELD, refusal
from .standing import Said, Standing

DONE_ON = "done_on"
_WHOLE = Decimal(100)


class PartState(StrEnum):
    """How far a part is. Of one that is planned nothing was said yet."""

    PLANNED = "planned"
    UNDER_WAY = "under_way"
    DONE = "done"
    DROPPED = "dropped"


PART_NAMES: Mapping[PartState, Text] = {
    PartState.PLANNED: Text("未开始", "not begun"),
    PartState.UNDER_WAY: Text("进行中", "under way"),
    PartState.DONE: Text("已完成", "done"),
    PartState.DROPPED: Text("不再推进", "dropped"),
}
SETTLED = frozenset({PartState.DONE, PartState.DROPPED})
_SAID = frozenset(PartState) - {PartState.PLANNED}
_OF_NOTE = frozenset({"part", "state", "percent"})


class Told(Protocol):
    """An entry of a matter's history, as far as it is needed here."""

    @property
    def at(self) -> datetime:
        """When it was said."""

    @property
    def words(self) -> str:
        """What was said."""

    @property
    def by(self) -> str:
        """Who said it."""

    @property
    def figures(self) -> Mapping[str, Any]:
        """Choices and numbers."""

    @property
    def proofs(self) -> Sequence[Mapping[str, Any]]:
        """Its files."""


@dataclass(frozen=True, slots=True)
class Stands:
    """A part and what was last said of it; ``proofs`` are all that were ever brought for it."""

    part: Mapping[str, Any]
    state: PartState
    words: str = ""
    by: str = ""
    at: datetime | None = None
    proofs: Sequence[Mapping[str, Any]] = ()


def parts_now(payload: Mapping[str, Any], entries: Iterable[Told]) -> list[Stands]:
    """How the parts of a project stand, in its order."""
    found = {each["id"]: Stands(each, PartState.PLANNED) for each in payload.get("parts", ())}
    for each in entries:
        named = str(each.figures.get("part", ""))
        if named in found:
            proofs = (*found[named].proofs, *each.proofs)
            state = PartState(each.figures["state"])
            found[named] = Stands(found[named].part, state, each.words, each.by, each.at, proofs)
    return list(found.values())


def percent(entries: Iterable[Told]) -> Decimal | None:
    """The share of the whole that was last said to be done, from 0 to 100; ``None`` where nothing was said."""
    said = [_share(each.figures["percent"]) for each in entries if each.figures.get("percent")]
    return next((each for each in reversed(said) if each is not None), None)


def _share(value: object) -> Decimal | None:
    """A share of the whole in per cent, written with its sign or without."""
    found = oversight.number(str(value).strip().rstrip("%％"))
    return found if found is not None and 0 <= found <= _WHOLE else None


def payload_of(
    programme: Programme, top: Programme, plan: Mapping[str, str], shown: Mapping[str, str], **more: Any
) -> dict[str, Any]:
    """What a project keeps of its programme: later changes of the pack do not change what was asked. ``shown`` are names of what
    ``plan`` has as keys."""
    sheet = [_field(each.field, each.part) for each in programme.sheet]
    done = [] if programme.yearly else [_field(_DONE_ON, "")]
    return {
        "programme": programme.id,
        "programme_name": _both(programme.name),
        "top": top.id,
        "top_name": _both(top.name),
        "yearly": programme.yearly,
        "plan": [
            _field(each.field, each.part)
            | {"value": plan.get(each.field.id, ""), "shown": shown.get(each.field.id, "")}
            for each in programme.plan
        ],
        "parts": [_part(each) for each in programme.parts],
        "steps": not programme.yearly,  # the domains of a sheet are no steps
        "ordered": programme.ordered,
        "sheet": [*done, *sheet],
        "file": programme.file,
        **more,
    }


def plan_faults(blanks: Sequence[Blank], plan: Mapping[str, str]) -> list[Refusal]:
    """What is missing or wrong of what a project says when it begins."""
    return oversight.sheet_faults([_field(each.field, each.part) for each in blanks], plan)


def note_guard(standing: Standing, said: Said) -> list[Refusal]:
    """Progress of a part names one that there is and says how far it is; what is done is proven where the programme asks."""
    told = said.figures
    found = [UNKNOWN_FIELD] if set(told) - _OF_NOTE else []
    if "percent" in told and _share(told["percent"]) is None:
        found.append(NO_PERCENT)
    if "part" in told or "state" in told:
        parts = {each["id"]: each for each in standing.payload["parts"] if standing.payload["steps"]}
        if told.get("part") not in parts:
            return [*found, NO_SUCH_PART]
        if told.get("state") not in _SAID:
            return [*found, NO_PART_STATE]
        if told["state"] == PartState.DONE and parts[told["part"]]["file"] and not said.files:
            found.append(EVIDENCE_NEEDED)
    return found


def end_guard(standing: Standing, said: Said) -> list[Refusal]:
    """What it came to stands on its sheet, and it was not done on a day to come."""
    found = oversight.sheet_guard(standing, said)
    try:
        done = date.fromisoformat(str(said.figures.get(DONE_ON, "")))
    except ValueError:
        return found  # the sheet says so where it is asked
    return [*found, DONE_TO_COME] if done > standing.today else found


def out_of_turn(standing: Standing, found: Sequence[Stands], part: str) -> list[Mapping[str, Any]]:
    """Parts that come before one in an ordered project and are not settled."""
    if not standing.payload["ordered"]:
        return []
    before = []
    for each in found:
        if each.part["id"] == part:
            break
        if each.state not in SETTLED:
            before.append(each.part)
    return before


def unsettled(standing: Standing, found: Sequence[Stands]) -> list[Mapping[str, Any]]:
    """Parts that are neither done nor dropped."""
    return [each.part for each in found if each.state not in SETTLED] if standing.payload["steps"] else []


def _field(each: Field, part: str) -> dict[str, Any]:
    return {
        "id": each.id,
        "zh": each.name.zh,
        "en": each.name.en,
        "type": each.type,
        "optional": each.optional,
        "part": part,
        "answers": [_answer(one) for one in each.answers],
    }


def _answer(each: Answer) -> dict[str, Any]:
    return {"id": each.id, "zh": each.name.zh, "en": each.name.en}


def _part(each: Part) -> dict[str, Any]:
    return {"id": each.id, "zh": each.name.zh, "en": each.name.en, "file": each.file}


def _both(each: Text) -> dict[str, str]:
    return {"zh": each.zh, "en": each.en}


_DONE_ON = Field(DONE_ON, Text("实际完成日期", "Really done on"), (), "day", False)

NO_PROGRAMME = refusal(
    "no_programme",
    Text("没有这个重点工作。", "There is no such programme."),
    Text("请从列出的重点工作中选择。", "Choose one of those listed."),
    "programme",
)
NOT_LISTED = refusal(
    "programme_not_listed",
    Text("现行文件没有把这项列为重点工作。", "No text in force lists this programme."),
    Text(
        "请归入现行的一项重点工作；有依据的，请先把条款补进政策包。",
        "Put it under one that is in force; if a document does list it, the clause belongs into the pack first.",
    ),
    "programme",
)
NOT_OF_IT = refusal(
    "not_of_programme",
    Text("这个对象不在这项重点工作的范围内。", "The programme is not for this one."),
    Text("请从名单里选。", "Choose from the list."),
    "subject",
)
NOBODY_OF_IT = refusal(
    "nobody_of_programme",
    Text("您的辖区或医联体里没有这项工作的对象。", "Nobody in your area or consortium is part of it."),
    Text("请核对机构登记，或选其他重点工作。", "Look into the register, or choose another programme."),
    "programme",
)
NO_INSTITUTION = refusal(
    "no_institution",
    Text("没有这家机构。", "There is no such institution."),
    Text("请从名单里选。", "Choose from the list."),
    "plan",
)
NO_LEAD_OF_IT = refusal(
    "no_lead_of_it",
    Text("所选医院不是该机构所在医联体的牵头医院。", "The hospital leads no consortium of that institution."),
    Text(
        "请选它所在医联体的牵头医院；还没有加入的，请先登记成员关系。",
        "Choose the lead of a consortium it belongs to; enter the membership first where there is none.",
    ),
    "helper",
)
ONCE_A_YEAR = refusal(
    "once_a_year",
    Text("这一年的表已经下达过。", "The sheet of this year has been asked for."),
    Text("请在清单里打开它。", "Open it from the list."),
    "subject",
    409,
)
NO_YEAR = refusal(
    "no_year",
    Text("年度写得不对。", "That is no year."),
    Text("请写四位年份，如 2026。", "Write four digits, such as 2026."),
    "year",
)
NOT_YEARLY = refusal(
    "not_yearly",
    Text("这项工作不是每年一次的表。", "The programme has no yearly sheet."),
    Text("请逐个立项。", "Open its projects one by one."),
    "programme",
)
NO_GAP = refusal(
    "no_gap",
    Text("按机构登记，现在没有这个缺口。", "By the register there is no such gap now."),
    Text(
        "请从对照表里选缺口，或不带缺口立项。", "Choose one from the table, or open the project without it."
    ),
    "gap",
)
GAP_TAKEN = refusal(
    "gap_taken_up",
    Text("这个缺口已经立项，还没有办完。", "There is an open project for this gap."),
    Text("请打开原来的项目；要重做的，先撤销它。", "Open that one; withdraw it first to begin anew."),
    "gap",
    409,
)
NO_SUCH_PART = refusal(
    "no_such_part",
    Text("这个项目没有这一项。", "The project has no such part."),
    Text("请从页面列出的各项里选。", "Choose one of those on its page."),
    "part",
)
NO_PART_STATE = refusal(
    "no_part_state",
    Text("请写明这一项进行到哪一步。", "Say how far the part is."),
    Text("可选：进行中、已完成、不再推进。", "Under way, done, dropped."),
    "state",
)
EVIDENCE_NEEDED = refusal(
    "evidence_needed",
    Text("这一项完成要附证明材料。", "The part is done only with its evidence."),
    Text(
        "请上传批文、照片或扫描件；还没有的，先登记为进行中。",
        "Attach the paper or a photo, or enter it as under way.",
    ),
    "file",
)
NO_PERCENT = refusal(
    "no_percent",
    Text("完成比例写得不对。", "That is no share."),
    Text("请写 0 到 100 之间的百分数，如 40%。", "Write a percentage from 0 to 100, such as 40%."),
    "percent",
)
DONE_TO_COME = refusal(
    "done_to_come",
    Text("实际完成日期不能晚于今天。", "It cannot have been done on a day to come."),
    Text("请填真正完成的那一天。", "Give the day on which it was done."),
    DONE_ON,
)
EARLIER_FIRST = refusal(
    "earlier_first",
    Text("按推进次序，先要完成：{zh}。", "By their order these come first: {en}."),
    Text("请先登记前面各项，或写明不再推进。", "Enter those first, or say that they are dropped."),
    "part",
)
PARTS_LEFT = refusal(
    "parts_left",
    Text("还有 {count} 项没有完成：{zh}。", "{count} parts are not done: {en}."),
    Text("请逐项登记完成，或写明不再推进，再报送。", "Enter each as done or dropped, then submit."),
    "parts",
)
