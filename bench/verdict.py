"""How long a region's verdict takes: reading the packs, loading the facts of a day, judging every card.

Each region that comes with a pack is laid down in the private database first. Times are medians of several
runs in milliseconds; the ratio of judging to loading is what can be compared between machines.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable

from tiercare.cli import bootstrap  # importing it sets Django up

# isort: split
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network import queries, rules
from tiercare.engines.policy import evaluate, load_packs

REGIONS = ("wuhu", "taiyuan", "chuxiong", "xinhui", "yunnan")


def median_ms(runs: int, work: Callable[[], object]) -> float:
    """The median time of ``work`` in milliseconds."""
    times = []
    for _ in range(runs):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return statistics.median(times) * 1000


def main() -> None:
    """Lay the regions down, measure, print a table and a line of JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=7)
    runs = parser.parse_args().runs
    for region in REGIONS:
        bootstrap.ready(region)
    packs = mandates.packs()
    result: dict[str, object] = {"packs_ms": round(median_ms(runs, load_packs), 1)}
    print(f"reading and checking all packs: {result['packs_ms']} ms\n")
    print(f"{'region':<10}{'institutions':>14}{'cards':>7}{'facts ms':>10}{'cards ms':>10}{'ratio':>8}")
    rows = []
    for region in REGIONS:
        day = queries.demonstration_day(region)
        assert day is not None
        code, cards = packs.packs[region].region, packs.cards_for(region)
        facts = queries.network_facts(code, on=day)
        loading = median_ms(runs, lambda code=code, day=day: queries.network_facts(code, on=day))
        judging = median_ms(
            runs, lambda c=cards, f=facts, d=day: evaluate(packs, c, rules.PREDICATES, f, on=d)
        )
        ratio = judging / loading
        print(
            f"{region:<10}{len(facts.institutions):>14}{len(cards):>7}{loading:>10.1f}{judging:>10.1f}{ratio:>8.2f}"
        )
        rows.append(
            {
                "region": region,
                "institutions": len(facts.institutions),
                "cards": len(cards),
                "facts_ms": round(loading, 1),
                "cards_ms": round(judging, 1),
                "judging_to_loading": round(ratio, 3),
            }
        )
    result["regions"] = rows
    bootstrap.release()
    print(json.dumps(result))


if __name__ == "__main__":
    main()
