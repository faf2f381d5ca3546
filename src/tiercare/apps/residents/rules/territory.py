"""Services that stand with the institution of the resident's own area (WH-03 属地为主): which there are, and what is said to whoever
chooses another. Another is always allowed; the text weighs the plan against the residents' free choice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text

TERRITORIAL = "territorial"  # the parameter of the packs that lists them


class Territorial(StrEnum):
    """The services, by the words of the packs (WH-03 ``territorial``)."""

    BASIC_PUBLIC_HEALTH = "basic_public_health"
    DISEASE_PREVENTION = "disease_prevention"
    FAMILY_DOCTOR_SIGNING = "family_doctor_signing"


TERRITORIAL_NAMES: Mapping[Territorial, Text] = {
    Territorial.BASIC_PUBLIC_HEALTH: Text("基本公共卫生服务", "basic public health"),
    Territorial.DISEASE_PREVENTION: Text("疾病预防", "disease prevention"),
    Territorial.FAMILY_DOCTOR_SIGNING: Text("家庭医生签约", "signing with a family doctor"),
}
# What each is, in a resident's words.
TERRITORIAL_MEANS: Mapping[Territorial, Text] = {
    Territorial.BASIC_PUBLIC_HEALTH: Text(
        "健康档案、老人和慢性病随访、孕产妇和儿童保健。",
        "Your health file, follow-up of old people and chronic disease, care of mothers and children.",
    ),
    Territorial.DISEASE_PREVENTION: Text(
        "预防接种、筛查和健康教育。", "Vaccination, screening, health education."
    ),
    Territorial.FAMILY_DOCTOR_SIGNING: Text(
        "由哪一家的家庭医生团队签约服务。", "Whose team of family doctors you sign with."
    ),
}
NOTICE = Text(
    "{service}以属地为主，您所在地由{own}负责。改由{other}提供也可以：该机构由此可以查看档案，上门、随访可能较远；随时可以改回属地机构。",
    "{service} stands with your own area, where {own} provides it. {other} may provide it instead: it can then read the record, and"
    " visits may come from farther away. You can go back to your own area at any time.",
)
# To staff, about the same.
NOTICE_TO_STAFF = Text(
    "{service}以属地为主，居民所在地由{own}负责。由{other}提供也可以，请先向居民说明；居民随时可以改回属地机构。",
    "{service} stands with the resident's own area, where {own} provides it. {other} may provide it instead: tell the resident"
    " first; they can go back at any time.",
)

NOT_TERRITORIAL = Refusal(
    code="residents.not_territorial",
    message=Text(
        "当地现行的文件没有规定这项服务以属地为主。",
        "No text in force there lays this service down for the resident's own area.",
    ),
    instead=Text(
        "不用登记选择：直接联系愿意去的机构即可。",
        "Nothing has to be chosen: contact the institution you want.",
    ),
    at="service",
    status=422,
)
NO_OWN_PROVIDER = Refusal(
    code="residents.no_own_provider",
    message=Text(
        "住址没有到乡镇（街道），或那里的基层机构尚未登记，不知道属地机构是哪一家。",
        "The address names no township, or primary care there is not on record: the area's own institution is not known.",
    ),
    instead=Text("请先把住址补到乡镇（街道）。", "Complete the address first."),
    at="service",
    status=422,
)
NO_SUCH_PROVIDER = Refusal(
    code="residents.no_such_provider",
    message=Text("这家机构不是开业的基层医疗卫生机构。", "This is no open institution of primary care."),
    instead=Text("请从列表里另选一家。", "Choose another one from the list."),
    at="institution",
    status=422,
)
SIGNED_ALREADY = Refusal(
    code="residents.signed_already",
    message=Text("已经签约了家庭医生。", "A family doctor has been signed with already."),
    instead=Text(
        "要换机构，请到想去的机构签约：新的签约会替换现在这一份。",
        "To change, sign at the institution you want: the new contract takes the place of this one.",
    ),
    at="institution",
    status=409,
)


def services_of(words: Iterable[str]) -> tuple[Territorial, ...]:
    """Those of the pack's words that are services here, in its order."""
    known = set(Territorial)
    return tuple(Territorial(word) for word in words if word in known)


def notice(service: Territorial, *, own: str, other: str, staff: bool) -> Text:
    """What is said where another institution than the area's own provides a service; names of institutions stand as they are."""
    text = NOTICE_TO_STAFF if staff else NOTICE
    name = TERRITORIAL_NAMES[service]
    return Text(
        text.zh.format(service=name.zh, own=own, other=other),
        text.en.format(service=name.en, own=own, other=other),
    )
