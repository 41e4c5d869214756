"""What may be asked of an argument: what passes, what does not, and how it is told."""

import pickle

import numpy as np
import pandas as pd
import pytest

from nqp_topics import checks
from nqp_topics.checks import Problem, Refused, refuse_if

NO_NUMBERS = [None, True, np.True_, float("nan"), np.float64("inf"), "2", [2], pd.NA, 1j, np.array([2])]


@pytest.mark.parametrize("value", [2, np.int64(2), np.uint8(2), 10**12])
def test_whole_numbers_of_python_and_numpy_pass(value):
    assert not checks.whole_number("here", value, 2) and not checks.number("here", value, 2)


@pytest.mark.parametrize(
    "value",
    [*NO_NUMBERS, 2.0, np.float32(2), 1, -(10**5000), 10**5000],
    ids=lambda value: checks.said(value, 40),
)
def test_what_is_no_whole_number_is_told(value):
    (problem,) = checks.whole_number("here", value, 2)
    assert problem.where == "here" and len(problem.came) <= 120 and "from 2 on" in problem.allowed


@pytest.mark.parametrize("value", [*NO_NUMBERS, 0, -0.0, 1.01, np.float32(7)], ids=str)
def test_what_is_no_number_within_limits_is_told(value):
    (problem,) = checks.number("here", value, 0, 1, above=True)
    assert problem.allowed == "a number above 0 and up to 1"
    assert not checks.number("here", np.float32(0.5), 0, 1, above=True)


@pytest.mark.parametrize(
    ("value", "todo"),
    [("raed", "did you mean read?"), ("倒", "use one of these names"), (None, "use one of")],
)
def test_a_name_that_is_near_is_offered(value, todo):
    (problem,) = checks.one_of("verb", value, ["read", "clean"])
    assert problem.allowed == "read, clean" and problem.todo.startswith(todo)
    assert not checks.one_of("verb", "read", ["read", "clean"])


def test_columns_are_there_once_and_many_are_not_all_listed():
    table = pd.DataFrame(columns=["id", "text"])
    assert not checks.columns("texts", table, ["id"])
    for wrong in (table[["text"]], table[["id", "id"]], None, "id", {"id": 1}):
        assert len(checks.columns("texts", wrong, ["id"])) == 1
    (problem,) = checks.columns("texts", pd.DataFrame(columns=range(10**5)), ["id"])
    assert len(problem.came) < 300 and "100,000 in all" in problem.came


def test_files_names_and_texts(tmp_path):
    there = tmp_path / "there"
    there.write_text("", "utf-8")
    assert not checks.file_here(there, "a table")
    (tmp_path / "link").symlink_to("nowhere")
    for wrong in (tmp_path, tmp_path / "no", tmp_path / "link", "a" * 5000, "a\0b"):
        (problem,) = checks.file_here(wrong, "a table")
        assert problem.came and "\0" not in str(problem) and len(str(problem)) < 600
    assert checks.text("counts", "a\0") and checks.text("counts", None) and not checks.text("counts", "ä")
    assert not checks.named_once("ids", ["a", "b"])
    (problem,) = checks.named_once("ids", pd.Index(["a", "b", "a"]))
    assert problem.came == "more than once: a"


def test_all_problems_of_all_checks_come_together_and_survive_a_pool():
    with pytest.raises(Refused) as refused:
        refuse_if(checks.whole_number("a", 1.5), [], checks.number("b", "x"), checks.text("c", "fine"))
    back = pickle.loads(pickle.dumps(refused.value))
    assert [problem.where for problem in back.problems] == ["a", "b"] and str(back) == str(refused.value)
    many = Refused(*[Problem("w", "c", "a", "t")] * 1000)
    assert len(many.problems) == 1000 and str(many).endswith("980 more of this kind")


def test_a_notebook_shows_the_refusal_and_not_the_lines_of_this_library():
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    seen = []
    shell._showtraceback = lambda kind, value, lines: seen.append("\n".join(lines))
    shell.run_cell("from nqp_topics import checks\nchecks.refuse_if(checks.one_of('GROUPS', 'x', ['voice']))")
    assert seen == ["GROUPS\n  came:    'x'\n  allowed: voice\n  do next: use one of these names"]


def test_a_path_is_typed_so_that_every_shell_takes_it(monkeypatch):
    assert [checks.typed(one) for one in ("a/b", "a b", "文", "a$b")] == ["a/b", '"a b"', '"文"', "'a$b'"]
    monkeypatch.setattr(checks.os, "sep", "\\")
    assert checks.typed(r"..\my study") == '"../my study"'
