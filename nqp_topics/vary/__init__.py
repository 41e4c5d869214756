"""Vary: would a finding hold with other choices? Findings are registered, every universe of choices is fitted, and what fails is counted too.

found = findings(study)                       # findings.toml: what, of which topic, between which groups, which sign
table = run(study, found, universes=240)      # one row a finding and universe
holds(table)                                  # in which share of universes each finding holds, beside shuffled groups
moves(table)                                  # which choice moves it most
"""

from nqp_topics.vary.asking import choices, holds, kept, moves, run, universes
from nqp_topics.vary.findings import Finding, findings
