"""How a table is set for reading in a notebook: the names of its columns say how their numbers are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from nqp_topics.files import fingerprint

if TYPE_CHECKING:
    from pandas.io.formats.style import Styler

SHARE, PART, GAIN, SIGNED, CLOSE, P = "{:.1%}", "{:.0%}", "{:+.1%}", "{:+.2f}", "{:.3f}", "p"
FORMS = {
    **dict.fromkeys(("share", "other_share", "of_it", "weight"), SHARE),
    **dict.fromkeys(("part", "kept", "of_topic", "of_next", "detectable"), PART),
    **dict.fromkeys(("difference", "rise", "estimate", "known"), GAIN),
    **dict.fromkeys(("log_odds", "correlation", "delta"), SIGNED),
    **dict.fromkeys(("similarity", "cosine", "distance", "separation", "moved", "prior"), CLOSE),
    **dict.fromkeys(("passages_agree", "top_words", "chance_top_words", "agreement", "cohesion"), "{:.2f}"),
    **dict.fromkeys(("per_thousand", "rest_per_thousand", "other_per_thousand", "z"), "{:.1f}"),
    **dict.fromkeys(("p", "bh", "holm", "run_p", "run_bh", "overall_p"), P),
}
# bounds of the number that stands at their left, and shown as it is
BOUNDS = "low high run_low run_high known_low known_high lowest highest chance mean".split()
PLAIN = ("K", "next_K", "seed", "seeds", "rank", "year", "place")


def look(table: pd.DataFrame) -> Styler:
    """Set a table for reading: no index, words to the left, numbers to the right in the form that suits their column's name.

    Shares are per cent, counts have commas, differences their sign, p-values three digits (< .001); an interval has the form of what it bounds.
    """
    from pandas.io.formats.style import Styler

    table = table.reset_index(drop=True)
    words = [name for name in table if not pd.api.types.is_numeric_dtype(table[name])]
    forms: dict[Any, Any] = {}
    last = "{:.2f}"
    for name in table:
        if name in words or pd.api.types.is_bool_dtype(table[name]):
            continue
        form = last if name in BOUNDS else _form(str(name), table[name])
        forms[name] = as_p if form == P else form
        if name not in BOUNDS and pd.api.types.is_float_dtype(table[name]) and form != P:
            last = form
    props = "text-align: left; white-space: pre-wrap"
    left = [{"selector": f".col{table.columns.get_loc(name)}", "props": props} for name in words]
    body = Styler(table, uuid=fingerprint(table.to_csv())[:8], cell_ids=False)
    return body.hide().format(forms, na_rep="", escape="html").set_table_styles(left, overwrite=False)


def crossed(table: pd.DataFrame, rows: str, columns: str, values: str) -> pd.DataFrame:
    """Lay a table out crosswise: one row a value of `rows`, one column a value of `columns`, in the order in which they come; 0 where there is none."""
    order = [table[name].drop_duplicates().tolist() for name in (rows, columns)]
    cells = table.set_index([rows, columns])[values].unstack(fill_value=0)
    return cells.reindex(index=order[0], columns=order[1]).rename_axis(columns=None).reset_index()


def _form(name: str, cells: pd.Series) -> str:
    if name in FORMS and not pd.api.types.is_integer_dtype(cells):
        return FORMS[name]
    whole = pd.api.types.is_integer_dtype(cells)
    return "{}" if whole and name in PLAIN else "{:,}" if whole else "{:.2f}"


def as_p(value: float) -> str:
    """Set a p-value: .012, < .001 (which no line breaks), nothing where there is none."""
    return "" if value != value else "<\u00a0.001" if value < 0.001 else f"{value:.3f}".removeprefix("0")
