"""Reproduce: what is handed on. The facts of a study that may be shared, its notebooks run from fresh kernels, the ledger of figures, and
whether everything comes out again.

Sharing    facts, share
Notebooks  notebooks, run, tidy, unchanged, note
Ledger     ledger, write_ledger, redraw
Paper      methods, write_methods
Archive    bundle, check_bundle
Checking   verify, summary
"""

from nqp_topics.reproduce.bundle import bundle, check_bundle
from nqp_topics.reproduce.ledger import ledger, redraw, write_ledger
from nqp_topics.reproduce.methods import methods, write_methods
from nqp_topics.reproduce.notebooks import notebooks, run, tidy
from nqp_topics.reproduce.shared import SHARED, facts, rebuilt, share, shared_table
from nqp_topics.reproduce.unchanged import note, unchanged
from nqp_topics.reproduce.verify import summary, verify
