"""One fit on the study beside the peers: CPU seconds, held-out likelihood and coherence, on the same arrays in one run.

python benchmarks/fits.py [--counts data/counts] [--topics 10] [--seeds 5] [--only WORD,WORD] [-o benchmarks/fits]

Peers that are not installed are left out. Writes fits.csv and fits.png (quality against time). First the estimator is tried on
corpora whose topics are known: it must put the truth above every fit.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from peers import present
from quality import halves, held_out, npmi, planted

from nqp_topics import counts as count

ROOT = Path(__file__).resolve().parents[1]


def estimator(engines: dict, seeds: int = 3) -> pd.DataFrame:
    """One row an engine: how far it stays below the planted topics, in held-out log-likelihood per word."""
    rows = []
    for seed in range(seeds):
        counts, truth = planted(seed, 600, 60, 1500, 10)
        training, first, second = halves(counts, [str(number) for number in range(600)], seed)
        best = held_out(truth, np.full(10, 0.1), first, second)
        for name, fit in engines.items():
            model = fit(training, 10, seed + 1)
            rows.append((name, held_out(*model.made_of, first, second) - best))
    return (
        pd.DataFrame(rows, columns=["engine", "held-out, above the truth"])
        .groupby("engine", sort=False)
        .max()
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--counts", default=ROOT / "data/counts")
    parser.add_argument("--topics", type=int, default=10)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--only", default="")
    parser.add_argument("-o", "--output", default=ROOT / "benchmarks/fits")
    options = parser.parse_args()
    counts = count.load(options.counts)
    matrix, articles, topics = counts.matrix, list(counts.articles), options.topics
    engines = present(options.only)
    for fit in engines.values():
        fit(matrix[:200], 5, 1)  # compiling and importing are no part of a fit
    checked = estimator(engines)
    print(checked.to_string(float_format="%.4f"), "\n")
    assert (checked < 0).all().all(), "the estimator puts a fit above the truth"
    rows = []
    for seed in range(options.seeds):
        training, first, second = halves(matrix, articles, seed)
        for name, fit in engines.items():
            part, whole = fit(training, topics, seed + 1), fit(matrix, topics, seed + 1)
            likelihood = held_out(*part.made_of, first, second)
            rows.append((name, seed, whole.seconds, likelihood, npmi(whole.words, matrix)))
            print(
                f"seed {seed}  {name:30s} {whole.seconds:7.2f} s  {likelihood:.4f}  {rows[-1][-1]:.4f}",
                flush=True,
            )
    table = pd.DataFrame(rows, columns=["engine", "seed", "cpu_seconds", "held_out", "npmi"])
    means = table.drop(columns="seed").groupby("engine", sort=False).mean()
    print(f"\n{matrix.shape[0]} passages, {matrix.shape[1]} words, {counts.tokens} tokens, {topics} topics")
    print(means.to_string(float_format="%.4f"))
    table.to_csv(f"{options.output}.csv", index=False, lineterminator="\n")
    draw(means, Path(f"{options.output}.png"))


def draw(means: pd.DataFrame, file: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, 2, figsize=(11, 4.5), sharex=True)
    for axis, column, title in zip(
        axes, ("held_out", "npmi"), ("held-out log-likelihood per word", "NPMI of ten top words"), strict=True
    ):
        axis.set(xscale="log", xlabel="CPU seconds of one fit", title=f"{title} (higher is better)")
        for place, (name, row) in enumerate(means.iterrows()):
            mine = str(name).startswith("nqp")
            axis.plot(row["cpu_seconds"], row[column], "o" if mine else "s", color="C3" if mine else "C0")
            axis.annotate(
                str(name),
                (row["cpu_seconds"], row[column]),
                xytext=(4, 4 if place % 2 else -9),
                textcoords="offset points",
                fontsize=7,
            )
        axis.margins(0.3, 0.15)
    figure.tight_layout()
    figure.savefig(file, dpi=150)


if __name__ == "__main__":
    main()
