"""Figures of articles and groups say what their tables say: numbers are read back off the axes."""

from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from conftest import refuses
from matplotlib import colors
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure as Drawing
from matplotlib.font_manager import FontProperties
from matplotlib.text import Text
from matplotlib.textpath import text_to_path
from PIL import Image
from scipy.cluster.hierarchy import cophenet
from scipy.spatial.distance import squareform

from nqp_topics import compare, figures
from nqp_topics.figures import letters
from nqp_topics.figures import styles as looks
from nqp_topics.figures.captions import label
from nqp_topics.figures.labelled import extremes
from nqp_topics.figures.lineage import arranged
from nqp_topics.figures.saved import table_of
from nqp_topics.files import font_file
from nqp_topics.study import Refused

PAGES = ["single", "double", "slide", "journal-zh"]
ROOT = Path(__file__).resolve().parents[1]
OF_STUDY = ["articles", "article_map", "group_shares", "group_distances"]
KINDS = ["academic", "interview", "leader_speech", "local_official"]


def made(articles=26, topics=7, seed=5):
    rng = np.random.default_rng(seed)
    names = [f"T{n:02d}" for n in range(1, topics + 1)]
    ids = [f"{n // 10:03d}-{n % 10}" for n in range(articles)]
    shares = pd.DataFrame(rng.dirichlet(np.full(topics, 0.4), articles), ids, names)
    shares.index.name = "article"
    groups = {name: KINDS[min(n % 5, 2)] for n, name in enumerate(ids)}
    groups[ids[-1]] = KINDS[3]  # one article alone in its group
    return shares, groups, {name: f"{name} 王{n}" for n, name in enumerate(ids)}


def labels_for(shares):
    rows = [(name, f"A longer label of {name}", f"关于{name}的较长标签") for name in shares.columns[:-1]]
    return pd.DataFrame(rows, columns=["topic", "en", "zh"])


@pytest.fixture(scope="module")
def study():
    shares, groups, names = made()
    tree = compare.tree(compare.distances(shares))
    found = compare.article_map(compare.distances(shares))
    for axis in "xy":
        found.points[f"{axis}_low"] = found.points[axis] - 0.05
        found.points[f"{axis}_high"] = found.points[axis] + 0.04
    found.points.loc[3, ["x_low", "x_high", "y_low", "y_high"]] = np.nan
    grouped = compare.grouped(shares, groups)
    by_group = compare.group_shares(grouped)
    pairs = compare.group_distances(grouped, draws=400, intervals=200)
    pairs.loc[pairs["p"].notna(), "bh"] = [0.01, 0.4, 0.0004]
    tests = compare.overall(grouped, draws=400)
    tests.loc[1, ["p", "bh"]] = 0.0002, 0.004
    labels = labels_for(shares)
    tables = {
        "articles": figures.articles.table(shares, tree, groups, names, labels),
        "article_map": figures.article_map.table(found, groups, names, 8),
        "group_shares": figures.group_shares.table(
            by_group, runs(by_group, "share"), tests, labels, voices=grouped
        ),
        "group_distances": figures.group_distances.table(pairs, runs(pairs, "distance"), grouped),
    }
    return {
        "shares": shares, "groups": groups, "names": names, "tree": tree, "map": found, "by_group": by_group, "pairs": pairs,
        "tests": tests, "labels": labels, "tables": tables,
    }  # fmt: skip


def runs(table, value):
    return table.assign(run_low=table[value] * 0.9, run_high=table[value] * 1.2)


def texts(axes):
    return [text.get_text() for text in axes.texts]


def entries(figure):
    """What stands in the legends and remarks of a figure."""
    legends = [text.get_text() for legend in figure.legends for text in legend.get_texts()]
    return legends + [
        text.get_text() for text in figure.texts if text is not getattr(figure, "_supxlabel", None)
    ]


def ends(lines, axis=0):
    """Where the lines begin and end that are really drawn."""
    return [s[:, axis].tolist() for s in lines.get_segments() if len(s) and not np.isnan(s).any()]


def ticks(axis):
    return [tick.get_text() for tick in axis.get_ticklabels()]


# articles × topics


@pytest.mark.parametrize(("language", "only"), [("en", None), ("zh", ["T05", "T02", "T07"])])
def test_the_heat_map_holds_the_shares_in_the_order_of_the_tree_and_of_the_model(study, language, only):
    shares, tree = study["shares"], study["tree"]
    table = figures.articles.table(shares, tree, study["groups"], study["names"], study["labels"], only)
    topics = [name for name in shares.columns if only is None or name in only]
    figure = figures.articles.draw(table, language)
    cells, names = figure.axes[0], figure.axes[3]
    (mesh,) = (
        found for found in cells.collections if hasattr(found, "get_cmap") and found.get_array() is not None
    )
    wanted = shares.loc[tree.order, topics].to_numpy()
    assert np.array_equal(np.asarray(mesh.get_array()), wanted)
    mesh.update_scalarmappable()
    seen = mesh.get_facecolors().reshape(*wanted.shape, 4)
    assert np.allclose(seen, mesh.get_cmap()(wanted / wanted.max()))
    assert texts(names) == [study["names"][article] for article in tree.order]
    said = {row.topic: (row.en, row.zh)[language == "zh"] for row in study["labels"].itertuples()}
    heads = [f"{topic} {said[topic]}" if topic in said else topic for topic in topics]
    assert [text.replace("\n", "" if language == "zh" else " ") for text in texts(cells)] == heads


def test_joins_are_the_cophenetic_distances_of_neighbours_and_the_tree_is_drawn_from_them_alone(study):
    tree, table = study["tree"], study["tables"]["articles"]
    names = list(study["shares"].index)
    heights = squareform(cophenet(tree.linkage))
    places = [names.index(article) for article in tree.order]
    rows = table.drop_duplicates("place")
    assert rows["article"].tolist() == tree.order
    wanted = [heights[one, other] for one, other in pairwise(places)]
    assert rows["joins_next"].tolist()[:-1] == pytest.approx(wanted)
    assert np.isnan(rows["joins_next"].iloc[-1])
    branches = figures.articles.draw(table).axes[2].collections[0].get_segments()
    assert sorted(segment[1, 0] for segment in branches) == pytest.approx(sorted(tree.linkage[:, 2]))
    # every branch starts at a row or at the middle of an earlier branch, and none crosses another at its foot
    feet = {(round(x, 9), round(y, 9)) for segment in branches for x, y in (segment[0], segment[3])}
    tops = {(round(s[1, 0], 9), round((s[1, 1] + s[2, 1]) / 2, 9)) for s in branches}
    leaves = {(0.0, place + 0.5) for place in range(len(names))}
    assert len(feet) == 2 * len(branches) and feet <= tops | leaves and leaves <= feet


@pytest.mark.parametrize("kind", PAGES)
def test_the_strip_tells_groups_by_colour_and_by_letter(study, kind):
    table = study["tables"]["articles"]
    figure = figures.articles.draw(table, "zh", kind)
    strip = figure.axes[1]
    styles = looks.styles(sorted(set(table["group"])), kind)
    groups = table.drop_duplicates("place")["group"].tolist()
    wanted = [colors.to_rgba(styles[g].colour) for g in groups]
    assert [bar.get_facecolor() for bar in strip.patches] == wanted
    if strip.texts:
        assert texts(strip) == [styles[group].letter for group in groups]
    sizes = pd.Series(groups).value_counts()
    wanted = {f"{styles[group].letter}  {label(group, 'zh')}  {sizes[group]}" for group in sizes.index}
    assert wanted == set(entries(figure))


@pytest.mark.parametrize("kind", ["single", "double"])
def test_of_many_articles_and_topics_some_are_named_and_the_figure_says_so(large, kind):
    table = large["articles"]
    figure = figures.articles.draw(table, page=kind)
    cells, names = figure.axes[0], figure.axes[3]
    rows = table.drop_duplicates("place")["name"].tolist()
    assert np.asarray(cells.collections[0].get_array()).shape == (450, 40)
    assert figure.get_size_inches()[1] * 25.4 <= looks.PRESETS[kind].height + 0.1
    step = round(len(rows) / len(names.texts))
    assert step > 1 and f"One in {step} articles is named" in " ".join(entries(figure))
    for seen, name in zip(texts(names), rows[::step], strict=True):
        assert name.startswith(seen.removesuffix("…"))
    heads = texts(cells)
    step = -(-40 // len(heads))
    assert [head[:3] for head in heads] == [f"T{n:02d}" for n in range(1, 41)][::step]
    assert (f"One in {step} topics is named" in " ".join(entries(figure))) == (step > 1)


def test_a_letter_stands_once_at_rows_of_one_group_that_follow_each_other(large):
    table = large["articles"]
    table = table.assign(group=[KINDS[place * 3 // 451] for place in table["place"]])
    strip = figures.articles.draw(table).axes[1]
    styles = looks.styles(KINDS[:3], "double")
    assert texts(strip) == [styles[group].letter for group in KINDS[:3]] and len(strip.patches) == 450


def test_a_few_articles_make_a_small_figure():
    shares, groups, names = made(4, 3)
    table = figures.articles.table(shares, compare.tree(compare.distances(shares)), groups, names)
    assert figures.articles.draw(table).get_size_inches()[1] < 3


# the map


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_map_puts_articles_where_the_table_says_and_says_how_much_of_their_distance_it_shows(
    study, language
):
    table = study["tables"]["article_map"]
    figure = figures.article_map.draw(table, language)
    (axes,) = figure.axes
    order = table["group"].value_counts().index.tolist()
    order = sorted(order, key=lambda name: (-sum(table["group"] == name), name))
    # behind each cross a dotted line to the dot outside its interval
    *dots, across, _, up, _ = axes.collections
    middles = iter(dots[2 * len(order) :])
    for group, found in zip(order, dots[: 2 * len(order) : 2], strict=True):
        rows = table[table["group"] == group]
        assert np.allclose(found.get_offsets(), rows[["x", "y"]])
        white = [face[:3].tolist() == [1, 1, 1] for face in found.get_facecolors()]
        assert white == (rows["shown"] < 0.2).tolist()
        if len(rows) > 2:
            assert np.allclose(next(middles).get_offsets(), [rows["x"].mean(), rows["y"].mean()])
    assert not list(middles)
    held = table[table["named"] & table["x_low"].notna()]
    assert sorted(ends(across)) == sorted(held[["x_low", "x_high"]].to_numpy().tolist())
    assert sorted(ends(up, 1)) == sorted(held[["y_low", "y_high"]].to_numpy().tolist())
    assert texts(axes) == table.loc[table["named"], "name"].tolist()
    assert axes.get_xlabel() == label("axis", language).format(number=1, share=table["x_share"].iloc[0])
    assert f"{table['y_share'].iloc[0]:.0%}" in axes.get_ylabel()
    (low, high), (down, top) = axes.get_xlim(), axes.get_ylim()
    box = axes.get_position()
    wide, tall = figure.get_size_inches()
    assert box.width * wide / (high - low) == pytest.approx(box.height * tall / (top - down))
    said = entries(figure)
    many = table["group"].value_counts()
    assert said[: len(order)] == [f"{label(group, language)}  {many[group]}" for group in order]
    shown = f"{table['x_share'].iloc[0] + table['y_share'].iloc[0]:.0%}"
    assert label("interval over passages", language) in said and shown in said[-1] + said[-2]


def test_the_spread_of_a_group_is_one_standard_deviation_of_its_articles(study):
    table = study["tables"]["article_map"]
    figure = figures.article_map.draw(table)
    groups = [group for group in looks.by_number(table["group"]) if sum(table["group"] == group) > 2]
    for group, ring in zip(groups, figure.axes[0].patches, strict=True):
        spots = table.loc[table["group"] == group, ["x", "y"]].to_numpy()
        values, axes = np.linalg.eigh(np.cov(spots.T))
        assert [ring.width / 2, ring.height / 2] == pytest.approx(np.sqrt(values[::-1]))
        main = np.radians(ring.angle)
        assert abs(np.cos(main) * axes[0, 1] + np.sin(main) * axes[1, 1]) == pytest.approx(1)
    alone = table[table["group"] == KINDS[3]]
    assert alone[["long", "short", "turn"]].isna().all(axis=None) and len(alone) == 1


def test_of_groups_with_one_middle_every_one_is_seen(study):
    table = study["tables"]["article_map"].assign(middle_x=0.1, middle_y=0.1)
    figure = figures.article_map.draw(table)
    middles = [one for one in figure.axes[0].collections if one.get_offsets().tolist() == [[0.1, 0.1]]]
    areas = [one.get_sizes()[0] for one in middles]
    assert len(areas) > 1 and all(below > 1.3 * above for below, above in pairwise(areas))


def test_a_mark_at_nothing_keeps_away_from_the_numbers_of_its_group(study):
    table = study["tables"]["group_shares"].assign(share=0.0, low=0.0)
    for kind in PAGES:
        figure = figures.group_shares.draw(table, "zh", kind)
        figure.canvas.draw()
        first = [axes for axes in figure.axes if axes.get_visible() and axes.get_subplotspec().is_first_col()]
        for axes in first:
            right = max(text.get_window_extent().x1 for text in axes.get_yticklabels())
            marks = [one.get_sizes()[0] for one in axes.collections[2::3]]
            reach = max(marks) ** 0.5 / 2 * figure.dpi / 72
            assert axes.transData.transform((0, 0))[0] - reach > right + 0.3 * reach, kind
        assert len(first) > 1


def test_colour_and_shape_both_tell_groups():
    for kind in PAGES:
        styles = looks.styles([*KINDS, "一组", "another"], kind).values()
        assert len({style.colour for style in styles}) == len({style.marker for style in styles}) == 6
        assert len({style.letter for style in styles}) == 6


@pytest.mark.parametrize("kind", PAGES)
def test_names_on_the_map_do_not_run_into_each_other(study, kind):
    shares, groups, names = made(60, 8, seed=2)
    table = figures.article_map.table(compare.article_map(compare.distances(shares)), groups, names, 14)
    assert 4 <= table["named"].sum() <= 14
    figure = figures.article_map.draw(table, "en", kind)
    boxes = boxes_of(figure, lambda text: text.get_text() in set(table["name"]))
    assert len(boxes) == table["named"].sum()
    for place, one in enumerate(boxes):
        assert not any(one.overlaps(other) for other in boxes[place + 1 :])
    middles = figure.axes[0].transData.transform(table[["middle_x", "middle_y"]].drop_duplicates())
    assert not any(box.contains(*spot) for box in boxes for spot in middles), "a name over a large mark"


def test_a_map_without_intervals_has_no_crosses(study):
    shares, groups, _ = made(9, 4)
    table = figures.article_map.table(compare.article_map(compare.distances(shares)), groups)
    assert table["name"].tolist() == list(shares.index) and table["x_low"].isna().all()
    figure = figures.article_map.draw(table)
    assert label("interval over passages", "en") not in entries(figure)


# shares by group


@pytest.mark.parametrize("language", ["en", "zh"])
def test_shares_by_group_are_read_back_from_their_panels(study, language):
    table = study["tables"]["group_shares"]
    panels = [axes for axes in figures.group_shares.draw(table, language).axes if axes.get_visible()]
    groups = table["group"].drop_duplicates().tolist()
    sizes = table.groupby("group")["articles"].first()
    assert groups == sorted(groups, key=lambda group: (-sizes[group], group))
    heads = [f"{label(group, language)}  {sizes[group]} / {sizes[group]}" for group in groups]
    assert ticks(panels[0].yaxis) == heads
    for axes, (topic, rows) in zip(panels, table.groupby("topic", sort=False), strict=True):
        seeds, held, *dots = axes.collections
        alone = (rows["articles"] < 2).tolist()
        assert ends(seeds) == rows[["run_low", "run_high"]].to_numpy().tolist()
        assert ends(held) == rows.loc[rows["articles"] >= 2, ["low", "high"]].to_numpy().tolist()
        for place, dot in enumerate(dots):
            assert dot.get_offsets().tolist() == [[rows["share"].iloc[place], place]]
            assert (dot.get_facecolor()[0].tolist() == [1, 1, 1, 1]) == alone[place]
        name = rows["zh" if language == "zh" else "en"].iloc[0]
        title = axes.get_title(loc="left").replace("\n", "" if language == "zh" else " ")
        assert title == (topic if name == topic else f"{topic} {name}")
        (test,) = texts(axes)
        assert test.startswith("* ") == (rows["bh"].iloc[0] < 0.05)
        assert axes.get_xlim()[0] == 0
    assert texts(panels[1]) == ["* <\u00a0.001 (.004)"]


def test_shares_by_group_of_one_run_without_tests_and_of_some_topics(study):
    table = figures.group_shares.table(study["by_group"], only=["T06", "T02"])
    assert table["topic"].drop_duplicates().tolist() == ["T02", "T06"]
    assert table[["run_low", "p"]].isna().all(axis=None)
    figure = figures.group_shares.draw(table)
    panels = [axes for axes in figure.axes if axes.get_visible()]
    assert [axes.get_title(loc="left") for axes in panels] == ["T02", "T06"]
    keys = "interval over witnesses", "one article", "witnesses"
    assert entries(figure) == [label(key, "en") for key in keys]


# distances between groups


@pytest.mark.parametrize("language", ["en", "zh"])
def test_distances_of_groups_are_read_back_with_what_chance_and_other_seeds_give(study, language):
    table = study["tables"]["group_distances"]
    assert table["distance"].is_monotonic_decreasing
    figure = figures.group_distances.draw(table, language)
    (axes,) = figure.axes
    names = [f"{label(row.group, language)} – {label(row.other, language)}" for row in table.itertuples()]
    assert [tick.replace("\n", " ").replace(" ", "") for tick in ticks(axes.yaxis)] == [
        name.replace(" ", "") for name in names
    ]
    held, chance, dots = axes.collections
    tested = table[table["p"].notna()]
    assert ends(held) == tested[["low", "high"]].to_numpy().tolist()
    assert ends(chance) == tested[["chance", "chance"]].to_numpy().tolist()
    assert dots.get_offsets().tolist() == [[far, place] for place, far in enumerate(table["distance"])]
    filled = [face.tolist() != [1, 1, 1, 1] for face in dots.get_facecolors()]
    assert filled == (table["bh"] < 0.05).tolist() and any(filled) and not all(filled)
    heading, *written = texts(axes)
    assert heading == "p (BH)" and len(written) == len(table)
    for text, p in zip(written, table["p"], strict=True):
        assert (text == label("not tested", language)) == (p != p) and ("(" in text) == (p == p)
    assert any(text.endswith("(<\u00a0.001)") for text in written)
    keys = "beyond chance", "within chance", "interval freed of chance", "shuffled groups"
    said = entries(figure)
    assert said[:4] == [label(key, language) for key in keys]
    sizes = pd.Series(study["groups"]).value_counts()
    whole = " ".join(said[4:]).replace("\u00a0", " ")
    assert all(f"{label(group, language)} {n} / {n}" in whole for group, n in sizes.items())


# all figures


@pytest.mark.parametrize("name", OF_STUDY)
def test_a_figure_is_redrawn_from_its_csv_with_the_same_bytes(study, name, tmp_path):
    table = study["tables"][name]
    table.to_csv(tmp_path / "table.csv", index=False)
    read = pd.read_csv(tmp_path / "table.csv", dtype=str)  # the harder way: no number is known as one
    first, again = (rendered(figures.FIGURES[name].draw(one, "zh")) for one in (table, read))
    assert np.array_equal(first, again)


def rendered(figure):
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].astype(int)


def boxes_of(figure, chosen):
    figure.draw_without_rendering()
    shown = [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()]
    return [text.get_window_extent() for text in shown if chosen(text)]


def world(articles, topics, groups, seed=3):
    """Tables of all figures for so many articles, topics and groups, with long names."""
    rng = np.random.default_rng(seed)
    shares, _, names = made(articles, topics, seed)
    kinds = [*looks.VOICES, "a long name of a kind of author that no study has"][:groups]
    of = {
        name: kinds[n] if n < groups else kinds[int(rng.integers(groups))]
        for n, name in enumerate(shares.index)
    }
    names = {key: f"{name}某某某报社评论员" for key, name in names.items()}
    labels = pd.DataFrame(
        [(name, f"A label of {name} and of what belongs to it", f"关于{name}以及与之相关的各种事务的名称") for name in shares],
        columns=["topic", "en", "zh"],
    )  # fmt: skip
    said = labels["topic"] + " " + labels["en"], labels["topic"] + " " + labels["zh"]
    apart, voices = compare.distances(shares), compare.grouped(shares, of)
    pairs = pd.DataFrame(
        [(one, other) for n, one in enumerate(kinds) for other in kinds[n + 1 :]], columns=["group", "other"]
    )
    pairs = pairs.assign(
        place=range(1, len(pairs) + 1), p=rng.uniform(0, 0.05, len(pairs)), chance=0.1, low=0.1, high=0.4
    )
    numbers = "run_low", "run_high", "run_p", "run_bh", "unbiased"
    pairs = pairs.assign(
        bh=pairs["p"] * 2, distance=0.3, articles=30, other_articles=20, witnesses=9.5, other_witnesses=8.25
    )
    shown = figures.group_shares.table(compare.group_shares(voices), labels=labels)
    ks = sorted({2, max(3, topics // 2), topics})
    flows = pd.DataFrame(
        [(k, f"T{i + 1:02d}", to, f"T{j + 1:02d}", mass)
         for k, to in pairwise(ks) for i, row in enumerate(rng.dirichlet(np.full(k * to, 0.3)).reshape(k, to)) for j, mass in enumerate(row)],
        columns=["K", "topic", "next_K", "next_topic", "mass"],
    )  # fmt: skip
    for part, end in (("of_topic", ["K", "topic"]), ("of_next", ["next_K", "next_topic"])):
        flows[part] = flows["mass"] / flows.groupby(end)["mass"].transform("sum").clip(lower=1e-12)
    called = {(k, f"T{n:02d}"): tuple(labels.loc[n - 1, ["en", "zh"]]) for k in ks for n in range(1, k + 1)}
    words = pd.DataFrame(
        [(t, n, f"主题词{n}", 0.2 / n) for t in shares for n in range(1, 9)],
        columns=["topic", "rank", "word", "weight"],
    )
    telling = pd.DataFrame(
        [(kind, 9, f"主题词{n}", 12.0 - n, 5.0) for kind in kinds for n in range(8)],
        columns=["group", "articles", "word", "z", "chance"],
    )
    return {
        "articles": figures.articles.table(shares, compare.tree(apart), of, names, labels),
        "article_map": figures.article_map.table(compare.article_map(apart), of, names),
        "group_shares": shown.assign(p=0.01, bh=0.04, run_low=shown["share"], run_high=shown["share"] * 1.2),
        "group_distances": pairs.assign(**dict.fromkeys(numbers, np.nan)),
        "lineage": arranged(flows, called).assign(reported=topics),
        "topic_words": words.assign(title=words["topic"].map(dict(zip(shares, said[0], strict=True))), title_zh=words["topic"].map(dict(zip(shares, said[1], strict=True)))),
        "stability": pd.DataFrame({"title": said[0], "title_zh": said[1], "top_words": np.linspace(1, 0, topics), "chance_top_words": 0.1}),
        "telling_words": telling,
        "lengths": figures.lengths.table(pd.DataFrame({"article": list(of), "han": rng.integers(80, 600, articles)})),
        "corpus": pd.DataFrame({"voice": list(of.values()), "year": [str(1978 + n % 43) if n % 7 else "" for n in range(articles)], "han": rng.integers(80, 14000, articles)}),
    }  # fmt: skip


EVIDENCE = [
    (score, k, k / 10, k / 20, k / 5, k / 30)
    for score in ("held_out", "npmi_passages", "agreement")
    for k in (5, 10, 20)
]
EVIDENCE = pd.DataFrame(EVIDENCE, columns=["score", "K", "mean", "lowest", "highest", "chance"])
# tables of the figures that need no model, or one alone
EARLIER = {name: table for name, table in world(30, 6, 5).items() if name not in OF_STUDY}
EARLIER["evidence"] = EVIDENCE
NAMES = [*OF_STUDY, *EARLIER]
LAWS = [name for name in NAMES if name != "evidence"]
# those of time and of universes are held against the laws as the studies have them; readers are drawn in test_validate
AS_SAVED = dict.fromkeys(("effect_sizes", "over_years", "rising_words"), "studies/government_reports")
AS_SAVED |= {"multiverse": "."}


def test_no_figure_is_without_laws():
    assert set(figures.FIGURES) == {*NAMES, *AS_SAVED, "readers"}


# Many panels take seconds to lay out: each page with one size, each size on one page; a page without colours is looked at for both of its laws


@pytest.mark.parametrize("kind", ["single", "journal-zh"])
@pytest.mark.parametrize("name", AS_SAVED)
def test_a_saved_figure_can_be_printed(name, kind):
    prints(name, table_of(ROOT / AS_SAVED[name] / "figures" / f"{name}.csv"), kind)


@pytest.fixture(scope="module")
def large():
    return world(450, 40, 9)


@pytest.fixture(scope="module")
def small():
    return world(4, 5, 2)


@pytest.fixture(scope="module")
def yearly():
    return world(43, 14, 4)


@pytest.mark.parametrize("name", LAWS)
@pytest.mark.parametrize(("size", "kind"), [("small", "slide"), ("yearly", "double"), ("large", "single")])
def test_whatever_its_size_a_figure_can_be_printed(name, size, kind, request):
    prints(name, request.getfixturevalue(size)[name], kind)


@pytest.mark.parametrize("name", OF_STUDY)
def test_a_figure_is_written_whole(study, small, name, tmp_path):
    """What other figures write is looked at in test_shown and test_figures_time; in copies of notebooks the pdf is left out."""
    table = (study["tables"] if name == "group_distances" else small)[name]
    figures.FIGURES[name].of(table).save(tmp_path / name)
    for end in (".pdf", ".zh.pdf"):
        file = (tmp_path / f"{name}{end}").read_bytes()
        assert file.startswith(b"%PDF-1") and file.rstrip().endswith(b"%%EOF") and b"FontFile2" in file
    for end in (".png", ".zh.png"):
        with Image.open(tmp_path / f"{name}{end}") as image:
            assert image.info["dpi"] == pytest.approx((300, 300), abs=0.1) and image.text["Description"]


@pytest.mark.parametrize("name", NAMES)
def test_a_figure_of_the_study_can_be_printed_without_colours(study, name):
    prints(name, {**study["tables"], **EARLIER}[name], "journal-zh")


def prints(name, table, kind):
    """A figure is as wide as its page and no higher; nothing is cut off, too small to read, or over something else; dots are whole, and a
    journal without colours has none."""
    figure = figures.FIGURES[name].of(table).draw("zh" if kind in ("journal-zh", "slide") else "en", kind)
    paper = looks.PRESETS[kind]
    wide, high = (side * 25.4 for side in figure.get_size_inches())
    assert wide == pytest.approx(paper.width) and high <= paper.height + 0.2
    shown, pixels = drawn_texts(figure, rendered if kind == "journal-zh" else Drawing.draw_without_rendering)
    assert kind != "journal-zh" or hue_of(pixels) < 25
    assert min(text.get_fontsize() for text in shown) >= 6 - 1e-9
    sheet, point = figure.bbox, figure.dpi / 72
    for text in shown:
        box = text.get_window_extent()
        inside = min(box.x0, box.y0) >= -point
        inside = inside and box.x1 <= sheet.x1 + point and box.y1 <= sheet.y1 + point
        assert inside, f"cut off: {text.get_text()!r}"
    level = [text for text in shown if text.get_rotation() in (0, 90)]
    boxes = [text.get_window_extent().padded(-0.7 * point) for text in level]
    for place, one in enumerate(boxes):
        for other, box in enumerate(boxes[place + 1 :], place + 1):
            assert not one.overlaps(box), f"{level[place].get_text()!r} over {level[other].get_text()!r}"
    for dots in figure.findobj(PathCollection):
        spots = dots.get_offset_transform().transform(np.ma.filled(dots.get_offsets(), np.nan))
        spots = spots[~np.isnan(spots).any(axis=1)] if len(dots.get_sizes()) else spots[:0]
        if not len(spots):
            continue
        half = np.sqrt(dots.get_sizes().max()) / 2 * point
        frame = dots.axes.bbox if dots.get_clip_on() else sheet
        assert (spots >= [frame.x0 + half, frame.y0 + half]).all()
        assert (spots <= [frame.x1 - half, frame.y1 - half]).all()


def drawn_texts(figure, way):
    """The texts that are really drawn, and the pixels where that is the way."""
    found, draw = [], Text.draw

    def noted(self, *given, **more):
        if self.get_visible() and self.get_text().strip():
            found.append(self)
        return draw(self, *given, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Text, "draw", noted)
        figure.set_dpi(144)
        pixels = way(figure)
    return list(dict.fromkeys(found)), pixels


def test_other_pages_have_hues(study):
    assert hue_of(rendered(figures.article_map.draw(study["tables"]["article_map"]))) > 60


def hue_of(pixels):
    return (pixels.max(axis=-1) - pixels.min(axis=-1)).max()


@pytest.mark.parametrize("kind", PAGES)
def test_shares_grow_darker_without_a_turn(kind):
    lightness = (looks.shades(kind)(np.linspace(0, 1, 200))[:, :3] ** 2.2) @ [0.2126, 0.7152, 0.0722]
    assert (np.diff(lightness) < 0).all() and lightness[0] == pytest.approx(1) and lightness[-1] < 0.03


def test_topics_and_voices_have_one_colour_in_every_figure():
    assert looks.topic_colour(2) == looks.topic_colour(2, "slide") != looks.topic_colour(2, "journal-zh")
    for voices in (KINDS, KINDS[1:], [*KINDS, "新的一类"]):
        styles = looks.styles(voices, "double")
        wanted = {v: looks.PALETTE[looks.VOICES.index(v)] for v in voices[:3]}
        assert {voice: styles[voice].colour for voice in voices[:3]} == wanted


@pytest.mark.parametrize("name", [*NAMES, "lengths"])
def test_a_table_of_another_kind_is_refused_by_the_names_of_its_missing_columns(name):
    with pytest.raises(Refused) as refused:
        figures.FIGURES[name].draw(pd.DataFrame({"topic": ["T01"], "group": ["a"], "weight": [1.0]}))
    (problem,) = refused.value.problems
    assert problem.where == f"figures.{name}.draw(table)" and problem.came.startswith("no column ")
    first = problem.came.removeprefix("no column ").split(", ")[0]
    assert first in problem.allowed


def test_what_stands_in_for_a_number_is_refused_and_so_is_an_empty_table(study):
    table = study["tables"]["group_distances"].astype({"distance": object})
    table.loc[2, "distance"] = "far"
    refuses("'far'", figures.group_distances.draw, table)
    refuses("without rows", figures.group_distances.draw, table.head(0))
    refuses("one row an article and topic", figures.articles.draw, study["tables"]["articles"].drop(index=5))


def test_topics_and_labels_that_do_not_exist_are_refused(study):
    shares, tree, groups = study["shares"], study["tree"], study["groups"]
    refuses("T99", figures.articles.table, shares, tree, groups, only=["T01", "T99"])
    strange = pd.DataFrame({"topic": ["T42"], "en": ["x"], "zh": ["某"]})
    refuses("T42", figures.articles.table, shares, tree, groups, labels=strange)
    refuses("T42", figures.group_shares.table, study["by_group"], labels=strange)
    refuses("zh", figures.group_shares.table, study["by_group"], labels=strange.drop(columns="zh"))


def test_tables_of_other_articles_or_another_run_are_refused(study):
    shares, tree, groups = study["shares"], study["tree"], study["groups"]
    refuses("000-3", figures.articles.table, shares.drop(index="000-3"), tree, groups)
    refuses("groups for other", figures.articles.table, shares, tree, {"other": "a"})
    by_group, pairs = study["by_group"], study["pairs"]
    other = runs(by_group, "share")
    other.loc[4, "share"] += 0.01
    refuses("same run", figures.group_shares.table, by_group, other)
    with pytest.raises(Refused, match="nothing"):
        figures.group_distances.table(pairs, runs(pairs, "distance").drop(index=0))
    refuses("T03", figures.group_shares.table, by_group, tests=study["tests"].drop(index=2))
    refuses("run_low", figures.group_distances.table, pairs, pairs)


@pytest.mark.parametrize("name", OF_STUDY)
def test_sentences_hold_numbers_of_their_table(study, name):
    table = study["tables"][name]
    wanted = {
        "articles": ["26", "7"],
        "article_map": ["26", f"{table['x_share'].iloc[0]:.0%}"] if name == "article_map" else [],
        "group_shares": ["7", "T02"],
        "group_distances": ["6", "3"],
    }[name]
    english, chinese = figures.FIGURES[name].says(table)
    for sentence, language in ((english, "en"), (chinese, "zh")):
        assert all(number in sentence for number in wanted), sentence
        assert not any(key in sentence for key in KINDS)
        if name.startswith("group"):
            named = table[table["extreme"] != ""]
            assert all(label(key, language) in sentence for key in named["group"])


def planted(articles=8):
    """Two groups of even articles; T01 stands out nowhere, T02 in group a through all its articles."""
    ids = [f"{group}{n}" for group in "ab" for n in range(articles)]
    rows = [[0.1, 0.35, 0.25, 0.3]] * articles + [[0.1, 0.2, 0.4, 0.3]] * articles
    shares = pd.DataFrame(rows, ids, ["T01", "T02", "T03", "T04"])
    return shares, {name: name[0] for name in ids}


def read(shares, groups, only=("T01", "T02"), **given):
    voices = compare.grouped(shares, groups, **given)
    table = figures.group_shares.table(compare.group_shares(voices), only=only, voices=voices)
    pairs = figures.group_distances.table(
        compare.group_distances(voices, draws=100, intervals=100), voices=voices
    )
    return table, pairs


def test_an_extreme_that_one_article_or_few_witnesses_make_is_not_named():
    shares, groups = planted()
    table, _ = read(shares, groups)
    assert table.loc[table["extreme"] == "most", ["topic", "group"]].values.tolist() == [["T02", "a"]]
    english, chinese = figures.group_shares.says(table)
    assert "T02 with a, 35%" in english and "a中的T02，35%" in chinese
    shares, groups = planted(4)
    shares.loc["b0"] = [0.97, 0.01, 0.01, 0.01]  # T01 has .32 in b, .1 without this article
    shares.loc["a0":"a3"] = [0.1, 0.3, 0.3, 0.3]
    table, _ = read(shares, groups)
    assert table.loc[table["share"].idxmax(), "group"] == "b" and (table["extreme"] == "").all()
    assert not any(word in "".join(figures.group_shares.says(table)) for word in ("largest", "最高"))
    shares, groups = planted()
    table, _ = read(shares, groups, within={name: name[0] + str(int(name[1]) % 3) for name in shares.index})
    assert (table["extreme"] == "").all() and table["witnesses"].max() < 4


def test_the_heat_map_names_a_topic_only_if_no_single_article_makes_it_the_largest():
    shares, groups = planted(3)
    shares.loc["b0"] = [0.9, 0.04, 0.03, 0.03]
    for one, said in ((shares, ()), (planted(3)[0].assign(T01=0.0, T04=0.4), ("T04", "40%"))):
        one = one.div(one.sum(axis=1), axis=0)
        table = figures.articles.table(one, compare.tree(compare.distances(one)), groups)
        for sentence, word in zip(figures.articles.says(table), ("largest", "最高"), strict=True):
            assert (word in sentence) == bool(said) and all(part in sentence for part in said)


def test_extremes_stay_whatever_is_left_out():
    may = np.array([True, True, True, False])
    as_is = [0.5, 0.2, 0.1, 0.9]
    assert extremes_of([as_is, [0.4, 0.3, 0.1, 0.0]], may) == ["most", "", "least", ""]
    assert extremes_of([as_is, [0.2, 0.3, 0.1, 0.0]], may) == ["", "", "least", ""]
    assert extremes_of([as_is, [0.2, 0.2, 0.1, 0.0]], may) == ["", "", "least", ""]  # a tie is no extreme
    assert extremes_of([as_is, [0.4, 0.3, np.nan, 0.0]], may) == ["", "", "", ""]
    assert extremes_of([as_is], may & [True, False, False, False]) == [""] * 4


def extremes_of(tables, may):
    return extremes(np.array(tables), may)


def test_farthest_and_nearest_pairs_are_named_only_if_every_article_leaves_them_so():
    rng = np.random.default_rng(2)
    ids = [f"{group}{n}" for group in "abc" for n in range(8)]
    shares = pd.DataFrame(rng.dirichlet(np.ones(4) * 20, len(ids)), ids, ["T01", "T02", "T03", "T04"])
    shares.loc["c0":"c7"] = [0.9, 0.05, 0.03, 0.02]
    groups = {name: name[0] for name in ids}
    _, pairs = read(shares, groups)
    assert pairs.set_index(["group", "other"]).loc[("a", "b"), "extreme"] == "least"
    voices = compare.grouped(shares, groups)
    for left in ids:
        fewer = shares.drop(index=left)
        means = fewer.groupby([groups[name] for name in fewer.index]).mean()
        apart = compare.distances(means)
        found = {(one, other): apart.loc[one, other] for one, other in (("a", "b"), ("a", "c"), ("b", "c"))}
        assert min(found, key=found.get) == ("a", "b")
    other = compare.grouped(shares.set_axis(ids[::-1], axis=0), groups)
    with pytest.raises(Refused, match="same run"):
        figures.group_distances.table(compare.group_distances(voices, 100, 100), voices=other)


def test_what_holds_in_every_run_what_is_not_found_and_what_would_have_been_found_are_said(study):
    tests = study["tests"].assign(bh=0.2, run_bh=0.4, run_p=0.3, not_found=0, runs=4)
    tests.loc[[1, 2], "bh"], tests.loc[1, "run_bh"], tests.loc[3, "not_found"] = 0.01, 0.02, 2
    differences = pd.DataFrame(
        {
            "topic": study["shares"].columns.repeat(2),
            "detectable": [0.9, 0.14] * 6 + [0.3, 0.21],
            "undetectable": "",
        }
    )
    table = figures.group_shares.table(
        study["by_group"], None, tests, study["labels"], None, differences=differences
    )
    assert table.groupby("topic")["detectable"].first().tolist() == [0.14] * 6 + [0.21]
    english, chinese = figures.group_shares.says(table)
    assert (
        "Groups differ in 1 of them beyond chance in every run that has the topic (in the one that is shown: 2; BH"
        in english
    )
    assert "有1个主题的组间差异在每次找到该主题的运行中都超出随机水平（所示运行中为2个；" in chinese
    whole = table.assign(not_found=0)
    assert "beyond chance in every run (in the one that is shown: 2" in figures.group_shares.says(whole)[0]
    assert "by 14 to 21 points" in english and "14至21个百分点" in chinese
    assert "T04 (2)" in english and "T04（2）" in chinese
    figure = figures.group_shares.draw(table)
    titles = [axes.get_title(loc="left").split(" ")[0] for axes in figure.axes if axes.get_visible()]
    assert titles == ["T01", "T02", "T03", "T04‡", "T05", "T06", "T07"]
    # it is another sign than that of topics which readers did not see, whose names are greyed
    shown = figures.group_shares.of(table).draw()
    assert not [text for text in shown.findobj(Text) if text.get_text() and text.get_color() == "0.6"]
    starred = [axes.texts[0].get_text()[0] == "*" for axes in figure.axes if axes.get_visible()]
    assert starred == [False, True, *[False] * 5]
    pairs = study["pairs"].copy()
    pairs.loc[pairs["p"].notna(), "bh"] = [0.01, 0.4, 0.02]
    over = runs(pairs, "distance").assign(run_p=pairs["p"], run_bh=pairs["bh"].replace({0.01: 0.3}))
    told = figures.group_distances.says(figures.group_distances.table(pairs, over))
    assert (
        "1 of 3 pairs tested is farther apart than chance in every run (in the one that is shown: 2; BH"
        in told[0]
    )
    assert "有1对的距离在每次运行中都超出随机水平（所示运行中为2个；" in told[1]
    table = figures.group_distances.table(pairs, over).assign(detectable=np.nan, undetectable="")
    tried = table.index[table["p"].notna() & ~(table["run_bh"] < 0.05)]
    table.loc[tried[0], "detectable"], table.loc[tried[1], "undetectable"] = 0.4, "no p below 0.1 is possible"
    english, chinese = figures.group_distances.says(table)  # the others are not all told by those of a size
    assert "1 of the others would have to be 0.40 apart. 1 would not be found at any distance" in english
    assert "有1对的距离须达0.40" in chinese and "有1对，无论距离多大都不会被发现" in chinese


def test_one_pair_that_is_not_tested_is_one(study):
    table = study["tables"]["group_distances"]
    one = pd.concat([table[table["p"].notna()], table[table["p"].isna()].head(1)], ignore_index=True)
    assert (
        "1 pair holds a group of too few witnesses and is not tested." in figures.group_distances.says(one)[0]
    )
    assert "3 pairs hold a group" in figures.group_distances.says(table)[0]


def test_groups_of_few_witnesses_are_shown_not_tested_and_the_numbers_say_so():
    shares, groups, _ = made()
    who = {
        name: f"{groups[name]}-{n % 2 if groups[name] == 'interview' else n}"
        for n, name in enumerate(shares.index)
    }
    voices = compare.grouped(shares, groups, within=who)
    table = figures.group_shares.table(compare.group_shares(voices))
    assert set(table.loc[~table["tested"], "group"]) == {"interview", "local_official"}
    assert (table["low"].isna() == ~table["tested"]).all()
    figure = figures.group_shares.draw(table, "zh")
    row = table[table["group"] == "interview"].iloc[0]
    assert f"{label('interview', 'zh')}  {row['articles']} / {row['witnesses']:.1f}".removesuffix(
        ".0"
    ) in ticks(figure.axes[0].yaxis)
    said = " ".join(entries(figure))
    assert label("few witnesses", "zh") in said and label("witnesses", "zh") in said
    english, chinese = figures.group_shares.says(table)
    assert "2 groups of fewer than three witnesses are shown and not tested" in english
    assert "2组独立来源不足三个，仅展示，未检验" in chinese


def test_no_group_is_drawn_as_the_star_that_marks_a_finding():
    names = [*looks.VOICES, *(f"group {n}" for n in range(20))]
    assert "*" not in {style.marker for style in looks.styles(names, "double").values()}


def test_a_line_is_as_wide_as_its_pieces_are_together():
    font = FontProperties(fname=str(font_file()), size=8)
    for line in ("T01 新质生产力与AI", "“Work elsewhere”，2012：规划（一）", "T10 of report-0040 〇一 ffl"):
        whole = text_to_path.get_text_width_height_descent(line, font, ismath=False)[0]
        assert letters.text_width(line, 8) == pytest.approx(whole, rel=1e-12)


def test_texts_are_broken_and_shortened_to_fit():
    cases = (("T01 Modern industrial system", 2), ("T01 战略性新兴产业与未来产业", 2), ("Unbreakable" * 4, 3))
    for text, lines in cases:
        fitted = letters.broken(text, 60, 7, lines)
        assert letters.widest([fitted], 7) <= 60 and fitted.count("\n") < lines
        if "…" not in fitted:
            assert fitted.replace("\n", "").replace(" ", "") == text.replace(" ", "")
    assert letters.shortened("短", 60, 7) == "短"


@pytest.mark.parametrize(
    ("text", "points", "lines"),
    [
        ("T02 绿色发展与金融支持", 60, "T02 绿色发展与|金融支持"),
        ("T09 马克思主义生产力理论", 60, "T09 马克思主义|生产力理论"),
        ("T12 庆阳地方项目落实", 60, "T12 庆阳地方|项目落实"),
        ("T03 现代化道路与国家方略", 60, "T03 现代化道路与|国家方略"),
        ("T01 城市、乡村的治理", 44, "T01 城市、|乡村的治理"),
        ("T05 Talent and institutional reform", 80, "T05 Talent and|institutional reform"),
        ("T05 Talent", 80, "T05 Talent"),
        ("T05 变革·生产力·科技进步", 60, "T05 变革·|生产力·科技进步"),
        ("T20 决定·public·domain", 80, "T20 决定·|public·domain"),
    ],
)
def test_titles_break_where_words_end_in_as_few_lines_as_can_be(text, points, lines):
    assert letters.broken(text, points, 7, 3) == lines.replace("|", "\n")


@pytest.mark.parametrize("kind", ["single", "double"])
@pytest.mark.parametrize("sign", [1, -1])
def test_the_article_that_the_sentence_names_has_its_name_inside_the_map(sign, kind):
    rng = np.random.default_rng(4)
    spots = pd.DataFrame(rng.normal(0, 0.1, (40, 2)), columns=["x", "y"])
    spots.loc[[37, 38, 39]] = [[0.55, 0.0], [0.57, 0.005], [0.6, 0.0]]
    spots["x"] *= sign
    spots.insert(0, "article", [f"a{n:02d}" for n in range(40)])
    axes = pd.DataFrame({"axis": ["x", "y"], "share": [0.3, 0.2]})
    found = SimpleNamespace(points=spots.assign(shown=0.5), axes=axes)
    names = {name: f"{name} 很长的名字" for name in spots["article"]}
    table = figures.article_map.table(found, dict.fromkeys(spots["article"], "academic"), names, 5)
    far = table[table["article"] == "a39"].iloc[0]
    assert far["named"] and far["side"] == ("right" if sign > 0 else "left")
    assert all(far["name"] in sentence for sentence in figures.article_map.says(table))
    figure = figures.article_map.draw(table, "zh", kind)
    (box,) = boxes_of(figure, lambda text: text.get_text() == far["name"])
    frame = figure.axes[0].get_window_extent()
    assert frame.x0 <= box.x0 and box.x1 <= frame.x1
