"""Words: from passages to tokens and the terms of a field: lexicon, segment, sift, audit, terms."""
