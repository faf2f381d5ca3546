"""Sending a short message to a telephone. The default writes a file that an operator, or a test, can read.

An installation names its own class in ``settings.SHORT_MESSAGES`` (dotted path): it is made without arguments and has
``send(phone, text)``, which hands the message over and returns; waiting for the carrier is its own affair, since
how long signing in takes must not tell whether a card exists.
"""

from __future__ import annotations

import json
import os
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from tiercare.apps.ledger import queries as ledger

from .. import queries

FILE = "outbox/sms.jsonl"


class Sender(Protocol):
    """Whatever carries short messages."""

    def send(self, phone: str, text: str) -> None:
        """Hand ``text`` over for ``phone``.

        Raises:
            OSError: if it cannot be taken over now.
        """


class FileSender:
    """One JSON line a message in ``HOME/outbox/sms.jsonl``, readable by its owner only."""

    def send(self, phone: str, text: str) -> None:
        """Append the message."""
        path = settings.HOME / FILE
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        line = json.dumps(
            {"at": queries.wall_clock().isoformat(), "phone": phone, "text": text}, ensure_ascii=False
        )
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "a", encoding="utf-8") as file:
            file.write(line + "\n")


class Marked:
    """Says before every message of a demonstration that it is one: a telephone shows nothing else of where it comes from."""

    def __init__(self, through: Sender) -> None:
        self.through = through

    def send(self, phone: str, text: str) -> None:
        """Hand the marked text on."""
        self.through.send(phone, f"【演示数据】{text}")


def sender() -> Sender:
    """The installation's way of sending; in a demonstration every message is marked."""
    made: Sender = import_string(settings.SHORT_MESSAGES)()
    return Marked(made) if ledger.installation().synthetic else made
