"""Font: a pdf holds the glyphs that it shows. To find them in the whole font of thirty thousand takes most of a second, four times a figure; so they are
taken once out of its usual letters, which are kept, and each file of the figure finds its own among them. What is shown is the same.
"""

import contextlib
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

from nqp_topics.checks import Refused
from nqp_topics.files import fingerprint, font_file, once, read_bytes, whole

ROWS = range(0xB0, 0xF8)  # of GB 2312: its 6,763 characters


Kept = tuple[bytes, dict[int, int]]  # a font, and where each glyph of the whole font stands in it


@contextmanager
def from_the_usual_letters(shown: set[int]) -> Iterator[None]:
    """Have matplotlib look for glyphs among those that a figure shows, which are taken out of the usual letters once for all its files.

    Where matplotlib is built otherwise, or a letter is not usual, it looks in the whole font.
    """
    backend: Any = import_module("matplotlib.backends._backend_pdf_ps")
    usual, load = backend.get_glyphs_subset, backend.subset.load_font
    if "glyphs" not in usual.__annotations__:
        yield
        return
    kept = _usual()
    few: Kept = b"", {}

    @contextmanager
    def among(letters: bytes, places: dict[int, int], file: Any, glyphs: set[int]) -> Iterator[Any]:
        backend.subset.load_font = lambda _, options, **more: load(io.BytesIO(letters), options, **more)
        try:
            with usual(file, {places[glyph] for glyph in glyphs}) as found:
                there = {glyph: found.glyph_index_map[places[glyph]] for glyph in glyphs}
                yield found._replace(glyph_index_map={**found.glyph_index_map, **there}), there
        finally:
            backend.subset.load_font = load

    @contextmanager
    def quickly(file: Any, glyphs: set[int]) -> Iterator[Any]:
        nonlocal few
        same = Path(file.path).resolve() == font_file().resolve()
        if not same or not set(glyphs) <= set(kept[1]):
            with usual(file, glyphs) as found:
                yield found
            return
        if not set(glyphs) <= set(few[1]):
            with among(*kept, file, {*few[1], *glyphs, *(shown & set(kept[1]))}) as (found, there):
                few = backend.font_as_file(found.font).getvalue(), there
        with among(*few, file, glyphs) as (found, _):
            yield found

    backend.get_glyphs_subset = quickly
    try:
        yield
    finally:
        backend.get_glyphs_subset = usual


@cache
def _usual() -> Kept:
    """Return a font of the usual letters, and where each glyph of the whole font stands in it; made once and kept beside the code."""
    built = [version(name) for name in ("fonttools", "matplotlib")]
    made = [fingerprint(font_file().read_bytes()), once.code("figures/font.py"), *built]
    name = fingerprint(json.dumps(made))
    file = Path(__file__).parent / "__pycache__" / "letters.kept"
    with contextlib.suppress(OSError, ValueError, LookupError):
        head, _, kept = read_bytes(file).partition(b"\n")
        known = json.loads(head)
        if known["seal"] == fingerprint(f"{name} {fingerprint(kept)} {known['places']}"):
            return kept, {int(glyph): place for glyph, place in known["places"].items()}
    font, places = _made()
    there = {str(glyph): place for glyph, place in sorted(places.items())}
    about = {"places": there, "seal": fingerprint(f"{name} {fingerprint(font)} {there}")}
    # an installation may be read only
    with contextlib.suppress(OSError, Refused), whole(file, "wb") as stream:
        stream.write(json.dumps(about).encode() + b"\n" + font)
    return font, places


def _made() -> Kept:
    import matplotlib.backends._backend_pdf_ps as backend
    from matplotlib.font_manager import FontPath
    from matplotlib.ft2font import FT2Font

    known = FT2Font(str(font_file())).get_charmap()
    pairs = (bytes([high, low]) for high in ROWS for low in range(0xA1, 0xFF))
    hanzi = {ord(pair.decode("gb2312", "ignore") or " ") for pair in pairs}
    signs = {*range(0x20, 0x250), *range(0x2010, 0x2070), *range(0x3000, 0x3020), *range(0xFF00, 0xFF60)}
    glyphs = {0, *(known[code] for code in hanzi | signs if code in known)}
    path = FontPath(str(font_file()), 0)
    with backend.get_glyphs_subset(path, glyphs) as found:
        glyphs = set(found.glyph_index_map)  # and what stands in place of others, such as fi in one
    with backend.get_glyphs_subset(path, glyphs) as found:
        return backend.font_as_file(found.font).getvalue(), {g: found.glyph_index_map[g] for g in glyphs}
