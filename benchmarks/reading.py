"""From files to passages: seconds and memory, on the documents of the study and on many copies of them.

Run with the study's documents in data/raw/ or in the folder that NQP_RAW names: `.venv/bin/python benchmarks/reading.py`.
"""

from __future__ import annotations

import os
import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path

from nqp_topics.documents import read, split
from nqp_topics.study import load


def passages_of(folder: Path, workers: int) -> int:
    """Read, clean and split a folder file by file, as a long job would; return how many passages there are."""
    study, total = load(), 0
    for reading in read.each(folder, study, workers):
        total += len(split.passages(split.articles(reading.documents), study.shortest, study.longest))
    return total


def main(copies: int = 200) -> None:
    """Print a table: files, megabytes, seconds, passages, peak memory."""
    source = load().raw
    files = sorted(source.glob("*.txt"))
    size = sum(file.stat().st_size for file in files) / 1e6
    print("copies  files      MB  workers  seconds  passages  peak MB")
    with tempfile.TemporaryDirectory() as place:
        for number, workers in ((1, 1), (10, 1), (copies, 1), (copies, 2)):
            for copy in range(number):
                for file in files:
                    target = Path(place) / f"{copy:04d}-{file.name}"
                    if not target.exists():
                        shutil.copy(file, target)
            began = time.perf_counter()
            found = passages_of(Path(place), workers)
            seconds = time.perf_counter() - began
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
            print(
                f"{number:6d} {number * len(files):6d} {number * size:7.1f} {workers:8d} {seconds:8.2f} {found:9d} {peak:8.0f}"
            )


if __name__ == "__main__":
    os.environ["TQDM_DISABLE"] = "1"
    main(*map(int, sys.argv[1:]))
