"""What first contact means, in words: each stands beside its number. No text gives a formula: these are ours, and say so."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from tiercare.kernel.text import Text


class Section(StrEnum):
    """What is counted: by consortium, of specialist visits, by key group, of residents who have signed."""

    CONSORTIA = "consortia"
    SPECIALIST = "specialist"
    GROUPS = "groups"
    SIGNED = "signed"


# Which texts ask for it. The first two are counted everywhere, since the nation's text asks for the share; the others where
# the text of the region does.
CLAUSES: Mapping[Section, tuple[str, ...]] = {
    Section.CONSORTIA: ("CX-06", "NHC-43"),
    Section.SPECIALIST: ("NHC-43",),
    Section.GROUPS: ("XH-24",),
    Section.SIGNED: ("YN-48",),
}
NAMES: Mapping[Section, Text] = {
    Section.CONSORTIA: Text("各医联体的基层首诊率", "First contact in primary care, by consortium"),
    Section.SPECIALIST: Text(
        "专科就诊前先到过基层或经转诊", "Specialist visits after primary care or a referral"
    ),
    Section.GROUPS: Text("重点人群的基层首诊率", "First contact in primary care, by key group"),
    Section.SIGNED: Text(
        "签约居民在本医联体基层首诊", "Signed residents: first contact in their own consortium"
    ),
}
DEFINITIONS: Mapping[Section, Text] = {
    Section.CONSORTIA: Text(
        "首诊在基层机构的诊疗过程 ÷ 首诊在该医联体成员的全部诊疗过程，按首诊所在月。同一居民为同一问题就诊，相隔不超过"
        " {gap} 天的为一个诊疗过程（原文没有给公式，平台口径）。",
        "Episodes first seen in a primary institution ÷ all episodes first seen at a member of the consortium, by the month of"
        " first contact. Visits of one resident for one problem, no more than {gap} days apart, are one episode (our formula:"
        " the text gives none).",
    ),
    Section.SPECIALIST: Text(
        "此前在同一诊疗过程里到过基层、或由转诊带来的就诊 ÷ {level} 级及以上医院的全部就诊，按季度；急诊不计（平台口径）。",
        "Visits before which a primary institution was seen in the same episode, or which a referral brought ÷ all visits at"
        " hospitals of level {level} and above, by quarter; emergencies are left out (our formula).",
    ),
    Section.GROUPS: Text(
        "同上口径，只数首诊当天属于该人群的居民：已登记为重点人群，或按年龄、按所患病种归入。不足 {least} 人次的不显示。",
        "As above, of residents who belonged to the group on that day: entered in it, or by age or by the disease seen. Fewer"
        " than {least} first contacts are not shown.",
    ),
    Section.SIGNED: Text(
        "首诊在签约机构所在医联体的基层机构 ÷ 签约居民的全部首诊（不论在哪里），按首诊所在月（平台口径）。",
        "First contact in a primary institution of the consortium where the resident has signed ÷ all first contacts of its"
        " signed residents, wherever they went, by month (our formula).",
    ),
}
GROUP_NAMES: Mapping[str, Text] = {
    "": Text("合计", "in total"),
    "hypertension": Text("高血压", "hypertension"),
    "diabetes": Text("糖尿病", "diabetes"),
    "severe_mental": Text("严重精神障碍", "severe mental disorder"),
    "elderly": Text("老年人", "elderly"),
    "maternal_child": Text("孕产妇和儿童", "mothers and children"),
}
# Diseases of the guidelines, which are problems of their own.
PROBLEM_NAMES: Mapping[str, Text] = {
    "hypertension": Text("高血压", "hypertension"),
    "diabetes": Text("糖尿病", "diabetes"),
    "copd": Text("慢性阻塞性肺疾病", "COPD"),
    "coronary": Text("冠心病", "coronary heart disease"),
    "cerebrovascular": Text("脑血管疾病", "cerebrovascular disease"),
    "tumour": Text("肿瘤", "tumour"),
}
# Key groups and ages that make up a group of XH-24, where it is more than the key group of its own name.
ENTERED_AS: Mapping[str, tuple[str, ...]] = {"maternal_child": ("pregnant", "child")}
