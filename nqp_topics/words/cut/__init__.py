"""Cut: how a line becomes tokens: the dictionary, its tree, the best path, the script."""
