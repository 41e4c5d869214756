"""Changes: topics that a person who knows better joins or leaves out; who did it, and why, stays in the run (`ran`), which is another one by then."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from nqp_topics.checks import Problem, named_once, refuse_if
from nqp_topics.compare.given import known
from nqp_topics.topics.engines import Common
from nqp_topics.topics.model import Topics, changed_names

JOINED = {"zh": "／", "en": " / "}  # between the names of topics that are one by now


def merge(run: Topics, topics: Sequence[str], who: str, why: str) -> Topics:
    """Return a run in which some topics are one, called by all of their names (T03+T07), where the first of them stood; the others stay as they are.

    Shares, tokens and priors are sums; words are means weighted by tokens, so that the words of all topics together are as before. How far chains agree about
    the joined topic is a mean by tokens too: they agree at least so far. Refused: topics that do not exist, fewer than two, all of them; no person,
    no reason; a run with a formula, as a sum of its priors follows none.
    """
    names = [name for name in run.names if name in known(topics, run.names, "merge", "topic")]
    came, allowed = f"a run with the formula {run.formula}", "a run without one"
    todo = "fit it without prevalence, and ask compare.effects what moves topics"
    formula = [Problem("merge(run)", came, allowed, todo)] if run.formula else []
    refuse_if(formula, _problems("merge", topics, run, who, why, 2))
    change = {"merge": names, **_record(run, who, why)}
    after = changed_names(run.names, change)
    new = next(name for name in after if name not in run.names)
    tokens = run.tokens[names].to_numpy()

    def joined(table: Any, weight: np.ndarray) -> Any:
        """Return a table with a column, or a series with a row, for the joined topic."""
        columns = [table[name] for name in names]
        whole = sum(part * one for part, one in zip(columns[1:], weight[1:], strict=True))
        return {**{name: table[name] for name in after if name != new}, new: columns[0] * weight[0] + whole}

    by_tokens, one = tokens / tokens.sum(), np.ones(len(names))
    parts: dict[str, Any] = {"words": pd.DataFrame(joined(run.words, by_tokens))[after]}
    parts["passages"] = pd.DataFrame(joined(run.passages, one))[after]
    for name, weight in (("tokens", one), ("prior", one), ("topic_agreement", by_tokens)):
        if (series := getattr(run, name)) is not None:
            parts[name] = pd.Series(joined(series, weight), name=series.name)[after]
    return replace(run, **parts, ran=_ran(run, change))


def drop(run: Topics, topics: Sequence[str], who: str, why: str) -> Topics:
    """Return a run without some topics: what is left of a passage is shared out among the others and sums to one again.

    A passage counts for less then: by what the topics had of it (`left_out`), so that shares of articles are those of the tokens that remain, and a
    passage that was all licence notes says nothing of what it barely touched. Their words stay theirs, here and in new texts, and go to none of the topics that
    remain. Their share of the tokens of topics is recorded.
    Refused: topics that do not exist, so many that fewer than two remain; no person, no reason.
    """
    names = known(topics, run.names, "drop", "topic")
    refuse_if(_problems("drop", topics, run, who, why, 1))
    share = float(run.tokens[names].sum() / run.tokens.sum())
    change = {"drop": [name for name in run.names if name in names], "share": share, **_record(run, who, why)}
    after = changed_names(run.names, change)
    rest = run.passages[after].sum(axis=1)
    passages = run.passages[after].div(rest.where(rest > 0, 1.0), axis=0)
    # nothing is known of a passage that is left without
    passages.loc[rest <= 0] = (run.tokens[after] / run.tokens[after].sum()).to_numpy()
    gone = [(run.words[name], run.prior[name], run.tokens[name]) for name in names]
    stays = rest.clip(0, 1)
    if before := run.left_out:
        stays = stays * (1 - before.passages)
        gone.append((before.words, before.prior, before.tokens))
    prior, tokens = (float(sum(one[place] for one in gone)) for place in (1, 2))
    weights = [one[2] / tokens if tokens else 1 / len(gone) for one in gone]
    weighted = [one[0] * weight for one, weight in zip(gone, weights, strict=True)]
    words = pd.concat(weighted, axis=1).sum(axis=1)
    left = Common(words.rename("weight"), (1 - stays).rename("share"), prior, tokens)
    parts: dict[str, Any] = {"passages": passages, "left_out": left}
    for name in ("words", "tokens", "prior", "topic_agreement", "prevalence"):
        if (table := getattr(run, name)) is not None:
            parts[name] = table[after]
    return replace(run, **parts, ran=_ran(run, change))


def _problems(where: str, topics: Any, run: Topics, who: str, why: str, least: int) -> Iterator[Problem]:
    names = [topics] if isinstance(topics, str) else list(topics)
    yield from named_once(f"{where}(topics)", names)
    most = len(run.names) - (1 if where == "merge" else 2)
    if not least <= len(names) <= most:
        came = f"{len(names)} of {len(run.names)} topics"
        allowed = f"from {least} to {most}, so that two remain"
        yield Problem(f"{where}(topics)", came, allowed, "name the topics, such as T03")
    for name, value in (("who", who), ("why", why)):
        if not str(value).strip():
            todo = "say it: it is recorded in the run"
            yield Problem(f"{where}({name})", "nothing", "who decides it, and why", todo)


def _record(run: Topics, who: str, why: str) -> dict[str, Any]:
    return {"who": who.strip(), "why": why.strip(), "run": run.fingerprint, "of": len(run.names)}


def _ran(run: Topics, change: dict[str, Any]) -> dict[str, Any]:
    return {**run.ran, "changes": [*run.ran.get("changes", []), change]}


def labels_here(table: pd.DataFrame, run: Topics) -> pd.DataFrame:
    """Return the labels of a run; where it has none of its own, those of the run that it was changed from: a joined topic has both names."""
    own = table[table["fingerprint"] == run.fingerprint]
    for place in range(len(changes := run.ran.get("changes", [])) - 1, -1, -1):
        if len(own):
            break
        own = table[table["fingerprint"] == changes[place]["run"]]
        for change in changes[place:]:
            own = _carried(own, change)
    return own.assign(fingerprint=run.fingerprint)


def _carried(labels: pd.DataFrame, change: dict[str, Any]) -> pd.DataFrame:
    gone = labels["topic"].isin(change.get("merge") or change["drop"])
    rest, parts = labels[~gone], labels[gone].sort_values("topic", kind="stable")
    if "drop" in change or parts.empty:
        return rest
    both = {name: JOINED[name].join(filter(None, parts[name])) for name in JOINED}
    (new,) = set(changed_names(change["merge"], change))
    one = parts.iloc[[0]].assign(topic=new, **both)
    return pd.concat([rest, one], ignore_index=True)
