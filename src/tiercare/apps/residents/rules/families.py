"""Households and guardians: one head, who can be a guardian, and when a guardian's word is asked for."""

from __future__ import annotations

from datetime import date

from tiercare.engines import naming
from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text

from .groups import age_on

# 个人信息保护法 第三十一条: the data of a minor under fourteen are used with the word of a parent or other guardian.
GUARDIANS_WORD_UNDER = 14  # years
# 民法典 第十七、十八条: of age, and able to act alone.
OF_AGE = 18  # years


def guardian_asked_for(birth_date: date | None, on: date, *, has_guardian: bool) -> Text | None:
    """A word to the desk that a guardian is missing. It tells and blocks nothing: care does not wait for papers."""
    if has_guardian or birth_date is None or age_on(birth_date, on) >= GUARDIANS_WORD_UNDER:
        return None
    return Text(
        f"未满 {GUARDIANS_WORD_UNDER} 周岁：使用其个人信息须经监护人同意（个人信息保护法第三十一条），请登记监护人。",
        f"Under {GUARDIANS_WORD_UNDER}: a guardian has to agree to the use of the data (Personal Information Protection "
        "Law, article 31); please record one.",
    )


def until_of_age(birth_date: date | None, *, on: date) -> date | None:
    """The first day on which nobody decides for a minor any more, seen ``on`` a day; ``None`` for somebody grown, or of
    unknown age. Who is born on 29 February comes of age on 1 March (as ``age_on``)."""
    if birth_date is None or age_on(birth_date, on) >= OF_AGE:
        return None
    year = birth_date.year + OF_AGE
    try:
        return birth_date.replace(year=year)
    except ValueError:
        return date(year, 3, 1)


def guardian_refusal(
    *, name: str, relation: str, known_name: str | None, known_birth_date: date | None, on: date
) -> Refusal | None:
    """Whether this person can be recorded as guardian. ``known_…`` are those of the index, for somebody in it."""
    if naming.problem(name) is not None:
        return GUARDIAN_NAME
    if not 1 <= len(relation) <= 20 or not relation.isprintable():
        return GUARDIAN_RELATION
    if known_name is not None and naming.fold(known_name) != naming.fold(name):
        return GUARDIAN_IS_ANOTHER
    if known_birth_date is not None and age_on(known_birth_date, on) < OF_AGE:
        return GUARDIAN_TOO_YOUNG
    return None


GUARDIAN_NAME = Refusal(
    code="residents.guardian_name",
    message=Text("监护人的姓名没有填写，或含有姓名里不会有的字符。", "The guardian's name cannot be used."),
    instead=Text("请按证件填写。", "Write it as on the document."),
    at="guardian_name",
    status=422,
)
GUARDIAN_RELATION = Refusal(
    code="residents.guardian_relation",
    message=Text("没有写明监护人与居民的关系。", "How the guardian is related is missing."),
    instead=Text(
        "请填写，如“母亲”“祖父”“居委会”，不超过 20 个字。",
        "Write it, such as “mother”, in at most 20 characters.",
    ),
    at="guardian_relation",
    status=422,
)
GUARDIAN_IS_ANOTHER = Refusal(
    code="residents.guardian_is_another",
    message=Text("这个号码登记的不是这个姓名。", "That number is registered under another name."),
    instead=Text(
        "请核对号码和姓名；不用号码也可以，只填姓名和电话。",
        "Check number and name; without the number, name and telephone are enough.",
    ),
    at="guardian_number",
    status=422,
)
GUARDIAN_TOO_YOUNG = Refusal(
    code="residents.guardian_too_young",
    message=Text(f"监护人未满 {OF_AGE} 周岁。", f"The guardian is under {OF_AGE}."),
    instead=Text("请登记成年的监护人。", "Record a guardian of age."),
    at="guardian_number",
    status=422,
)
GUARDIAN_ONESELF = Refusal(
    code="residents.guardian_oneself",
    message=Text("这个号码是居民本人的。", "That is the resident's own number."),
    instead=Text("请填写监护人的号码。", "Write the guardian's."),
    at="guardian_number",
    status=422,
)
GUARDIAN_NOWHERE = Refusal(
    code="residents.guardian_no_contact",
    message=Text(
        "监护人没有登记过，也没有填电话。", "The guardian is not in the index, and no telephone is given."
    ),
    instead=Text(
        "请填写监护人的电话，或已登记的证件号码。", "Write the guardian's telephone, or a registered number."
    ),
    at="guardian_phone",
    status=422,
)
NO_SUCH_GUARDIAN = Refusal(
    code="residents.no_such_guardian",
    message=Text("没有这位在册的监护人。", "There is no such guardian in force."),
    instead=Text("请刷新页面，可能已被同事改过。", "Reload: a colleague may have changed it."),
    status=404,
)
HOUSEHOLD_KEPT_ELSEWHERE = Refusal(
    code="residents.household_elsewhere",
    message=Text(
        "家庭关系由保管档案的机构维护。", "The household is kept by the institution that keeps the file."
    ),
    instead=Text("请居民联系该机构更改。", "Ask that institution to change it."),
    status=403,
)
HEAD_TAKEN = Refusal(
    code="residents.household_head",
    message=Text("这一户已经有户主。", "This household has a head already."),
    instead=Text(
        "请为新成员选择与户主的关系；要换户主的，在成员一行点“设为户主”。",
        "Choose the relation to the head; to change the head, use “make head” beside a member.",
    ),
    at="relation",
)
NOT_IN_HOUSEHOLD = Refusal(
    code="residents.not_in_household",
    message=Text("这位居民现在不在任何一户。", "The resident is in no household now."),
    instead=Text("请刷新页面，可能已被同事移出。", "Reload: a colleague may have changed it."),
    status=404,
)
HEAD_CANNOT_LEAVE = Refusal(
    code="residents.head_cannot_leave",
    message=Text(
        "户主不能先移出：这一户还有其他人。",
        "The head cannot leave first: others are still in the household.",
    ),
    instead=Text("请先把另一位成员设为户主。", "Make another member the head first."),
)
ALREADY_IN_HOUSEHOLD = Refusal(
    code="residents.already_in_household",
    message=Text("这位居民已经在这一户。", "This resident is in the household already."),
    instead=Text("要改关系的，在成员一行更改。", "To change the relation, use the member's line."),
    at="member_number",
)
NOBODY_FOUND = Refusal(
    code="residents.nobody_found",
    message=Text("没有登记过这个号码的居民。", "Nobody is registered under this number."),
    instead=Text("请核对号码，或先登记这位居民。", "Check the number, or register this resident first."),
    status=422,
)
SEVERAL_FOUND = Refusal(
    code="residents.several_found",
    message=Text("这个号码有 {count} 位居民共用。", "{count} residents share this number."),
    instead=Text("请改用身份证等证件号码。", "Use the number of a document instead."),
    fields={"count": 2},
    status=422,
)
NOT_PRIMARY_CARE = Refusal(
    code="residents.doctor_of_hospital",
    message=Text(
        "责任医生须在基层医疗卫生机构，或是本机构的全科医生。",
        "A responsible doctor works in primary care, or is a general practitioner here.",
    ),
    instead=Text(
        "请由居民所在乡镇卫生院、社区卫生服务中心指定。",
        "The township or community centre of the resident's address assigns one.",
    ),
    status=403,
)
NO_SUCH_DOCTOR = Refusal(
    code="residents.no_such_doctor",
    message=Text("本机构没有这位在岗的医生。", "No such doctor practises at this institution."),
    instead=Text("请从列表中选择。", "Choose from the list."),
    at="clinician",
    status=422,
)
NO_DOCTOR_ASSIGNED = Refusal(
    code="residents.no_doctor",
    message=Text("现在没有指定责任医生。", "No responsible doctor is assigned now."),
    instead=Text("请刷新页面，可能已被同事结束。", "Reload: a colleague may have ended it."),
    status=404,
)
