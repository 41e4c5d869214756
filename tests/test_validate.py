"""Readers: planted topics are seen by who knows them and not by who guesses; answers outlive a kill; nothing that is shown says what is right."""

import csv
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections import defaultdict, namedtuple
from pathlib import Path

import krippendorff
import numpy as np
import pandas as pd
import pytest
from conftest import refuses
from openpyxl import load_workbook
from scipy.sparse import csr_array
from worlds import of_one_topic_each as planted
from worlds import run_of

from nqp_topics import cli, figures, validate
from nqp_topics.counts import Counts, save
from nqp_topics.naming import labels_of_study
from nqp_topics.study import Refused, load
from nqp_topics.topics import train
from nqp_topics.validate import sealed
from nqp_topics.validate.score import DRAWS, _alpha, alpha, wilson
from nqp_topics.validate.tasks import CHOICES

ROOT = Path(__file__).resolve().parents[1]
CHROMIUM = next((found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), "")  # fmt: skip


@pytest.fixture(scope="module")
def world():
    counts = planted()
    run = train(counts, 6, 1, chains=4, sweeps=30)
    labels = pd.DataFrame(
        {"topic": run.names, "zh": [f"名{n}" for n in range(6)], "en": [f"name {n}" for n in range(6)]}
    )
    tasks = validate.draw(run, counts, labels, each={"words": 5, "passages": 3, "labels": 3, "ratings": 4})
    return counts, run, labels, tasks


def of_habits(seed, witnesses=6):
    """Six who wrote five articles each, of topics that they like; how often they use the first word of the first topic is a way of theirs too."""
    rng, shares, rows, articles, who = np.random.default_rng(seed), [], [], [], {}
    for witness in range(witnesses):
        likes, way = rng.dirichlet([2.0] * 3), rng.normal(0, 1.0)
        for _ in range(5):
            who[name := f"a{len(who):04d}"] = f"w{witness}"
            words = np.array([[0.4 * np.exp(way), 1, 1, 1], [0.02, 3, 1, 1], [0.02, 1, 3, 1]])
            words /= words.sum(axis=1, keepdims=True)
            for _ in range(4):
                shares.append(rng.dirichlet(3 * likes))
                rows.append(rng.multinomial(60, shares[-1] @ words))
                articles.append(name)
    counts = Counts(
        [f"{name}-{n}" for n, name in enumerate(articles)],
        list("词0 词1 词2 词3".split()),
        csr_array(np.array(rows)),
        articles,
    )
    return run_of(counts, words, np.array(shares)), counts, who


def texts_of(counts):
    return pd.DataFrame({"id": list(counts.ids), "text": [f"段落<{name}>的文字。" for name in counts.ids]})


def coder(world, name, knows, seed=1):
    """The answers of somebody who knows the model, or of one who guesses."""
    _, run, labels, tasks = world
    draws = np.random.default_rng(seed)
    called = dict(zip(labels["topic"], labels["zh"], strict=True))
    rows = []
    for item, topic in zip(tasks.items.to_dict("records"), tasks.key["topic"], strict=True):
        choices = [item[choice] for choice in CHOICES if item[choice]]
        if not knows:
            answer = draws.integers(1, len(choices) + 1)
        elif item["task"] == "words":
            answer = 1 + np.argmin([run.words.loc[word, topic] for word in choices])
        elif item["task"] == "passages":
            answer = 1 + np.argmin([run.passages.loc[one, topic] for one in choices])
        elif item["task"] == "labels":
            best = run.passages.loc[item["passage"]].idxmax()
            answer = 1 + choices.index(called[best])
        else:
            answer = np.clip(round(1 + 4 * run.passages.loc[item["passage"], topic]), 1, 5)
        rows.append([name, item["item"], int(answer)])
    return pd.DataFrame(rows, columns=["coder", "item", "answer"])


def all_rows(found):
    return found.precision[found.precision["topic"] == "all"].set_index("task")


# what is asked


def test_the_same_seed_draws_the_same_tasks_and_another_others(world):
    counts, run, labels, tasks = world
    again = validate.draw(run, counts, labels, each={"words": 5, "passages": 3, "labels": 3, "ratings": 4})
    pd.testing.assert_frame_equal(again.items, tasks.items)
    pd.testing.assert_frame_equal(again.key, tasks.key)
    other = validate.draw(run, counts, labels, 2, each={"words": 5, "passages": 3, "labels": 3, "ratings": 4})
    assert not other.items.equals(tasks.items)


def test_every_topic_is_asked_about_as_often_and_right_places_are_spread(world):
    tasks = world[3]
    asked = tasks.key.assign(task=tasks.items["task"]).groupby(["task", "topic"]).size().unstack()
    assert asked.loc["words"].eq(5).all()
    assert asked.loc["passages"].eq(3).all()
    assert asked.loc["ratings"].eq(4).all()
    items = tasks.items.set_index("item")
    for task, choices in (("words", 6), ("passages", 3), ("labels", 4)):
        rows = items[items["task"] == task]
        assert (rows[CHOICES] != "").sum(axis=1).eq(choices).all()
        assert all(len(set(row)) == choices for row in rows[CHOICES[:choices]].to_numpy())
        places = tasks.key.set_index("item").loc[rows.index, "answer"]
        assert places.between(1, choices).all() and places.nunique() >= choices - 1
    assert tasks.key.loc[tasks.items["task"] == "ratings", "answer"].eq(0).all()


def test_nothing_that_is_shown_holds_the_key(world, tmp_path):
    """A page or sheet of the same items is the same whatever the key says."""
    counts, _, _, tasks = world
    other = tasks._replace(key=tasks.key.assign(answer=1, topic="T01", share=0.5), run="f" * 64, seed=9)
    for one in (None, texts_of(counts)):
        page = validate.page(tasks, one)
        assert page == validate.page(other, one) and not re.search(r"\bT0\d\b", page)
        for number, given in enumerate((tasks, other)):
            validate.write_sheet(given, tmp_path / f"{number}.xlsx", one)
        assert (tmp_path / "0.xlsx").read_bytes() == (tmp_path / "1.xlsx").read_bytes()


def test_without_texts_only_words_are_asked_and_a_missing_text_is_refused(world):
    counts, _, _, tasks = world
    assert set(validate.shown(tasks.items, None)["task"]) == {"words"}
    with pytest.raises(Refused, match="passages without a text"):
        validate.shown(tasks.items, texts_of(counts).iloc[:3])
    full = validate.shown(tasks.items, texts_of(counts))
    assert full.loc[full["task"] == "passages", "choice_1"].str.startswith("段落<").all()


def test_twelve_topics_take_a_reader_under_twenty_minutes():
    counts = planted(12, 480, 240)
    run = train(counts, 12, 1, chains=1, sweeps=30)
    labels = pd.DataFrame({"topic": run.names, "zh": "四字标签", "en": "label"})
    labels["zh"] += labels["topic"]
    texts = pd.DataFrame({"id": list(counts.ids), "text": "字" * 140})  # 20 tokens of a passage of the study
    seen = validate.shown(validate.draw(run, counts, labels).items, texts)
    assert validate.minutes(seen) < 20
    labels.loc[1:3, "zh"] = labels["zh"][0]
    refuses("readers are asked to tell them apart", validate.draw, run, counts, labels)
    validate.draw(run, counts, labels, each={"words": 1})


# what answers say


def test_who_knows_the_topics_is_right_and_who_guesses_is_not(world):
    tasks = world[3]
    knows = pd.concat([coder(world, "a", True), coder(world, "b", True)])
    found = validate.score(knows, tasks)
    assert (all_rows(found)["right"] >= 0.98).all()
    assert (all_rows(found)["p"] < 0.001).all()
    assert not found.unseen
    assert (found.agreement["alpha"] > 0.98).all() and found.grades["rho"].iloc[0] > 0.9
    rights = [all_rows(validate.score(coder(world, "c", False, seed), tasks)) for seed in range(20)]
    words = np.array([rows.loc["words", "right"] for rows in rights])
    assert abs(words.mean() - 1 / 6) < 3 * np.sqrt(5 / 36 / (20 * 30))
    assert np.mean([rows.loc["all", "p"] < 0.05 for rows in rights]) <= 0.15


def test_shuffled_topics_are_at_chance(world):
    """Somebody who knows the true topics, asked about items whose right places belong to others."""
    _, _, _, tasks = world
    knows = coder(world, "a", True)
    asked = tasks.items["task"] == "words"
    rights = []
    for seed in range(20):  # of 600 answers .05 is more than three standard errors
        key = tasks.key.copy()
        key.loc[asked, "answer"] = np.random.default_rng(seed).integers(1, 7, asked.sum())
        rights.append(all_rows(validate.score(knows, tasks._replace(key=key))).loc["words", "right"])
    assert abs(np.mean(rights) - 1 / 6) < 0.05


def test_readers_who_guess_alike_are_no_evidence(world):
    """Two who copy from each other are right twice as often together: guessing does as well as often as with one."""
    tasks = world[3]
    alone = coder(world, "a", False, 3)
    both = pd.concat([alone, alone.assign(coder="b")])
    for task in ("words", "all"):
        one, two = (all_rows(validate.score(rows, tasks)).loc[task] for rows in (alone, both))
        assert one["p"] == pytest.approx(two["p"], abs=1e-9) and one["low"] == pytest.approx(two["low"])


def test_readers_who_agree_for_other_reasons_find_nothing_and_who_see_are_found(monkeypatch):
    """Hard items, good readers, items that draw all readers to one choice: the size is .05 whatever readers have in common, and more for who takes answers for independent."""
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    monkeypatch.setattr(sys.modules["nqp_topics.validate.score"], "DRAWS", 2)  # alpha is not looked at
    from coverage_readers import readers

    cell = namedtuple("cell", ["ours", "naive", "wide", "naive_wide"])
    found = defaultdict(lambda: cell([], [], [], []))
    for seed in range(50):
        readers(found, seed)
    rows = {(kind, case): cell for (_, kind, _, case), cell in found.items()}
    none = rows["test", "who see nothing, all topics"]
    assert np.mean(none.ours) <= 0.12 and np.mean(none.ours) < np.mean(none.naive)
    assert np.mean(rows["test", "who see nothing, one topic"].ours) <= 0.07
    assert np.mean(rows["power", "who are right in .6, all topics"].ours) == 1
    assert np.mean(rows["interval", "who are right in .6, right"].ours) >= 0.9


def test_the_interval_of_right_answers_covers():
    draws, covers = np.random.default_rng(1), []
    for _ in range(400):
        hard = draws.beta(4, 2, 40)  # items differ, and two readers share them
        right = np.mean([draws.random(40) < hard, draws.random(40) < hard])
        low, high = wilson(right, 40, 0.95)
        covers.append(low <= 4 / 6 <= high)
    assert np.mean(covers) >= 0.93


def test_the_chance_of_guessing_is_that_of_all_ways_to_guess(world):
    tasks = world[3]
    items = tasks.items[tasks.items["task"] == "passages"]["item"].iloc[:5].tolist()
    answers = pd.concat([coder(world, name, False, seed) for seed, name in enumerate("ab")])
    answers = answers[answers["item"].isin(items)]
    found = all_rows(validate.score(answers, tasks)).loc["passages"]
    right, as_many = found["right"] * found["answers"], 0
    by_item = [answers.loc[answers["item"] == item, "answer"].to_numpy() for item in items]
    for code in range(3**5):
        places = [code // 3**place % 3 + 1 for place in range(5)]
        as_many += (
            sum(int((one == place).sum()) for one, place in zip(by_item, places, strict=True)) >= right - 1e-9
        )
    assert found["p"] == pytest.approx(as_many / 3**5)


def test_agreement_on_few_items_has_a_wide_interval_and_on_nine_or_of_one_answer_none():
    rng = np.random.default_rng(4)
    answers = [rng.integers(1, 5, 12) for _ in range(2)]
    answers[1][:8] = answers[0][:8]
    both = [
        pd.DataFrame({"coder": who, "item": range(12), "answer": of})
        for who, of in zip("ab", answers, strict=True)
    ]
    table = pd.concat(both)
    _, items, _, low, high = _alpha(table, "words", 0.95, 1)
    counted = pd.crosstab(table["item"], table["answer"]).to_numpy()
    again = np.random.default_rng([1, 21]).integers(0, 12, (DRAWS, 12))
    plain = np.nanpercentile([alpha(counted[rows], "words") for rows in again], [2.5, 97.5])
    assert items == 12 and low < plain[0] - 0.02 and high >= plain[1]  # which hold the truth in .86 to .92
    assert np.isnan(_alpha(table[table["item"] < 9], "words", 0.95, 1)[-2:]).all()
    same = [table.assign(answer=np.where(table["item"] < rare, 2, 1)) for rare in (2, 3)]
    assert [np.isnan(_alpha(part, "words", 0.95, 1)[-1]) for part in same] == [True, False]


def test_alpha_is_that_of_the_package():
    draws = np.random.default_rng(2)
    for kind, task in (("nominal", "words"), ("ordinal", "ratings")):
        answers = draws.integers(1, 6, (3, 20)).astype(float)
        answers[draws.random((3, 20)) < 0.1] = np.nan
        counted = np.array([[np.nansum(column == value) for value in range(1, 6)] for column in answers.T])
        theirs = krippendorff.alpha(
            reliability_data=answers, level_of_measurement=kind, value_domain=[1, 2, 3, 4, 5]
        )
        assert alpha(counted, task) == pytest.approx(theirs, abs=1e-9)
    assert np.isnan(alpha(np.array([[2, 0], [2, 0]]), "words"))


def test_a_topic_that_readers_do_not_see_is_below_the_line_and_greyed(world, tmp_path, monkeypatch):
    _, run, labels, tasks = world
    knows = pd.concat([coder(world, "a", True), coder(world, "b", True)])
    strange = set(tasks.key.loc[tasks.key["topic"] == "T03", "item"])
    key = dict(zip(tasks.key["item"], tasks.key["answer"], strict=True))
    wrong = knows["item"].isin(strange)
    knows.loc[wrong, "answer"] = [1 + key[item] % 3 for item in knows.loc[wrong, "item"]]
    found = validate.score(knows, tasks)
    assert found.unseen == ["T03"] and not validate.score(knows, tasks, line=0).unseen
    shown = figures.readers(found, labels)
    assert "T03" in shown.sentences[0] and "T03" in shown.sentences[1]
    lost = shown.table.assign(seen=~shown.table["topic"].isin(["T02", "T03"]))
    nothing = lost.assign(alpha=0.5, alpha_low=np.nan)
    assert "α 0.50" in figures.readers.says(nothing)[0] and "nan" not in figures.readers.says(nothing)[0]
    assert re.search(r"claimed of them: T0[23], T0[23]\.$", figures.readers.says(lost)[0])
    (axes,) = shown.draw("zh").axes
    dots = [
        tuple(np.round(one.get_offsets()[0], 9))
        for one in axes.collections
        if len(one.get_offsets()) == 1 and hasattr(one, "get_sizes")
    ]
    assert [x for x, _ in dots] == np.round(shown.table["right"], 9).tolist()
    # in the study's figures
    folder = tmp_path / "study"
    (folder / "validation").mkdir(parents=True)
    (folder / "study.toml").write_text('[study]\nname = "s"\n[train]\ntopics = 6\n', "utf-8")
    found.precision.assign(run=run.fingerprint).to_csv(folder / "validation" / "scores.csv", index=False)
    called = labels_of_study(load(folder), run)
    assert [name.endswith("†") for name in called["zh"]] == [name == "T03" for name in called["topic"]]
    drawn = figures.topic_words(run, called, 3)
    grey = {
        text.get_text(): text.get_color()
        for text in drawn.draw("en").findobj()
        if "†" in str(getattr(text, "get_text", str)())
    }
    assert grey and set(grey.values()) == {"0.6"} and all("T03" in text for text in grey)
    assert "† Readers" in drawn.says and "? This name" not in drawn.says
    weak = figures.topic_words(run, called.assign(zh=called["zh"].where(called.index > 0, "芯片?")), 3)
    assert weak.sentences[1].endswith("两者的主题未必相同。") and "? This name" in weak.says


def test_shares_beside_keywords_and_codes(world):
    counts, run, _, _ = world
    own = run.words["T02"].nlargest(10).index.tolist()
    code = pd.Series([f"c{number % 6}" for number in range(len(counts.ids))], list(counts.ids))
    table = validate.beside(run, counts, {"T02": own}, code, draws=60).set_index("measure")
    assert table.loc["keywords", "value"] > 0.4 and table.loc["keywords", "low"] > 0
    assert table.loc["coded", "value"] > 0.95 and table.loc["commonest", "value"] == pytest.approx(1 / 6)
    shuffled = pd.Series(np.random.default_rng(1).permutation(code), code.index)
    table = validate.beside(run, counts, coded=shuffled, draws=60).set_index("measure")
    assert table.loc["coded", "value"] < 0.35
    refuses("neither keywords nor codes", validate.beside, run, counts)
    refuses("没有的词", validate.beside, run, counts, {"T02": ["没有的词"]})


def test_words_beside_a_topic_are_of_few_witnesses_and_the_interval_knows_it():
    truth, held = 0.66, []  # of 2000 witnesses
    for seed in range(20):
        run, counts, who = of_habits(seed)
        row = validate.beside(run, counts, {"T01": ["词0"]}, draws=60, within=who).iloc[0]
        held.append(row["low"] <= truth <= row["high"])
    assert np.mean(held) >= 0.85  # by articles, as many as there are, .6
    alone = validate.beside(run, counts, {"T01": ["词0"]}, draws=60).iloc[0]
    assert alone["high"] - alone["low"] < row["high"] - row["low"]


# sealed, answered, read back


def test_what_was_sealed_is_read_back_and_what_was_changed_is_refused(world, tmp_path):
    _, _, _, tasks = world
    validate.write(tasks, tmp_path)
    again = validate.read(tmp_path)
    pd.testing.assert_frame_equal(again.items, tasks.items)
    pd.testing.assert_frame_equal(again.key, tasks.key)
    assert validate.seal(again) == validate.seal(tasks) and again.run == tasks.run
    key = (tmp_path / sealed.KEY_FILE).read_text("utf-8")
    (tmp_path / sealed.KEY_FILE).write_text(key.replace(",1,", ",2,", 1), "utf-8")
    refuses(r"key\.csv[\s\S]*was sealed", validate.read, tmp_path)
    (tmp_path / sealed.KEY_FILE).write_text(key, "utf-8")
    (tmp_path / sealed.ANSWERS).mkdir()
    (tmp_path / sealed.ANSWERS / "a.csv").write_text("coder,item,answer,when,seal\n", "utf-8")
    other = validate.draw(world[1], world[0], world[2], seed=5)
    refuses("answers to other tasks", validate.write, other, tmp_path)
    for text in ("", "[", "null", '{"run": 3}'):
        (tmp_path / sealed.SEAL_FILE).write_text(text, "utf-8")
        refuses("as they were drawn", validate.read, tmp_path)


def test_answers_that_cannot_be_are_refused_together(world, tmp_path):
    tasks = world[3]
    mine = validate.seal(tasks)
    validate.append(tmp_path / "a.csv", "甲", "i001", 2, mine)
    validate.append(tmp_path / "b.csv", "甲", "i002", 2, mine)
    validate.append(tmp_path / "c.csv", "乙", "i002", 7, mine)
    validate.append(tmp_path / "c.csv", "乙", "i999", 1, mine)
    validate.append(tmp_path / "d.csv", "丙", "i002", 1, "0" * 16)
    validate.append(tmp_path / "e.csv", "", "i002", 1, mine)
    with pytest.raises(Refused) as refused:
        validate.read_answers([tmp_path / f"{name}.csv" for name in "abcde"], tasks)
    said = str(refused.value)
    for part in ("as in", "items i999", "from 1 to 6", "answers to other tasks", "without a coder's name"):
        assert part in said
    refuses("no answer", validate.read_answers, [], tasks)
    validate.append(tmp_path / "a.csv", "甲", "i001", 3, mine)  # the last word counts
    assert validate.read_answers([tmp_path / "a.csv"], tasks)["answer"].tolist() == [3]


def test_a_line_that_a_kill_cut_off_costs_that_answer_alone(world, tmp_path):
    tasks, file = world[3], tmp_path / "a.csv"
    mine = validate.seal(tasks)
    for number in range(1, 6):
        validate.append(file, "甲", f"i{number:03d}", 1, mine)
    whole = file.read_bytes()
    for cut in range(1, len(whole.splitlines()[-1])):
        file.write_bytes(whole[:-cut])
        found = validate.read_answers([file], tasks) if cut < len(mine) + 2 else None
        assert found is None or len(found) >= 4
    file.write_bytes(whole[:-9])
    validate.append(file, "甲", "i006", 1, mine)
    assert file.read_bytes().count(b"\n") == 7
    file.write_bytes(b"")  # made, and killed before its first line
    validate.append(file, "甲", "i001", 1, mine)
    assert validate.read_answers([file], tasks)["item"].tolist() == ["i001"]


def test_buttons_write_each_click_and_go_on_where_they_stopped(world, tmp_path):
    counts, _, _, tasks = world
    file = tmp_path / "answers" / "甲.csv"

    def press(box, number):
        pressed = [one for one in box.children if hasattr(one, "click")]
        pressed[number - 1].click()

    box = validate.buttons(tasks, tmp_path, "甲", texts_of(counts))
    for number in (1, 2, 1):
        press(box, number)
        assert validate.read_answers([file], tasks)["answer"].iloc[-1] == number
    again = validate.buttons(tasks, tmp_path, "甲", texts_of(counts))
    press(again, 2)
    assert validate.read_answers([file], tasks)["item"].tolist() == ["i001", "i002", "i003", "i004"]
    file.rename(file.with_name("乙.csv"))
    refuses("a file of 乙's own", validate.buttons, tasks, tmp_path, "乙")
    refuses("no name", validate.buttons, tasks, tmp_path, " ")
    refuses(r"validate\.buttons\(coder\)", validate.buttons, tasks, tmp_path, None)
    for name in ("戊", " 戊  "):  # room at either end is no other name
        press(validate.buttons(tasks, tmp_path, name, texts_of(counts)), 1)
    assert len(validate.read_answers([tmp_path / "answers" / "戊.csv"], tasks)) == 2
    words = validate.shown(tasks.items, None)
    box = validate.buttons(tasks, tmp_path, "丁")
    for _ in range(len(words)):
        press(box, 1)
    assert "谢谢" in box.children[0].value


def test_the_sheet_offers_the_choices_and_comes_back(world, tmp_path):
    counts, _, _, tasks = world
    file = tmp_path / "sheet.xlsx"
    validate.write_sheet(tasks, file, texts_of(counts))
    book = load_workbook(file)
    sheet = book.active
    head = [cell.value.split()[-1] for cell in sheet[1]]
    answer, coder_ = head.index("answer") + 1, head.index("coder") + 1
    lists = {
        str(cell): rule.formula1
        for rule in sheet.data_validations.dataValidation
        for cell in str(rule.sqref).split()
    }
    assert set(lists.values()) == {'"1,2,3,4,5,6"', '"1,2,3,4"', '"1,2,3"', '"1,2,3,4,5"'}
    sheet.cell(2, coder_).value = "丙"
    for row, number in ((2, 3), (3, 1), (5, 2)):
        sheet.cell(row, answer).value = number
    book.save(file)
    found = validate.read_answers([file], tasks)
    assert found.to_numpy().tolist() == [["丙", "i001", 3], ["丙", "i002", 1], ["丙", "i004", 2]]
    # saved as a csv, as people do: the name is still written once
    rows = [["" if cell.value is None else str(cell.value) for cell in row] for row in sheet.iter_rows()]
    for encoding in ("utf-8-sig", "gb18030"):
        with (tmp_path / "sheet.csv").open("w", encoding=encoding, newline="") as stream:
            csv.writer(stream).writerows(rows)
        pd.testing.assert_frame_equal(validate.read_answers([tmp_path / "sheet.csv"], tasks), found)


# the command line


def test_the_verb_draws_once_and_scores_what_comes_back(world, tmp_path, capsys):
    counts = world[0]
    folder = tmp_path / "study"
    folder.mkdir()
    save(counts, folder / "counts")
    (folder / "study.toml").write_text(
        '[study]\nname = "s"\n[count]\ncounts = "counts"\n[train]\ntopics = 6\n[train.sampler]\nchains = 2\nsweeps = 20\n',
        "utf-8",
    )
    assert cli.main(["validate", "--study", str(folder), "--each", "words=3"]) == 0
    place = folder / "validation"
    drawn = {file.name: file.read_bytes() for file in place.iterdir()}
    assert set(drawn) == {"items.csv", "key.csv", "seal.json", "page.html", "sheet.xlsx"}
    assert cli.main(["validate", "--study", str(folder)]) == 0
    assert {file.name: file.read_bytes() for file in place.iterdir()} == drawn
    tasks = validate.read(place)
    assert (tasks.items["task"] == "words").sum() == 18
    for name in "ab":
        for item in tasks.items.loc[tasks.items["task"] == "words", "item"]:
            right = int(tasks.key.set_index("item").loc[item, "answer"])
            validate.append(place / "answers" / f"{name}.csv", name, item, right, validate.seal(tasks))
    capsys.readouterr()
    assert cli.main(["validate", "--study", str(folder)]) == 0
    assert "100%" in capsys.readouterr().out
    scores = pd.read_csv(place / "scores.csv", encoding="utf-8-sig")
    assert (scores["run"] == tasks.run).all() and scores["right"].eq(1).all()
    assert cli.main(["validate", "--study", str(folder), "--each", "word=3", "-o", str(tmp_path / "x")]) == 2
    assert "did you mean words?" in capsys.readouterr().err


# the page in a real browser


def chromium(page, folder, *more):
    file = folder / "page.html"
    file.write_text(page, "utf-8")
    command = [
        CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-dev-shm-usage",
        "--host-resolver-rules=MAP * ~NOTFOUND", "--enable-logging=stderr", f"--user-data-dir={folder / 'profile'}", *more, file.as_uri(),
    ]  # fmt: skip
    return subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True, text=True
    )


def told(process, word, seconds=120):
    """Wait for what the page says on its console."""
    limit = threading.Timer(seconds, process.kill)  # a browser that says nothing ends the waiting too
    limit.start()
    try:
        for line in process.stderr:
            if match := re.search(rf'"{word} (.*)", source', line):
                return match[1]
    finally:
        limit.cancel()
    raise AssertionError(f"the page did not say {word}")


CLICKS = """<script>
const wait = time => new Promise(done => setTimeout(done, time));
const seen = [];
addEventListener("load", async () => {
  for (let tries = 0; tries < 100 && !document.getElementById("begin"); tries += 1) await wait(50);
  const kept = document.getElementById("count").textContent;
  console.log("kept " + kept);
  const name = document.getElementById("coder");
  if (!name.value) name.value = "甲,乙";
  document.getElementById("begin").click();
  await wait(400);
  let number = 0;
  while (!document.getElementById("done") && number < LIMIT) {
    const before = document.getElementById("count").textContent;
    if (number % 2) dispatchEvent(new KeyboardEvent("keydown", {key: "2"}));
    else for (const button of document.querySelectorAll("button[data-choice]")) button.click();  // the first counts
    for (let tries = 0; tries < 200 && document.getElementById("count").textContent === before && !document.getElementById("done"); tries += 1) await wait(10);
    number += 1;
    document.querySelector("button[data-choice='3']")?.click();  // the second half of a double click
    await wait(270);
    console.log("answered " + number + " wide " + (document.documentElement.scrollWidth <= innerWidth));
  }
  console.log("written " + JSON.stringify(written()));
});
</script>"""  # fmt: skip


OTHERS = """<script>
addEventListener("load", async () => {
  const wait = time => new Promise(done => setTimeout(done, time));
  for (let tries = 0; tries < 100 && !document.getElementById("begin"); tries += 1) await wait(50);
  const name = document.getElementById("coder"), begin = document.getElementById("begin");
  const says = () => name.value + "|" + begin.textContent + "|" + document.getElementById("here").textContent;
  const before = says();
  name.value = " ";
  begin.click();
  await wait(50);
  const told = document.getElementById("told").textContent;
  name.value = " 丙  丁 ";
  name.dispatchEvent(new Event("input"));
  const then = says();
  begin.click();
  for (let tries = 0; tries < 100 && !document.querySelector("button[data-choice='1']"); tries += 1) await wait(20);
  await wait(270);
  await choose(9);
  await choose(1);
  console.log("others " + JSON.stringify([before, told, then, written()]));
});
</script>"""


def end(process):
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    process.stderr.close()


@pytest.mark.skipif(not CHROMIUM, reason="no chromium on this machine")
def test_answers_on_the_page_outlive_a_kill_and_come_back_as_a_file(world, tmp_path):
    counts, _, _, tasks = world
    page = validate.page(tasks, texts_of(counts), "zh")
    assert not re.search(r"https?:|src=|@import|url\(", page)
    process = chromium(
        page.replace("</body>", CLICKS.replace("LIMIT", "1000") + "</body>"),
        tmp_path,
        "--window-size=360,640",
    )
    try:
        while (answered := told(process, "answered").split())[0] != "7":
            assert answered[-1] == "true"  # no page is wider than a phone
    finally:
        end(process)
    process = chromium(page.replace("</body>", CLICKS.replace("LIMIT", "3") + "</body>"), tmp_path)
    try:
        kept = int(told(process, "kept").split()[0])
        written = json.loads(told(process, "written"))
    finally:
        end(process)
    assert kept >= 7  # the one on the way may be kept too
    file = tmp_path / "answers.csv"
    file.write_text(written, "utf-8")
    found = validate.read_answers([file], tasks)
    assert len(found) == kept + 3 and set(found["coder"]) == {"甲,乙"}
    assert found["answer"].iloc[:7].tolist() == [1, 2, 1, 2, 1, 2, 1]
    assert found["item"].tolist() == tasks.items["item"].iloc[: kept + 3].tolist()
    # another reader at the same browser begins anew, and has no answers but his own
    process = chromium(page.replace("</body>", OTHERS + "</body>"), tmp_path)
    try:
        before, without_name, then, of_other = json.loads(told(process, "others"))
    finally:
        end(process)
    assert before == f"甲,乙|继续|本浏览器中已保存： 甲,乙 {kept + 3}" and "姓名" in without_name
    assert then.split("|")[1] == "开始"
    file.write_text(of_other, "utf-8")
    assert validate.read_answers([file], tasks).to_numpy().tolist() == [["丙 丁", "i001", 1]]
