"""Groups: voices, sources, periods. What belongs together is held together: articles with their passages, and witnesses with their articles.

A witness is who speaks: an author, a newspaper, a place. Ten articles of one man are one witness, not ten. A group of fewer than three witnesses is
shown and not tested; where nothing is said of witnesses, articles are taken for them, and a group of one is not tested.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np
import pandas as pd

from nqp_topics.checks import Problem, Refused, columns, listed, named_once, refuse_if
from nqp_topics.checks.plural import singular
from nqp_topics.compare.given import Names, by_name, checked, name_of, number_problems
from nqp_topics.compare.resample import drawn_weights, keyed, share_limits, spread_of, weighted

ONE_ARTICLE = "one article: not tested"
# witnesses of a group that is tested: two cannot tell a habit of their own from one of their group
FEWEST = 3
FEW = "fewer than three witnesses: not tested"


class Group(NamedTuple):
    """The witnesses of one group: `shares` (witnesses × topics) and the `weights` of each; a witness is the mean of its articles."""

    shares: np.ndarray
    weights: np.ndarray
    fewest: int

    @property
    def mean(self) -> np.ndarray:
        """The mean share of each topic."""
        return mean(self.shares, self.weights)

    @property
    def effective(self) -> float:
        """How many witnesses of equal weight would tell as much."""
        return effective(self.weights)

    @property
    def tested(self) -> bool:
        """Whether there are enough of them for a test."""
        return len(self.weights) >= self.fewest


class Grouped(NamedTuple):
    """Articles in groups: `shares` (articles × topics, sorted by article), `of` (article → group), `witness` (article → witness), `fewest` (witnesses of a group that is tested), and what was `left_out`.

    `sizes`: one row a group: group, articles, witnesses (effective number: as many of equal weight would tell as much; articles where
    nothing was said of witnesses), note. `left_out`: one row an article: article, why.
    """

    shares: pd.DataFrame
    of: pd.Series
    sizes: pd.DataFrame
    left_out: pd.DataFrame
    witness: pd.Series
    fewest: int

    def members(self, group: str) -> np.ndarray:
        """Return the shares of a group's articles."""
        return self.shares.to_numpy()[(self.of == group).to_numpy()]

    def group(self, name: str) -> Group:
        """Return the witnesses of a group, each the mean of its articles and as heavy as they are many."""
        shares = self.members(name)
        codes, _ = pd.factorize(self.witness[(self.of == name).to_numpy()])
        many = np.bincount(codes).astype(np.float64)
        sums = np.zeros((len(many), shares.shape[1]))
        np.add.at(sums, codes, shares)
        return Group(sums / many[:, None], many, self.fewest)

    def groups(self) -> dict[str, Group]:
        """Return every group by its name, in the order of the names."""
        return {name: self.group(name) for name in self.sizes["group"]}


def grouped(shares: pd.DataFrame, groups: Names, within: Names | None = None) -> Grouped:
    """Put articles into groups by name, and within them under their witnesses. Groups stand in the order of their names.

    `groups`: article → group (a column of articles.csv by id). Every article has one voice, however long.
    `within`: article → witness (`witnesses` reads it off articles.csv): what one witness says is drawn and shuffled whole. An article without
    one is its own witness. A witness who speaks in two groups is counted once in each: what it says in both is then taken for independent,
    which the note of the group says. An article whose group is missing or empty is left out, and so is one that has a group and no passages:
    both are told. Refused: groups or witnesses of other articles, an article named twice, no article
    that has a group.
    """
    checked(shares, "grouped")
    given = by_name(groups, "grouped(groups)")
    names = sorted(map(str, shares.index))
    here = [name for name in names if given.get(name)]
    if not here:
        came = f"groups for {listed(given, 3) or 'nothing'}, but shares of {listed(names, 3)}"
        if matched := sum(name in given for name in names):
            came = f"{matched} articles, all without a group"
        todo = 'use a column of articles.csv, by its id: registry.set_index("id")["voice"]'
        raise Refused(Problem("grouped(groups)", came, "article → group", todo))
    left = [(name, "no group") for name in names if not given.get(name)]
    left += [(name, "no passages") for name in sorted(given) if name not in set(names)]
    of = pd.Series([given[name] for name in here], index=here, dtype=object)
    witness, alone = witness_of(within, here, "grouped(within)")
    fewest = 2 if within is None else FEWEST
    table = shares.set_axis(shares.index.map(str), axis=0).loc[here]
    spans = of.groupby(witness).transform("nunique") > 1
    about = pd.DataFrame({"witness": witness, "alone": alone, "spans": spans})
    rows = [_size(str(name), some, fewest) for name, some in about.groupby(of)]
    sizes = pd.DataFrame(rows, columns=["group", "articles", "witnesses", "note"])
    return Grouped(table, of, sizes, pd.DataFrame(left, columns=["article", "why"]), witness, fewest)


def witness_of(within: Names | None, here: Sequence[str], where: str) -> tuple[pd.Series, pd.Series]:
    """Return the witness of every article, and whether it is its own for want of a name. Refused: witnesses of other articles."""
    if within is None:
        return pd.Series(here, index=here, dtype=object), pd.Series(False, index=here)
    given = by_name(within, where)
    if not any(name in given for name in here):
        came = f"witnesses of {listed(given, 3) or 'nothing'}, but shares of {listed(here, 3)}"
        todo = "compare.witnesses(registry, …) makes it"
        raise Refused(Problem(where, came, "article → witness", todo))
    alone = pd.Series([not given.get(name) for name in here], index=here)
    # marked, so that an article's id and a witness of the same name stay two
    names = [given.get(name) or f"\0{name}" for name in here]
    return pd.Series(names, index=here, dtype=object), alone


def witness_codes(within: Names | None, here: Sequence[str], where: str, sort: bool = False) -> np.ndarray:
    """Return the number of every article's witness, as they come or in the order of their names."""
    return pd.factorize(witness_of(within, here, where)[0].to_numpy(), sort=sort)[0]


def _size(name: str, some: pd.DataFrame, fewest: int) -> tuple[str, int, float, str]:
    mass = some.groupby("witness").size().to_numpy(np.float64)
    notes = [ONE_ARTICLE] if len(some) < 2 else [FEW] if len(mass) < fewest else []
    if many := int(some["alone"].sum()):
        several = f"{many} articles without a witness: each its own"
        notes.append(several if many > 1 else "1 article without a witness: its own")
    if many := some.loc[some["spans"], "witness"].nunique():
        notes.append(singular(f"{many} witnesses also in another group: counted once in each"))
    return name, len(some), effective(mass), "; ".join(notes)


def effective(weights: np.ndarray) -> float:
    """Return how many of equal weight would tell as much (Kish)."""
    return float(weights.sum() ** 2 / (weights**2).sum())


def witnesses(
    registry: pd.DataFrame,
    witness: Sequence[str] = ("author", "outlet", "region"),
    of_group: Mapping[str, Sequence[str]] | None = None,
    groups: str = "voice",
) -> pd.Series:
    """Return article → witness, from the table of articles (`registry.read`): the first of the columns that is filled, of several names the first.

    `of_group` has other columns for some groups: a local official speaks for a place, whoever signs. Where none is filled an article is its own
    witness. Refused: a column that the table lacks.
    """
    table = registry.set_index("id") if "id" in registry else registry
    wanted = {"": list(witness), **{str(key): list(value) for key, value in (of_group or {}).items()}}
    needed = list(dict.fromkeys([*chain(*wanted.values()), *([groups] if of_group else [])]))
    where = "witnesses(registry)"
    refuse_if(columns(where, table, needed), named_once(where, table.index))
    filled = {column: table[column].map(name_of).str.split(r"[;；,，、]", regex=True) for column in needed}
    names = {column: parts.str[0].str.strip() for column, parts in filled.items()}
    group = names[groups] if of_group else pd.Series("", index=table.index)
    found = pd.Series("", index=table.index, dtype=object)
    for name in wanted:
        here = group == name if name else ~group.isin(list(of_group or {}))
        for column in wanted[name]:
            empty = here & (found == "") & (names[column] != "")
            found[empty] = names[column][empty]
    return found.where(found != "", table.index.to_series().map(lambda name: f"article {name}"))


def large(table: Grouped, least: int = 4) -> pd.Series:
    """Return article → group for the groups of at least `least` articles that have enough witnesses for a test."""
    sizes = table.sizes[(table.sizes["articles"] >= least) & ~table.sizes["note"].str.contains("not tested")]
    return table.of[table.of.isin(sizes["group"])]


def group_shares(table: Grouped, level: float = 0.95) -> pd.DataFrame:
    """Share of every topic in every group, with an interval over its witnesses.

    One row a group and topic: group, topic, share, low, high, articles, witnesses (effective number), note. The interval is that of a share among
    as many independent voices as the spread of the witnesses allows (a beta distribution, as for surveys in clusters: Korn and Graubard 1998).
    How far witnesses spread is taken from all topics of the group together and no less from the topic itself, as few articles, mostly without a topic,
    look steadier than they are. None for a group of one witness.
    """
    refuse_if(number_problems("group_shares", level=level))
    rows = []
    for size in table.sizes.itertuples():
        group, found = table.group(size.group), {"group": size.group, "topic": list(table.shares.columns)}
        found["share"], (found["low"], found["high"]) = group.mean, interval(group, level)
        found |= {"articles": size.articles, "witnesses": group.effective, "note": size.note}
        rows.append(pd.DataFrame(found))
    return pd.concat(rows, ignore_index=True)


def interval(group: Group, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the limits of the mean shares of a group; NaN for one witness."""
    if len(group.weights) < 2:
        nothing = np.full(group.shares.shape[1], np.nan)
        return nothing, nothing.copy()
    whole, own, reach = spread_of(group.shares, group.weights)
    units = len(group.weights)
    mixed = np.maximum(whole, (10 * whole + (units - 1) * own) / (9 + units))
    return share_limits(group.mean, group.effective / mixed, level, reach)


def tested(table: Grouped, where: str) -> dict[str, Group]:
    """Return the groups that can be tested. Refused: fewer than two."""
    found = {name: group for name, group in table.groups().items() if group.tested}
    if len(found) < 2:
        enough = "two articles" if table.fewest == 2 else "three witnesses"
        came = f"{len(found)} groups of {enough} and more"
        todo = "join small groups, or compare other ones"
        raise Refused(Problem(f"{where}(groups)", came, "at least two", todo))
    return found


def mean(numbers: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the weighted mean share of each topic."""
    return weighted(weights[None], numbers)[0] / weights.sum()


def means(group: Group, draws: int, seed: int, *names: str) -> np.ndarray:
    """Draw witnesses again, one fewer than there are, so that means spread as those of other witnesses would (Rao and Wu 1988): draws × topics, their mean shares."""
    many = len(group.weights)
    drawn = drawn_weights(many, draws, keyed(seed, *names), many - 1) * group.weights
    return weighted(drawn, group.shares) / drawn.sum(axis=1, keepdims=True)


def two_groups(table: Grouped, where: str) -> Iterator[Problem]:
    """Ask for two groups and more."""
    if len(table.sizes) < 2:
        came = f"one group, {table.sizes['group'].iloc[0]!r}"
        todo = "choose a column that tells articles apart"
        yield Problem(f"{where}(groups)", came, "two groups or more", todo)
