"""Reporting: what is handed on, how the notebooks are run, what the ledger says, and whether all of it comes out again."""
