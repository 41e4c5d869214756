"""Over a thousand bad inputs (files, tables, settings, saved runs, caches), made from valid ones by a seed; what came of them, as a table.

python benchmarks/hostile.py [--seed 1] [--only KIND,KIND] [--few N] [-o FILE]

The last four columns must be zero; what stands in them is listed by name. `--few N` takes every N-th of the quick cases, as `make test` does.
"""

import argparse
import csv
import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
os.environ["NUMBA_NUM_THREADS"] = "1"
sys.path[:0] = [str(ROOT / "tests"), str(ROOT)]

from hostile import OUTCOMES, all_cases, few, table, tried, world  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="kinds, or parts of names, with commas")
    parser.add_argument("--few", type=int, default=0)
    parser.add_argument("-o", "--output", help="every case with its outcome, as CSV")
    options = parser.parse_args()
    for name in ("NQP_RAW", "NQP_TOPICS", "NQP_CACHE", "NQP_FIGURES"):
        os.environ.pop(name, None)
    cases = all_cases(options.seed)
    cases = few(cases, options.few) if options.few else cases
    only = options.only.split(",") if options.only else []
    cases = [case for case in cases if not only or any(word in f"{case.kind}: {case.name}" for word in only)]
    outcomes = []
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        world.build(place / "world")
        for one in tried(cases, place / "world", place / "room"):
            outcomes.append(one)
            if one.outcome in OUTCOMES[2:]:
                print(
                    f"{one.outcome}: {one.kind}: {one.name} ({one.seconds:.1f} s, {one.megabytes:.0f} MB)\n    {one.said}",
                    flush=True,
                )
    print(table(outcomes))
    print(f"{len(outcomes)} cases, {sum(one.seconds for one in outcomes):.0f} s")
    if options.output:
        with Path(options.output).open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([outcomes[0]._fields, *outcomes])
    return int(any(one.outcome in OUTCOMES[2:] for one in outcomes))


if __name__ == "__main__":
    sys.exit(main())
