"""`python -m nqp_topics.cli` is `nqp-topics`."""

import sys

from nqp_topics.cli import main

if __name__ == "__main__":
    sys.exit(main())
