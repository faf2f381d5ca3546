"""A short list of ICD-10 categories by which common diseases are entered: those of the guidelines, and what a village or
township sees every day. Any other code may be typed with its name; the whole of ICD-10 is not bundled."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

CATEGORIES: Mapping[str, str] = {
    "I10": "原发性高血压",
    "I11": "高血压心脏病",
    "I12": "高血压肾病",
    "I15": "继发性高血压",
    "E11": "2型糖尿病",
    "E10": "1型糖尿病",
    "E14": "糖尿病",
    "E78": "高脂血症",
    "E79": "高尿酸血症",
    "M10": "痛风",
    "I20": "心绞痛",
    "I21": "急性心肌梗死",
    "I25": "慢性缺血性心脏病",
    "I48": "心房颤动",
    "I50": "心力衰竭",
    "I60": "蛛网膜下腔出血",
    "I61": "脑出血",
    "I63": "脑梗死",
    "I64": "脑卒中",
    "I69": "脑血管病后遗症",
    "G45": "短暂性脑缺血发作",
    "J44": "慢性阻塞性肺疾病",
    "J45": "支气管哮喘",
    "J18": "肺炎",
    "J06": "急性上呼吸道感染",
    "J20": "急性支气管炎",
    "N18": "慢性肾脏病",
    "N20": "肾和输尿管结石",
    "N39": "泌尿道感染",
    "N40": "前列腺增生",
    "K21": "胃食管反流病",
    "K25": "胃溃疡",
    "K29": "胃炎",
    "K35": "急性阑尾炎",
    "K40": "腹股沟疝",
    "K52": "非感染性胃肠炎",
    "K80": "胆石症",
    "B18": "慢性病毒性肝炎",
    "A15": "肺结核",
    "C15": "食管癌",
    "C16": "胃癌",
    "C18": "结肠癌",
    "C20": "直肠癌",
    "C22": "肝癌",
    "C34": "肺癌",
    "C50": "乳腺癌",
    "C53": "宫颈癌",
    "F20": "精神分裂症",
    "F32": "抑郁发作",
    "G20": "帕金森病",
    "G40": "癫痫",
    "H25": "老年性白内障",
    "M17": "膝关节病",
    "M51": "腰椎间盘突出症",
    "M54": "背痛",
    "M81": "骨质疏松",
    "S52": "前臂骨折",
    "S72": "股骨骨折",
    "S82": "小腿骨折",
    "R42": "头晕和眩晕",
    "R51": "头痛",
    "R07": "胸痛",
    "R50": "发热",
    "O80": "单胎顺产",
    "O13": "妊娠高血压",
    "O24": "妊娠期糖尿病",
    "Z00": "健康检查",
}
_TYPED = re.compile(r"([A-Za-z]\d{2}(?:\.[0-9A-Za-z]{1,8}[+*]?)?)\s*(.*)", re.DOTALL)


def read_diagnosis(text: str, initials: Callable[[str], str]) -> tuple[str, str] | None:
    """Code and name from what somebody typed: a code with or without a name, a name of the list, or its pinyin initials
    (``yfxgxy``). ``None`` where it is none of them or means several."""
    text = text.strip()
    typed = _TYPED.fullmatch(text)
    if typed:
        code = typed[1][0].upper() + typed[1][1:]
        name = typed[2].strip() or CATEGORIES.get(code[:3], "")
        return (code, name) if name else None
    return _only({code for code, name in CATEGORIES.items() if name == text}) or _only(_like(text, initials))


def _like(text: str, initials: Callable[[str], str]) -> set[str]:
    key = text.casefold()
    if len(key) < 2:
        return set()
    return {code for code, name in CATEGORIES.items() if text in name or initials(name).startswith(key)}


def _only(codes: set[str]) -> tuple[str, str] | None:
    if len(codes) != 1:
        return None
    (code,) = codes
    return code, CATEGORIES[code]
