"""Pieces that all tables of the network share."""

from __future__ import annotations

from enum import StrEnum

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import Q


class Basis(models.TextChoices):
    """Where a row comes from, shown wherever the row is shown."""

    DOCUMENT = "DOCUMENT", "文件载明"
    PUBLIC = "PUBLIC", "公开信息"
    DEMO = "DEMO", "演示数据"
    ENTERED = "ENTERED", "机构填报"


def never_twice(name: str, *same: str, condition: Q | None = None) -> ExclusionConstraint:
    """No two rows with the same ``same`` columns whose periods overlap."""
    return ExclusionConstraint(
        name=name,
        expressions=[
            *((column, RangeOperators.EQUAL) for column in same),
            ("period", RangeOperators.OVERLAPS),
        ],
        condition=condition,
    )


def one_of(field: str, name: str, values: type[StrEnum]) -> models.CheckConstraint:
    """``field`` holds one of the enum's codes."""
    return models.CheckConstraint(name=name, condition=Q(**{f"{field}__in": [str(v) for v in values]}))
