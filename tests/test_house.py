"""The rules of the house: imports point one way, the three lists of packages agree, notebooks are fit to be read."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import nbformat
import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
LIBRARY = ROOT / "nqp_topics"
NOTEBOOKS = sorted([*(ROOT / "notebooks").glob("*.ipynb"), *(ROOT / "studies").glob("*/notebooks/*.ipynb")])
# a room imports only from rows above its own; rooms of one row do not import each other
ORDER = "checks files study documents words counts similar topics choose,compare naming validate,vary".split()
ORDER += ["figures", "reproduce", "cli"]
RANK = {name: rank for rank, names in enumerate(ORDER) for name in names.split(",")}
MODULES = [file for file in sorted(LIBRARY.rglob("*.py")) if file != LIBRARY / "__init__.py"]


def dotted(file):
    return ".".join(file.relative_to(LIBRARY.parent).with_suffix("").parts).removesuffix(".__init__")


NAMES = {dotted(file) for file in MODULES}


def imported(file):
    """The modules of the library that a module imports, each by its full name."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{file}: imports say the whole name"
            for alias in node.names:
                longer = f"{node.module}.{alias.name}"
                yield longer if longer in NAMES else node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def test_the_top_of_the_package_is_read_at_a_glance():
    top = {dotted(file).split(".")[1] for file in MODULES}
    assert top == set(RANK) and len(top) <= 16


def test_imports_point_one_way():
    for file in MODULES:
        here = dotted(file).split(".")[1]
        for there in imported(file):
            room = there.split(".")[1] if there.startswith("nqp_topics.") else here
            assert room == here or RANK[room] < RANK[here], f"{file} imports {there}, to its right"


def test_imports_inside_a_room_never_come_back():
    arrows = {dotted(file): {there for there in imported(file) if there in NAMES} for file in MODULES}
    done: set[str] = set()

    def follow(name, path):
        assert name not in path, " → ".join([*path, name])
        if name not in done:
            for there in sorted(arrows[name]):
                follow(there, [*path, name])
            done.add(name)

    for name in sorted(arrows):
        follow(name, [])


def of_one_system(tree, lacks):
    """What works on one system alone: modules that others lack, at the head; their functions; texts whose code or line ends the system chooses."""
    heads = (node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom))
    yield from {one.name for node in heads for one in node.names} & set(lacks["UNKNOWN"].split())
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Attribute)
            and node.attr in lacks["LACKS"].get(ast.unparse(node.value), "").split()
        ):
            yield ast.unparse(node)
        elif isinstance(node, ast.Call):
            name, given = ast.unparse(node.func), {one.arg for one in node.keywords}
            words = [str(one.value) for one in node.args if isinstance(one, ast.Constant)]
            opens = re.search(r"(?<!os\.)(?<!Image\.)\bopen$", name) and "b" not in "".join(words)
            ends = {None, "newline"} & given or not {"w", "a", "x"} & set(words)
            told = ({None, "encoding"} & given and ends) or (name.endswith("read_text") and words)
            of_text = opens or re.search("(read_text|TextIOWrapper)$", name)
            if name.endswith("write_text") or (of_text and not told):
                yield ast.unparse(node)


def test_the_library_works_on_every_system():
    seen = ast.parse((ROOT / "tests/windows/sitecustomize.py").read_text("utf-8")).body
    lists = {ast.unparse(node.targets[0]): node.value for node in seen if isinstance(node, ast.Assign)}
    lacks = {name: ast.literal_eval(lists[name]) for name in ("LACKS", "UNKNOWN")}
    for wrong in ("import fcntl", "os.umask(0)", "open(a)", "a.open('w', encoding='ascii')", "a.read_text()"):
        assert list(of_one_system(ast.parse(wrong), lacks)), wrong
    found = {dotted(file): list(of_one_system(ast.parse(file.read_text("utf-8")), lacks)) for file in MODULES}
    assert not {file: wrong for file, wrong in found.items() if wrong}
    assert "* -text" in (ROOT / ".gitattributes").read_text("utf-8")


def test_no_file_outgrows_one_sitting_and_no_name_stands_twice():
    long = {str(file): n for file in MODULES if (n := len(file.read_text("utf-8").splitlines())) > 350}
    assert not long
    names = [file.name for file in MODULES if file.name != "__init__.py"]
    assert sorted(names) == sorted(set(names))


def test_no_function_outgrows_a_page():
    """Compiled loops may: what they call is not compiled into them."""
    long = {}
    for file in MODULES:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if not isinstance(node, ast.FunctionDef) or "compiled" in map(ast.unparse, node.decorator_list):
                continue
            if (lines := node.end_lineno - node.lineno + 1) > 60:
                long[f"{file.relative_to(LIBRARY)} {node.name}"] = lines
    assert not long


def locked():
    text = (ROOT / "requirements.lock").read_text("utf-8")
    pins = {}
    for line in re.findall(r"^([A-Za-z0-9][^\s\\]*==[^\\\n]*?)\s*\\?$", text, re.M):
        requirement = Requirement(line)
        pins.setdefault(plain(requirement.name), []).append(requirement)
    return text, pins


def plain(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def test_the_lock_holds_every_package_of_pyproject_within_its_bounds():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    _, pins = locked()
    wanted = project["dependencies"] + project["optional-dependencies"]["test"]
    for requirement in map(Requirement, wanted):
        pinned = pins.get(plain(requirement.name))
        assert pinned, f"{requirement.name} is not in requirements.lock: make lock"
        for pin in pinned:
            version = next(iter(pin.specifier)).version
            assert requirement.specifier.contains(version), f"{requirement} but {pin}"


def test_the_lock_serves_every_python_with_hashes_and_names_no_host():
    text, pins = locked()
    assert not re.search(
        r":/{2}|--\w*-?index|# +-[cr] +/", text
    )  # no address, and no place of the machine that made it
    blocks = re.split(r"\n(?=[A-Za-z0-9])", text.strip())
    assert len(blocks) > 100 and all("--hash=sha256:" in block for block in blocks)
    for version in ("3.11", "3.12", "3.13"):
        there = {"python_full_version": f"{version}.0", "python_version": version}
        here = {
            name
            for name, rows in pins.items()
            if any(row.marker is None or Marker(str(row.marker)).evaluate(there) for row in rows)
        }
        assert {"gensim", "jieba", "matplotlib", "jupyterlab", "pyldavis", "numpy", "pandas"} <= here


def test_environment_yml_takes_everything_from_the_lock():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    text = (ROOT / "environment.yml").read_text("utf-8")
    items = re.findall(r"^\s*-\s+(\S+)(?:\s+(\S+))?$", text, re.M)
    assert ("-r", "requirements.lock") in items and ("--require-hashes", "") in items
    (python,) = (name for name, _ in items if name.startswith("python"))
    asked = Requirement(project["requires-python"].join(["python", ""]))
    assert Requirement(python).specifier == asked.specifier


def test_the_version_is_said_once():
    import nqp_topics

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    citation = (ROOT / "CITATION.cff").read_text("utf-8")
    assert project["version"] == nqp_topics.__version__
    assert re.search(rf"^version: \"?{re.escape(project['version'])}\"?$", citation, re.M)


@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: f"{file.parents[1].name}-{file.stem}")
def test_notebooks_are_read_not_scrolled_past(file):
    notebook = nbformat.read(file, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert notebook.cells[0].cell_type == "markdown" and notebook.cells[0].source.startswith("# ")
    assert notebook.cells[0].source.splitlines()[0].endswith("?")
    assert "knobs" in code[0].metadata.get("tags", [])
    for cell in code:
        lines = [line for line in cell.source.splitlines() if line.strip()]
        assert len(lines) <= 6 and max(map(len, lines)) <= 100, cell.source
        assert not re.search(
            r"^\s*(def|class)\b|\b(lambda|groupby|merge|pivot|assign)\b", cell.source, re.M
        ), cell.source
        # what is said comes from a figure or a table
        assert not re.search(r"\bf\"|\bf'", cell.source), cell.source
        assert not any(output.output_type == "error" for output in cell.outputs)
    # what a study lacks (dates, documents that may be shown) is passed over
    may = {"time", "documents"}
    ran = [cell for cell in code if cell.execution_count or not may & set(cell.metadata.get("tags", []))]
    assert [cell.execution_count for cell in ran] == list(range(1, len(ran) + 1))
    assert file.stat().st_size < 300_000


def test_what_a_researcher_calls_stands_at_the_top_and_is_light_to_ask_for():
    import nqp_topics as nqp

    shown = [name for name in dir(nqp) if not name.startswith("__")]
    assert set(nqp.VERBS) | {"Refused", "Study", "load"} == set(shown)
    for name in shown:
        assert getattr(nqp, name) is not None
    with pytest.raises(AttributeError, match=r"no trian; it has .*train"):
        nqp.trian  # noqa: B018
    heavy = ("pandas", "numpy", "matplotlib", "scipy", "numba", "tqdm", "IPython")
    code = f"import sys, nqp_topics, nqp_topics.cli; print([name for name in {heavy} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "[]\n"
