"""How long the whole country takes to load: the command itself, in a home of its own, then the same once more.

The package comes from where the command finds it, or from ``--from``. Without it nothing is measured, and the
command's own message says how to get it. Peak memory is that of the command without its database server.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HOME = Path(__file__).resolve().parents[1] / "var" / "bench" / "country"
COMMAND = [sys.executable, "-m", "tiercare.cli.main"]
FIGURES = (
    "SELECT (SELECT count(*) FROM terms_division), pg_database_size(current_database()),"
    " pg_total_relation_size('terms_division')"
)


def run(*arguments: str) -> tuple[int, str, float, int]:
    """Run ``tiercare`` in the home of this benchmark: exit code, what it said, seconds, peak memory in bytes."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("TIERCARE_")}
    with tempfile.TemporaryFile("w+") as said:
        begun = time.perf_counter()
        process = subprocess.Popen(
            [*COMMAND, *arguments],
            env=kept | {"TIERCARE_HOME": str(HOME)},
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
        )
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        return process.returncode, said.read(), seconds, used.ru_maxrss * 1024


def figures() -> list[int]:
    """Rows of the register, bytes of the database, bytes of the register with its indexes."""
    _, said, _, _ = run("db", "shell", "-c", FIGURES)
    row = re.search(r"^\s*(\d+)\s*\|\s*(\d+)\s*\|\s*(\d+)\s*$", said, re.MULTILINE)
    assert row is not None, said
    return [int(number) for number in row.groups()]


def main() -> int:
    """Load twice, print a table and a line of JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--from", dest="source", help="the package, its unpacked folder, or its csv files")
    source = parser.parse_args().source
    if HOME.exists():
        run("db", "stop")
    cached = HOME / "cache"
    for old in HOME.glob("*"):  # the package that was fetched before is kept, all else is made anew
        if old != cached:
            shutil.rmtree(old) if old.is_dir() else old.unlink()
    HOME.mkdir(parents=True, exist_ok=True)
    arguments = ("network", "import-divisions", *(("--from", str(Path(source).resolve())) if source else ()))
    run("network", "check")  # makes the database; what it says of the demonstration region is not our matter
    before = figures()
    code, said, seconds, peak = run(*arguments)
    print(said)
    if code:
        print(json.dumps({"loaded": False}))
        return 0
    again, said, second, _ = run(*arguments)
    print(said)
    rows, database, register = figures()
    added = rows - before[0]
    print(
        f"{'rows added':>11}{'seconds':>9}{'rows/s':>9}{'again s':>9}{'peak MB':>9}{'database MB':>13}{'register MB':>13}"
    )
    print(
        f"{added:>11}{seconds:>9.1f}{added / seconds:>9.0f}{second:>9.1f}{peak / 2**20:>9.0f}"
        f"{database / 2**20:>13.0f}{register / 2**20:>13.0f}"
    )
    result = {
        "loaded": True,
        "rows": added,
        "seconds": round(seconds, 1),
        "rows_per_second": round(added / seconds),
        "again_seconds": round(second, 1),
        "peak_bytes": peak,
        "database_bytes": database,
        "register_bytes": register,
    }
    print(json.dumps(result))
    return again


if __name__ == "__main__":
    sys.exit(main())
