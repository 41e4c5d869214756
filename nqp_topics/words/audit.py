"""Audit: what the lexicon changed, so that a referee can read it: one row a term."""

import numpy as np
import pandas as pd

from nqp_topics.words.cut import scan
from nqp_topics.words.cut.lines import Chunk
from nqp_topics.words.segment import Cutter, Found, cut_free, plain

PLACES = 3  # texts that are named for each entry which lost a term
CAUSES = {"stands": scan.STANDS, "in_longer": scan.LONGER, "forbidden": scan.FORBIDDEN}
CAUSES |= {"overlapped": scan.OVERLAPPED, "in_run": scan.IN_RUN}


class Notes:
    """Notes on what became of the terms, taken while texts are cut: give `note` to `segment.tokens` as its watch, then ask `table`.

    One row a form of the lexicon in each array; `where` holds the first three texts of each entry that lost a term.
    """

    def __init__(self, by: Cutter) -> None:
        size = len(by.forms.written)
        self.by = by
        self.tally = np.zeros((size, 5), np.int64)
        self.whole, self.same, self.across = (np.zeros(size, np.int64) for _ in range(3))
        self.where: dict[int, list[str]] = {}

    def note(self, chunk: Chunk, found: Found) -> None:
        """Add what was found in some texts."""
        self.tally += found.tally
        size = len(self.whole)
        border = _borders(found, self.by)
        inner = np.cumsum(border, dtype=np.int32)
        begin, end, form = found.spans[:, 0], found.spans[:, 1], found.spans[:, 2]
        crossed = (border[begin] == 0) | (border[end] == 0)
        uncut = inner[end - 1] == inner[begin]
        self.whole += np.bincount(form, minlength=size)
        self.across += np.bincount(form[crossed], minlength=size)
        self.same += np.bincount(form[uncut & ~crossed], minlength=size)
        places = np.searchsorted(chunk.ends, found.losses[:, 0]).tolist()
        for row, place in zip(self.by.forms.row[found.losses[:, 2]].tolist(), places, strict=True):
            noted = self.where.setdefault(row, [])
            if len(noted) < PLACES and str(chunk.names[place]) not in noted:
                noted.append(str(chunk.names[place]))

    def table(self) -> pd.DataFrame:
        """Return what became of every term of the lexicon: one row a term, aliases counted with it.

        `stands`: how often it stands in the text as written; of these `whole`: one token; `in_longer`: inside a longer term that is one token;
        `forbidden`: a rule of the lexicon let it go; `overlapped`: a longer term, or one further left, shares characters with it; `in_run`: inside a
        longer run of Latin letters or digits. `where`: up to three texts in which one of the last three happened. Of the whole ones
        the default cut, without the lexicon, would have had `default_whole` as one token, and in `across` a word of it lies across a border of
        the term: read these places, the term may be none there. `default_cut`: the term by itself. `aliases`: how often each stood.
        """
        forms = self.by.forms
        entries = [entry["term"] for entry in self.by.entries]
        terms = len(entries)
        aliases: list[list[str]] = [[] for _ in entries]
        for form, row in enumerate(forms.row.tolist()):
            if row < terms and self.whole[form] and forms.written[form] != entries[row]:
                aliases[row].append(f"{forms.written[form]} {self.whole[form]}")
        stands, *causes = (self.tally[:, cause] for cause in CAUSES.values())
        by_form = {"stands": stands, "whole": self.whole, **dict(zip([*CAUSES][1:], causes, strict=True))}
        by_form |= {"default_whole": self.same, "across": self.across}
        sums = (np.bincount(forms.row, numbers, terms) for numbers in by_form.values())
        summed = {name: held[:terms].astype(np.int64) for name, held in zip(by_form, sums, strict=True)}
        where = [" ".join(self.where.get(row, ())) for row in range(terms)]
        rest = {"default_cut": self.by.default_cuts, "aliases": list(map(", ".join, aliases)), "where": where}
        return pd.DataFrame({"term": entries, **summed, **rest})


def says(table: pd.DataFrame) -> tuple[str, str]:
    """Say in English and in Chinese how many of the places where terms stand are whole tokens, and how many the default cut would have kept."""
    stands, whole, kept = (int(table[name].sum()) for name in ("stands", "whole", "default_whole"))
    ours = (whole + int(table["in_longer"].sum())) / max(stands, 1)
    default = kept / max(whole, 1)
    return (
        f"The {len(table):,} terms stand {stands:,} times; {ours:.1%} of these are one token or part of a longer term that is one. "
        f"Of the {whole:,} tokens the default cut would have kept {default:.0%} in one piece.",
        f"{len(table):,}个词条共出现{stands:,}次，其中{ours:.1%}切为一个词，或属于切为一个词的更长词条。这{whole:,}个词默认切分只能保全{default:.0%}。",
    )


def _borders(found: Found, by: Cutter) -> np.ndarray:
    """Return 1 for each place where a token of the default cut begins or ends, 0 elsewhere."""
    border: np.ndarray = np.zeros(len(found.points) + 1, np.uint8)
    begin, end, _ = cut_free(found.text, found.points, plain(found.text, found.near), by)
    border[begin] = 1
    border[end] = 1
    return border
