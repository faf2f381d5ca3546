"""Divisions with their code history, outlines, neighbours, and licensed specialties (诊疗科目).

Everything with a ``period`` is effective-dated: one row says what held for those days, and a change makes a
new row. Other apps therefore refer to a division by its code and a date, not by a row.
"""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint, Value
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext_lazy as _

from tiercare.kernel.divisions import DivisionLevel
from tiercare.kernel.ids import uuid7

_DIGITS = {
    DivisionLevel.PROVINCE: 2,
    DivisionLevel.PREFECTURE: 4,
    DivisionLevel.COUNTY: 6,
    DivisionLevel.TOWNSHIP: 9,
    DivisionLevel.VILLAGE: 12,
}
_LEVEL_FITS_CODE = Q()
for _level, _digits in _DIGITS.items():
    _LEVEL_FITS_CODE |= Q(level=_level.value, code__regex=rf"^[0-9]{{{_digits}}}$")
# A GiST index over numbers takes new rows four times as fast as one over texts, which a load of 660,000 rows
# feels; the 1 in front keeps leading zeros apart.
_CODE_AS_NUMBER = Cast(Concat(Value("1"), F("code")), models.BigIntegerField())
_LASTS = Q(period__isempty=False, period__lower_inf=False)


class Basis(models.TextChoices):
    """Whether a place or a border stands in a source or is only drawn to be looked at."""

    SOURCE = "SOURCE", _("来源数据")
    ILLUSTRATIVE = "ILLUSTRATIVE", _("示意位置")


class Division(models.Model):
    """A division as it was called and placed during ``period``; ``code`` may have several, never at once.

    ``parent`` is the row one level up, and its period holds this one's. ``point_lng`` and ``point_lat`` are
    degrees (datum not stated by the source: up to about 0.5 km off). ``population`` is persons living there,
    ``population_basis`` says of which year and whether estimated. ``initials`` are pinyin initials.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    code = models.CharField(max_length=12)
    name = models.CharField(max_length=60)
    initials = models.CharField(max_length=60)
    level = models.CharField(max_length=12, choices=[(level.value, level.value) for level in DivisionLevel])
    kind = models.CharField(max_length=12)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="children")
    period = DateRangeField()
    point_lng = models.FloatField(null=True)
    point_lat = models.FloatField(null=True)
    point_basis = models.CharField(max_length=12, choices=Basis.choices, blank=True)
    population = models.PositiveIntegerField(null=True)
    population_basis = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ("code", "period")
        indexes = (
            GinIndex(OpClass(F("name"), name="gin_trgm_ops"), name="division_name_trgm"),
            GinIndex(OpClass(F("initials"), name="gin_trgm_ops"), name="division_initials_trgm"),
            models.Index(fields=["code"], opclasses=["varchar_pattern_ops"], name="division_code_prefix"),
        )
        constraints = (
            ExclusionConstraint(
                name="division_code_once_a_day",
                expressions=[(_CODE_AS_NUMBER, RangeOperators.EQUAL), ("period", RangeOperators.OVERLAPS)],
            ),
            CheckConstraint(name="division_level_fits_code", condition=_LEVEL_FITS_CODE),
            CheckConstraint(name="division_period_not_empty", condition=_LASTS),
            CheckConstraint(
                name="division_parent_above",
                condition=Q(level="PROVINCE", parent=None) | (~Q(level="PROVINCE") & Q(parent__isnull=False)),
            ),
            CheckConstraint(
                name="division_point_whole",
                condition=Q(point_lng=None, point_lat=None, point_basis="")
                | Q(
                    point_lng__isnull=False,
                    point_lat__isnull=False,
                    point_lng__range=(-180, 180),
                    point_lat__range=(-90, 90),
                    point_basis__in=Basis.values,
                ),
            ),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    @property
    def point(self) -> tuple[float, float] | None:
        """``(longitude, latitude)``, or ``None`` where none is known."""
        if self.point_lng is None or self.point_lat is None:
            return None
        return self.point_lng, self.point_lat


class NationwideLoad(models.Model):
    """A province of the published divisions that has been loaded; a load that was cut off goes on after these.

    ``digest`` tells one set of files from another. ``added`` and ``kept`` count rows of the register,
    ``left_out`` rows of the files. ``differing`` is a list of ``[code, name in the register, name in the files]``
    where the register keeps its own; an empty name stands for a code that it had ended by the data's day.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    digest = models.CharField(max_length=64)
    edition = models.CharField(max_length=40)
    province = models.CharField(max_length=2)
    added = models.PositiveIntegerField()
    kept = models.PositiveIntegerField()
    left_out = models.PositiveIntegerField()
    differing = models.JSONField()
    done_at = models.DateTimeField()

    class Meta:
        ordering = ("province",)
        constraints = (UniqueConstraint(fields=("digest", "province"), name="nationwide_load_once"),)

    def __str__(self) -> str:
        return f"{self.edition} {self.province}"


class Precision(models.TextChoices):
    """How exactly the day of a change is known; a month or year stands for its first day."""

    DAY = "day", _("日")
    MONTH = "month", _("月")
    YEAR = "year", _("年")


class SuccessionKind(models.TextChoices):
    """What happened to the old code."""

    RENAMED = "renamed", _("更名")
    MERGED = "merged", _("合并")
    SPLIT = "split", _("析置")
    RECODED = "recoded", _("改码")


class DivisionSuccession(models.Model):
    """From ``changed_on`` on, what ``old_code`` meant is found under ``new_code``; ``source`` says who decided."""

    id = models.UUIDField(primary_key=True, editable=False)
    old_code = models.CharField(max_length=12, db_index=True)
    new_code = models.CharField(max_length=12, db_index=True)
    changed_on = models.DateField()
    precision = models.CharField(max_length=5, choices=Precision.choices)
    kind = models.CharField(max_length=7, choices=SuccessionKind.choices)
    note = models.CharField(max_length=200, blank=True)
    source = models.CharField(max_length=200)

    class Meta:
        ordering = ("changed_on", "old_code", "new_code")
        constraints = (
            UniqueConstraint(fields=("old_code", "new_code", "changed_on"), name="succession_once"),
            CheckConstraint(name="succession_changes_code", condition=~Q(old_code=F("new_code"))),
        )

    def __str__(self) -> str:
        return f"{self.old_code} → {self.new_code}"


class Outline(models.Model):
    """The border of a division as drawn in ``year``: ``ring`` is a GeoJSON Polygon or MultiPolygon."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    division = models.OneToOneField(Division, on_delete=models.CASCADE, related_name="outline")
    ring = models.JSONField()
    basis = models.CharField(max_length=12, choices=Basis.choices)
    source = models.CharField(max_length=200)
    year = models.PositiveSmallIntegerField()

    def __str__(self) -> str:
        return f"{self.division_id} {self.year}"


class Adjacency(models.Model):
    """Two divisions of one level that share a border; each pair once, the smaller code first."""

    id = models.BigAutoField(primary_key=True)
    code_a = models.CharField(max_length=12)
    code_b = models.CharField(max_length=12, db_index=True)
    basis = models.CharField(max_length=12, choices=Basis.choices)

    class Meta:
        verbose_name_plural = "adjacencies"
        constraints = (
            UniqueConstraint(fields=("code_a", "code_b"), name="adjacency_once"),
            CheckConstraint(name="adjacency_in_order", condition=Q(code_a__lt=F("code_b"))),
        )

    def __str__(self) -> str:
        return f"{self.code_a} – {self.code_b}"


class Specialty(models.Model):
    """A licensed specialty (诊疗科目) as listed during ``period``; code ``03``, ``03.04`` or ``04.01.01``."""

    id = models.UUIDField(primary_key=True, editable=False)
    code = models.CharField(max_length=8)
    name = models.CharField(max_length=40)
    initials = models.CharField(max_length=40)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="children")
    level = models.PositiveSmallIntegerField()
    period = DateRangeField()
    note = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ("code", "period")
        constraints = (
            ExclusionConstraint(
                name="specialty_code_once_a_day",
                expressions=[("code", RangeOperators.EQUAL), ("period", RangeOperators.OVERLAPS)],
            ),
            CheckConstraint(
                name="specialty_level_fits_code",
                condition=Q(level=1, code__regex=r"^[0-9]{2}$", parent=None)
                | Q(level=2, code__regex=r"^[0-9]{2}\.[0-9]{2}$", parent__isnull=False)
                | Q(level=3, code__regex=r"^[0-9]{2}\.[0-9]{2}\.[0-9]{2}$", parent__isnull=False),
            ),
            CheckConstraint(name="specialty_period_not_empty", condition=_LASTS),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class CalendarDay(models.Model):
    """A day that is worked or not other than the published calendar says, or before it is published."""

    day = models.DateField(primary_key=True)
    workday = models.BooleanField()
    name = models.CharField(max_length=40)
