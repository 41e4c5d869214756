"""Formats: one file a kind of document; bytes go in, pages of text come out."""
