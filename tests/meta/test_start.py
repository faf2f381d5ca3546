"""What every process of the platform reads before its own work, however short that is."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

_STARTED = """
import sys
import django
django.setup()
print(*sorted({"duckdb", "ibis", "llvmlite", "numba", "pandas", "pyarrow"} & sys.modules.keys()))
"""
_COMMANDS = """
import sys
import django
django.setup()
import tiercare.cli.main
print(*sorted({"llvmlite", "numba"} & sys.modules.keys()))
"""


@pytest.mark.parametrize("started", [_STARTED, _COMMANDS], ids=["a process", "the command"])
def test_a_process_starts_without_the_libraries_that_only_computing_needs(started: str) -> None:
    """They would cost every command and every web worker a fifth of a second and forty megabytes; what the twin compiles, more."""
    told = subprocess.run(
        [sys.executable, "-c", started],
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "tiercare.config.settings"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.split() == []
