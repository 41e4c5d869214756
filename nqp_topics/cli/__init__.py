"""The command line: `nqp-topics VERB …`, the library's verbs for a shell.

Exit codes: 0 done; 1 done, and verify found a difference; 2 refused (the message says why and what to do next); 130 stopped with Ctrl-C.
"""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Callable, Sequence

from nqp_topics import __version__
from nqp_topics.cli import documents, figures, topics, words
from nqp_topics.cli.common import outputs_problems
from nqp_topics.study import Refused, refuse_if


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb; a refusal is told without a traceback."""
    parser = _parser()
    options = parser.parse_args(arguments)
    run: Callable[[argparse.Namespace], int | None] | None = getattr(options, "run", None)
    if run is None:
        parser.print_help()
        return 2
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        refuse_if(outputs_problems(options))
        return run(options) or 0
    except Refused as refused:
        print(f"nqp-topics {options.verb}: cannot be done as asked\n{refused}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stopped; no file was left half written", file=sys.stderr)
        return 130
    except BrokenPipeError:
        sys.stderr.close()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="nqp-topics",
        description="Topic models for Chinese texts, from raw documents to figures with their numbers.",
    )
    parser.add_argument("--version", action="version", version=f"nqp-topics {__version__}")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB")

    def verb(
        name: str, run: Callable[[argparse.Namespace], int | None], about: str
    ) -> argparse.ArgumentParser:
        command = verbs.add_parser(name, help=about, description=about)
        command.set_defaults(run=run)
        command.add_argument(
            "--study", metavar="FILE", help="study.toml (default: the one in this folder, if there is one)"
        )
        return command

    for module in (documents, words, topics, figures):
        module.add(verb)
    return parser
