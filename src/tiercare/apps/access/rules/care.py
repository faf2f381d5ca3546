"""Who may read whose record: the one decision, from facts that the caller has looked up.

Finding a person by an exact number or by the card needs no such basis (desks would create duplicates), but shows
the least; reading what stands in the record does. The bases are those of the personal-information law as far
as the platform can know them (个人信息保护法 第十三、二十三、二十九条): care that was taken up, consent, an emergency.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text


class Basis(StrEnum):
    """On what ground somebody reads a record; it stands beside every entry of the read record."""

    SELF = "self"
    GUARDIAN = "guardian"
    REGISTRATION = "registration"
    CONTRACT = "contract"
    ENCOUNTER = "encounter"
    REQUEST = "request"
    SENT = "sent"
    CONSENT = "consent"
    EMERGENCY = "emergency"
    # Not bases of reading a record, but of seeing the least of an identity.
    IDENTITY = "identity"
    LISTING = "listing"

    @classmethod
    def of_care(cls) -> list[str]:
        """The kinds of care relation."""
        return [
            cls.REGISTRATION.value,
            cls.CONTRACT.value,
            cls.ENCOUNTER.value,
            cls.REQUEST.value,
            cls.SENT.value,
        ]


class Purpose(StrEnum):
    """What a consent is given for."""

    TREATMENT = "treatment"
    REFERRAL = "referral"
    FAMILY_DOCTOR = "family_doctor"
    REMOTE = "remote"


class BreakGlassReason(StrEnum):
    """Why a record must be read although nothing allows it."""

    LIFE_AT_RISK = "life_at_risk"
    CANNOT_CONSENT = "cannot_consent"
    MASS_CASUALTY = "mass_casualty"
    OTHER = "other"


class Outcome(StrEnum):
    """What the review of a broken glass found."""

    JUSTIFIED = "justified"
    UNJUSTIFIED = "unjustified"


BASIS_NAMES: Mapping[Basis, Text] = {
    Basis.SELF: Text("本人", "the person themself"),
    Basis.GUARDIAN: Text("监护人", "guardian"),
    Basis.REGISTRATION: Text("建档机构", "keeps the file"),
    Basis.CONTRACT: Text("家庭医生签约", "family-doctor contract"),
    Basis.ENCOUNTER: Text("到院就诊", "visit"),
    Basis.REQUEST: Text("在办的转诊、会诊或服务申请", "open request"),
    Basis.SENT: Text("本机构发出、还在办的申请", "open request that the institution sent"),
    Basis.CONSENT: Text("居民授权", "consent"),
    Basis.EMERGENCY: Text("紧急调阅", "emergency access"),
    Basis.IDENTITY: Text("身份核对", "identity check"),
    Basis.LISTING: Text("名单查看", "list"),
}
PURPOSE_NAMES: Mapping[Purpose, Text] = {
    Purpose.TREATMENT: Text("看病就诊", "treatment"),
    Purpose.REFERRAL: Text("转诊", "referral"),
    Purpose.FAMILY_DOCTOR: Text("家庭医生服务", "family-doctor service"),
    Purpose.REMOTE: Text("远程会诊与诊断", "remote consultation and diagnosis"),
}
BREAK_GLASS_REASON_NAMES: Mapping[BreakGlassReason, Text] = {
    BreakGlassReason.LIFE_AT_RISK: Text("危及生命，须立即处置", "life at risk, treatment cannot wait"),
    BreakGlassReason.CANNOT_CONSENT: Text(
        "昏迷等，无法表达意愿且联系不到家属", "cannot consent, nobody to ask"
    ),
    BreakGlassReason.MASS_CASUALTY: Text("群体伤病救治", "mass casualty"),
    BreakGlassReason.OTHER: Text("其他紧急情形（请写明）", "other emergency (say which)"),
}
OUTCOME_NAMES: Mapping[Outcome, Text] = {
    Outcome.JUSTIFIED: Text("理由成立", "justified"),
    Outcome.UNJUSTIFIED: Text("理由不成立", "not justified"),
}

# Not policy numbers: no document of a region sets them. Four hours is the longest that an emergency on the
# spot lasts before admission makes a visit of it; the review follows while people still remember.
BREAK_GLASS_LIMIT = timedelta(hours=4)
REVIEW_WITHIN = timedelta(hours=72)


@dataclass(frozen=True, slots=True)
class CareFacts:
    """What stands between an actor and one person at this moment.

    ``relations`` are the kinds of care relation in force for the actor's institution (and, where one names a
    member of staff, for this one), ``consents`` the purposes consented to for it, ``glass_broken`` whether this
    account has broken the glass for this person and the time has not run out.
    """

    is_self: bool = False
    is_guardian: bool = False
    relations: frozenset[Basis] = frozenset()
    consents: frozenset[Purpose] = frozenset()
    glass_broken: bool = False


# The narrowest ground first: what is written into the read record should be what the reader came for. That somebody sent a request
# which is still open comes last: it is told only where nothing else ties them to the resident.
_ORDER = (Basis.REQUEST, Basis.ENCOUNTER, Basis.CONTRACT, Basis.REGISTRATION, Basis.SENT)


def basis_of(facts: CareFacts, *, purpose: Purpose = Purpose.TREATMENT) -> Basis | Refusal:
    """The ground on which the record may be read, or why it may not and what can be done instead."""
    if facts.is_self:
        return Basis.SELF
    if facts.is_guardian:
        return Basis.GUARDIAN
    for basis in _ORDER:
        if basis in facts.relations:
            return basis
    if purpose in facts.consents:
        return Basis.CONSENT
    if facts.glass_broken:
        return Basis.EMERGENCY
    return NO_BASIS


# The same words whether there is such a person or not, so that nobody learns who has a record.
NO_BASIS = Refusal(
    code="access.no_basis",
    message=Text(
        "您所在的机构目前没有查看这份档案的依据：没有签约、就诊或在办的转诊，也没有居民的授权。",
        "Your institution has no ground to read this record now: no contract, visit or open request, and no consent.",
    ),
    instead=Text(
        "居民在场时请扫电子健康卡登记到院，或请居民授权；抢救等紧急情形可以“紧急调阅”，事后有人逐条审核。",
        "With the resident present, scan the health card to register the visit, or ask for consent; in an emergency "
        "use emergency access, which is reviewed one by one afterwards.",
    ),
    status=403,
)
