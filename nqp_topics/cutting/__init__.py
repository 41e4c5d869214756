"""What cutting is made of: files of texts, scripts, runs of digits and letters, the search for terms, the dictionary's cut."""
