"""Cleaning: the steps that `clean` composes; text goes in, text comes out."""
