"""What signing in remembers: failures, second factors, invitations, one-time codes, and how often one asks."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tiercare.kernel.ids import uuid7


class SignInFailures(models.Model):
    """Failures in a row for one typed name from one source address.

    The name is kept as a keyed hash: people type passwords into the wrong box.
    """

    name_hash = models.CharField(max_length=64)
    source = models.CharField(max_length=45)
    failures = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["name_hash", "source"], name="sign_in_failures_once"),)
        indexes = (models.Index(fields=["last_at"], name="sign_in_failures_by_age"),)

    def __str__(self) -> str:
        return f"{self.failures} from {self.source}"


class SecondFactor(models.Model):
    """A TOTP secret (RFC 6238), sealed. It counts once its owner has shown a code of it."""

    account = models.OneToOneField(
        "access.Account", on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    secret_sealed = models.BinaryField()
    confirmed_at = models.DateTimeField(null=True)
    # The time step of the last code taken: none is taken twice.
    last_step = models.BigIntegerField(default=0)


class RecoveryCode(models.Model):
    """A code on paper for the day the telephone is lost; hashed, each good for once."""

    account = models.ForeignKey("access.Account", on_delete=models.CASCADE, related_name="+")
    code_hash = models.BinaryField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["account", "code_hash"], name="recovery_code_once"),)


class Invitation(models.Model):
    """A link with which a new colleague sets the first password. Only a hash of its token is kept."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    account = models.ForeignKey("access.Account", on_delete=models.PROTECT, related_name="+")
    token_hash = models.BinaryField(unique=True)
    made_by = models.UUIDField(null=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)


class SignInCode(models.Model):
    """A one-time code sent to a resident; only a hash is kept, and a few wrong attempts end it.

    ``id`` is known to the session of the browser that asked and to nobody else: there alone the code can be typed,
    and codes that are asked for elsewhere leave it as it is.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    resident_id = models.UUIDField()
    code_hash = models.BinaryField()
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        indexes = (models.Index(fields=["expires_at"], name="sign_in_code_by_age"),)


class Rate(models.Model):
    """How often something was asked in the current window: by an account, an institution, an address, of somebody."""

    key = models.CharField(max_length=120, primary_key=True)
    window = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(count__gte=0), name="rate_counts"),)
        indexes = (models.Index(fields=["window"], name="rate_by_age"),)
