"""
The long run: python -m tests.settings --go-versions 1.21.13,1.27.3 --odd 60

Prints each case in which probe and real Go differ about whether anything works at all; ends with 1 for one.
"""

import argparse
import random
import signal
import sys
import tempfile
import time
from pathlib import Path

from tests.settings import compare, values
from tests.support import toolchains


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.settings")
    parser.add_argument("--go-versions", default="1.27.3,1.21.13,1.24.11,1.23.9,1.25.5,1.22.10,1.26.6")
    parser.add_argument("--odd", type=int, default=8, help="odd values a variable (default: %(default)s)")
    parser.add_argument("--only", default="", help="variables, with commas between them")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # says how far it has come
    toolchains.allowed = tuple(given.go_versions.split(","))
    differences = 0
    for version in toolchains.allowed:
        with tempfile.TemporaryDirectory(dir="/var/tmp") as directory:
            here = compare.world(toolchains.install(version), Path(directory))
            differences += _all(
                here, random.Random(given.seed), given.odd, set(filter(None, given.only.split(",")))
            )
    return 1 if differences else 0


def _all(here: compare.World, draw: random.Random, odd: int, only: set[str]) -> int:
    cases = [
        case
        for case in values.cases(here.go, here.surroundings(), draw, odd)
        if not (only and only.isdisjoint(case))
    ]
    compared = differences = broken = 0
    try:
        for case in cases:
            env = here.surroundings(**case)
            where = compare.directory(here, case)
            theirs, ours = compare.works(here, where, env), compare.judged(where, env)
            compared += 1
            broken += bool(theirs)
            if compare.NEEDS_DOWNLOAD in theirs:
                continue  # another toolchain is wanted: the check `downloads` is for that
            if bool(theirs) != bool(ours):
                differences += 1
                print(
                    "DIFFER",
                    here.go.version,
                    {k: v[:60] for k, v in case.items()},
                    "| go:",
                    repr(theirs[-260:]) if theirs else "works",
                    "| probe:",
                    ours or "healthy",
                    flush=True,
                )
    finally:
        told = f"{compared} of {len(cases)} compared, {broken} with which nothing works, {differences} differ"
        print(f"Go {here.go.version}: {told}", flush=True)
    return differences


if __name__ == "__main__":
    sys.exit(main())
