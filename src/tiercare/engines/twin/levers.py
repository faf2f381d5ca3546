"""The levers of policy that act in the twin, each with its range; a scenario sets some of them, the packs the others."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tiercare.kernel.text import Text

ROUTINE_WEEKS = 4  # how often a stable chronic patient comes without a long prescription: fewer weeks than these change nothing


class PaymentMode(StrEnum):
    """How the fund pays hospitals (支付方式)."""

    ITEM = "item"
    DRG = "drg"
    DIP = "dip"
    GLOBAL_BUDGET = "global_budget"
    CAPITATION_PACKAGE = "capitation_package"


class Destination(StrEnum):
    """Whether a referral may go to any able hospital, or has to stay with the consortium's own lead."""

    FREE = "free"
    STRICT = "strict"


@dataclass(frozen=True, slots=True)
class Levers:
    """One policy, as the twin plays it.

    Attributes:
        reserve_share: of a hospital's specialist slots, kept for referrals from primary care until they are released (0–0.9).
        bed_reserve_share: the same of its beds.
        release_hours: how long before the day reserved slots that nobody took are opened to everybody.
        reimbursement_gap: points by which the share that the fund pays drops from tier to tier beyond what the benefits say.
        unreferred_cut: points less, beyond what the benefits say, for those who come to a hospital by themselves.
        continuous_deductible: a referred stay does not pay the deductible again (连续计算起付线).
        signing_coverage, key_signing_coverage: share of residents, and of key groups, signed with a family doctor.
        prescription_weeks: weeks that a prescription of a stable chronic patient lasts (长处方), from ROUTINE_WEEKS on.
        telemedicine_coverage: share of primary institutions that can ask a hospital from a distance.
        secondments: doctors of hospitals posted to primary care, full time, for ten centres.
        payment_mode, destination: as above.
    """

    reserve_share: float = 0.0
    bed_reserve_share: float = 0.0
    release_hours: int = 24
    reimbursement_gap: float = 0.0
    unreferred_cut: float = 0.0
    continuous_deductible: bool = False
    signing_coverage: float = 0.3
    key_signing_coverage: float = 0.6
    prescription_weeks: int = ROUTINE_WEEKS
    telemedicine_coverage: float = 0.5
    secondments: float = 0.0
    payment_mode: PaymentMode = PaymentMode.ITEM
    destination: Destination = Destination.FREE


@dataclass(frozen=True, slots=True)
class Lever:
    """What a lever may be set to, in words for people. ``unit`` is ``share`` (0–1), ``points`` (of 100), ``hours``, ``weeks``, ``doctors``,
    ``flag`` or ``word``."""

    name: Text
    unit: str
    low: float = 0.0
    high: float = 1.0
    words: tuple[str, ...] = ()


LEVERS: dict[str, Lever] = {
    "reserve_share": Lever(Text("预留号源比例", "Slots reserved for referrals"), "share", 0, 0.9),
    "bed_reserve_share": Lever(Text("预留床位比例", "Beds reserved for referrals"), "share", 0, 0.9),
    "release_hours": Lever(Text("提前释放小时数", "Hours before release"), "hours", 0, 336),
    "reimbursement_gap": Lever(
        Text("各级报销差距再拉大（百分点）", "Reimbursement gap widened (points)"), "points", 0, 40
    ),
    "unreferred_cut": Lever(
        Text("未经转诊再少报（百分点）", "Unreferred: paid less (points)"), "points", 0, 60
    ),
    "continuous_deductible": Lever(Text("转诊连续计算起付线", "Deductible counts on when referred"), "flag"),
    "signing_coverage": Lever(Text("签约率", "Signed with a family doctor"), "share"),
    "key_signing_coverage": Lever(Text("重点人群签约率", "Key groups signed"), "share"),
    "prescription_weeks": Lever(
        Text("长处方周数", "Weeks of a long prescription"), "weeks", ROUTINE_WEEKS, 12
    ),
    "telemedicine_coverage": Lever(Text("基层远程医疗覆盖率", "Primary care with telemedicine"), "share"),
    "secondments": Lever(
        Text("每十家基层下派医师（全职）", "Doctors posted to ten centres (full time)"), "doctors", 0, 20
    ),
    "payment_mode": Lever(
        Text("医保支付方式", "How the fund pays"), "word", words=tuple(each.value for each in PaymentMode)
    ),
    "destination": Lever(
        Text("转诊去向", "Where referrals go"), "word", words=tuple(each.value for each in Destination)
    ),
}
