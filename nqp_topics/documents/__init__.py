"""Documents: from raw files to articles and passages: read, clean, propose, registry, split; each module is a verb."""
