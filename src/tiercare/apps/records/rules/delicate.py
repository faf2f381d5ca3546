"""Who sees what of a record that they may read: as with key groups, what can brand a person stays with those who treat."""

from __future__ import annotations

from collections.abc import Iterable

from tiercare.apps.residents.rules.fields import sees_group
from tiercare.apps.residents.rules.groups import Delicacy
from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text

# Ours, in the spirit of 个人信息保护法 第二十八条: tuberculosis, sexually transmitted diseases, HIV, mental disorders and those
# from alcohol or drugs, termination of pregnancy. By the three signs of ICD-10, from and to.
_SPECIAL = (("A15", "A19"), ("A50", "A64"), ("B20", "B24"), ("F10", "F39"), ("O04", "O04"), ("Z21", "Z21"))


def is_special(codes: Iterable[str]) -> bool:
    """Whether one of these diagnoses can brand a person; one code alone may be given as it is."""
    codes = [codes] if isinstance(codes, str) else codes
    return any(first <= code[:3] <= last for code in codes for first, last in _SPECIAL)


def sees_record(role: str) -> bool:
    """Whether ``role`` sees what was found and done at all; a desk needs no diagnosis."""
    return sees_group(role, Delicacy.HEALTH)


def sees_special(role: str) -> bool:
    """Whether ``role`` sees diagnoses that can brand a person."""
    return sees_group(role, Delicacy.SPECIAL)


def record_refusal(role: str) -> Refusal | None:
    """Why a role does not see the record although it may open the file."""
    return None if sees_record(role) else _NOT_FOR_ROLE


_NOT_FOR_ROLE = Refusal(
    code="records.not_for_role",
    message=Text("您的角色不查看诊疗内容。", "Your role does not see what was found and done."),
    instead=Text("需要时请由接诊医生或转诊办查看。", "Ask the treating doctor or the referral office."),
    status=403,
)
