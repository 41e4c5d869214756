"""Repeats: exact ones, near ones at a known similarity, and what dropping them leaves."""

import random
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nqp_topics.documents.formats import repeats

LETTERS = [chr(0x4E00 + n) for n in range(2000)]


def text(seed, length=600):
    return "".join(random.Random(seed).choices(LETTERS, k=length))


def true_jaccard(one, other):
    first, second = ({t[at : at + 5] for at in range(max(len(t) - 4, 1))} for t in (one, other))
    return len(first & second) / len(first | second)


def test_white_space_does_not_count():
    table = repeats.find(["a", "b", "c"], ["花开 了\n很好", "花开了　很好", "花开了很好看"], 0.9)
    assert table.values.tolist() == [["b", "a", "exact", 1.0, True]]


@given(st.text("花开了很好看", max_size=12), st.text("花开了很好看", max_size=12))
@settings(max_examples=80, deadline=None)
def test_the_similarity_is_the_true_one(one, other):
    first, second = (repeats.grams([t])[0] for t in (one, other))
    if one and other:
        assert repeats.jaccard(first, second) == pytest.approx(true_jaccard(one, other))
        assert repeats.jaccard(first, second) == repeats.jaccard(second, first)


@pytest.mark.parametrize("others", [0, 150])
def test_near_repeats_at_a_known_similarity(others):
    """With few documents every pair is compared, with many only likely ones: the answer is the same."""
    base = text(1)
    near, far = base[:-20] + text(2, 20), base[:300] + text(3, 300)
    texts = [text(100 + n) for n in range(others)]
    names = [f"o{n}" for n in range(others)]
    table = repeats.find([*names, "base", "near", "far"], [*texts, base, near, far], 0.9)
    assert table[["id", "of", "kind", "kept"]].values.tolist() == [["near", "base", "near", True]]
    assert table["similarity"][0] == pytest.approx(true_jaccard(base, near))
    assert 0.9 < table["similarity"][0] < 1
    loose = repeats.find([*names, "base", "near", "far"], [*texts, base, near, far], 0.3)
    assert loose["id"].tolist() == ["near", "far"]


def test_no_pair_above_the_threshold_is_missed():
    source = random.Random(5)
    texts = []
    for seed in range(60):
        base = text(seed, 300)
        texts.append(base)
        changed = list(base)
        for at in source.sample(range(300), source.randrange(1, 12)):
            changed[at] = "龘"
        texts.append("".join(changed))
    ids = [str(n) for n in range(len(texts))]
    expected = {
        (ids[b], ids[a])
        for a, b in combinations(range(len(texts)), 2)
        # texts of two beginnings share no five letters in a row: they are not counted through
        if a // 2 == b // 2 and true_jaccard(texts[a], texts[b]) >= 0.8
    }
    table = repeats.find(ids, texts, 0.8)
    assert set(zip(table["id"], table["of"], strict=True)) == expected
    assert len(expected) > 20


def test_what_is_dropped():
    base = text(1)
    near = base[:-20] + text(2, 20)
    ids, texts = ["a", "b", "c", "d"], [base, base, near, text(9)]
    kept = {
        how: repeats.find(ids, texts, 0.9, how)["kept"].tolist()
        for how in ("keep", "drop exact", "drop near")
    }
    assert kept == {"keep": [True, True], "drop exact": [False, True], "drop near": [False, False]}


def test_a_document_is_dropped_only_for_one_that_is_kept():
    one = text(1)
    two = one[:-25] + text(2, 25)
    three = text(3, 25) + two[25:]
    assert true_jaccard(one, two) > 0.85 < true_jaccard(two, three)
    assert true_jaccard(one, three) < 0.85
    table = repeats.find(["1", "2", "3"], [one, two, three], 0.85, "drop near")
    assert table[["id", "of", "kept"]].values.tolist() == [["2", "1", False], ["3", "2", True]]


def test_nothing_to_compare():
    assert repeats.find([], [], 0.9).columns.tolist() == ["id", "of", "kind", "similarity", "kept"]
    assert len(repeats.find(["a"], ["花"], 0.9)) == 0


def test_many_short_texts_are_looked_at_together(monkeypatch):
    """Whether all runs are held, or some at a time, changes nothing; a short text costs no call of its own."""
    source = random.Random(3)
    texts = [text(n, source.randrange(12)) for n in range(300)] + [
        f"第{n}座桥修好了，两岸的人都来看。" for n in range(500)
    ]
    ids = [str(n) for n in range(len(texts))]
    calls = []
    counted = repeats.grams
    monkeypatch.setattr(repeats, "grams", lambda given: calls.append(len(given)) or counted(given))
    found = [repeats.find(ids, texts, 0.7)]
    assert len(calls) == 1
    long = text(7, 1000)
    whole = counted([long])[0]
    monkeypatch.setattr(repeats, "_KEPT", 50)
    monkeypatch.setattr(repeats, "_TOGETHER", 100)
    found.append(repeats.find(ids, texts, 0.7))
    assert (counted([long])[0] == whole).all()
    assert found[0].equals(found[1]) and len(found[0]) > 100
