"""Pure rules about staff: who needs a second factor, codes that people type, what leaving may not leave behind."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterator
from datetime import date, timedelta
from enum import StrEnum

from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text

from ..rights import GRANTABLE, ROLE_NAMES, Role


class StaffState(StrEnum):
    """Where an account stands."""

    ACTIVE = "active"
    INVITED = "invited"
    DISABLED = "disabled"


# Who runs the platform, audits it, keeps the index of residents or governs a region reaches far beyond one
# clinic: for these a password alone is too little (GB/T 22239-2019 level 3, 8.1.4.1 d: two or more ways of
# proving who one is, one of them cryptographic). Others may set one up.
SECOND_FACTOR_ROLES: frozenset[Role] = frozenset(
    {Role.OPERATOR, Role.AUDITOR, Role.INDEX_KEEPER, Role.COMMISSION}
)

# RFC 6238 as every authenticator app has it. One step either side forgives a telephone that runs half a
# minute wrong and a person who types slowly; more would only help whoever reads over the shoulder.
STEP = 30  # seconds
_STEPS_EITHER_SIDE = 1
CODE_DIGITS = 6

# Ours, no document sets them: ten codes fill a card for the wallet; each has 50 bits, and guessing is slowed.
RECOVERY_CODES = 10
RECOVERY_LENGTH = 10

# Ours: three days reach over a weekend, and 28 signs of 5 bits are 140 bits, more than anybody can try.
INVITATION_LASTS = timedelta(hours=72)
TOKEN_LENGTH = 28

# Crockford's base 32: no sign that is mistaken for another when it is read from paper.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MISREAD = str.maketrans("ILO", "110")
_GROUP = {RECOVERY_LENGTH: 5, TOKEN_LENGTH: 4}


def must_enrol(roles: Collection[Role], *, synthetic: bool, has_factor: bool, of_all: bool = False) -> bool:
    """Whether somebody of the staff who holds ``roles`` today has to set up a second factor before going on.

    ``of_all``: the installation demands it of everybody who works there, whatever the role, and before there is one.
    Demonstration accounts are exempt: their passwords are printed for whoever tries the platform out.
    """
    return not has_factor and not synthetic and (of_all or not SECOND_FACTOR_ROLES.isdisjoint(roles))


def steps_around(unix_time: float, *, after: int) -> Iterator[int]:
    """The time steps whose codes count at ``unix_time``, the present one first; none up to ``after`` counts again."""
    now = int(unix_time) // STEP
    for away in range(_STEPS_EITHER_SIDE + 1):
        for step in sorted({now - away, now + away}):
            if step > after:
                yield step


def typed(text: str) -> str:
    """A code as it was meant: width, case, blanks and hyphens do not matter, nor O for 0 or I and L for 1."""
    folded = unicodedata.normalize("NFKC", text).upper().translate(_MISREAD)
    return "".join(sign for sign in folded if sign.isalnum())


def printed(code: str) -> str:
    """A recovery code or an invitation's token in groups, as it stands on paper."""
    size = _GROUP[len(code)]
    return "-".join(code[at : at + size] for at in range(0, len(code), size))


def role_refusal(role: Role) -> Refusal | None:
    """Whether a role can be given to somebody: a resident's comes with being the resident."""
    return None if role in GRANTABLE else _NOT_GRANTABLE


def successor_refusal(*, names: Collection[str]) -> Refusal | None:
    """Whether the successor works wherever somebody is handed over; ``names`` are the places where not."""
    if not names:
        return None
    return Refusal(
        code="access.successor_elsewhere",
        message=Text(
            "接手人在{places}没有角色，接不了那里的居民。",
            "The successor holds no role at {places} and cannot take over the residents there.",
        ),
        instead=Text(
            "请换一位在那里任职的同事，或先给接手人授权，或选择“留给机构”。",
            "Pick a colleague who works there, give the successor a role first, or leave them to the institution.",
        ),
        fields={"places": "、".join(sorted(names))},
        at="successor",
        status=422,
    )


def left_without_owner(relations: int) -> Refusal:
    """Somebody would be left without anyone who looks after them."""
    return Refusal(
        code="access.left_without_owner",
        message=Text(
            "还有 {count} 项居民照护关系在此人名下，离岗后会没有人负责。",
            "{count} care relations are in this person's name; nobody would answer for them.",
        ),
        instead=Text(
            "请选择接手人，或明确选择“留给机构”，由机构另行安排。",
            "Pick a successor, or say that they are left to the institution to arrange.",
        ),
        fields={"count": relations},
        at="successor",
        status=422,
    )


def leaving_day_refusal(on: date, *, today: date) -> Refusal | None:
    """Whether somebody can leave on that day: today or later."""
    return None if on >= today else _LEFT_ALREADY


def too_many_codes(wait: timedelta) -> Refusal:
    """Wrong codes came too fast; ``wait`` is what remains."""
    return Refusal(
        code="access.too_many_codes",
        message=Text(
            "验证码连续输错多次，请 {seconds} 秒后再试。",
            "Too many wrong codes: try again in {seconds} seconds.",
        ),
        instead=Text(
            "请核对手机时间是否自动校准，或改用一个恢复码。",
            "Check that the telephone sets its clock by itself, or use a recovery code.",
        ),
        fields={"seconds": max(1, round(wait.total_seconds()))},
        at="code",
        status=429,
    )


def must_have_text(roles: Collection[Role]) -> Text:
    """Which of the held roles ask for a second factor, by name."""
    asked = [ROLE_NAMES[role] for role in Role if role in SECOND_FACTOR_ROLES and role in roles]
    return Text("、".join(name.zh for name in asked), ", ".join(name.en for name in asked))


# The same for a wrong code, a used one and an account without a factor.
WRONG_CODE = Refusal(
    code="access.wrong_code",
    message=Text("验证码或恢复码不对，或已经用过。", "The code is wrong, or has been used."),
    instead=Text(
        "请等手机显示下一个验证码再试；手机不在身边可用一个恢复码。",
        "Wait for the next code on your telephone, or use a recovery code.",
    ),
    at="code",
    status=401,
)
CODE_DOES_NOT_FIT = Refusal(
    code="access.code_does_not_fit",
    message=Text("这个验证码与刚才的二维码对不上。", "This code does not belong to the QR code."),
    instead=Text(
        "请核对手机时间是否自动校准，等下一个验证码出现后再填。",
        "Check that the telephone sets its clock by itself, and type the next code.",
    ),
    at="code",
    status=422,
)
NOT_FOR_RESIDENTS = Refusal(
    code="access.not_for_residents",
    message=Text(
        "居民登录凭电子健康卡和短信码，不设第二步验证。", "Residents sign in with the health card and a code."
    ),
    instead=Text("卡丢了，请马上挂失。", "If the card is lost, have it blocked at once."),
)
FACTOR_IS_SET = Refusal(
    code="access.factor_is_set",
    message=Text("您已经设置了第二步验证。", "A second factor is set up already."),
    instead=Text("要换手机，请先停用再重新设置。", "To change telephones, switch it off and set it up anew."),
)
NO_ENROLMENT = Refusal(
    code="access.no_enrolment",
    message=Text("还没有开始设置，或设置已经完成。", "Setting up was not begun, or is finished."),
    instead=Text("请从“第二步验证”页面重新开始。", "Begin again from the page of the second factor."),
)
# One answer for every slip that opens nothing, so that trying teaches nothing.
NO_SUCH_INVITATION = Refusal(
    code="access.no_such_invitation",
    message=Text("这个邀请码打不开账户。", "This invitation code opens no account."),
    instead=Text(
        "请核对是否抄错；邀请码三天内有效、只能用一次，请向发给您的平台管理员要一张新的。",
        "Check it against the slip; a code works once and for three days. Ask your operator for a new slip.",
    ),
    at="token",
    status=422,
)
SYNTHETIC_STAYS = Refusal(
    code="access.synthetic_stays",
    message=Text(
        "演示账户的口令由平台保管，不发邀请。", "The platform keeps the passwords of demonstration accounts."
    ),
    instead=Text("演示账户的口令见启动时的输出。", "Their passwords are printed when the platform starts."),
)
DISABLED_FIRST_OPEN = Refusal(
    code="access.disabled_first_open",
    message=Text("这个账户已停用。", "This account is disabled."),
    instead=Text(
        "请用“重新启用”，会同时给出新的邀请单。", "Enable it again; that prints a new slip as well."
    ),
)
NOT_DISABLED = Refusal(
    code="access.not_disabled",
    message=Text("这个账户没有停用。", "This account is not disabled."),
    instead=Text("请刷新页面看它现在的状态。", "Reload the page to see how it stands."),
)
NO_OPEN_INVITATION = Refusal(
    code="access.no_open_invitation",
    message=Text("没有可以作废的邀请。", "There is no invitation to withdraw."),
    instead=Text("对方可能已经设置了口令；请刷新页面。", "It may have been used just now; reload the page."),
)
NO_FACTOR = Refusal(
    code="access.no_factor",
    message=Text("这个账户没有设置第二步验证。", "This account has no second factor."),
    instead=Text("无须解除。", "There is nothing to remove."),
)
NO_SUCH_SUCCESSOR = Refusal(
    code="access.no_such_successor",
    message=Text("这位接手人不能选。", "This successor cannot be chosen."),
    instead=Text(
        "请选择另一位未停用、在同一机构任职的同事。",
        "Choose another colleague whose account works and who serves at the same institution.",
    ),
    at="successor",
    status=422,
)
_LEFT_ALREADY = Refusal(
    code="access.left_already",
    message=Text("离岗日期不能早于今天。", "The day of leaving cannot lie in the past."),
    instead=Text(
        "已经离岗的，请填今天，立即生效。", "Say today for somebody who has left; it counts at once."
    ),
    at="on",
    status=422,
)
_NOT_GRANTABLE = Refusal(
    code="access.not_grantable",
    message=Text("“居民”不是授予的角色。", "The role “resident” is not given."),
    instead=Text("居民凭电子健康卡登录，无须授权。", "Residents sign in with the health card."),
    at="role",
    status=422,
)
