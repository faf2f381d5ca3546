"""Which specialty a problem belongs to, as far as the chapters of ICD-10 tell: a proposal that everybody may change."""

from __future__ import annotations

# 诊疗科目代码 (first level of the catalogue of 卫医发〔1994〕第27号): 03 internal medicine with its second levels, 04 surgery, 05
# obstetrics and gynaecology, 07 paediatrics, 10 eyes, 11 ear-nose-throat, 19 oncology. By the first letters of the code.
_BY_CODE = (
    ("C", "19"),
    ("D0", "19"),
    ("E0", "03.07"),
    ("E1", "03.07"),
    ("G", "03.03"),
    ("H0", "10"),
    ("H1", "10"),
    ("H2", "10"),
    ("H3", "10"),
    ("H4", "10"),
    ("H5", "10"),
    ("H6", "11"),
    ("H7", "11"),
    ("H8", "11"),
    ("H9", "11"),
    ("I6", "03.03"),
    ("I", "03.04"),
    ("J", "03.01"),
    ("K", "03.02"),
    ("N", "03.06"),
    ("O", "05"),
    ("S", "04"),
)


def specialty_for(problem_code: str) -> str:
    """The specialty; internal medicine where the code tells nothing."""
    return next((code for start, code in _BY_CODE if problem_code.startswith(start)), "03")
