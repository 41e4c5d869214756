"""Setting up: uv first, pip where it cannot be had, a clear word where nothing can be fetched; the lab on this machine alone."""

import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from matplotlib import get_cachedir

from nqp_topics.cli import lab

ROOT = Path(__file__).resolve().parents[1]
PYTHON = """#!/bin/sh
case "$*" in
  "-m venv .venv") mkdir -p .venv/bin; cp "$0" .venv/bin/python ;;
  *"-r /dev/stdin"*) echo "pip uv" >>said; cat >>said; [ -z "$NO_UV" ] && printf '#!/bin/sh\\necho "uv $*" >>said; exit ${UV_FAILS:-0}' >.venv/bin/uv && chmod +x .venv/bin/uv ;;
  *"-r requirements.lock"*) echo "pip lock" >>said; exit ${PIP_FAILS:-0} ;;
  *"config list"*) echo "global.extra-index-url='other'"; echo "global.index-url='mirror'" ;;
  *) echo "$*" >>said ;;
esac
"""


@pytest.mark.parametrize(
    ("trouble", "way"),
    [
        ({}, ["uv"]),
        ({"NO_UV": "1"}, ["pip"]),
        ({"UV_FAILS": "1"}, ["uv", "pip"]),
        ({"NO_UV": "1", "PIP_FAILS": "1"}, ["pip", "clear"]),
    ],
)
def test_the_lock_is_fetched_by_uv_or_pip_or_it_is_said_what_is_missing(trouble, way, tmp_path):
    for name in ("Makefile", "requirements.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "python").write_text(PYTHON)
    (tmp_path / "python").chmod(0o755)
    done = subprocess.run(
        ["make", "setup", f"PYTHON={tmp_path}/python"], cwd=tmp_path, encoding="utf-8", capture_output=True,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), **trouble},
    )  # fmt: skip
    said = (tmp_path / "said").read_text()
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    pinned = re.search(r"^uv==.*?(?<!\\)$", lock, re.M | re.S)
    assert pinned and pinned[0] in said and said.count("==") == 1
    assert ("--require-hashes -r requirements.lock" in said) == ("uv" in way)
    assert ("pip lock" in said) == ("pip" in way)
    for said_so in ("needs the internet once", "首次安装需要联网"):
        assert (said_so in done.stdout) == ("clear" in way)
    assert "(once, about a minute)" in done.stdout and "（只需一次，约一分钟）" in done.stdout
    assert (done.returncode == 0) == (tmp_path / ".venv" / ".ready").exists() == ("clear" not in way)


def test_the_lab_of_make_is_that_of_the_command_line():
    said = subprocess.run(["make", "--no-print-directory", "-n", "-o", ".venv/.ready", "lab"], cwd=ROOT, text=True, capture_output=True).stdout  # fmt: skip
    assert "nqp-topics lab" in said.splitlines()[-1]


def test_the_lab_asks_for_no_news(tmp_path, monkeypatch):
    from jupyterlab_server.config import get_static_page_config

    for name, value in lab._without_news(str(tmp_path)).items():
        monkeypatch.setenv(name, value)
    assert get_static_page_config()["disabledExtensions"] == {
        "@jupyterlab/apputils-extension:announcements": True
    }


STEPS = """
import sys
import pandas as pd
from nqp_topics import cli, figures
from nqp_topics.documents.clean import han
for line in sys.argv[1].splitlines():
    assert not cli.main(line.split()), line
passages = pd.read_json("made/passages.jsonl", lines=True)
passages["han"] = [han(text) for text in passages["text"]]
figures.lengths(passages).save("made/lengths")
"""
WAY = """read --study study --refusals made/refusals.csv
passages --study study -o made/passages.jsonl
share --study study
choose study/counts --topics 2:3 --seeds 2 --set chains=1 --set sweeps=20 -o made/choose.csv
train study/counts --topics 3 --seed 1 --set chains=1 --set sweeps=20 -o made/run"""
WINDOWS = f"{ROOT / 'tests' / 'windows'}{os.pathsep}{ROOT}"
MACHINES = {  # whose language, zone, order of documents and of sets, and rights of files are all unlike; one lacks what Windows lacks
    "windows": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "TZ": "Asia/Shanghai", "PYTHONHASHSEED": "7", "PYTHONPATH": WINDOWS},
    "turkish": {"LC_ALL": "tr_TR.UTF-8", "TZ": "America/St_Johns", "PYTHONHASHSEED": "8"},
}  # fmt: skip


def study_made(machine, settings, place):
    """Copy the sample study, its documents in another order for each machine, go through it, and return every file that was made."""
    study = place / "study"
    shutil.copytree(ROOT / "data" / "sample", study, ignore=shutil.ignore_patterns("documents"))
    (study / "documents").mkdir()
    (place / "made").mkdir()
    documents = ROOT / "data" / "sample" / "documents"
    for file in sorted(documents.rglob("*"), reverse=machine == "windows"):
        if file.is_file():
            to = study / "documents" / file.relative_to(documents)
            to.parent.mkdir(exist_ok=True)
            shutil.copy(file, to)
    with (study / "study.toml").open("a", encoding="utf-8") as stream:
        stream.write('\n[count]\ncounts = "counts"\n')
    (place / "steps.py").write_text(STEPS, "utf-8")
    done = subprocess.run(
        [sys.executable, "steps.py", WAY], cwd=place, capture_output=True, timeout=300, umask=0o022 if machine == "turkish" else 0o077,
        env={"PATH": os.environ["PATH"], "HOME": str(place.parent), "PYTHONPATH": str(ROOT), "MPLCONFIGDIR": get_cachedir(), **settings},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")
    made = [file for file in sorted(place.rglob("*")) if file.is_file() and ".nqp-cache" not in file.parts]
    return {str(file.relative_to(place)): file.read_bytes() for file in made}, done.stdout


def test_the_sample_study_is_the_same_bytes_whatever_the_machine_speaks(tmp_path):
    places = [tmp_path / name for name in MACHINES]
    for place in places:
        place.mkdir()
    with ThreadPoolExecutor() as pool:
        found = pool.map(study_made, MACHINES, MACHINES.values(), places)
    (one, said), (other, also) = found
    wanted = {"made/choose.csv", "made/lengths.pdf", "made/run/run.json", "study/counts/counts.mtx"}
    assert wanted <= set(one) and sorted(one) == sorted(other)
    assert [file for file in one if one[file] != other[file]] == []
    assert said == also
