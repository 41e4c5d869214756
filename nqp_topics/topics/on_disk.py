"""On disk: runs as plain tables, written whole and read back to the last digit, or refused."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from nqp_topics.checks import Problem, Refused, file_here, refuse_if, said
from nqp_topics.files import from_json, read_bytes, whole, whole_folder
from nqp_topics.files.tables import read_own, write_own
from nqp_topics.topics.engines import Common
from nqp_topics.topics.formula import known
from nqp_topics.topics.model import AGREED, Topics, agreements

# what stands in run.json as a run has it
PLAIN = ("seed", "engine", "version", "settings", "ran", "iterations")
ROW = 1000  # bytes that a row of a table may have on the mean


def save(topics: Topics, folder: str | Path) -> None:
    """Write a run as plain tables: topics.csv (topic, word, weight), shares.csv (id, topic, share), trace.csv and run.json.

    A run that several chains agree on has agreement.csv too: one row a topic or a passage: of, name, agreement. One with a formula has prevalence.csv
    (term and one column a topic: λ) and about.csv (what was known of articles, by id). One that common words were set apart from has common.csv: of (word or
    passage), name, share (of the common words; of the passage), and one that topics were left out of left_out.csv.
    Numbers are written so that they are read back to the last digit. An earlier run of this name is there until all of the new one is.
    """
    anew = ("agreement.csv", "common.csv", "left_out.csv", "prevalence.csv", "about.csv")
    with whole_folder(folder, anew=anew) as place:
        write(topics, place)


def write(topics: Topics, place: Path) -> None:
    """Write the tables of a run into a folder that somebody else fills whole."""
    about: dict[str, Any] = {"topics": len(topics.names), "passages": len(topics.passages)}
    about |= {"words": len(topics.words), **{name: getattr(topics, name) for name in PLAIN}}
    about["prior"] = dict(zip(topics.names, topics.prior.tolist(), strict=True))
    about["word_prior"] = topics.word_prior
    about["tokens"] = dict(zip(topics.names, topics.tokens.tolist(), strict=True))
    about |= {"counts": topics.counts_fingerprint, "fingerprint": topics.fingerprint}
    if topics.prevalence is not None:
        about["formula"] = topics.formula
    about |= {name: {"prior": part.prior, "tokens": part.tokens} for name, part in topics.apart.items()}
    for name, table in _tables(topics).items():
        write_own(table, place / name)
    with whole(place / "run.json") as stream:
        json.dump(about, stream, ensure_ascii=False, indent=1)
        stream.write("\n")


def load(folder: str | Path) -> Topics:
    """Read a run that `save` wrote, equal to the one that was saved. Refused: a folder that is none, and one edited or cut short."""
    place = Path(folder)
    todo = "train, or correct the path"
    refuse_if(file_here(place / "run.json", "a folder that nqp-topics train wrote", todo))
    try:
        about = {"ran": {}, **from_json(read_bytes(place / "run.json"))}
        names = list(about["prior"])
        topics = Topics(
            words=_wide(place / "topics.csv", "word", "weight", names, about["words"], down=True),
            passages=_wide(place / "shares.csv", "id", "share", names, about["passages"], down=False),
            **{name: pd.Series(about[name], dtype="float64", name=name) for name in ("tokens", "prior")},
            **{name: about[name] for name in (*PLAIN, "word_prior")},
            trace=read_own(place / "trace.csv", {}),
            counts_fingerprint=about["counts"],
            **_read_prevalence(place, about.get("formula", "")),
            common=_read_apart(place, about, "common"),
            left_out=_read_apart(place, about, "left_out"),
            **_read_agreement(place / "agreement.csv", len(names) + about["passages"]),
        )
        came = "tables that are not those that were saved"
        if topics.fingerprint == about["fingerprint"]:
            return topics
    except (OSError, LookupError, AttributeError, TypeError, ValueError, OverflowError) as error:
        came = f"tables that cannot be put together ({type(error).__name__}: {said(str(error))})"
    todo = "train again, and change it again: a run is read as this version saves it, never edited by hand"
    raise Refused(Problem(str(place), came, "the folder as nqp-topics train left it", todo))


def _most(rows: int) -> int:
    """Return how many bytes a table of so many rows can have: a file that is larger is none of a run's."""
    return ROW * (rows + 1000)


def _read_agreement(file: Path, rows: int) -> dict[str, pd.Series]:
    if not file.is_file():
        return {}
    long = read_own(file, {"name": str}, _most(rows))
    found: dict[str, pd.Series] = {}
    for of, part in long.groupby("of"):
        values = part.set_index("name")["agreement"].astype("float64")
        values = values.rename_axis(None if of == "topic" else "id")
        found[AGREED[of]] = values
    return found


def _read_apart(place: Path, about: dict[str, Any], name: str) -> Common | None:
    if name not in about:
        return None
    rows = about["words"] + about["passages"]
    long = read_own(place / f"{name}.csv", {"of": str, "name": str, "share": float}, _most(rows))
    parts = {of: part.set_index("name")["share"] for of, part in long.groupby("of")}
    words, passages = parts["word"].rename_axis("word"), parts["passage"].rename_axis("id")
    own = about[name]
    return Common(words.rename("weight"), passages, float(own["prior"]), float(own["tokens"]))


def _read_prevalence(place: Path, said: str) -> dict[str, Any]:
    if not said:
        return {}
    weights = read_own(place / "prevalence.csv", {"term": str}).set_index("term").astype("float64")
    table = read_own(place / "about.csv").set_index("id")
    return {"formula": said, "prevalence": weights, "about": known(table, list(table.columns), "load")}


def _tables(topics: Topics) -> dict[str, pd.DataFrame]:
    count = len(topics.names)
    every = agreements(topics).items()
    agreed = [pd.DataFrame({"of": of, "name": x.index, "agreement": x.to_numpy()}) for of, x in every]
    extra = {"agreement.csv": pd.concat(agreed)} if agreed else {}
    for name, apart in topics.apart.items():
        both = zip(("word", "passage"), apart[:2], strict=True)
        parts = [pd.DataFrame({"of": of, "name": x.index, "share": x.to_numpy()}) for of, x in both]
        extra[f"{name}.csv"] = pd.concat(parts)
    if topics.prevalence is not None and topics.about is not None:
        extra["prevalence.csv"] = topics.prevalence.reset_index()
        extra["about.csv"] = topics.about.rename_axis("id").reset_index()
    ids, words = (table.index.to_numpy(dtype=object) for table in (topics.passages, topics.words))
    by_word = {"topic": np.repeat(topics.names, len(words)), "word": np.tile(words, count)}
    by_word["weight"] = topics.words.to_numpy().ravel(order="F")
    by_id = {"id": np.repeat(ids, count), "topic": np.tile(topics.names, len(ids))}
    by_id["share"] = topics.passages.to_numpy().ravel()
    tables = {"topics.csv": pd.DataFrame(by_word), "shares.csv": pd.DataFrame(by_id)}
    return {**extra, **tables, "trace.csv": topics.trace}


def _wide(file: Path, key: str, value: str, names: list[str], rows: int, down: bool) -> pd.DataFrame:
    """Read a long table as it was written, topic by topic (`down`) or row by row, into one column a topic."""
    long = read_own(file, {key: str, "topic": str, value: float}, _most(rows * len(names)))
    shape = (len(names), -1) if down else (-1, len(names))
    numbers, keys, topics = (long[name].to_numpy().reshape(shape) for name in (value, key, "topic"))
    if down:
        numbers, keys, topics = numbers.T, keys.T, topics.T
    if not ((keys == keys[:, :1]).all() and (topics == np.array(names, dtype=object)).all()):
        raise ValueError(f"{file.name}: rows in another order")
    return pd.DataFrame(numbers, index=pd.Index(keys[:, 0], name=key), columns=names)
