"""Setting up: uv first, pip where it cannot be had, a clear word where nothing can be fetched; the lab on this machine alone."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

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
        ["make", "setup", f"PYTHON={tmp_path}/python"], cwd=tmp_path, text=True, capture_output=True,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), **trouble},
    )  # fmt: skip
    said = (tmp_path / "said").read_text()
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    pinned = re.search(r"^uv==.*?(?<!\\)$", lock, re.M | re.S)
    assert pinned and pinned[0] in said and said.count("==") == 1
    assert ("--require-hashes -r requirements.lock" in said) == ("uv" in way)
    assert ("pip lock" in said) == ("pip" in way)
    assert ("needs the internet once" in done.stdout) == ("clear" in way)
    assert (done.returncode == 0) == (tmp_path / ".venv" / ".ready").exists() == ("clear" not in way)


def test_the_lab_listens_on_this_machine_alone_and_runs_as_root():
    said = subprocess.run(["make", "-n", "-o", ".venv/.ready", "lab"], cwd=ROOT, text=True, capture_output=True).stdout  # fmt: skip
    assert "ip=127.0.0.1" in said and "news_url=None" in said
    assert ("--allow-root" in said) == (os.geteuid() == 0)
