"""The drug list of an institution, and whether it has what a plan names.

Found by an equal name or an equal national code it has it. Of an equal substance (an ATC code names no more) in another
salt or form it is only said that there is something alike: 缓释 and 肠溶 are other medicines to whoever takes them. Without
a list nobody knows.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from tiercare.apps.network.rules.registers import Column, Register, Shape
from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text

LONGEST_NAME, LONGEST_CODE = 100, 30
_APART = re.compile(r"[\s()（）\[\]【】·,，.。/\-—_]+")
# Acids and bases that a substance is bound to, and the forms in which it is given; the longer before the shorter.
_SALTS = re.compile(
    r"^(重酒石酸|酒石酸|琥珀酸|苯磺酸|甲磺酸|马来酸|富马酸|枸橼酸|硫酸氢|硫酸|盐酸|氢溴酸|磷酸|醋酸|乳酸|硝酸|左旋|注射用|复方(?=$))+"
)
_FORMS = re.compile(
    r"(肠溶|缓释|控释|分散|咀嚼|泡腾|口崩|薄膜衣|软|硬)*(片剂|片|胶囊|颗粒剂|颗粒|滴丸|丸|口服溶液|口服液|糖浆|混悬液|注射液|注射剂|"
    r"滴眼液|滴耳液|喷雾剂|气雾剂|吸入剂|粉雾剂|乳膏|软膏|凝胶|贴剂|贴膏|栓剂|栓|散剂|散)$"
)
# ATC: a letter, two digits, two letters, two digits name a substance; anything shorter only a class of them.
_ATC = re.compile(r"[A-Z]\d{2}[A-Z]{2}\d{2}")
_ATC_CLASS = re.compile(r"[A-Z](\d{2}([A-Z][A-Z]?)?)?")
_CODE = re.compile(r"[A-Z0-9.\-]+")


class Held(StrEnum):
    """Whether the receiver has a drug."""

    HAS = "HAS"
    ALIKE = "ALIKE"
    LACKS = "LACKS"
    UNKNOWN = "UNKNOWN"


class Instead(StrEnum):
    """What is done about a drug that the receiver has not."""

    PRESCRIBE = "PRESCRIBE"
    SUBSTITUTE = "SUBSTITUTE"
    PROCURE = "PROCURE"


HELD_NAMES: Mapping[Held, Text] = {
    Held.HAS: Text("有", "has it"),
    Held.ALIKE: Text("有相近品种", "has something alike"),
    Held.LACKS: Text("没有", "has it not"),
    Held.UNKNOWN: Text("未知", "unknown"),
}
INSTEAD_NAMES: Mapping[Instead, Text] = {
    Instead.PRESCRIBE: Text("本院开足到下次复诊", "prescribed here until the next visit"),
    Instead.SUBSTITUTE: Text("换用对方目录里的药", "substituted by the receiver's list"),
    Instead.PROCURE: Text("请对方采购", "the receiver procures it"),
}


@dataclass(frozen=True, slots=True)
class Listed:
    """A drug on the list."""

    code: str
    name: str
    strength: str = ""


@dataclass(frozen=True, slots=True)
class Compared:
    """How a drug of a plan stands to the list; ``by`` is what was found there."""

    held: Held
    by: Listed | None = None


def normalised(name: str) -> str:
    """A name as names are compared: full-width and half-width, blanks, brackets and case do not matter."""
    return _APART.sub("", unicodedata.normalize("NFKC", name)).lower()


def substance(name: str) -> str:
    """The name without salt and form: 苯磺酸氨氯地平片 and 氨氯地平 are one; the name itself where nothing would be left."""
    whole = normalised(name)
    bare = _SALTS.sub("", _FORMS.sub("", whole))
    return bare if len(bare) > 1 else whole


def compare(code: str, name: str, listed: Iterable[Listed] | None) -> Compared:
    """Whether the drug stands on the list; ``None``: the institution keeps none."""
    if listed is None:
        return Compared(Held.UNKNOWN)
    rows = list(listed)
    wanted, key = code.strip().upper(), normalised(name)
    coded = next((each for each in rows if wanted and each.code == wanted), None)
    named = next((each for each in rows if normalised(each.name) == key), None)
    same = named or (coded if not _ATC.fullmatch(wanted) else None)
    if same is not None:
        return Compared(Held.HAS, same)
    alike = coded or next((each for each in rows if substance(each.name) == substance(name)), None)
    return Compared(Held.LACKS if alike is None else Held.ALIKE, alike)


def wrong_item(code: str, name: str, strength: str) -> list[Refusal]:
    """What cannot stand on a list: no name, a code that is none or names only a class of drugs."""
    found = []
    if not normalised(name):
        found.append(_NO_NAME)
    if code and not _CODE.fullmatch(code):
        found.append(replace(_NO_CODE, fields={"code": code}))
    elif _ATC_CLASS.fullmatch(code):
        found.append(replace(_CLASS_ONLY, fields={"code": code}))
    for at, text, most in (
        ("name", name, LONGEST_NAME),
        ("strength", strength, LONGEST_NAME),
        ("code", code, LONGEST_CODE),
    ):
        if len(text) > most or not text.isprintable():
            found.append(replace(_TOO_LONG, fields={"most": most}, at=at))
    return found


def _column(key: str, zh: str, en: str, help_zh: str, help_en: str, **more: str) -> Column:
    also: Sequence[str] = (more.pop("also"),) if "also" in more else ()
    return Column(
        key,
        Text(zh, en),
        Shape.TEXT,
        Text(help_zh, help_en),
        required=key == "name",
        example=more.get("example", ""),
        longest=LONGEST_CODE if key == "code" else LONGEST_NAME,
        also=tuple(also),
    )


DRUGS = Register(
    "drugs",
    Text("药品目录", "Drug list"),
    Text("本机构现有的药品，一种规格一行。", "The drugs the institution has, one strength a row."),
    ("name", "strength"),
    (
        _column(
            "name",
            "药品通用名",
            "Drug",
            "写通用名和剂型。",
            "The generic name with its form.",
            example="苯磺酸氨氯地平片",
            also="药名",
        ),
        _column(
            "strength",
            "规格",
            "Strength",
            "照包装写。",
            "As on the package.",
            example="5 mg×28",
            also="剂量规格",
        ),
        _column(
            "code",
            "药品编码",
            "Code",
            "ATC 编码（到物质，7 位）或国家药品编码；不知道就留空。",
            "The ATC code of the substance, or the national code; blank if unknown.",
            example="C08CA01",
            also="ATC",
        ),
    ),
)
REGISTERS: Mapping[str, Register] = {DRUGS.key: DRUGS}

_NO_NAME = Refusal(
    code="records.formulary_no_name",
    message=Text("没有写药名。", "The drug has no name."),
    instead=Text("请写通用名，如“苯磺酸氨氯地平片”。", "Give its generic name."),
    at="name",
    status=422,
)
_NO_CODE = Refusal(
    code="records.formulary_code",
    message=Text("“{code}”不是药品编码。", "“{code}” is no code of a drug."),
    instead=Text(
        "编码只有字母、数字、点和横线；不知道就留空。",
        "A code has letters, digits, points and hyphens; or leave it blank.",
    ),
    at="code",
    status=422,
)
_CLASS_ONLY = Refusal(
    code="records.formulary_class",
    message=Text("“{code}”只是一类药，不是一种药。", "“{code}” is a class of drugs, not a drug."),
    instead=Text(
        "请写到物质（7 位，如 C08CA01），或留空。",
        "Give all seven signs, such as C08CA01, or leave it blank.",
    ),
    at="code",
    status=422,
)
_TOO_LONG = Refusal(
    code="records.formulary_too_long",
    message=Text("最多 {most} 字，且只能是文字。", "{most} characters of text at most."),
    instead=Text("请精简。", "Shorten it."),
    status=422,
)
NO_SUCH_ITEM = Refusal(
    code="records.no_such_drug",
    message=Text("目录里没有这种药，或已经停用。", "The drug is not on your list, or was ended."),
    instead=Text("请刷新目录再看。", "Look at the list again."),
    at="item",
    status=404,
)


def rows_are_bad(count: int) -> Refusal:
    """Nothing of a file with bad rows is taken over."""
    return Refusal(
        code="records.formulary_rows_are_bad",
        message=Text(
            "有 {count} 行有误，没有导入任何药品。", "{count} rows cannot be taken; nothing was taken over."
        ),
        instead=Text("请照下面的说明改好文件，再上传。", "Mend the file as told below, and upload it again."),
        fields={"count": count},
        at="file",
        status=422,
    )
