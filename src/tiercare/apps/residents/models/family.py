"""Household, guardian, key groups and the doctor who answers for a resident. All under row-level security."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q

from tiercare.kernel.ids import uuid7

from ..rules.vocabulary import Relation


class Household(models.Model):
    """People who live together; the head is a member like the others."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    institution_id = models.UUIDField()
    division_code = models.CharField(max_length=12)


class HouseholdMember(models.Model):
    """A resident in a household, for a period of days; in one household at a time."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    household = models.ForeignKey("residents.Household", on_delete=models.PROTECT, related_name="members")
    resident_id = models.UUIDField()
    institution_id = models.UUIDField()
    relation = models.CharField(max_length=1)
    period = DateRangeField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(relation__in=[each.value for each in Relation]), name="household_relation"
            ),
            ExclusionConstraint(
                name="household_one_at_a_time",
                expressions=[
                    (F("resident_id"), RangeOperators.EQUAL),
                    (F("period"), RangeOperators.OVERLAPS),
                ],
            ),
            ExclusionConstraint(
                name="household_one_head",
                expressions=[
                    (F("household"), RangeOperators.EQUAL),
                    (F("period"), RangeOperators.OVERLAPS),
                ],
                condition=Q(relation=Relation.HEAD.value),
            ),
        )
        indexes = (models.Index(fields=["resident_id"], name="household_of"),)


class Guardianship(models.Model):
    """Who decides for a child or another ward: a resident of the index, or a person known by name and phone."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    resident_id = models.UUIDField()
    guardian_id = models.UUIDField(null=True)
    guardian_name = models.CharField(max_length=50)
    phone_sealed = models.BinaryField(null=True)
    relation = models.CharField(max_length=20)
    institution_id = models.UUIDField()
    period = DateRangeField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(guardian_id=None) | ~Q(guardian_id=F("resident_id")), name="guardian_not_oneself"
            ),
        )
        indexes = (
            models.Index(fields=["resident_id"], name="guardian_of"),
            models.Index(fields=["guardian_id"], name="guardian_wards"),
        )


class KeyGroupMember(models.Model):
    """A resident belongs to a key group (重点人群) from a day on; the groups come from the packs."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    resident_id = models.UUIDField()
    group = models.CharField(max_length=40)
    institution_id = models.UUIDField()
    evidence = models.CharField(max_length=200)
    period = DateRangeField()

    class Meta:
        constraints = (
            ExclusionConstraint(
                name="key_group_once",
                expressions=[
                    (F("resident_id"), RangeOperators.EQUAL),
                    (F("group"), RangeOperators.EQUAL),
                    (F("period"), RangeOperators.OVERLAPS),
                ],
            ),
        )


class ResponsibleDoctor(models.Model):
    """The institution, and by name the doctor, answering for a resident; one at a time."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    resident_id = models.UUIDField()
    institution_id = models.UUIDField()
    clinician_id = models.UUIDField(null=True)
    doctor_name = models.CharField(max_length=50)
    source = models.CharField(max_length=20)
    period = DateRangeField()

    class Meta:
        constraints = (
            ExclusionConstraint(
                name="responsible_doctor_one",
                expressions=[
                    (F("resident_id"), RangeOperators.EQUAL),
                    (F("period"), RangeOperators.OVERLAPS),
                ],
            ),
        )
