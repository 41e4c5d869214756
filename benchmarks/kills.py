"""Kills at random moments, and full disks: the same command afterwards gives the bytes of an undisturbed run.

python benchmarks/kills.py [--kills 64] [--disks 16] [--seed 1] [--only choose,train,share,figures]

One row a command: kills (-9) and full disks survived, and what was wrong. A full disk is a small tmpfs where one may mount it, else a limit
on the size of files; the command must then refuse, and what an earlier run wrote must be there, byte for byte.
"""

import argparse
import contextlib
import hashlib
import io
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
os.environ["NUMBA_NUM_THREADS"] = "1"
os.environ["PYTHONPATH"] = str(ROOT)  # the kernels of notebooks run this code too
sys.path[:0] = [str(ROOT / "tests"), str(ROOT)]

from hostile import world  # noqa: E402

from nqp_topics.cli import main as command_line  # noqa: E402

CELLS = """from nqp_topics import counts as count, figures, naming as name
from nqp_topics.topics import train
from nqp_topics.study import load
study = load()
counts = count.of_study(study)
run = train(counts, study.topics, seeds=study.run_seeds, **study.fits).medoid
figures.topic_words(run, name.labels_of_study(study, run)).save(study.figures / "words")"""
GRID = ("--topics", "2:4", "--seeds", "3", "--cache", "kept")
COMMANDS = {
    "choose": (("choose", "counts", *GRID, "-o", "made/choose.csv"), ("made",)),
    "train": (
        ("train", "counts", "--topics", "3", "--seed", "2", "--set", "sweeps=2000", "-o", "made/run"),
        ("made",),
    ),
    "share": (
        ("share", "--study", "."),
        ("counts", "audit.csv", "sifted.csv", "trimmed.csv", "losses.csv", "candidates.csv"),
    ),
    "figures": (("figures", "--study", "."), ("figures",)),
}


def started(place: Path, arguments: tuple[str, ...], limit: int = 0) -> int:
    """Start a command in a process of its own, which shares what this one has imported."""
    child = os.fork()
    if child:
        return child
    os.setsid()
    os.chdir(place)
    if limit:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    said = io.StringIO()
    code = 99
    with (
        contextlib.suppress(BaseException),
        contextlib.redirect_stderr(said),
        contextlib.redirect_stdout(said),
    ):
        code = command_line(list(arguments))
    os._exit(99 if "Traceback" in said.getvalue() else code)


def finished(child: int) -> int:
    """Wait for a command and return its exit code, 99 for a traceback."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def bytes_of(place: Path, outputs: tuple[str, ...]) -> str:
    """Return the fingerprint of all files that a command wrote, and of nothing else that lies beside them."""
    files = sorted(
        file for name in outputs for file in [place / name, *(place / name).rglob("*")] if file.is_file()
    )
    made = [(str(file.relative_to(place)), hashlib.sha256(file.read_bytes()).hexdigest()) for file in files]
    return json.dumps([one for one in made if not one[0].endswith(".json") or "ledger" not in one[0]])


def with_notebook(place: Path) -> None:
    """Give the world a notebook that fits and draws."""
    cell = {
        "cell_type": "code",
        "execution_count": None,
        "id": "a",
        "metadata": {},
        "outputs": [],
        "source": CELLS,
    }
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    book = {"cells": [cell], "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}
    (place / "notebooks").mkdir()
    (place / "notebooks/1-words.ipynb").write_text(json.dumps(book), "utf-8")
    for name in COMMANDS["share"][1]:
        if name != "counts":
            (place / name).unlink()


def killed(source: Path, room: Path, name: str, times: int, chance: random.Random) -> tuple[int, list[str]]:
    """Kill a command at random moments and run it again; return how often it was killed in time, and what was wrong."""
    arguments, outputs = COMMANDS[name]
    clean = fresh(source, room / "clean")
    if code := finished(started(clean, arguments)):
        return 0, [f"undisturbed: exit {code}"]
    wanted = bytes_of(clean, outputs)
    again = fresh(source, room / "time")
    began = time.monotonic()
    finished(started(again, arguments))
    lasts = time.monotonic() - began
    wrong = [] if bytes_of(again, outputs) == wanted else ["two undisturbed runs differ"]
    hits = 0
    for number in range(times):
        place = fresh(source, room / "killed")
        for _ in range(
            chance.choice((1, 1, 2))
        ):  # some are killed again while they mend what the first kill left
            child = started(place, arguments)
            time.sleep(lasts * (number + chance.random()) / times)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child, signal.SIGKILL)
            hits += finished(child) == -signal.SIGKILL
        code = finished(started(place, arguments))
        if code or bytes_of(place, outputs) != wanted:
            wrong.append(f"kill {number}: exit {code}, {'other bytes' if not code else ''}")
    return hits, wrong


def fresh(source: Path, place: Path) -> Path:
    """Copy the world to a place of its own."""
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(source, place)
    return place


def filled(source: Path, room: Path, name: str, times: int) -> tuple[str, list[str]]:
    """Run a command over its earlier outputs with ever more room on the disk, then with enough; return how, and what was wrong."""
    arguments, outputs = COMMANDS[name]
    first = fresh(source, room / "first")
    finished(started(first, arguments))
    wanted = bytes_of(first, outputs)
    for extra in ("kept", ".nqp-cache"):
        shutil.rmtree(first / extra, ignore_errors=True)
    place, wrong, how = room / "disk", [], "tmpfs"
    for number in range(times):
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        mounted = (
            subprocess.run(
                ["mount", "-t", "tmpfs", "-o", "size=64m", "none", place], capture_output=True
            ).returncode
            == 0
        )
        how, limit, here = (
            ("tmpfs", 0, place / "w") if mounted else ("limit on files", 64 * (number + 1), place / "w")
        )
        try:
            shutil.copytree(first, here)
            again = ("--again",) if name == "figures" else ()
            if mounted:
                left = os.statvfs(place).f_bavail * 4096 - 4096 * number * 3
                (place / "filling").write_bytes(bytes(max(0, left)))
            code = finished(started(here, (*arguments, *again), limit))
            if code not in (0, 2) or not (code or bytes_of(here, outputs) == wanted):
                wrong.append(f"{how} {number}: exit {code}")
            if code and name in ("train", "choose") and bytes_of(here, outputs) != wanted:
                wrong.append(f"{how} {number}: the earlier run is gone")
            (place / "filling").unlink(missing_ok=True)
            code = finished(started(here, (*arguments, *again)))
            if code or bytes_of(here, outputs) != wanted:
                wrong.append(f"{how} {number}, with room again: exit {code}")
        finally:
            if mounted:
                subprocess.run(["umount", "-l", place], check=True)
    return how, wrong


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--kills", type=int, default=64, help="of these, figures gets half as many as the others"
    )
    parser.add_argument("--disks", type=int, default=16)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default=",".join(COMMANDS))
    options = parser.parse_args()
    for name in ("NQP_RAW", "NQP_TOPICS", "NQP_CACHE", "NQP_FIGURES"):
        os.environ.pop(name, None)
    names = options.only.split(",")
    chance = random.Random(options.seed)
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        room = Path(folder)
        world.build(room / "world")
        with_notebook(room / "world")
        for name in names:
            times = -(-options.kills // len(names))
            hits, wrong = killed(
                room / "world", room, name, times if name != "figures" else times // 2, chance
            )
            print(f"{name}: {hits} kills, {len(wrong)} wrong {wrong[:5]}", flush=True)
            how, full = filled(room / "world", room, name, -(-options.disks // len(names)))
            print(
                f"{name}: {-(-options.disks // len(names))} full disks ({how}), {len(full)} wrong {full[:5]}",
                flush=True,
            )
            bad += len(wrong) + len(full)
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main())
