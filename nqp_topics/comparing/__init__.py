"""What comparing is made of: shares of articles, distances, groups, wording, runs; `compare` gives them to the reader."""
