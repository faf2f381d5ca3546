"""Accounts, and the roles granted to them."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce, Lower

from tiercare.kernel.ids import uuid7

from ..rights import GRANTABLE, ROLE_NAMES, Scope

_NOWHERE = Value(UUID(int=0), output_field=models.UUIDField())


class Account(AbstractBaseUser):
    """A person who can sign in. ``username`` is kept folded (``rules.fold``), so case and width do not matter.

    Staff are granted roles. A resident's account names the resident (a plain id: the index of residents lies
    above this app), holds no grant and has no password: it is opened by the health card and a one-time code.
    """

    last_login = None  # the ledger knows every sign-in; a second memory would only disagree

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    username = models.CharField(max_length=40, unique=True)
    display_name = models.CharField(max_length=40)
    is_active = models.BooleanField(default=True)
    must_change_password = models.BooleanField(default=False)
    synthetic = models.BooleanField(default=False)
    resident_id = models.UUIDField(null=True, unique=True)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ("display_name",)

    objects = BaseUserManager["Account"]()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(username=Lower("username")), name="account_username_folded"),
        )

    def __str__(self) -> str:
        return str(self.display_name)


class Grant(models.Model):
    """A role given to an account, for an area, a consortium or an institution, for a period of days.

    ``institution_id`` and ``consortium_id`` are plain ids: the network is an app above this one, and tells
    ``place_name`` when the grant is made. ``division_code`` is the area in which the role counts; a grant for a
    consortium names its lead hospital, for which the office acts. Revoking ends a grant at once, not at
    midnight, hence ``revoked_at`` beside ``period``.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    account = models.ForeignKey("access.Account", on_delete=models.PROTECT, related_name="grants")
    role = models.CharField(max_length=20, choices=[(role.value, ROLE_NAMES[role].zh) for role in GRANTABLE])
    scope = models.CharField(
        max_length=12, choices=[(scope.value, scope.value) for scope in Scope if scope is not Scope.SELF]
    )
    division_code = models.CharField(max_length=12)
    institution_id = models.UUIDField(null=True)
    consortium_id = models.UUIDField(null=True)
    place_name = models.CharField(max_length=80)
    period = DateRangeField()
    granted_by = models.UUIDField(null=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.UUIDField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(role__in=[role.value for role in GRANTABLE]), name="grant_role_known"
            ),
            models.CheckConstraint(condition=Q(period__isempty=False), name="grant_period_not_empty"),
            models.CheckConstraint(
                condition=Q(scope=Scope.REGION.value, institution_id__isnull=True, consortium_id__isnull=True)
                | Q(scope=Scope.INSTITUTION.value, institution_id__isnull=False, consortium_id__isnull=True)
                | Q(scope=Scope.CONSORTIUM.value, institution_id__isnull=False, consortium_id__isnull=False),
                name="grant_scope_filled",
            ),
            ExclusionConstraint(
                name="grant_not_twice",
                expressions=[
                    (F("account"), RangeOperators.EQUAL),
                    (F("role"), RangeOperators.EQUAL),
                    (F("division_code"), RangeOperators.EQUAL),
                    (Coalesce("institution_id", _NOWHERE), RangeOperators.EQUAL),
                    (Coalesce("consortium_id", _NOWHERE), RangeOperators.EQUAL),
                    (F("period"), RangeOperators.OVERLAPS),
                ],
                condition=Q(revoked_at__isnull=True),
            ),
        )

    def __str__(self) -> str:
        return f"{self.role} · {self.place_name}"
