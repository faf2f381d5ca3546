"""What may be wrong with a row, in one table: code, how grave, what kind, the sentence, the way on.

A row with a FAULT waits in quarantine; one with a SUSPICION is taken and flagged; a NOTE only tells how something was read.
In the file of judged rows a fault stands as ``code@column``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from tiercare.kernel.text import Text

SEPARATOR = ";"  # between the faults of a row


class Weight(StrEnum):
    """How grave it is."""

    FAULT = "fault"
    SUSPICION = "suspicion"
    NOTE = "note"


class Aspect(StrEnum):
    """Which side of the quality of data it is about."""

    READING = "reading"
    COMPLETENESS = "completeness"
    PLAUSIBILITY = "plausibility"
    DUPLICATES = "duplicates"
    SEQUENCE = "sequence"
    BATCH = "batch"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of fault; ``{column}`` in the sentence is the column as the file calls it."""

    code: str
    weight: Weight
    aspect: Aspect
    message: Text
    fix: Text


_F, _S, _N = Weight.FAULT, Weight.SUSPICION, Weight.NOTE
_R, _C, _P, _D, _Q, _B = (
    Aspect.READING,
    Aspect.COMPLETENESS,
    Aspect.PLAUSIBILITY,
    Aspect.DUPLICATES,
    Aspect.SEQUENCE,
    Aspect.BATCH,
)
_RULE = Text(
    "请核对原始记录，更正后单独导入这些行。",
    "Check the original records, correct these rows and import them alone.",
)

_ALL = (
    Kind(
        "empty",
        _F,
        _C,
        Text("“{column}”是必填项，这里是空的。", "“{column}” must be filled in and is empty here."),
        Text(
            "请补齐；全列同值的，可在映射文件写 defaults。",
            "Fill it in; if one value fits all, give it under defaults.",
        ),
    ),
    Kind(
        "no_day",
        _F,
        _R,
        Text(
            "“{column}”里的日期不存在，如 2025/2/30。",
            "“{column}” names a day that no calendar has, such as 2025/2/30.",
        ),
        Text("请按原始记录改成真实日期。", "Correct it after the original record."),
    ),
    Kind(
        "no_date",
        _F,
        _R,
        Text("“{column}”里的内容不是日期。", "What stands in “{column}” is no date."),
        Text(
            "请写成 2025-03-01；日在前的格式，请在映射文件的 dates 写 dmy 或 mdy。",
            "Write 2025-03-01; where the day or the month comes first, say dmy or mdy under dates in the mapping.",
        ),
    ),
    Kind(
        "no_month",
        _F,
        _R,
        Text("“{column}”里的内容不是月份。", "What stands in “{column}” is no month."),
        Text("请写成 202503 或 2025-03。", "Write 202503 or 2025-03."),
    ),
    Kind(
        "no_number",
        _F,
        _R,
        Text(
            "“{column}”里的内容不是数，或写法有歧义（如 1,23）。",
            "“{column}” holds no number, or an ambiguous one (1,23).",
        ),
        Text(
            "请写成 1234.50；千分位只接受 1,234.50。",
            "Write 1234.50; of separators only 1,234.50 is understood.",
        ),
    ),
    Kind(
        "not_whole",
        _F,
        _R,
        Text("“{column}”应是整数。", "“{column}” should be a whole number."),
        Text("请核对单位和小数。", "Check the unit and the decimals."),
    ),
    Kind(
        "no_flag",
        _F,
        _R,
        Text("“{column}”应是“是”或“否”。", "“{column}” should be yes or no."),
        Text(
            "请改为是/否，或在映射文件的 words 写明对应关系。",
            "Write 是 or 否, or say under words what the file's mean.",
        ),
    ),
    Kind(
        "unknown_word",
        _F,
        _R,
        Text("“{column}”里的词不在可选之列。", "“{column}” holds a word that is none of its choices."),
        Text(
            "请在映射文件的 words 写明它对应哪一个。", "Say under words in the mapping which choice it means."
        ),
    ),
    Kind(
        "no_division",
        _F,
        _R,
        Text(
            "“{column}”不是 6、9 或 12 位区划代码。", "“{column}” is no division code of 6, 9 or 12 digits."
        ),
        Text("请填国家统计局的区划代码，不写名称。", "Give the code of the statistics bureau, not a name."),
    ),
    Kind(
        "digits_lost",
        _F,
        _R,
        Text(
            "“{column}”被 Excel 改成了科学计数法，末尾数字已丢失。",
            "Excel wrote “{column}” as 1.23E+17; its last digits are lost.",
        ),
        Text(
            "请把该列设为“文本”，从原系统重新导出。",
            "Give the column the format Text and export it again from its system.",
        ),
    ),
    Kind(
        "illegible",
        _F,
        _R,
        Text("这一行有无法识别的字符。", "The row holds characters that cannot be read."),
        Text(
            "请从原系统重新导出，编码选 UTF-8 或 GB18030。",
            "Export it again from its system as UTF-8 or GB18030.",
        ),
    ),
    Kind(
        "doubtful",
        _F,
        _R,
        Text(
            "这一行有公式、错误值或合并单元格。", "The row holds a formula, an error value or merged cells."
        ),
        Text(
            "请粘贴为数值、取消合并后再导入。", "Paste as values, take merged cells apart, and import again."
        ),
    ),
    Kind(
        "beyond",
        _F,
        _R,
        Text(
            "这一行的单元格比表头多，列可能错位。",
            "The row has more cells than the header; its columns may have shifted.",
        ),
        Text("文字里含分隔符的，请用双引号括起来。", "Put text that holds the separator in double quotes."),
    ),
    Kind(
        "header_again",
        _F,
        _R,
        Text("这一行是重复的表头。", "The row is the header again."),
        Text(
            "不是数据，可以不管；合并文件时请只留一行表头。",
            "It is no data; keep one header when you join files.",
        ),
    ),
    Kind(
        "negative",
        _F,
        _P,
        Text("“{column}”是负数。", "“{column}” is negative."),
        Text(
            "退费、冲红请与原记录合并为净额后再导入。",
            "Net refunds with the record they belong to, and import that.",
        ),
    ),
    Kind(
        "future",
        _F,
        _P,
        Text("“{column}”晚于今天。", "“{column}” lies after today."),
        _RULE,
    ),
    Kind(
        "too_early",
        _F,
        _P,
        Text("“{column}”早得不合常理。", "“{column}” is implausibly early."),
        _RULE,
    ),
    Kind(
        "outside_period",
        _F,
        _P,
        Text(
            "“{column}”不在映射文件写明的 period 内。",
            "“{column}” is not within the period that the mapping names.",
        ),
        Text(
            "请核对导出的时间范围；范围有变的，请改 period。",
            "Check the range that was exported, or change period.",
        ),
    ),
    Kind(
        "unknown_institution",
        _F,
        _P,
        Text(
            "“{column}”不在本区划的机构名单里。",
            "“{column}” is not on the list of institutions of this region.",
        ),
        Text("请先导入机构表，或核对机构编号。", "Import the institutions first, or check the key."),
    ),
    Kind(
        "before",
        _F,
        _Q,
        Text(
            "“{column}”的先后颠倒：后一步早于前一步（如出院早于入院）。",
            "“{column}” is out of order, such as a discharge before admission.",
        ),
        _RULE,
    ),
    Kind(
        "after_death",
        _F,
        _Q,
        Text(
            "此人已有更早的死亡离院记录，之后又有就诊。",
            "The person was discharged dead earlier and has a visit afterwards.",
        ),
        Text(
            "请核对是死亡记录有误，还是两人用了同一编号。",
            "Check whether the death is wrong or two people share a key.",
        ),
    ),
    Kind(
        "copy",
        _F,
        _D,
        Text("与前面一行完全相同，只保留了第一行。", "Equal to a row above; the first was taken."),
        Text("不必处理；请查明导出为何重复。", "Nothing to do; find out why the export repeats rows."),
    ),
    Kind(
        "same_key",
        _F,
        _D,
        Text(
            "“{column}”相同而内容不同的行不止一条，无法判断哪条对，都没有入库。",
            "Rows share “{column}” and differ; none was taken, as nothing says which is right.",
        ),
        Text("请核对，只保留正确的一条后再导入。", "Keep the right one and import it."),
    ),
    Kind(
        "in_store",
        _F,
        _D,
        Text("“{column}”相同的行早先已经入库。", "A row with the same “{column}” was taken before."),
        Text(
            "要更正已入库的月份，请导入整月数据并选择“替换”。",
            "To correct a month, import all of it with “replace”.",
        ),
    ),
    Kind(
        "month_locked",
        _F,
        _B,
        Text("所属月份已锁定。", "Its month is locked."),
        Text("请先由锁定人解锁并写明理由。", "Ask whoever locked it to lift the lock, with a reason."),
    ),
    Kind(
        "batch_refused",
        _F,
        _B,
        Text(
            "同一批里有已锁定月份的行，整批没有入库。",
            "The batch holds rows of a locked month; none of it was taken.",
        ),
        Text(
            "可把未锁定月份的行另存一份先导入。", "Save the rows of the other months apart and import those."
        ),
    ),
    Kind(
        "shares",
        _S,
        _P,
        Text("基金支付与个人负担之和大于总费用。", "Fund and own payment together exceed the cost."),
        Text("已入库并标记；请核对是否含其他支付。", "Taken and flagged; check what the amounts include."),
    ),
    Kind(
        "days",
        _S,
        _Q,
        Text("住院天数与出入院日期不符。", "The days of the stay do not agree with its dates."),
        Text("已入库并标记；请核对天数的算法。", "Taken and flagged; check how days are counted."),
    ),
    Kind(
        "no_admission",
        _S,
        _C,
        Text("住院记录没有入院日。", "A stay has no day of admission."),
        Text("已入库并标记；再住院等指标会漏掉它。", "Taken and flagged; readmission and the like miss it."),
    ),
    Kind(
        "died_before",
        _S,
        _Q,
        Text(
            "此人死亡离院，而早先入库的数据里有更晚的就诊。",
            "Discharged dead, but the store holds later visits of this person.",
        ),
        Text(
            "已入库并标记；请核对死亡记录或个人编号。",
            "Taken and flagged; check the death or the person's key.",
        ),
    ),
    Kind(
        "units",
        _S,
        _P,
        Text(
            "“{column}”当月的中位数与其他月份相差数十倍，可能把分当成了元（或相反）。",
            "The month's median of “{column}” is many times that of others: perhaps fen for yuan, or the reverse.",
        ),
        Text(
            "已入库并标记；单位确有不同的，请拆成两个文件，各用自己的映射。",
            "Taken and flagged; if units differ, split the file and give each part its mapping.",
        ),
    ),
    Kind(
        "thousands",
        _N,
        _R,
        Text(
            "“{column}”有千分位，已按数读入。",
            "“{column}” has thousands separators and was read as a number.",
        ),
        Text("不必处理。", "Nothing to do."),
    ),
    Kind(
        "rounded",
        _N,
        _R,
        Text("“{column}”不是整分，已四舍五入到分。", "“{column}” is no whole fen and was rounded to it."),
        Text("不必处理。", "Nothing to do."),
    ),
)
KINDS: Mapping[str, Kind] = {each.code: each for each in _ALL}
GRAVE = frozenset(code for code, kind in KINDS.items() if kind.weight is Weight.FAULT)


def token(code: str, column: str = "") -> str:
    """How a fault stands beside its row."""
    return f"{KINDS[code].code}@{column}"
