"""Sealing the secrets of second factors anew when the keys are turned."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction

from tiercare.kernel.secrecy import key_number, key_ring

from ..models import SecondFactor
from ..queries.second_factor import sealed_for


def reseal_second_factors() -> int:
    """Seal every secret with the present key; returns how many moved. Part of turning the keys, no act of its own."""
    ring, moved = key_ring(settings.HOME), 0
    with transaction.atomic():
        for factor in SecondFactor.objects.select_for_update():
            if key_number(factor.secret_sealed) < ring.current:
                place = sealed_for(factor.account_id)
                factor.secret_sealed = ring.seal(ring.open(factor.secret_sealed, of=place), of=place)
                factor.save(update_fields=["secret_sealed"])
                moved += 1
    return moved
