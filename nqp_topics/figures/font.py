"""Font: a pdf holds the glyphs that it shows. To find them in the whole font of thirty thousand takes most of a second; in its usual letters, which
are kept, a fifth of that, and what comes out is the same to the byte.
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


@contextmanager
def from_the_usual_letters() -> Iterator[None]:
    """Have matplotlib look for glyphs among the usual letters first; where it is built otherwise, or one is not usual, in the whole font."""
    backend: Any = import_module("matplotlib.backends._backend_pdf_ps")
    usual, load = backend.get_glyphs_subset, backend.subset.load_font
    if "glyphs" not in usual.__annotations__:
        yield
        return
    letters, places = _usual()

    @contextmanager
    def quickly(file: Any, glyphs: set[int]) -> Iterator[Any]:
        same = Path(file.path).resolve() == font_file().resolve()
        if not same or not set(glyphs) <= set(places):
            with usual(file, glyphs) as found:
                yield found
            return
        backend.subset.load_font = lambda _, options, **more: load(io.BytesIO(letters), options, **more)
        try:
            with usual(file, {places[glyph] for glyph in glyphs}) as found:
                there = {glyph: found.glyph_index_map[places[glyph]] for glyph in glyphs}
                yield found._replace(glyph_index_map={**found.glyph_index_map, **there})
        finally:
            backend.subset.load_font = load

    backend.get_glyphs_subset = quickly
    try:
        yield
    finally:
        backend.get_glyphs_subset = usual


@cache
def _usual() -> tuple[bytes, dict[int, int]]:
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


def _made() -> tuple[bytes, dict[int, int]]:
    import matplotlib.backends._backend_pdf_ps as backend
    from matplotlib.font_manager import FontPath
    from matplotlib.ft2font import FT2Font

    known = FT2Font(str(font_file())).get_charmap()
    pairs = (bytes([high, low]) for high in ROWS for low in range(0xA1, 0xFF))
    hanzi = {ord(pair.decode("gb2312", "ignore") or " ") for pair in pairs}
    signs = {*range(0x20, 0x250), *range(0x2010, 0x2070), *range(0x3000, 0x3020), *range(0xFF00, 0xFF60)}
    glyphs = {0, *(known[code] for code in hanzi | signs if code in known)}
    with backend.get_glyphs_subset(FontPath(str(font_file()), 0), glyphs) as found:
        return backend.font_as_file(found.font).getvalue(), {g: found.glyph_index_map[g] for g in glyphs}
