"""Blocks: the same bytes for any number of threads and processes, whatever stops or dies on the way."""

import json
import os
import signal
import threading
import time
from contextlib import contextmanager

import numpy as np
import pandas as pd
import pytest
from conftest import refuses
from scipy.sparse import csr_array
from test_sampler import found
from worlds import of_topics as planted

from nqp_topics.cli import main
from nqp_topics.counts import Counts, by_study, load, save
from nqp_topics.counts.over_workers import of_folder
from nqp_topics.study import Study
from nqp_topics.topics import train
from nqp_topics.topics.engines import arrays, blocks, cluster, sampler, sparse, worker
from nqp_topics.topics.engines.bodies import Bodies

FEW = {"chains": 1, "sweeps": 12, "finish": 2, "blocks": 5}


def counts(seed=1, passages=120):
    matrix, *_ = planted(seed, passages, 30)
    return Counts(list(map(str, range(passages))), [f"w{n}" for n in range(matrix.shape[1])], matrix)


@pytest.fixture(scope="module")
def run():
    return train(counts(), 5, 3, **FEW, threads=1)


@pytest.mark.parametrize("number", [1, 2, 3, 7, 20])
def test_blocks_are_all_passages_in_their_order_and_none_is_empty(number):
    random = np.random.default_rng(number)
    lengths = np.where(np.arange(20) == 13, 500, random.integers(1, 9, 20))
    given = csr_array(np.diag(lengths).astype(np.int32))
    whole = Bodies(*arrays(given), 20)
    parts = blocks.cut(whole, number)
    assert len(parts) == number and min(len(part.ends) for part in parts) > 1
    assert (np.concatenate([part.lengths for part in parts]) == lengths).all()
    assert (np.concatenate([part.words for part in parts]) == whole.words).all()
    assert all(part.ends[0] == 0 and part.ends[-1] == len(part.words) for part in parts)


@pytest.mark.parametrize("many", [256, 2], ids=["by passage", "by word"])
def test_a_table_is_what_the_labels_say_after_every_sweep(many, monkeypatch):
    monkeypatch.setattr(sparse, "MANY", many)
    matrix, *_ = planted(2, 60, 30)
    bodies = Bodies(*arrays(matrix), matrix.shape[1])
    crew = blocks.Crew(blocks.cut(bodies, 4), 5, 1, 2)
    rows = np.full(5, 1.0)
    for number, what in enumerate(("place", "draw", "sweep", "sweep")):
        done = crew.do(blocks.Step(what, number, rows, 0.05, learn=what == "sweep"))
    again = np.zeros_like(crew.hand.table)
    np.add.at(again, (np.repeat(bodies.words, bodies.times), np.concatenate(crew.each("labels"))), 1)
    assert (crew.hand.table == again).all() and again.sum() == matrix.sum()
    assert (done.histogram.sum(axis=1) == 60).all()
    assert (done.histogram @ np.arange(31) == again.sum(axis=0)).all()


def test_blocks_find_what_one_after_another_finds():
    matrix, truth, _ = planted()
    alone, parted = (sampler.fit(matrix, 5, 1, chains=1, sweeps=60, blocks=n) for n in (None, 8))
    assert found(parted, truth) > found(alone, truth) - 0.01 > 0.95
    assert parted.trace[-1][1] == pytest.approx(alone.trace[-1][1], abs=0.01)
    assert np.allclose(np.sort(parted.prior), np.sort(alone.prior), rtol=0.2)
    assert parted.ran["blocks"] == 8 and "blocks" not in alone.ran


@pytest.mark.parametrize("more", [{}, {"start": 2}, {"chains": 2}, {"sweeps": 0, "start": 1}])
def test_threads_change_nothing_and_blocks_do(more, run):
    runs = {train(counts(), 5, 3, **{**FEW, **more}, threads=n).fingerprint for n in (1, 2, 4)}
    assert len(runs) == 1 and (runs == {run.fingerprint}) == (not more)
    assert train(counts(), 5, 3, **{**FEW, **more, "blocks": 6}).fingerprint not in runs


def test_a_large_corpus_is_fitted_in_blocks(monkeypatch):
    monkeypatch.setattr(sampler, "LARGE", 1000)
    monkeypatch.setattr(blocks, "SMALLEST", 500)
    matrix, *_ = planted()
    usual = sampler.fit(matrix, 5, 1)
    assert usual.ran["blocks"] == blocks.usual(18_000, 300, 1000) == 36 and usual.ran["chains"] == 1


class Stop(Exception):
    pass


@contextmanager
def stopped(monkeypatch, crew, sweep):
    """Have a run end in mid-sweep."""
    do = crew.do

    def one(self, step, table=None):
        if step.what == "sweep" and step.number == sweep:
            raise Stop
        return do(self, step, table)

    with monkeypatch.context() as patch:
        patch.setattr(crew, "do", one)
        patch.setattr(blocks, "KEEP", 0)
        with pytest.raises(Stop):
            yield


@pytest.mark.parametrize("place", ["resume", "cache"])
def test_a_run_that_was_stopped_at_any_sweep_goes_on(place, run, tmp_path, monkeypatch):
    sweep = int(np.random.default_rng().integers(3, 14))
    with stopped(monkeypatch, blocks.Crew, sweep):
        train(counts(), 5, 3, **FEW, **{place: tmp_path})
    assert len(list(tmp_path.rglob("going-3.npz"))) == 1
    begun, begin = [], blocks.Crew.begin
    monkeypatch.setattr(blocks.Crew, "begin", lambda *given, **how: begun.extend(how) or begin(*given, **how))
    assert train(counts(), 5, 3, **FEW, **{place: tmp_path}).fingerprint == run.fingerprint
    assert begun == ["labels"]
    assert not list(tmp_path.rglob("going-3.npz"))


def test_a_run_does_not_go_on_with_other_counts(tmp_path, monkeypatch):
    with stopped(monkeypatch, blocks.Crew, 9):
        train(counts(), 5, 3, **FEW, resume=tmp_path)
    says = r"a run that was stopped, of counts .*\n.*the same counts"
    refuses(says, train, counts(2), 5, 3, **FEW, resume=tmp_path)
    refuses(says, train, counts(), 6, 3, **FEW, resume=tmp_path)
    (tmp_path / "going-3.npz").write_bytes(b"cut")
    assert train(counts(), 5, 3, **FEW, resume=tmp_path).seed == 3


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5])
@pytest.mark.parametrize("largest", [1, 300, 2**40])
def test_what_is_sent_comes_as_it_went(share, largest):
    random = np.random.default_rng(1)
    table = random.integers(-largest, largest, (40, 9)) * (random.random((40, 9)) < share)
    sent = worker.pack(table)
    assert (worker.unpack(sent) == table).all() and worker.unpack(sent).dtype == table.dtype
    takes = sum(part.nbytes for part in sent if isinstance(part, np.ndarray))
    assert takes <= table.nbytes and (share > 0.1 or takes < 40 * 9)


@pytest.fixture(scope="module")
def machine():
    with cluster.opened("local:2") as client:
        yield client


def test_processes_change_nothing_and_one_may_die_in_mid_sweep(machine, run, monkeypatch, capsys):
    assert train(counts(), 5, 3, **FEW, cluster=machine).fingerprint == run.fingerprint
    assert "2 workers, 2 threads, 5 blocks" in capsys.readouterr().err
    ask, dead = cluster.Crew.ask, []

    def killing(self, entry):
        if entry.step and entry.step.number == 7 and not dead:
            pids = machine.run(os.getpid, workers=[next(iter(self.homes))])
            dead.extend(pids.values())
            threading.Timer(0.05, os.kill, [dead[0], signal.SIGKILL]).start()
        return ask(self, entry)

    monkeypatch.setattr(cluster.Crew, "ask", killing)
    assert train(counts(), 5, 3, **FEW, cluster=machine).fingerprint == run.fingerprint and dead
    assert "a worker is lost: " in capsys.readouterr().err


def leave(machine, number):
    """Have so many workers left, and wait until it is so: one that was killed may only now be coming back."""
    machine.cluster.scale(number)
    until = time.monotonic() + 60
    while len(machine.scheduler_info(n_workers=-1)["workers"]) != number:
        assert time.monotonic() < until
        time.sleep(0.1)


def test_a_run_goes_on_on_a_cluster_of_another_size(machine, run, tmp_path, monkeypatch):
    with stopped(monkeypatch, cluster.Crew, 9):
        train(counts(), 5, 3, **FEW, cluster=machine, resume=tmp_path)
    leave(machine, 1)
    assert train(counts(), 5, 3, **FEW, cluster=machine, resume=tmp_path).fingerprint == run.fingerprint


def test_the_command_line_takes_blocks_threads_and_a_cluster(machine, run, tmp_path, capsys):
    leave(machine, 1)
    save(counts(), tmp_path / "counts")
    address = machine.scheduler_info()["address"]
    for name, where in (("here", ["--threads", "2"]), ("there", ["--cluster", address])):
        settings = "--blocks 5 --set chains=1 --set sweeps=12 --set finish=2 --topics 5 --seed 3".split()
        assert not main(["train", str(tmp_path / "counts"), *settings, *where, "-o", str(tmp_path / name)])
        assert f"run {run.fingerprint[:12]}" in capsys.readouterr().err
        assert not list((tmp_path / name).glob("going*"))


def test_a_folder_is_counted_over_workers_as_one_file_is(machine, tmp_path, capsys):
    random = np.random.default_rng(5)
    rows = [
        {"id": str(n), "article": str(n // 3), "tokens": [f"w{w}" for w in random.zipf(1.5, n % 7) % 40]}
        for n in range(60)
    ]
    lines = [json.dumps(row) + "\n" for row in rows]
    (tmp_path / "all.jsonl").write_text("".join(lines))
    (tmp_path / "parts").mkdir()
    for number in range(4):
        (tmp_path / "parts" / f"{number}.jsonl").write_text("".join(lines[15 * number : 15 * number + 15]))
    address = machine.scheduler_info()["address"]
    for place, name, more in (("all.jsonl", "one", []), ("parts", "many", ["--cluster", address])):
        out = ["--trimmed", str(tmp_path / f"{name}.csv"), "-o", str(tmp_path / name)]
        assert not main(["count", str(tmp_path / place), "--min-df", "2", "--max-df", "0.5", *more, *out])
    assert load(tmp_path / "one").fingerprint == load(tmp_path / "many").fingerprint
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "many.csv").read_bytes()
    texts = tmp_path / "texts"
    texts.mkdir()
    passages = pd.DataFrame(
        {"id": ["a", "b"], "article": ["a", "b"], "text": ["新型工业化的道路", "工业化带来新的产业"]}
    )
    for name, row in zip("ab", passages.to_dict("records"), strict=True):
        (texts / f"{name}.jsonl").write_text(json.dumps(row))
    study = Study(folder=tmp_path, name="texts", min_df=1, max_df=1.0)
    wanted = by_study(study, passages).counts
    assert of_folder(texts, machine, study).counts.matrix.sum() == wanted.matrix.sum()
    assert of_folder(texts, machine, study).counts.words == wanted.words
    for name in ("one", "nowhere"):
        refuses("no such file in the folder", of_folder, tmp_path / name, machine, study)
    (tmp_path / "parts" / "again.jsonl").write_text(lines[7])
    refuses("more than once: 7", of_folder, tmp_path / "parts", machine, study)


def test_what_cannot_be_is_refused_before_anything_runs(machine, monkeypatch):
    given = counts()
    refuses("blocks=…(.|\n)*came:    0(.|\n)*from 1 to", train, given, 5, 1, blocks=0)
    refuses("came:    121(.|\n)*from 1 to 120", train, given, 5, 1, blocks=121)
    refuses("a setting that gensim does not have", train, given, 5, 1, "gensim", blocks=2)
    refuses("a cluster for gensim", train, given, 5, 1, "gensim", cluster=machine)
    refuses("a cluster for 3,600 tokens", train, given, 5, 1, cluster=machine)
    monkeypatch.setattr(cluster, "ANSWER", 0.5)
    for address in ("tcp://127.0.0.1:1", "local:0", "nowhere", ""):
        refuses("a Dask scheduler that answers", train, given, 5, 1, **FEW, cluster=address)
    monkeypatch.setattr(cluster.numba, "__version__", "0.0")
    refuses("numba .*\n.*numba 0.0", train, given, 5, 1, **FEW, cluster=machine)
    monkeypatch.undo()
    monkeypatch.setattr(cluster, "PYTHON", 2**45)
    refuses(r"GiB, of which about \d+", train, given, 5, 1, **FEW, cluster=machine)
