"""Rounds of a survey, who was drawn for each, and the sheets that were answered. Under row-level security (migration 0009).

Who was drawn and what was answered stand apart: an invitation says that somebody answered, a sheet what, under a keyed hash of
the person that is of this round alone. The key of a sheet holds no time, and of its day no more is kept than the day.
"""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Q

from tiercare.apps.ledger.clock import TiercareNow
from tiercare.kernel.ids import uuid7

from ..rules.surveys import How, State


class SurveyRound(models.Model):
    """A survey put to people drawn from an area. ``definition`` is the survey as it stood then; ``frame`` says by township how
    many could be drawn and how many were, ``seed`` by which lot."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    division_code = models.CharField(max_length=12)
    pack = models.CharField(max_length=40)
    survey = models.CharField(max_length=40)
    version = models.PositiveSmallIntegerField()
    # As text: the order of choices is part of it.
    definition = models.TextField(help_text="JSON in the shape of a pack's survey")
    recall_weeks = models.PositiveSmallIntegerField()
    period = DateRangeField(help_text="the days on which it can be answered")
    seed = models.CharField(max_length=32)
    wanted = models.PositiveIntegerField()
    drawn = models.PositiveIntegerField()
    frame = models.JSONField(help_text="{township: [could be drawn, were drawn]}")
    made_at = models.DateTimeField(db_default=TiercareNow())
    made_by_name = models.CharField(max_length=120)
    stopped_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(drawn__gt=0), name="survey_round_asks_somebody"),
            models.CheckConstraint(condition=Q(period__isempty=False), name="survey_round_has_days"),
            ExclusionConstraint(
                name="survey_round_one_at_a_time",
                expressions=[
                    ("division_code", RangeOperators.EQUAL),
                    ("survey", RangeOperators.EQUAL),
                    ("period", RangeOperators.OVERLAPS),
                ],
                condition=Q(stopped_at__isnull=True),
            ),
        )

    def __str__(self) -> str:
        return f"{self.survey} {self.division_code} {self.period}"


class SurveyInvitation(models.Model):
    """Somebody who was drawn. ``institution_id`` registered them and may ask them; ``how`` and ``by_name`` say how it was closed
    and, where staff did, by whom."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    round = models.ForeignKey("evaluation.SurveyRound", on_delete=models.PROTECT, related_name="+")
    resident_id = models.UUIDField()
    institution_id = models.UUIDField()
    division_code = models.CharField(max_length=12)
    state = models.CharField(max_length=10, default=State.WAITING.value, db_default=State.WAITING.value)
    closed_on = models.DateField(null=True)
    how = models.CharField(max_length=10, default="", db_default="")
    by_name = models.CharField(max_length=120, default="", db_default="")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["round", "resident_id"], name="survey_invited_once"),
            models.CheckConstraint(
                condition=Q(state=State.WAITING.value, closed_on=None, how="")
                | Q(state__in=[State.ANSWERED.value, State.DECLINED.value], closed_on__isnull=False)
                & Q(how__in=[each.value for each in How]),
                name="survey_invitation_closed",
            ),
        )
        indexes = (
            models.Index(
                fields=["institution_id"], condition=Q(state=State.WAITING.value), name="survey_to_ask"
            ),
            models.Index(fields=["resident_id"], name="survey_of_resident"),
        )

    def __str__(self) -> str:
        return f"{self.round_id} {self.state}"


class SurveySheet(models.Model):
    """What one person answered, without saying who: ``person`` is a keyed hash of this round alone."""

    id = models.UUIDField(primary_key=True, editable=False)
    round = models.ForeignKey("evaluation.SurveyRound", on_delete=models.PROTECT, related_name="+")
    person = models.CharField(max_length=64)
    division_code = models.CharField(max_length=12)
    answered_on = models.DateField()
    how = models.CharField(max_length=10)
    answers = models.JSONField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["round", "person"], name="survey_answered_once"),
            models.CheckConstraint(
                condition=Q(how__in=[each.value for each in How]), name="survey_sheet_how"
            ),
        )
        indexes = (models.Index(fields=["answered_on"], name="survey_sheet_month"),)

    def __str__(self) -> str:
        return f"{self.round_id} {self.answered_on}"
