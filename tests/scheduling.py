"""In which order the workers take the suite on: what lasts longest first, so that nobody waits for it at the end.

A file stays on one worker, as ``--dist loadfile`` has it: worlds and registers are laid down once a file. There are three exceptions:

- The journeys are two units. Every worker that opens a page needs a platform of its own (a database, 芜湖, a web server: some fifteen
  seconds of a core), and a browser mostly waits; so two workers go through all of them while the others use the cores. One
  worker would still be at it when the others are done.
- The commands of a person are one unit: the home that they work in (a database of its own, with 芜湖) is laid down once.
- The random plays of requests are cut into their rounds, which ask for nothing in common.

The seconds are those of one quiet core with its part of PostgreSQL and of the processes started. They only order: a wrong number
costs time and never a result. Files that are not named count by the number of their tests.
"""

from __future__ import annotations

from typing import Final

from xdist.scheduler import LoadFileScheduling
from xdist.workermanage import WorkerController

JOURNEYS: Final = "tests/journeys/"
HALVES: Final = f"{JOURNEYS}a-f", f"{JOURNEYS}g-z"
COMMANDS: Final = "tests/integration/cli/"
IN_ROUNDS: Final = (
    "tests/integration/exchange/test_state_machine.py",
    "tests/integration/exchange/test_with_places.py",
)
SECONDS: Final = {
    HALVES[0]: 300,
    HALVES[1]: 300,
    "tests/security/test_matrix.py": 150,
    COMMANDS: 330,
    "tests/integration/jobs/test_driving.py": 90,
    "tests/integration/web/test_trials.py": 60,
    "tests/unit/twin/test_year.py": 20,
    "tests/unit/twin/test_comparing.py": 20,
    "tests/unit/twin/test_calibrating.py": 15,
    "tests/unit/twin/test_facts.py": 15,
    "tests/unit/twin/test_many_on_spark.py": 20,
    "tests/integration/web/test_indicator_clauses.py": 55,
    "tests/integration/jobs/test_processes.py": 48,
    "tests/unit/measures/test_on_spark.py": 33,
    "tests/integration/network/test_demonstrating.py": 34,
    "tests/integration/jobs/test_days_lived.py": 55,
    "tests/security/test_mass_assignment.py": 30,
    "tests/integration/evaluation/test_importing.py": 30,
    "tests/integration/web/test_facts.py": 30,
    "tests/integration/postgres/test_recovery.py": 28,
    "tests/integration/evaluation/test_alerts.py": 24,
    "tests/integration/postgres/test_guardian.py": 24,
    "tests/integration/exchange/test_state_machine.py": 22,
    "tests/integration/exchange/test_with_places.py": 22,
    "tests/integration/web/test_board.py": 22,
    "tests/integration/web/test_scorecards.py": 20,
    "tests/integration/evaluation/test_boarding.py": 17,
    "tests/integration/capacity/test_proof.py": 16,
    "tests/integration/evaluation/test_facts_marked.py": 15,
    "tests/integration/exchange/test_killed.py": 15,
    "tests/integration/network/test_standing.py": 15,
    "tests/integration/network/papers/test_clauses.py": 15,
    "tests/integration/postgres/test_users.py": 14,
    "tests/integration/postgres/test_start.py": 14,
    "tests/integration/terms/test_nationwide.py": 14,
    "tests/security/test_logic.py": 14,
    "tests/unit/measures/test_cli.py": 14,
    "tests/unit/measures/test_kept.py": 14,
    "tests/integration/evaluation/test_supervision_machine.py": 13,
    "tests/integration/capacity/test_state_machine.py": 12,
    "tests/integration/evaluation/test_runs.py": 12,
    "tests/integration/network/test_regions.py": 12,
    "tests/security/test_logs.py": 12,
    "tests/security/test_refused_log.py": 12,
    "tests/unit/measures/test_pillars.py": 12,
    "tests/integration/network/registers/test_writing.py": 10,
    "tests/integration/web/test_accounts.py": 10,
    "tests/integration/web/test_applications.py": 10,
    "tests/unit/measures/test_examples_flow.py": 9,
    "tests/unit/linkage/test_batch.py": 8,
    "tests/unit/measures/test_cases.py": 7,
}
A_TEST: Final = 0.05  # of a file that is not named: the mean of all others


class LongestFirst(LoadFileScheduling):
    """A worker that has nearly nothing left takes the unit that lasts longest of those that wait."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        if file.startswith(JOURNEYS):
            return HALVES[file.removeprefix(f"{JOURNEYS}test_") >= "g"]
        if file.startswith(COMMANDS):
            return COMMANDS
        return nodeid if file in IN_ROUNDS else file

    def _assign_work_unit(self, node: WorkerController) -> None:
        longest = max(self.workqueue, key=self._seconds)
        self.workqueue.move_to_end(longest, last=False)
        super()._assign_work_unit(node)

    def _seconds(self, unit: str) -> float:
        return SECONDS.get(unit.partition("::")[0], A_TEST * len(self.workqueue[unit]))
