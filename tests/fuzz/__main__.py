"""
The long run: python -m tests.fuzz --mutants 2000000

Prints what it compares as it goes, and ends with 1 when anything differed; each kind of
difference is written down in a directory, ready to be put into tests/fuzz/found.
"""

import argparse
import math
import sys
import time
from pathlib import Path

from tests.fuzz import found
from tests.fuzz.campaigns import CAMPAIGNS, Result, run
from tests.support import toolchains

_SHARES = {"certificates": 0.6, "pem": 0.3, "chains": 0.1}
_ROUND = 20_000  # mutants against one release before the next has its turn


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description="Fuzz against real Go.")
    parser.add_argument("--campaigns", default=",".join(CAMPAIGNS), help="of %(default)s")
    parser.add_argument("--go-versions", default="1.21.13,1.23.9,1.24.11,1.25.5,1.26.6,1.27.3")
    parser.add_argument("--mutants", type=int, default=200_000, help="in all (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--save", type=Path, default=Path("fuzz-found"), help="where differences go")
    given = parser.parse_args()
    campaigns = given.campaigns.split(",")
    versions = given.go_versions.split(",")
    toolchains.allowed = (*versions,)
    whole = sum(_SHARES[name] for name in campaigns)
    print(f"seed {given.seed}, {given.mutants:,} mutants, Go {', '.join(versions)}", flush=True)
    compared = turn = differences = 0
    while compared < given.mutants:
        version = versions[turn % len(versions)]
        for name in campaigns:
            wanted = math.ceil(min(_ROUND, max(1, given.mutants - compared)) * _SHARES[name] / whole)
            result = _turn(name, version, given.seed + turn, wanted)
            for difference in result.differences:
                comment = f"{difference.shape}\nGo {version}: {difference.theirs}\nprobe: {difference.ours}"
                print("saved", found.save(difference.sample, comment, given.save), flush=True)
            compared, differences = compared + result.compared, differences + len(result.differences)
        turn += 1
    print(f"{compared:,} mutants compared with real Go, {differences} kinds of difference", flush=True)
    return 1 if differences else 0


def _turn(name: str, version: str, seed: int, mutants: int) -> Result:
    began = time.monotonic()
    result = run(name, version, seed, mutants=mutants, say=print)
    pace = result.compared / (time.monotonic() - began)
    print(
        f"{name:<12} {version:<8} {result.compared:>7,} compared, {result.accepted:>6,} taken by Go,"
        f" {len(result.differences)} kinds of difference, slowest {1000 * result.slowest_s:.0f} ms,"
        f" {pace:,.0f}/s",
        flush=True,
    )
    return result


if __name__ == "__main__":
    sys.exit(main())
