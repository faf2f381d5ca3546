"""The process that is killed: reads a window from its input, says ``ready`` before the first act, and plays it; each act that it
acknowledges is a line of its output."""

from __future__ import annotations

import json
import sys
from importlib import import_module

import django


def main() -> None:
    """Play one window, and end."""
    line = sys.stdin.readline()
    django.setup()
    # Only now can what needs the tables be imported.
    killing = import_module("tiercare.jobs.driving.killing")
    running = import_module("tiercare.jobs.driving.running")
    slice_ = killing.Slice.of(line)
    running.play_slice(
        slice_,
        ready=lambda: print(killing.READY, flush=True),
        told=lambda answer: print(json.dumps(dict(answer)), flush=True),
    )


if __name__ == "__main__":
    main()
