"""What is known of articles in the prior of their passages: planted worlds in which a group moves a topic, the same everywhere, and refusals."""

import json
import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from conftest import refuses
from scipy.optimize import linear_sum_assignment
from scipy.special import gammaln
from worlds import STEP, gap
from worlds import of_two_groups as world

from nqp_topics import counts as count
from nqp_topics.cli import main
from nqp_topics.compare import effects, effects_over_runs, match
from nqp_topics.counts import Counts
from nqp_topics.figures import told
from nqp_topics.similar import exponential
from nqp_topics.topics import load, save, train
from nqp_topics.topics.drawn import drawn
from nqp_topics.topics.engines import Common, prevalence, sparse
from nqp_topics.topics.engines.kernels import Prior
from nqp_topics.topics.formula import design

FEW = {"chains": 4, "sweeps": 30}


def order(run, words):
    table = run.words.reindex([f"v{n:03d}" for n in range(150)]).to_numpy()
    alike = (words / np.linalg.norm(words, axis=1, keepdims=True)) @ (table / np.linalg.norm(table, axis=0))
    return linear_sum_assignment(-alike)[1]


def test_exponential_is_that_of_every_machine():
    for x in (-700.0, -20.3, -1.0, -1e-9, 0.0, 0.3466, 1.0, 9.0, 123.4, 700.0):
        assert exponential(x) == pytest.approx(math.exp(x), rel=1e-13)


def test_lambda_of_the_basis_is_lambda_of_the_design_and_back():
    rng = np.random.default_rng(1)
    matrix = np.column_stack([np.ones(30), rng.integers(0, 2, 30), rng.normal(5, 2, 30)])
    article = np.repeat(np.arange(30), 2)
    known = prevalence.known(matrix, article)
    weights = rng.normal(size=(3, 4))
    rows = prevalence.priors(known.basis, weights)[known.of]
    assert np.log(rows) == pytest.approx((matrix @ known.to_design(weights))[article], abs=1e-9)
    assert known.from_design(known.to_design(weights)) == pytest.approx(weights)
    spread = known.basis[known.of[::2]]
    assert spread.T @ spread / 30 == pytest.approx(np.eye(3), abs=1e-9)


def test_every_step_of_lambda_raises_the_penalised_likelihood_and_planted_values_are_found():
    rng = np.random.default_rng(2)
    matrix = np.column_stack([np.ones(3000), np.arange(3000) % 2])
    truth = np.array([[-1.0, -0.5, 0.3], [0.8, -0.6, 0.0]])
    tokens = np.array(
        [rng.multinomial(30, rng.dirichlet(row)) for row in np.exp(matrix @ truth)], dtype=np.float64
    )
    known = prevalence.known(matrix, np.arange(3000))
    weights, usual = np.zeros((2, 3)), -0.5
    prior = Prior(prevalence.priors(known.basis, weights), known.of)

    def likely():
        rows = prior.rows[known.of]
        total = gammaln(rows.sum(axis=1)) - gammaln(rows.sum(axis=1) + 30)
        whole = total.sum() + (gammaln(rows + tokens) - gammaln(rows)).sum()
        return whole - 0.005 * ((weights[0] - usual) ** 2).sum() - 0.5 * (weights[1] ** 2).sum()

    seen = [likely()]
    for _ in range(40):
        prevalence.learn(prior, known.basis, weights, usual, tokens, np.ones(3000), 1)
        seen.append(likely())
    assert (np.diff(seen) > -1e-6).all()
    assert known.to_design(weights) == pytest.approx(truth, abs=0.12)


def test_a_run_with_a_prior_does_not_depend_on_the_level_that_others_are_held_against():
    counts, about, _ = world(1)
    one, other = (
        train(counts, 4, 1, prevalence=f"ref(group, {level})", about=about, **FEW) for level in "ab"
    )
    assert one.passages.to_numpy() == pytest.approx(other.passages.to_numpy(), abs=1e-6)
    assert one.prevalence.loc["ref(group, 'a')[T.b]"].to_numpy() == pytest.approx(
        -other.prevalence.loc["ref(group, 'b')[T.a]"].to_numpy(), abs=1e-6
    )


def test_with_the_prior_effects_of_short_passages_are_found_at_their_size_and_without_it_they_are_not():
    short = {"": [], "group": []}
    for seed in range(6):
        counts, about, words = world(seed)
        for formula, off in short.items():
            run = train(counts, 4, 1, prevalence=formula, about=about, **FEW)
            found = gap(run.articles(counts), about)[order(run, words)] - about.attrs["gap"]
            off += [found[0], -found[1]]
    assert np.mean(short["group"]) == pytest.approx(0, abs=0.012)
    assert np.mean(short[""]) < -0.02


def test_same_bytes_for_any_number_of_threads_and_loaded_is_saved(tmp_path):
    counts, about, _ = world(2)
    asked = {"prevalence": "group + cr(year, df=3)", "about": about.reset_index(), **FEW}
    run, other = (train(counts, 4, 1, threads=threads, **asked) for threads in (1, 2))
    assert run.fingerprint == other.fingerprint
    save(run, tmp_path / "run")
    again = load(tmp_path / "run")
    assert again.fingerprint == run.fingerprint and again.formula == "group + cr(year, df=3)"
    pd.testing.assert_frame_equal(again.prevalence, run.prevalence)
    pd.testing.assert_frame_equal(again.about, run.about)
    mass = np.random.default_rng(1).standard_exponential((3, len(set(counts.articles))))
    for one, two in zip(drawn(run, counts, mass, 1), drawn(again, counts, mass, 1), strict=True):
        assert np.array_equal(one, two)
    kept = [train(counts, 4, 1, cache=tmp_path / "kept", **asked).fingerprint for _ in range(2)]
    assert set(kept) == {run.fingerprint} and len(list((tmp_path / "kept/runs").iterdir())) == 1
    plain = train(counts, 4, 1, cache=tmp_path / "kept", **FEW)
    assert plain.prevalence is None and plain.formula == "" and plain.fingerprint != run.fingerprint
    save(plain, tmp_path / "run")
    assert not (tmp_path / "run/prevalence.csv").exists()
    assert load(tmp_path / "run").fingerprint == plain.fingerprint


def test_one_chain_and_many_topics_have_priors_too(monkeypatch):
    counts, about, words = world(3, length=60)
    for many in (256, 2):
        monkeypatch.setattr(sparse, "MANY", many)
        run = train(counts, 4, 1, prevalence="group", about=about, chains=1, sweeps=60)
        moved = run.prevalence.loc["group[T.b]"].to_numpy()[order(run, words)]
        assert moved[0] > 0.1 and moved[1] < -0.1 and run.trace["iteration"].iloc[-1] == run.iterations


def test_new_texts_have_the_prior_of_what_is_known_of_them():
    counts, about, words = world(4)
    run = train(counts, 4, 1, prevalence="group", about=about, **FEW)
    first = run.names[order(run, words)[0]]
    new = Counts(["x", "y", "z"], counts.words, counts.matrix[[0, 0, 0]])
    said = pd.DataFrame({"group": ["a", "b", "a"]}, index=["x", "y", "z"])
    shares = run.shares(new, said)
    assert shares.loc["y", first] > shares.loc["x", first]
    assert shares.loc["x"].equals(shares.loc["z"].rename("x"))
    assert run.shares(new).loc["x"].equals(run.shares(new).loc["y"].rename("x"))
    refuses("c\n  allowed: a, b", run.shares, new, said.assign(group=["a", "b", "c"]))
    refuses("no row for z", run.shares, new, said.iloc[:2])
    refuses("nothing for y", run.shares, new, said.assign(group=["a", "", "a"]))


@pytest.mark.parametrize(
    ("formula", "change", "said"),
    [
        ("voice", {}, "'voice', which is no column\n  allowed: group, witness, year"),
        ("group + voice:`a b`", {}, "(?s)'voice', which is no column.*'a b', which is no column"),
        ("group", {"group": {"a000": "", "a010": None}}, "nothing for a000, a010"),
        ("witness", {}, "41 columns for 40 articles|40 columns for|with 1 article"),
        ("group", {"group": {"a000": "c"}}, "'c' with 1 article"),
        ("group + C(group)", {}, "C\\(group\\), which follows from the others"),
        ("year + I(2 * year)", {}, "which follows from the others"),
        ("group", "few", "no row for a000"),
        ("group", "none", "train\\(about\\)"),
        ("group", "twice", "more than once: a000"),
        ("group", "gensim", "a setting that gensim does not have"),
    ],
)
def test_what_cannot_be_known_is_refused(formula, change, said):
    counts, about, _ = world(5)
    engine = "gensim" if change == "gensim" else "sampler"
    about = {"few": about.iloc[1:], "none": None, "twice": about.iloc[[0, *range(len(about))]]}.get(
        change if isinstance(change, str) else "", about
    )
    if isinstance(change, dict):
        for column, cells in change.items():
            about = about.astype(object)
            for name, value in cells.items():
                about.loc[name, column] = value
    refuses(said, train, counts, 4, 1, engine, prevalence=formula, about=about)


def test_levels_and_names_with_signs_can_be_said():
    about = pd.DataFrame({"作者 单位": ["甲 (北)", "A + B", "乙"] * 4, "year": range(12)})
    made = design('ref(`作者 单位`, "A + B") * year', about, "train")
    assert made.terms[0].levels == ("A + B", "乙", "甲 (北)") or made.terms[0].levels[0] == "A + B"
    assert [term.kind for term in made.terms] == ["factor", "number", "both"] and made.matrix.shape == (12, 6)


def test_effects_are_found_with_a_plain_run_and_with_a_prior_and_nothing_is_found_where_nothing_is():
    counts, about, words = world(6)
    for formula in ("", "group"):
        run = train(counts, 4, 1, prevalence=formula, about=about, **FEW)
        found = effects(run, counts, about, "group + year", about["witness"], draws=100)
        first = run.names[order(run, words)[0]]
        table = found.contrasts.set_index(["topic", "contrast"])
        step = table.loc[(first, "group: b - a")]
        assert step["low"] < STEP < step["high"] and step["low"] > 0 and step["p"] < 0.05
        assert (table.xs("year: one more", level=1)["holm"] > 0.05).all()
    again = effects(run, counts, about, "group + year", about["witness"], draws=100)
    for one, other in zip(found, again, strict=True):
        pd.testing.assert_frame_equal(one, other)


def test_tokens_weigh_every_article_or_are_refused():
    counts, about, _ = world(5)
    run = train(counts, 4, 1, **FEW)
    tokens = pd.Series(1.0, index=about.index)
    ask = (run, counts, about, "group", about["witness"])
    even = effects(*ask, tokens=tokens, draws=100).contrasts
    pd.testing.assert_frame_equal(even, effects(*ask, draws=100).contrasts)
    heavy = effects(*ask, tokens=tokens.where(np.arange(len(tokens)) > 2, 50.0), draws=100).contrasts
    assert (heavy["estimate"] - even["estimate"]).abs().max() > 0.01
    for wrong in (tokens[1:], tokens.where(np.arange(len(tokens)) > 0, 0.0)):
        refuses("a weight above 0 for every article", effects, *ask, tokens=wrong)
    refuses("more than once", effects, *ask, tokens=pd.concat([tokens, tokens[:1]]))


def test_what_a_prior_changes_is_told_beside_the_plain_run_topic_by_topic():
    counts, about, words = world(6)
    plain = train(counts, 4, 1, **FEW)
    known = train(counts, 4, 2, prevalence="group", about=about, **FEW)
    found = told.known_beforehand(plain, known, counts, about, about["witness"], draws=100)
    table = found.table.set_index("topic")
    here, there = (
        effects(run, counts, about, "group", about["witness"], draws=100).contrasts.set_index("topic")
        for run in (plain, known)
    )
    for one, other in zip(order(plain, words), order(known, words), strict=True):
        row, mine = (some.loc[plain.names[one]] for some in (table, here))
        its = there.loc[known.names[other]]
        assert row[["estimate", "low", "high"]].tolist() == mine[["estimate", "low", "high"]].tolist()
        assert row[["known", "known_low", "known_high"]].tolist() == its[["estimate", "low", "high"]].tolist()
    size = f"{table['known'].abs().mean() / table['estimate'].abs().mean():.2f}"
    english, chinese = found.sentences
    said = f"4 of 4 topics are found in a run whose prior knows group. Their 4 contrasts are {size}"
    assert said in english
    assert f"平均为原来的{size}倍" in chinese and "15 tokens" in english and "每段15个词" in chinese
    refuses("knows nothing of articles", told.known_beforehand, plain, plain, counts, about)


def test_effects_of_other_seeds_stand_beside_those_of_the_reported_one():
    counts, about, _ = world(5)
    found = train(counts, 4, 1, seeds=3, prevalence="group", about=about, **FEW)
    asked, speaks = (counts, about, "group"), {"witness": about["witness"], "draws": 100}
    table = effects_over_runs(found.reported, found.others, *asked, **speaks)
    here = effects(found.reported, *asked, **speaks).contrasts
    pd.testing.assert_frame_equal(table[here.columns], here)
    others = []
    for run in found.others:
        pairs = match(found.reported.words, run.words)
        assert (pairs["likeness"] > 0.9).all()
        others.append(
            effects(run, *asked, **speaks).contrasts.set_index("topic").loc[pairs["other"], "estimate"]
        )
    numbers = np.array([one.to_numpy() for one in others])
    assert table["run_mean"].to_numpy() == pytest.approx(numbers.mean(axis=0))
    assert table["run_sd"].to_numpy() == pytest.approx(numbers.std(axis=0, ddof=1))
    assert (table["run_low"] <= table["run_high"]).all() and (table["runs"] == 2).all()
    refuses("at least two", effects_over_runs, found.reported, found.others[:1], *asked)


@pytest.fixture(scope="module")
def shell(tmp_path_factory):
    """A folder with tokens a line, what is known of them, counts, and two runs that the command line made."""
    here = tmp_path_factory.mktemp("shell")
    counts, about, _ = world(7, length=30, speakers=24)
    lines = []
    for row, (name, article) in enumerate(zip(counts.ids, counts.articles, strict=True)):
        tokens = np.repeat(counts.words, counts.matrix[[row]].toarray()[0]).tolist()
        lines.append(json.dumps({"id": name, "article": article, "tokens": tokens}))
    (here / "tokens.jsonl").write_text("\n".join(lines), "utf-8")
    about.reset_index().to_csv(here / "about.csv", index=False)
    count.save(counts, here / "counts")
    asked = ["--topics", "4", "--seed", "1", "--set", "chains=3", "--set", "sweeps=20", "--min-df", "2"]
    # with a formula no words are set apart, though the study sets some apart elsewhere
    (here / "study").mkdir()
    (here / "study/study.toml").write_text('[study]\nname = "s"\n[train.sampler]\ncommon = 0.3\n', "utf-8")
    known = ["--about", str(here / "about.csv"), "--study", str(here / "study")]
    texts = str(here / "tokens.jsonl")
    assert main(["train", texts, *known, "--prevalence", "group", *asked, "-o", str(here / "run")]) == 0
    assert main(["train", texts, *asked, "-o", str(here / "plain")]) == 0
    assert main(["train", str(here / "counts"), *asked[:-2], "-o", str(here / "of_counts")]) == 0
    return here


@pytest.mark.parametrize(
    ("run", "texts", "formula"),
    [
        ("run", "tokens.jsonl", "group"),
        ("plain", "tokens.jsonl", "group + cr(year, df=2)"),
        ("of_counts", "counts", "group"),
    ],
)
def test_the_shell_says_what_moves_topics_of_the_counts_that_a_run_was_made_from(shell, run, texts, formula):
    """The run was made of words in two passages and more: that is remembered, and need not be said again."""
    files = [str(shell / run), str(shell / texts), "--about", str(shell / "about.csv")]
    out = shell / f"{run}.csv"
    asked = ["--formula", formula, "--witness", "witness", "--draws", "100", "-o", str(out)]
    assert main(["effects", *files, *asked]) == 0
    table = pd.read_csv(out, encoding="utf-8-sig")
    assert list(table.columns[:2]) == ["topic", "contrast"] and {"estimate", "low", "high", "p"} <= set(table)
    step = table[table["contrast"] == "group: b - a"]
    assert len(step) == 4 and step["estimate"].abs().max() > 0.05 and (step["low"] <= step["high"]).all()


def test_long_articles_weigh_by_their_tokens_of_topics_and_one_without_any_has_what_all_have(shell):
    counts, about = count.load(shell / "counts"), pd.read_csv(shell / "about.csv").set_index("id")
    run = load(shell / "of_counts")
    common = pd.Series(0.0, run.words.index)
    part = pd.Series(np.linspace(0, 0.9, len(counts.ids)), run.passages.index)
    first = np.array(counts.articles) == counts.articles[0]
    common[run.words.index[counts.matrix[first].sum(axis=0) > 0]] = 1.0  # more than any topic has of them
    run = replace(run, common=Common(common, part, 1e6, 900.0))
    save(run, shell / "apart")
    files = [str(shell / "apart"), str(shell / "counts"), "--about", str(shell / "about.csv"), "--by-tokens"]
    asked = ["--formula", "group", "--witness", "witness", "--draws", "100", "-o", str(shell / "long.csv")]
    assert main(["effects", *files, *asked]) == 0
    table = pd.read_csv(shell / "long.csv", encoding="utf-8-sig")
    mass = pd.Series(run.mass(counts), list(counts.articles)).groupby(level=0).sum()
    alone = effects(run, counts, about, "group", about["witness"], tokens=mass, draws=100).contrasts
    assert table["estimate"].tolist() == pytest.approx(alone["estimate"].tolist(), abs=1e-6)
    found = drawn(run, counts, np.ones((1, len(mass))), 1)
    assert found.mean.sum(axis=1) == pytest.approx(np.ones(len(mass)))


EFFECTS = "effects run tokens.jsonl --about about.csv"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("train tokens.jsonl --topics 4 --seed 1 --about about.csv", "--prevalence"),
        ("train tokens.jsonl --topics 4 --seed 1 --prevalence group", "say --about"),
        (f"{EFFECTS} --formula age", "group, witness, year"),
        (f"{EFFECTS} --formula group --min-df 9", "run and counts"),
        (f"{EFFECTS} --formula group --lexicon about.csv", "--lexicon"),
        ("effects run tokens.jsonl --about run/prevalence.csv --formula group", "the columns id"),
        ("effects run tokens.jsonl --formula group", "say --about"),
    ],
)
def test_the_shell_refuses_what_it_cannot_join(shell, arguments, said, monkeypatch, capsys):
    monkeypatch.chdir(shell)
    assert main([*arguments.split(), "-o", "x"]) == 2
    assert said in capsys.readouterr().err and not (shell / "x").exists()
