"""Compiled code never outlives the sources that it was made from."""

import shutil
import subprocess
import sys
from pathlib import Path

LIBRARY = Path(__file__).resolve().parents[1] / "nqp_topics"
OTHERS = ("words/cut/one", "similar")
ASK = "from nqp_topics.words.cut import two0, two1; print(two0.two(3), two1.two(3))"
HEAD = "from nqp_topics.files.compiled import compiled\n"
TWO = "from {} import one\n@compiled\ndef two(x):\n    return one(x)\n"


def test_a_loop_follows_the_loop_of_another_file_that_changed(tmp_path):
    package = tmp_path / "nqp_topics"
    for room in (package, package / "files", package / "words", package / "words" / "cut"):
        room.mkdir(exist_ok=True)
        (room / "__init__.py").write_text("")
    shutil.copy(LIBRARY / "files" / "compiled.py", package / "files")
    for number, other in enumerate(OTHERS):
        name = f"nqp_topics.{other.replace('/', '.')}"
        (package / "words" / "cut" / f"two{number}.py").write_text(HEAD + TWO.format(name))
    said = []
    for factor in (2, 5):
        for other in OTHERS:
            code = f"{HEAD}@compiled\ndef one(x):\n    return x * {factor}\n"
            (package / f"{other}.py").write_text(code)
        done = subprocess.run(
            [sys.executable, "-c", ASK], cwd=tmp_path, capture_output=True, text=True, check=True
        )
        said.append(done.stdout.strip())
    assert said == ["6 6", "15 15"]
    assert len(list((package / "words" / "cut" / "__pycache__").glob("two*.nbc"))) >= 2


def test_what_is_compiled_at_set_up_serves_fresh_and_kept_runs(tmp_path):
    from nqp_topics import choose
    from nqp_topics import topics as train
    from nqp_topics.choose import loops
    from nqp_topics.reproduce import warm

    warm.everything()
    counts = warm.counted(warm.texts())
    fits = {"chains": 1, "sweeps": 4, "cache": tmp_path}
    for _ in ("fitted", "kept"):
        runs = train.train(counts, 3, seeds=2, **fits)
        choose.stability(runs, counts)
    assert len(loops.divided.signatures) == 1
