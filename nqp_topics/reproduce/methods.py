"""Methods: what a paper must say of how it was made, filled in from study.toml, the run and the tables; what nobody has said stays missing."""

import pandas as pd

from nqp_topics.reproduce.borne_out import BORNE_OUT
from nqp_topics.reproduce.facts import Facts
from nqp_topics.reproduce.modelled import MODELLED
from nqp_topics.reproduce.prepared import PREPARED
from nqp_topics.study import Study, refuse_if, unnumbered

COLUMNS = ["section", "item", "state", "en", "zh", "todo"]


def methods(study: Study) -> pd.DataFrame:
    """Answer what a methods section must say: one row an item: section, item, state (answered, not applicable, MISSING), en, zh, todo.

    Every number is read from the study's tables or its reported run; both languages hold the same numbers. Nothing is said of what was not done.
    Refused: a study without a number of topics.
    """
    refuse_if(unnumbered(study))
    facts = Facts(study)
    rows = [(section, item, answer(facts)) for section, item, answer in (*PREPARED, *MODELLED, *BORNE_OUT)]
    return pd.DataFrame(
        [(section, item, said.state, said.en, said.zh, said.todo) for section, item, said in rows],
        columns=COLUMNS,
    )
