"""The long run of requests with places: random people by the real commands, thousands of steps, seeds told.

It plays ``tests/integration/exchange/test_with_places.py`` with more of everything; ``--seed`` plays one again. The invariants
are the test's: no open request without owner and time, no two live places of one request, places of dead requests go back, every
way ends, nobody keeps the ground to read a record that a request gave them.
``--soak``: twenty times fifty thousand steps; hours on a small machine.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import secrets
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TEST = "tests/integration/exchange/test_with_places.py"
STEPS = 50  # of an example, as the test has it
_TOLD = re.compile(r"^\{'.*\}$", re.MULTILINE)


def main() -> int:
    """Play so many rounds, each with a seed of its own; 1 if one failed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--soak", action="store_true", help="the long version")
    parser.add_argument("--seed", type=int, help="play this one again")
    parser.add_argument("--examples", type=int, help="of fifty steps each, a round")
    asked = parser.parse_args()
    rounds, examples = (20, 1_000) if asked.soak else (1, 400)
    examples = asked.examples or examples
    seeds = [asked.seed] if asked.seed is not None else [secrets.randbelow(2**32) for _ in range(rounds)]
    failed, began = [], time.monotonic()
    for seed in seeds:
        print(f"seed {seed}: up to {examples * STEPS:,} steps", flush=True)
        if not _round(seed, examples):
            failed.append(seed)
    told = {
        "steps_at_most": len(seeds) * examples * STEPS,
        "seeds": seeds,
        "failed": failed,
        "seconds": round(time.monotonic() - began),
    }
    print(json.dumps(told))
    return 1 if failed else 0


def _round(seed: int, examples: int) -> bool:
    command = [sys.executable, "tools/test.py", "--", "-q", "-s", "-p", "no:cacheprovider"]
    command += [f"--hypothesis-seed={seed}", "--timeout=0", TEST]
    long = {"TIERCARE_SOAK": "1", "TIERCARE_SOAK_EXAMPLES": str(examples)}
    environment = {"TIERCARE_TEST_DATABASE": "test_random", **os.environ, **long}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    counted = _TOLD.search(done.stdout)
    print(counted[0] if counted else done.stdout[-6_000:], flush=True)
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
