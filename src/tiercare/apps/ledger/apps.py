"""The ledger as a Django app."""

from __future__ import annotations

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """Events, deliveries, seals, idempotency keys and the installation's own row."""

    name = "tiercare.apps.ledger"
    label = "ledger"
    verbose_name = "留痕"
