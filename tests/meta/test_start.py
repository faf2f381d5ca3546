"""What every process of the platform reads before its own work, however short that is."""

from __future__ import annotations

import os
import subprocess
import sys

_STARTED = """
import sys
import django
django.setup()
print(*sorted({"duckdb", "ibis", "pandas", "pyarrow"} & sys.modules.keys()))
"""


def test_a_process_starts_without_the_libraries_that_only_computing_needs() -> None:
    """They would cost every command and every web worker a fifth of a second and forty megabytes."""
    told = subprocess.run(
        [sys.executable, "-c", _STARTED],
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "tiercare.config.settings"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.split() == []
