"""What an institution offers, as it stands on paper: pools, and the weeks after which sessions are made."""

from __future__ import annotations

from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.db.models import Q

from tiercare.apps.ledger.clock import TiercareNow
from tiercare.kernel.ids import uuid7

from ..rules.vocabulary import GRADES, Grade, Kind

_FITTING = Q()
for _kind, _grades in GRADES.items():
    _FITTING |= Q(kind=_kind.value, grade__in=[grade.value for grade in _grades])


class Pool(models.Model):
    """One thing that can be booked at one institution: a department's clinic, an expert's, a ward's admissions, an
    examination item on a device.

    ``details`` holds what only one kind has: ward, sex, isolation of beds; preparation and questions of examinations.
    ``shares`` the hospital's own reserve by channel (XH-41: a share that the text leaves open), as ratios; policy may
    ask for more. ``release_hours`` before the start what is kept and unused is open to all; empty: the pack's number.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    institution_id = models.UUIDField()
    code = models.SlugField(max_length=40, help_text="the hospital's own number of it")
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=10)
    grade = models.CharField(max_length=10)
    specialty_code = models.CharField(max_length=11, default="", db_default="")
    department_id = models.UUIDField(null=True)
    clinician_id = models.UUIDField(null=True)
    equipment_id = models.UUIDField(null=True)
    item = models.CharField(max_length=80, default="", db_default="")
    slot_minutes = models.PositiveSmallIntegerField(null=True, help_text="empty: by number, not by time")
    details = models.JSONField(default=dict, db_default={})
    shares = models.JSONField(default=dict, db_default={})
    release_hours = models.PositiveSmallIntegerField(null=True)
    period = DateRangeField()
    synthetic = models.BooleanField(default=False, db_default=False)
    changed_at = models.DateTimeField(db_default=TiercareNow())

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["institution_id", "code"], name="pool_code_once"),
            models.CheckConstraint(condition=_FITTING, name="pool_grade_fits_kind"),
            models.CheckConstraint(
                condition=Q(slot_minutes=None) | Q(slot_minutes__gte=1), name="pool_slot_minutes"
            ),
            models.CheckConstraint(
                condition=~Q(grade=Grade.NAMED.value) | Q(clinician_id__isnull=False),
                name="pool_named_physician",
            ),
            models.CheckConstraint(
                condition=~Q(kind=Kind.EXAM.value) | ~Q(item=""), name="pool_examination_item"
            ),
        )
        indexes = (models.Index(fields=["specialty_code", "kind"], name="pool_of_specialty"),)

    def __str__(self) -> str:
        return self.name


class Template(models.Model):
    """A session of a pool that comes every week: from it a week is published (放号)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    pool = models.ForeignKey(Pool, on_delete=models.PROTECT, related_name="templates")
    weekday = models.PositiveSmallIntegerField(help_text="ISO: Monday is 1")
    starts = models.TimeField()
    ends = models.TimeField(help_text="00:00 is the end of the day")
    capacity = models.PositiveSmallIntegerField()
    slot_capacity = models.PositiveSmallIntegerField(default=1, db_default=1)
    walk_ins = models.PositiveSmallIntegerField(default=0, db_default=0)
    clinician_id = models.UUIDField(null=True)
    place = models.CharField(max_length=80, default="", db_default="")
    on_holidays = models.BooleanField(default=False, db_default=False)
    period = DateRangeField()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(weekday__gte=1, weekday__lte=7), name="template_weekday"),
            models.CheckConstraint(
                condition=Q(capacity__gte=1, slot_capacity__gte=1), name="template_capacity"
            ),
        )
