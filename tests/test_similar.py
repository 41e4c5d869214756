"""Likeness and distance: one way of each, beside what the literature and the libraries of others say."""

import math
from itertools import permutations

import numpy as np
import pytest
from scipy.spatial.distance import jensenshannon, squareform
from scipy.stats import rankdata

from nqp_topics import similar

RNG = np.random.default_rng(5)


def random_words(topics, words=300, evenness=0.1):
    return np.random.default_rng(topics).dirichlet(np.full(words, evenness), topics).T


def test_logarithms_are_those_of_the_library_at_every_size():
    values = RNG.random(2000) * 10.0 ** RNG.integers(-250, 250, 2000)
    for x in (*values, 1.0, 2.0, 0.5, 1e-300, math.sqrt(2), math.sqrt(0.5), np.nextafter(1.0, 0.0)):
        assert similar.logarithm(x) == pytest.approx(math.log(x), rel=1e-15, abs=3e-16)
    assert similar.logarithm(1.0) == 0 and 0.0 * similar.logarithm(0.0) == 0


def test_jensen_shannon_is_that_of_scipy_and_a_divergence():
    left, right = random_words(5), random_words(3)
    found = similar.divergences(left, right)
    for i in range(5):
        for j in range(3):
            assert math.isclose(found[i, j], jensenshannon(left[:, i], right[:, j], 2) ** 2, abs_tol=1e-13)
    assert (found == similar.divergences(right, left).T).all() and ((found >= 0) & (found <= 1)).all()
    assert (np.diag(similar.divergences(left, left)) == 0).all()
    assert (similar.divergences(left) == similar.divergences(left, left)).all()
    assert similar.divergences(np.array([[1.0], [0.0]]), np.array([[0.0], [1.0]])) == 1
    assert (similar.divergences(np.asfortranarray(left), right) == found).all()


def test_parts_add_up_to_the_divergence_and_tell_what_nearly_equal_ones_differ_by():
    p, q = random_words(2).T
    parts = similar.parts(p, q)
    assert parts.shape == p.shape and (parts >= 0).all()
    assert parts.sum() == pytest.approx(similar.divergences(p[:, None], q[:, None]).item(), abs=1e-14)
    assert (similar.parts(np.stack([p, q]), np.stack([q, q])) == np.stack([parts, 0 * q])).all()
    # the first term of the series: (p - q)² / (8 p ln 2); the plain formula has lost all digits here
    near, step = np.full(4, 0.25), np.array([1.0, -1.0, 1.0, -1.0]) * 1e-9
    assert similar.parts(near, near + step) == pytest.approx(step**2 / (8 * 0.25 * math.log(2)), rel=1e-6)
    wanted = pytest.approx(4e-18 / (2 * math.log(2)), rel=1e-6)
    assert similar.divergences(near[:, None], (near + step)[:, None]).item() == wanted


def test_cosines_of_columns():
    left, right = RNG.normal(size=(50, 3)), RNG.normal(size=(50, 4))
    left[:, 1] = 0
    sizes = np.outer(np.linalg.norm(left, axis=0), np.linalg.norm(right, axis=0))
    expected = np.divide(left.T @ right, sizes, out=np.zeros((3, 4)), where=sizes > 0)
    assert similar.cosines(left, right) == pytest.approx(expected, abs=1e-14)
    assert (similar.cosines(left, right)[1] == 0).all() and similar.cosines(right, right).max() == 1


@pytest.mark.parametrize("shape", [(4, 4), (3, 5), (5, 3)])
def test_matching_is_the_best_of_all_one_to_one(shape):
    alike = RNG.random(shape)
    found = similar.matched(alike)
    rows = np.flatnonzero(found >= 0)
    assert len(rows) == len(set(found[rows])) == min(shape)
    wide = alike if shape[0] <= shape[1] else alike.T
    best = max(
        wide[range(len(wide)), some].sum()
        for some in map(list, permutations(range(wide.shape[1]), len(wide)))
    )
    assert alike[rows, found[rows]].sum() == pytest.approx(best)


def test_frex_is_the_harmonic_mean_of_two_ranks():
    words = np.round(random_words(3, 40), 3)  # rounded: many are equal, some are nowhere
    places = np.tile(np.arange(40), (3, 1))
    sums = words.sum(axis=1, keepdims=True)
    exclusive = np.divide(words, sums, out=np.zeros_like(words), where=sums > 0)
    rare, often = (rankdata(table, axis=0) / 40 for table in (exclusive, words))
    assert similar.frex(words, 0.7, places) == pytest.approx((1 / (0.7 / rare + 0.3 / often)).T)
    assert (similar.frex(words, 0.7, places[:, 3:5]) == similar.frex(words, 0.7, places)[:, 3:5]).all()


def test_coordinates_give_distances_back_and_are_never_mirrored():
    points = RNG.normal(size=(6, 2)) * [3, 1]
    apart = np.sqrt(((points[:, None] - points[None]) ** 2).sum(axis=2))
    found, shown, total = similar.coordinates(apart, 2)
    again = np.sqrt(((found[:, None] - found[None]) ** 2).sum(axis=2))
    assert squareform(again, checks=False) == pytest.approx(squareform(apart))
    assert shown.sum() == pytest.approx(total) and shown[0] > shown[1]
    assert (found[np.abs(found).argmax(axis=0), [0, 1]] > 0).all()
