"""A process that plays a window of a drive, and is killed in the midst of it: really, by the operating system."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.db import connections

from .script import Kind, Planned, Rates

READY = "ready"


@dataclass(frozen=True, slots=True)
class Slice:
    """One window of a drive, as another process needs to know it."""

    region: str
    first: date
    days: int
    acts: int
    seed: int
    rates: Rates
    day: int
    minute: int
    planned: tuple[Planned, ...]

    def as_json(self) -> str:
        """For the line between the processes."""
        return json.dumps(asdict(self) | {"first": self.first.isoformat()})

    @classmethod
    def of(cls, line: str) -> Slice:
        """From that line."""
        told = json.loads(line)
        planned = tuple(Planned(**{**each, "kind": Kind(each["kind"])}) for each in told.pop("planned"))
        # JSON knows lists only.
        rates: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in told.pop("rates").items()
        }
        first = date.fromisoformat(told.pop("first"))
        return cls(**told, first=first, planned=planned, rates=Rates(**rates))


def killed(slice_: Slice, *, after: int, pause: float, told: Callable[[Mapping[str, str]], None]) -> bool:
    """Have another process play the window, and kill it so many acts later, in the midst of the next; ``told`` is called with
    what it acknowledged before. Answers whether it was at work when it was killed.

    Raises:
        RuntimeError: if the process does not come to its first act.
    """
    command = [sys.executable, "-m", "tiercare.jobs.driving.child"]
    child = subprocess.Popen(
        command, env=_environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(slice_.as_json() + "\n")
        child.stdin.flush()
        if child.stdout.readline().strip() != READY:
            raise RuntimeError("the process that was to be killed ended before its first act")
        for _ in range(after):
            line = child.stdout.readline()
            if not line:
                return False  # all of the window was done
            told(json.loads(line))
        time.sleep(pause)
        return child.poll() is None
    finally:
        child.kill()
        rest, _ = child.communicate()
        for line in (rest or "").splitlines(keepends=True):
            if line.endswith("\n"):  # what was cut off was not acknowledged
                told(json.loads(line))


def _environment() -> dict[str, str]:
    """This process's database and home, for one that starts anew."""
    parts = connections["default"].settings_dict
    told = {name: quote(str(parts[name] or ""), safe="") for name in ("USER", "PASSWORD", "NAME", "HOST")}
    port = f"&port={parts['PORT']}" if parts["PORT"] else ""
    url = "postgresql://{USER}:{PASSWORD}@/{NAME}?host={HOST}".format_map(told) + port
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "tiercare.config.settings",
        "TIERCARE_DATABASE_URL": url,
        "TIERCARE_HOME": str(settings.HOME),
    }
