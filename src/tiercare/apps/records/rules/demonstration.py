"""How a made-up year goes: who is ill of what, how pressures run, who lies in hospital. Ours, for a demonstration only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from tiercare.engines.population.draws import Chance

from .vocabulary import Stage

DOCTORS = ("示例医生甲", "示例医生乙", "示例医生丙")
KEPT = "家属要求在本院继续康复"


class Illness(Enum):
    """A disease with its code, its name, what is complained of and what is done."""

    HYPERTENSION = ("I10", "原发性高血压", "复诊，偶有头晕", "继续降压药，低盐饮食，下次按期复查。")
    DIABETES = ("E11", "2型糖尿病", "复诊，口干减轻", "继续降糖药，控制饮食，复查空腹血糖。")
    COPD = ("J44", "慢性阻塞性肺疾病", "活动后气短", "吸入药继续，戒烟，接种流感疫苗。")
    CORONARY = ("I25", "慢性缺血性心脏病", "劳累后胸闷", "继续抗血小板和调脂药。")
    COLD = ("J06", "急性上呼吸道感染", "咳嗽、咽痛两天", "对症处理，多饮水，三天不好转再来。")

    def __init__(self, code: str, title: str, complaint: str, treatment: str) -> None:
        self.code, self.title, self.complaint, self.treatment = code, title, complaint, treatment


DRUGS: Mapping[Illness, tuple[str, str, str]] = {
    Illness.HYPERTENSION: ("C08CA01", "苯磺酸氨氯地平片", "5 mg 每日一次"),
    Illness.DIABETES: ("A10BA02", "盐酸二甲双胍片", "0.5 g 每日两次"),
    Illness.COPD: ("R03BB04", "噻托溴铵吸入粉雾剂", "18 μg 每日一次"),
    Illness.CORONARY: ("B01AC06", "阿司匹林肠溶片", "100 mg 每日一次"),
    Illness.COLD: ("R05X", "复方氨酚烷胺片", "1 片 每日两次"),
}


class Course(Enum):
    """How well treatment holds: where pressures and sugar begin, and what they gain or lose at every visit."""

    GOOD = (150, -6, 7.4, -0.25)
    MIXED = (148, -2, 7.2, -0.05)
    POOR = (162, 2, 8.6, 0.15)

    def __init__(self, sbp: int, step: int, fpg: float, sugar: float) -> None:
        self.sbp, self.step, self.fpg, self.sugar = sbp, step, fpg, sugar


@dataclass(frozen=True, slots=True)
class Stay:
    """A stay that began ``days`` ago; marked ready ``ready`` days ago, ended ``left`` days ago (0: goes on)."""

    code: str
    name: str
    complaint: str
    treatment: str
    stage: Stage
    days: int
    ready: int
    left: int = 0
    plan: bool = False


STAYS = (
    Stay(
        "I63.9",
        "脑梗死",
        "突发右侧肢体无力 2 小时",
        "抗血小板、调脂，早期康复。",
        Stage.ACUTE_RECOVERY,
        12,
        3,
    ),
    Stay(
        "S72.0",
        "股骨颈骨折",
        "跌倒后右髋痛",
        "人工关节置换术后，抗凝、功能锻炼。",
        Stage.POSTOP_RECOVERY,
        9,
        2,
    ),
    Stay("I21.0", "急性前壁心肌梗死", "胸痛 3 小时", "支架术后双联抗血小板。", Stage.CRITICAL_STABLE, 10, 1),
    Stay("J44.1", "慢阻肺急性加重", "气促加重 3 天", "抗感染、平喘、氧疗。", Stage.ACUTE_RECOVERY, 8, 5),
    Stay("K80.1", "胆囊结石伴胆囊炎", "右上腹痛 1 天", "腹腔镜胆囊切除术后。", Stage.POSTOP_RECOVERY, 5, 1),
    Stay("I50.9", "心力衰竭", "夜间不能平卧 2 天", "利尿、强心。", Stage.NONE, 3, 0),
    Stay(
        "I63.9",
        "脑梗死",
        "言语不清半天",
        "抗血小板、调脂，康复训练。",
        Stage.ACUTE_RECOVERY,
        24,
        8,
        5,
        plan=True,
    ),
    Stay("S82.2", "胫骨骨折", "摔伤左小腿", "内固定术后，逐步负重。", Stage.POSTOP_RECOVERY, 22, 9, 6),
)


def illnesses_of(age: int, chance: Chance) -> list[Illness]:
    """What somebody of this age has for long, the foremost first; shares rise with age as surveys find it."""
    if age < 35:
        return []
    risk = min(1.0, (age - 30) / 50)
    found = [Illness.HYPERTENSION] if chance.random() < 0.08 + 0.5 * risk else []
    found += [Illness.DIABETES] if chance.random() < 0.03 + 0.2 * risk else []
    found += [Illness.COPD] if age >= 55 and chance.random() < 0.07 else []
    return found + ([Illness.CORONARY] if age >= 55 and chance.random() < 0.08 else [])


def course_of(chance: Chance) -> Course:
    """More than half do well, a quarter do not."""
    return chance.choice((Course.GOOD,) * 11 + (Course.MIXED,) * 4 + (Course.POOR,) * 5)


def pressures(course: Course, visits: int, age: int, chance: Chance) -> list[dict[str, float]]:
    """Systolic and diastolic at every visit, mmHg."""
    lift = 4 if age >= 65 else 0
    found = []
    for number in range(visits):
        sbp = course.sbp + lift + course.step * number + chance.randint(-5, 5)
        found.append({"sbp": float(sbp), "dbp": float(round(sbp * 0.56) + chance.randint(-3, 3))})
    return found


def sugars(course: Course, visits: int, chance: Chance) -> list[dict[str, float]]:
    """Fasting glucose at every visit, mmol/L."""
    return [
        {"fpg": round(course.fpg + course.sugar * number + chance.randint(-3, 3) / 10, 1)}
        for number in range(visits)
    ]
