"""One room a family of formats. Every reader is a function (bytes of a file, study) → `Found`; none imports `read`."""
