"""What is done to the ledger: append, deliver, seal, answer once, and look after the installation's row."""

from __future__ import annotations

from .clock import lent_clock, return_clock, set_clock
from .deliveries import bury_exhausted, deliver_next, retry_dead_letter
from .idempotency import (
    OTHER_BODY,
    TWIN,
    TWIN_IN_FLIGHT,
    Answer,
    IdempotentCall,
    KeyedCall,
    idempotent,
    keyed,
    reseal_answers,
    sweep_idempotency_keys,
)
from .installation import (
    APPEND_ONLY,
    READ_ONLY,
    grant_serving_role,
    mark_synthetic,
    record_version,
)
from .months import begin_month, end_month
from .recording import append, record_read
from .sealing import checkpoint, seal

__all__ = [
    "APPEND_ONLY",
    "OTHER_BODY",
    "READ_ONLY",
    "TWIN",
    "TWIN_IN_FLIGHT",
    "Answer",
    "IdempotentCall",
    "KeyedCall",
    "append",
    "begin_month",
    "bury_exhausted",
    "checkpoint",
    "deliver_next",
    "end_month",
    "grant_serving_role",
    "idempotent",
    "keyed",
    "lent_clock",
    "mark_synthetic",
    "record_read",
    "record_version",
    "reseal_answers",
    "retry_dead_letter",
    "return_clock",
    "seal",
    "set_clock",
    "sweep_idempotency_keys",
]
