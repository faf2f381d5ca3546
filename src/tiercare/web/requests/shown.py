"""What stands in a request, as its page and its sheet show it: what was sent, what it rests on, every step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from tiercare.apps.capacity.queries.mine import booking_of
from tiercare.apps.exchange.queries import Case, StepRow
from tiercare.apps.exchange.rules.kinds import URGENCY_NAMES, Urgency
from tiercare.apps.exchange.rules.owners import Level
from tiercare.apps.exchange.workflow import Act
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.network.queries import names_of_institutions
from tiercare.apps.records.rules.formularies import HELD_NAMES, INSTEAD_NAMES, Held, Instead
from tiercare.apps.records.rules.vocabulary import (
    CONDITION_STATUS_NAMES,
    DOCUMENT_KIND_NAMES,
    STAGE_NAMES,
    VISIT_KIND_NAMES,
    ConditionStatus,
    DocumentKind,
    Flag,
    Stage,
    VisitKind,
)
from tiercare.apps.referrals.queries import Packed
from tiercare.apps.referrals.rules.vocabulary import (
    BEYOND_NAMES,
    GROUP_NAMES,
    RETURNS,
    Beyond,
    Group,
)
from tiercare.engines.guidelines import Guidelines
from tiercare.engines.guidelines.model import Confidence
from tiercare.kernel.clock import day_of
from tiercare.kernel.refusal import Refused
from tiercare.kernel.text import Text
from tiercare.web.booking import presenters as booking
from tiercare.web.pages import english, said
from tiercare.web.records.presenters import value_shown
from tiercare.web.referrals.words import CONFIDENCE

from . import words

# What the sender wrote, in the order in which a doctor reads it.
_WRITTEN: tuple[tuple[str, str], ...] = (
    ("question", gettext_noop("咨询的问题")),
    ("reason", gettext_noop("转诊理由")),
    ("findings", gettext_noop("病情与检查")),
    ("treatment", gettext_noop("已做的处理")),
    ("wanted", gettext_noop("希望对方做什么")),
)
_PLANNED: tuple[tuple[str, str], ...] = (
    ("treatment", gettext_noop("接续治疗")),
    ("rehabilitation", gettext_noop("康复")),
    ("nursing", gettext_noop("护理")),
)
_REPORTED: tuple[tuple[str, str], ...] = (
    ("diagnosis", gettext_noop("诊断")),
    ("findings", gettext_noop("检查与病情")),
    ("treatment", gettext_noop("治疗经过")),
    ("advice", gettext_noop("给基层的意见")),
    ("next_visit_on", gettext_noop("下次复诊")),
)
_INSTEAD: tuple[tuple[str, str], ...] = (
    ("institution_name", gettext_noop("建议转到")),
    ("advice", gettext_noop("处理意见")),
    ("missing", gettext_noop("请补充")),
)
GAP_COLOURS: Mapping[Held, str] = {
    Held.HAS: "met",
    Held.ALIKE: "at_risk",
    Held.LACKS: "violated",
    Held.UNKNOWN: "not_applicable",
}
_BAD = frozenset({Act.RETURN, Act.MISS, Act.LEAVE, Act.LOSE_PLACE, Act.CANCEL, Act.WITHDRAW, Act.DIE})
_GOOD = frozenset({Act.ACKNOWLEDGE, Act.REPORT})


def written(payload: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What the sender wrote; empty lines are left out."""
    return _lines(payload, _WRITTEN)


def plan(payload: Mapping[str, Any]) -> dict[str, Any]:
    """The plan for whoever goes on treating, of a referral down; nothing in others."""
    given = payload.get("plan") or {}
    stage, group = str(payload.get("stage") or ""), str(payload.get("group") or "")
    if not given and not group:
        return {}
    return {
        "group": said(GROUP_NAMES[Group(group)]) if group in set(Group) else "",
        "stage": said(STAGE_NAMES[Stage(stage)]) if stage in set(Stage) and stage != Stage.NONE else "",
        "lines": _lines(given, _PLANNED),
        "drugs": [drug(each) for each in given.get("drugs") or () if isinstance(each, Mapping)],
        "warnings": [str(each) for each in given.get("warnings") or ()],
        "next_visit_on": str(given.get("next_visit_on") or ""),
        "guidance": [each for each in payload.get("guidance") or () if isinstance(each, Mapping)],
    }


def drug(given: Mapping[str, Any]) -> dict[str, Any]:
    """A drug of a plan, with how it stood to the receiver's list when it was sent and what is done about a gap."""
    held, instead = str(given.get("held") or ""), str(given.get("instead") or "")
    known = Held(held) if held in set(Held) else None
    return {
        **given,
        "held_name": said(HELD_NAMES[known]) if known else "",
        "colour": GAP_COLOURS[known] if known else "",
        "instead_name": said(INSTEAD_NAMES[Instead(instead)]) if instead in set(Instead) else "",
    }


def grounds(payload: Mapping[str, Any], basis: Mapping[str, Any]) -> dict[str, Any]:
    """What it rests on: the criteria that held when it was sent with their sources, and what the sender chose."""
    ground = payload.get("ground") or {}
    beyond = str(ground.get("beyond") or "")
    chosen = str(ground.get("criterion") or "")
    choice = payload.get("choice") or {}
    return {
        "held": [_held(each, chosen) for each in basis.get("rows") or () if isinstance(each, Mapping)],
        "version": str(basis.get("version") or ""),
        "severity": _severity(str(ground.get("severity") or "")),
        "beyond": said(BEYOND_NAMES[Beyond(beyond)]) if beyond in set(Beyond) else "",
        "chosen_by": _("患者自己选择了接收机构") if choice.get("by") == "resident" else "",
        "needs_admission": bool(payload.get("needs_admission")),
        "again": str(payload.get("again") or ""),
        "wish": _wish(choice.get("wish")),
    }


def _wish(institution: object) -> str:
    """Whom the resident asked for by name."""
    if not institution:
        return ""
    key = UUID(str(institution))
    return names_of_institutions([key], on=ledger.today()).get(key, "")


def _held(row: Mapping[str, Any], chosen: str) -> dict[str, Any]:
    confidence = str(row.get("confidence") or "")
    return {
        "says": _text(row.get("says")),
        "source": _text(row.get("source")),
        "confidence": _(CONFIDENCE[Confidence(confidence)]) if confidence in set(Confidence) else "",
        "chosen": str(row.get("id", "")) == chosen and bool(chosen),
    }


def _severity(said_with: str) -> str:
    """How severe the sender found it: an urgency by name, or their own words."""
    name = said_with.upper()
    return said(URGENCY_NAMES[Urgency[name]]) if name in Urgency.__members__ else said_with


def report(step: StepRow | None) -> list[tuple[str, str]]:
    """What was answered."""
    return _lines(step.content, _REPORTED) if step else []


def steps(of: Case, *, today: date) -> list[dict[str, Any]]:
    """Every step with who and when, the last first; what was said and answered stands with it."""
    return [_step(each, today=today) for each in reversed(of.steps)]


def _step(row: StepRow, *, today: date) -> dict[str, Any]:
    by = " · ".join(part for part in (row.institution, row.who) if part)
    return {
        "what": words.act(row.act),
        "state": words.state(row.target),
        "at": words.moment(row.at, today),
        "by": by or _("平台"),
        "code": said(RETURNS[row.code].name) if row.code in RETURNS else row.code,
        "words": row.words,
        "instead": _lines(row.alternative or {}, _INSTEAD),
        "bad": row.act in _BAD,
        "good": row.act in _GOOD,
        "report": report(row) if row.act is Act.REPORT else [],
    }


def desks(of: Case) -> list[dict[str, str]]:
    """Whom to telephone, on either side."""
    found = []
    for name, desk in ((of.line.sender_name, of.desk_from), (of.line.receiver_name, of.desk_to)):
        if desk is not None:
            found.append({"institution": name, "desk": desk.name, "phone": desk.phone})
    return found


def waits_for(of: Case) -> str:
    """Who is to do something now, in a sentence; nothing once it is over."""
    owner = of.line.owner
    if owner is None:
        return ""
    who = words.owner(owner, of.line.owner_name)
    if owner.level is Level.PERSON and owner.institution_id is not None:
        house = of.line.sender_name if owner.institution_id == of.line.sender else of.line.receiver_name
        return f"{house} · {who}"
    return who


def package(found: Packed | None, book: Guidelines | None) -> list[dict[str, Any]]:
    """The part of the record that went with it, section by section; empty ones are left out. ``book`` names results that came
    without a name."""
    if found is None:
        return []
    names: tuple[tuple[str, str, Any], ...] = (
        ("problems", _("诊断"), _problem),
        ("drugs", _("用药"), _drug),
        ("results", _("检查检验"), partial(_result, book)),
        ("visits", _("就诊经过"), _visit),
        ("documents", _("文书与影像"), _paper),
    )
    parts = [
        (name, [one(each) | _withdrawn(each) for each in found.content.get(key) or ()])
        for key, name, one in names
    ]
    return [{"name": name, "rows": entries} for name, entries in parts if entries]


def _withdrawn(row: Mapping[str, Any]) -> dict[str, str]:
    """That its institution withdrew it after it was sent, and why."""
    gone = row.get("withdrawn") or {}
    return {"gone": str(gone.get("reason") or ""), "gone_on": _day(str(gone.get("at") or ""))}


def _problem(row: Mapping[str, Any]) -> dict[str, str]:
    status = str(row.get("status", ""))
    known = said(CONDITION_STATUS_NAMES[ConditionStatus(status)]) if status in set(ConditionStatus) else ""
    return _entry(row, "name", [row.get("code"), known], "noted_at")


def _drug(row: Mapping[str, Any]) -> dict[str, str]:
    return _entry(row, "name", [row.get("dose"), _("长期") if row.get("long_term") else ""], "since")


def _result(book: Guidelines | None, row: Mapping[str, Any]) -> dict[str, str]:
    low, high, flag = _plain(row.get("low")), _plain(row.get("high")), str(row.get("flag", ""))
    normal = _("参考 %(low)s–%(high)s") % {"low": low, "high": high} if low or high else ""
    reading = {key: row.get(key) or "" for key in ("item", "name", "unit", "words")}
    known = flag if flag in set(Flag) else ""
    name, value, _colour, says = value_shown(reading | {"value": row.get("value"), "flag": known}, book)
    odd = known not in {"", "NORMAL"}
    return _entry(row, "name", [value, normal], "taken_at") | {"what": name, "flag": says if odd else ""}


def _visit(row: Mapping[str, Any]) -> dict[str, str]:
    kind = str(row.get("kind", ""))
    told = [
        *(row.get("diagnoses") or ()),
        *(row.get(key) for key in ("complaint", "findings", "treatment", "disposition")),
    ]
    entry = _entry(row, "kind", told, "started_at")
    return entry | {"what": said(VISIT_KIND_NAMES[VisitKind(kind)]) if kind in set(VisitKind) else kind}


def _paper(row: Mapping[str, Any]) -> dict[str, str]:
    kind = str(row.get("kind", ""))
    known = said(DOCUMENT_KIND_NAMES[DocumentKind(kind)]) if kind in set(DocumentKind) else ""
    address = str(row.get("reference") or "")
    away = address if address.startswith("https://") else ""
    size = _("%(size)s KB") % {"size": -(-int(row["size"]) // 1024)} if row.get("held") else ""
    entry = _entry(row, "title", [known, "" if away else address, size], "dated_at")
    return entry | {"file": str(row["id"]) if row.get("held") else "", "away": away}


def _entry(row: Mapping[str, Any], name: str, more: Iterable[Any], at: str) -> dict[str, str]:
    """One entry: what, more about it, and its day; days are kept as ISO texts."""
    return {
        "what": str(row.get(name) or ""),
        "more": ("; " if english() else "；").join(_ended(str(each)) for each in more if each),
        "at": _day(str(row.get(at) or "")),
        "flag": "",
    }


def _ended(text: str) -> str:
    """Without the full stop behind which another part follows."""
    return text.strip().rstrip("。.;；")


def _day(kept: str) -> str:
    """The day in China of a day or a moment as JSON keeps it."""
    try:
        moment = datetime.fromisoformat(kept)
    except ValueError:
        return ""
    return day_of(moment).isoformat() if moment.tzinfo else kept[:10]


def _plain(value: Any) -> str:
    """A number as it is kept, without the zeros behind it."""
    text = "" if value is None else str(value)
    return text.rstrip("0").rstrip(".") if "." in text else text


def place(request: HttpRequest, booking_id: UUID | None) -> booking.Line | None:
    """Where to go, when, and what to bring, as the appointment slip says it; nothing where no place was taken. Called
    for a request whose reading is recorded."""
    if booking_id is None:
        return None
    try:
        row = booking_of(request.actor, booking_id)
    except Refused:  # booked by one side, and somebody of a third looks
        return None
    (line,) = booking.lines([row], today=request.today, own=request.actor.institution_id, persons=False)
    return line


def _lines(of: Mapping[str, Any], keys: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(_(label), str(of[key]).strip()) for key, label in keys if str(of.get(key) or "").strip()]


def _text(value: Any) -> str:
    """A sentence that may be kept in both languages."""
    if isinstance(value, Mapping) and "zh" in value:
        return said(Text(str(value["zh"]), str(value.get("en") or value["zh"])))
    if isinstance(value, Sequence) and not isinstance(value, str) and len(value) == 2:
        return said(Text(str(value[0]), str(value[1])))
    return said(value) if isinstance(value, Text) else str(value or "")
