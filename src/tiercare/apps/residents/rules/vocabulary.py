"""The code lists of the index: sexes, kinds of document, relations in a household, uses of the card."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from tiercare.kernel.text import Text


class Sex(StrEnum):
    """GB/T 2261.1."""

    UNKNOWN = "0"
    MALE = "1"
    FEMALE = "2"
    NOT_STATED = "9"


class IdentityKind(StrEnum):
    """Kinds of identity document; phones are kept and found the same way but identify nobody."""

    ID_CARD = "id_card"
    FOREIGN_RESIDENT = "foreign_resident"
    HK_MACAO_TAIWAN_RESIDENT = "hmt_resident"
    HK_MACAO_PERMIT = "hk_macao_permit"
    TAIWAN_PERMIT = "taiwan_permit"
    PASSPORT = "passport"
    BIRTH_CERTIFICATE = "birth_certificate"
    BY_MOTHER = "by_mother"
    PHONE = "phone"
    NONE = "none"


# One of these on two people is an error to be cleared up, not a family that shares a telephone.
UNIQUE_KINDS: tuple[IdentityKind, ...] = tuple(
    kind for kind in IdentityKind if kind not in (IdentityKind.PHONE, IdentityKind.NONE)
)


class Relation(StrEnum):
    """Relation to the head of the household, GB/T 4761 in its one-digit form."""

    HEAD = "0"
    SPOUSE = "1"
    SON = "2"
    DAUGHTER = "3"
    GRANDCHILD = "4"
    PARENT = "5"
    GRANDPARENT = "6"
    SIBLING = "7"
    OTHER = "8"
    NOT_RELATED = "9"


class CardEvent(StrEnum):
    """What ended a card."""

    LOST = "lost"
    REPLACED = "replaced"
    WITHDRAWN = "withdrawn"


SEX_NAMES: Mapping[Sex, Text] = {
    Sex.UNKNOWN: Text("未知", "unknown"),
    Sex.MALE: Text("男", "male"),
    Sex.FEMALE: Text("女", "female"),
    Sex.NOT_STATED: Text("未说明", "not stated"),
}
IDENTITY_NAMES: Mapping[IdentityKind, Text] = {
    IdentityKind.ID_CARD: Text("居民身份证", "resident identity card"),
    IdentityKind.FOREIGN_RESIDENT: Text("外国人永久居留身份证", "foreign permanent resident card"),
    IdentityKind.HK_MACAO_TAIWAN_RESIDENT: Text(
        "港澳台居民居住证", "residence permit, Hong Kong, Macao, Taiwan"
    ),
    IdentityKind.HK_MACAO_PERMIT: Text(
        "港澳居民来往内地通行证", "mainland travel permit, Hong Kong and Macao"
    ),
    IdentityKind.TAIWAN_PERMIT: Text("台湾居民来往大陆通行证", "mainland travel permit, Taiwan"),
    IdentityKind.PASSPORT: Text("护照", "passport"),
    IdentityKind.BIRTH_CERTIFICATE: Text("出生医学证明", "birth certificate"),
    IdentityKind.BY_MOTHER: Text("新生儿（随母亲登记）", "newborn, by the mother"),
    IdentityKind.PHONE: Text("手机号", "telephone"),
    IdentityKind.NONE: Text("暂无证件", "no document"),
}
RELATION_NAMES: Mapping[Relation, Text] = {
    Relation.HEAD: Text("户主", "head"),
    Relation.SPOUSE: Text("配偶", "spouse"),
    Relation.SON: Text("子", "son"),
    Relation.DAUGHTER: Text("女", "daughter"),
    Relation.GRANDCHILD: Text("孙辈", "grandchild"),
    Relation.PARENT: Text("父母", "parent"),
    Relation.GRANDPARENT: Text("祖辈", "grandparent"),
    Relation.SIBLING: Text("兄弟姐妹", "sibling"),
    Relation.OTHER: Text("其他亲属", "other relative"),
    Relation.NOT_RELATED: Text("非亲属", "not related"),
}
