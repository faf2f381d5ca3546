"""Pure predicates of access: may this actor do that there, how long a session lives, how fast one may guess."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, timedelta
from uuid import UUID

from tiercare.kernel.actor import Actor
from tiercare.kernel.divisions import is_within, level_of
from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text

from ..rights import REACH_NAMES, RIGHT_NAMES, ROLE_NAMES, SCOPE_OF, Reach, Right, Role, Scope, holders, reach

# Not roles of the table: nobody has signed in; somebody has, but has not picked (or does not hold) a role.
VISITOR = "visitor"
UNASSIGNED = "unassigned"
SYSTEM = "system"

_ROLES = frozenset(Role)

# How long a session lives. Not policy numbers: no document of the region sets them. Half an hour covers a
# consultation away from the desk; eight hours is one shift, so a shared computer asks again at its change
# (ASVS 5.0 V7.3.1 and V7.3.2 want both limits, chosen and written down).
IDLE_LIMIT = timedelta(minutes=30)
ABSOLUTE_LIMIT = timedelta(hours=8)
# The last-seen mark is written at most this often, so that reading pages costs no write each.
SEEN_STEP = timedelta(minutes=1)

# Guessing is slowed per account and source address, never stopped for good: a stranger elsewhere cannot
# keep a doctor out, and one mistyping colleague cannot keep the clinic's shared address out (ASVS 5.0 V6.3.1).
FREE_ATTEMPTS = 5
FIRST_WAIT = timedelta(seconds=15)
LONGEST_WAIT = timedelta(minutes=5)
FORGET_FAILURES_AFTER = timedelta(hours=24)

# ASVS 5.0 V6.2.1: at least 8, 15 recommended. The upper end only keeps hashing cheap.
SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 128

_USERNAME = re.compile(r"[a-z0-9\u4e00-\u9fff][a-z0-9\u4e00-\u9fff._@-]{1,38}")


def may(
    actor: Actor,
    right: Right,
    *,
    division: str | None = None,
    institution_id: UUID | None = None,
    resident_id: UUID | None = None,
) -> Refusal | None:
    """Whether ``actor`` has ``right`` over the thing that lies in ``division`` and belongs to ``institution_id``.

    A thing of one resident's own is named by ``resident_id``; staff reach it by institution or area, and whether
    they may read on is for ``basis_of``. Name all that the thing has; name none to ask "at all, somewhere" (a menu entry, a button of a
    list). The answer is ``None`` for yes, otherwise a refusal that says who can do it instead.

    Raises:
        ValueError: if the answer hangs on the place that was not named (area without ``division``, own
            institution without ``institution_id``): the caller must say it rather than get a guess.
    """
    if actor.role == SYSTEM and actor.account_id is None:
        return None
    if actor.account_id is None:
        return SIGN_IN_FIRST
    if actor.role not in _ROLES:
        return _CHOOSE_ROLE
    role = Role(actor.role)
    how_far = reach(role, right)
    if how_far is Reach.NONE:
        return _not_your_right(role, right)
    if how_far is Reach.ANYWHERE or (division is None and institution_id is None and resident_id is None):
        return None
    if how_far is Reach.SELF:
        inside = resident_id is not None and actor.resident_id == resident_id
    elif how_far is Reach.AREA:
        if division is None:
            raise ValueError(f"{right} of {role} reaches by area: name the division of the thing")
        inside = actor.division_code is not None and is_within(division, actor.division_code)
    else:
        if institution_id is None:
            raise ValueError(
                f"{right} of {role} reaches its own institution: name the institution of the thing"
            )
        inside = actor.institution_id == institution_id
    return None if inside else _outside(role, right, how_far)


def grant_refusal(
    role: Role,
    *,
    place_name: str,
    division_code: str,
    institution_id: UUID | None,
    consortium_id: UUID | None,
) -> Refusal | None:
    """Whether the place named fits the role: an area alone, an institution, or a consortium with its lead."""
    scope = SCOPE_OF[role]
    try:
        level_of(division_code)
    except ValueError:
        return _grant_misfits(role, _AREA)
    if not 1 <= len(place_name) <= 80 or not place_name.isprintable():
        return _grant_misfits(role, _PLACE_NAME)
    if (institution_id is None) != (scope is Scope.REGION):
        return _grant_misfits(role, _INSTITUTION)
    if (consortium_id is None) == (scope is Scope.CONSORTIUM):
        return _grant_misfits(role, _CONSORTIUM)
    return None


def session_is_over(*, signed_in: datetime, seen: datetime, now: datetime) -> bool:
    """True when the session has been idle, or has lasted, too long."""
    return now - seen >= IDLE_LIMIT or now - signed_in >= ABSOLUTE_LIMIT


def wait_after(failures: int) -> timedelta:
    """How long to wait before the next attempt after so many failures in a row from one source.

    Nothing for the first five, then 15 s doubling up to 5 minutes: under 300 guesses a day and source.
    """
    if failures < FREE_ATTEMPTS:
        return timedelta(0)
    doublings = min(failures - FREE_ATTEMPTS, 10)
    return min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)


def fold(username: str) -> str:
    """The one spelling of a login name: width and case do not matter (ｗｕｈｕ, Wuhu and wuhu are the same)."""
    return unicodedata.normalize("NFKC", username).strip().lower()


def username_refusal(username: str) -> Refusal | None:
    """Whether a folded login name can be used."""
    return None if _USERNAME.fullmatch(username) else _BAD_USERNAME


def display_name_refusal(name: str) -> Refusal | None:
    """Whether a display name can be used: 1 to 40 characters, all printable (it stands in logs and trails)."""
    return None if name.strip() == name and 1 <= len(name) <= 40 and name.isprintable() else _BAD_DISPLAY_NAME


def password_refusal(password: str, *, username: str, common: bool) -> Refusal | None:
    """Whether a new password is long enough, not the login name, and not among the ``common`` ones."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        return Refusal(
            code="access.password_length",
            message=Text(
                "口令须为 {least} 至 {most} 个字符。", "A password needs {least} to {most} characters."
            ),
            instead=Text("可以用几个不相干的词连成一句。", "A few unrelated words in a row work well."),
            fields={"least": SHORTEST_PASSWORD, "most": LONGEST_PASSWORD},
            at="password",
            status=422,
        )
    if common or fold(username) in fold(password):
        return Refusal(
            code="access.password_guessable",
            message=Text("这个口令太容易被猜到。", "This password is too easy to guess."),
            instead=Text(
                "请换一个不含登录名、也不常见的口令。",
                "Pick one that is not common and does not contain your name.",
            ),
            at="password",
            status=422,
        )
    return None


def too_many_attempts(wait: timedelta) -> Refusal:
    """Attempts came too fast from one place; ``wait`` is what remains."""
    return Refusal(
        code="access.too_many_attempts",
        message=Text(
            "这个登录名在这台设备所在的网络上连续输错多次，请 {seconds} 秒后再试。",
            "Too many failed attempts for this name from your network: try again in {seconds} seconds.",
        ),
        instead=Text(
            "其他账户不受影响；忘记口令请联系平台管理员重设。",
            "Other accounts are not affected; if you forgot the password, ask the platform operator for a new one.",
        ),
        fields={"seconds": max(1, round(wait.total_seconds()))},
        status=429,
    )


def _not_your_right(role: Role, right: Right) -> Refusal:
    return Refusal(
        code="access.not_your_right",
        message=Text("“{role}”不能{right}。", "The role “{role}” may not {right}."),
        instead=Text("请联系{holders}办理。", "Please ask: {holders}."),
        fields={"role": ROLE_NAMES[role], "right": RIGHT_NAMES[right], "holders": _names(holders(right))},
        status=403,
    )


def _outside(role: Role, right: Right, how_far: Reach) -> Refusal:
    return Refusal(
        code="access.outside_scope",
        message=Text(
            "“{role}”只能在{reach}范围内{right}，这一项不在其中。",
            "The role “{role}” may {right} only within its {reach}; this lies outside.",
        ),
        instead=Text(
            "请联系该辖区或该机构的{holders}办理；您若在那里也有角色，可先切换角色。",
            "Please ask there: {holders}. If you also hold a role there, switch to it first.",
        ),
        fields={
            "role": ROLE_NAMES[role],
            "right": RIGHT_NAMES[right],
            "reach": REACH_NAMES[how_far],
            "holders": _names(holders(right)),
        },
        status=403,
    )


def _grant_misfits(role: Role, what: Text) -> Refusal:
    return Refusal(
        code="access.grant_misfits",
        message=Text("授予“{role}”时，“{what}”没有填对。", "For the role “{role}”, the {what} is not right."),
        instead=Text(
            "区域类角色只填行政区划代码；机构类角色再填机构；医联体办公室填医联体及其牵头医院。",
            "Roles for an area take a division code only; roles at an institution also take the institution; "
            "a consortium office takes the consortium and its lead hospital.",
        ),
        fields={"role": ROLE_NAMES[role], "what": what},
        at="place",
        status=422,
    )


def _names(roles: tuple[Role, ...]) -> Text:
    return Text(
        "、".join(ROLE_NAMES[role].zh for role in roles), ", ".join(ROLE_NAMES[role].en for role in roles)
    )


SIGN_IN_FIRST = Refusal(
    code="access.sign_in_first",
    message=Text("您还没有登录，或登录已过期。", "You are not signed in, or your session has ended."),
    instead=Text("请登录后再试。", "Please sign in and try again."),
    status=401,
)
_CHOOSE_ROLE = Refusal(
    code="access.choose_role",
    message=Text("您还没有选定以哪个角色办理。", "You have not picked a role to act in."),
    instead=Text(
        "请先选择角色；如果没有可选的角色，请联系平台管理员授权。",
        "Pick a role first; if none is offered, ask the platform operator for one.",
    ),
    status=403,
)
WRONG_NAME_OR_PASSWORD = Refusal(
    code="access.wrong_name_or_password",
    message=Text("登录名或口令不对。", "The name or the password is not right."),
    instead=Text(
        "请检查大小写锁定和输入法后再试；忘记口令请联系平台管理员重设。",
        "Check caps lock and input method, then try again; if you forgot it, ask the platform operator.",
    ),
    at="password",
    status=401,
)
WRONG_CURRENT_PASSWORD = Refusal(
    code="access.wrong_current_password",
    message=Text("现在的口令不对。", "The current password is not right."),
    instead=Text(
        "请检查大小写锁定后再试；忘记口令请联系平台管理员重设。",
        "Check caps lock and try again; if you forgot it, ask the platform operator.",
    ),
    at="current",
    status=422,
)
SAME_PASSWORD = Refusal(
    code="access.same_password",
    message=Text("新口令与现在的相同。", "The new password is the current one."),
    instead=Text("请换一个新的口令。", "Pick another one."),
    at="password",
    status=422,
)
SYNTHETIC_BY_SYSTEM = Refusal(
    code="access.synthetic_by_system",
    message=Text("演示账户只能由平台自己建立。", "Only the platform itself makes demonstration accounts."),
    instead=Text("请建立普通账户。", "Create an ordinary account."),
    status=403,
)
DISABLED = Refusal(
    code="access.account_disabled",
    message=Text("这个账户已停用。", "This account is disabled."),
    instead=Text("如需恢复，请联系平台管理员。", "Ask the platform operator if you need it back."),
    status=403,
)
USERNAME_TAKEN = Refusal(
    code="access.username_taken",
    message=Text("登录名“{username}”已有人使用。", "The login name “{username}” is taken."),
    instead=Text(
        "请换一个登录名，例如加上科室或工号。",
        "Pick another, for instance with a department or staff number.",
    ),
    at="username",
)
_BAD_USERNAME = Refusal(
    code="access.bad_username",
    message=Text("登录名不能使用。", "This login name cannot be used."),
    instead=Text(
        "请用 2 至 39 个英文字母、汉字、数字或 . _ @ -，以字母、汉字或数字开头。",
        "Use 2 to 39 Latin letters, Chinese characters, digits or . _ @ - and do not begin with a sign.",
    ),
    at="username",
    status=422,
)
_BAD_DISPLAY_NAME = Refusal(
    code="access.bad_display_name",
    message=Text("姓名不能使用。", "This name cannot be used."),
    instead=Text(
        "请填 1 至 40 个可见字符，首尾不留空格。", "Give 1 to 40 visible characters, no spaces at the ends."
    ),
    at="display_name",
    status=422,
)
NO_SUCH_ACCOUNT = Refusal(
    code="access.no_such_account",
    message=Text("没有这个账户。", "There is no such account."),
    instead=Text("请从账户列表中重新选择。", "Pick it again from the list of accounts."),
    status=404,
)
NO_SUCH_GRANT = Refusal(
    code="access.no_such_grant",
    message=Text("您没有这个角色，或它已到期、被收回。", "You do not hold this role, or it has ended."),
    instead=Text("请从列表中选择现有的角色。", "Pick one of the roles on the list."),
    at="grant_id",
    status=404,
)
NOT_ONESELF = Refusal(
    code="access.not_oneself",
    message=Text(
        "不能变更自己的角色或账户状态。", "You cannot change your own roles or the state of your own account."
    ),
    instead=Text("请由另一位平台管理员办理。", "Ask another platform operator."),
    status=403,
)
GRANT_OVERLAPS = Refusal(
    code="access.grant_overlaps",
    message=Text(
        "这个账户在同一处、同一时期已有“{role}”角色。",
        "The account already holds the role “{role}” there in that period.",
    ),
    instead=Text(
        "请先收回原来的授权，或改用不重叠的起止日期。", "Revoke the earlier grant first, or pick other dates."
    ),
    at="period",
)
_AREA = Text("行政区划代码", "division code")
_PLACE_NAME = Text("地点名称", "name of the place")
_INSTITUTION = Text("机构", "institution")
_CONSORTIUM = Text("医联体", "consortium")
NOT_SYNTHETIC = Refusal(
    code="access.not_synthetic",
    message=Text(
        "这个数据库不是演示库，不能建立演示账户。",
        "This database is not a demonstration: no demonstration accounts here.",
    ),
    instead=Text("请用“管理账户与角色”为真实人员开户。", "Create accounts for real persons instead."),
)
