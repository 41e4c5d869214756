"""The command line: `nqp-topics VERB …`, the library's verbs for a shell.

Exit codes: 0 done; 1 done, and verify found a difference; 2 refused (the message says why and what to do next);
3 a fault of this program, told so that it can be reported; 130 stopped with Ctrl-C.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import re
import signal
import sys
import time
import traceback
from argparse import Namespace
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn

from nqp_topics import __version__
from nqp_topics.checks import Problem, Refused, listed, one_of, refuse_if, remarks_as_lines, text
from nqp_topics.checks import said as shown
from nqp_topics.checks.chinese import told
from nqp_topics.cli import verbs
from nqp_topics.cli.common import aside, here, outputs_problems


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb; a refusal is told without a traceback, and so is a fault of this program (NQP_TRACEBACK=1 shows its own)."""
    said = "nqp-topics"
    remarks_as_lines()
    began = time.time()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")
    try:
        parser = _parser()
        options, more = parser.parse_known_args(arguments)
        refuse_if(_unknown(parser, options, more))
        if options.verb is None and not arguments and Path("study.toml").is_file():
            options = parser.parse_args(["next"])  # inside a study: where it stands
        if options.verb is None:
            parser.error("argument VERB: nothing")
        said += f" {options.verb}"
        here(options)
        refuse_if(_zeros(options))
        refuse_if(outputs_problems(options))
        code = verbs.run(options)
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        if arguments is None:
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # another Ctrl-C does not disturb the end
        _stop(began)
        aside("stopped; no file was left half written")
        if arguments is None:  # threads and kernels that are still at work have nothing more to say
            os._exit(130)
        return 130
    except BrokenPipeError:
        _let_go()
        aside(f"{said}: what read the output has closed it; the rest was not written")
        return 0
    except Refused as refused:
        aside(f"{said}: cannot be done as asked\n{refused}")
        return 2
    except (OSError, MemoryError) as error:
        aside(f"{said}: cannot be done as asked\n{_of_system(error)}")
        return 2
    except Exception as error:  # whatever else: told so that it can be mended
        if os.environ.get("NQP_TRACEBACK"):
            traceback.print_exc()
        at = traceback.extract_tb(error.__traceback__)[-1]
        came = f"{type(error).__name__} in {Path(at.filename).name}, line {at.lineno}: {shown(str(error))}"
        allowed = "what nqp-topics foresaw: this is a fault of the program, not yours"
        todo = "set NQP_TRACEBACK=1, run it again and report what it says; no file was left half written"
        aside(f"{said}: stopped\n{Problem(said, came, allowed, todo)}")
        return 3


def _of_system(error: OSError | MemoryError) -> Problem:
    """Put what the system refuses (a name that is too long, a full disk, no memory) into four parts."""
    if isinstance(error, MemoryError):
        came, allowed = "more memory than there is", "files and numbers of topics that fit into memory"
        return Problem("memory", came, allowed, "take fewer or smaller files, or a larger machine")
    if error.filename is None:
        _let_go()
    where = shown(str(error.filename or "what is printed"))[1:-1]
    came, allowed = error.strerror or str(error), "a place that can be read and written"
    return Problem(where, came, allowed, "check the path and its disk")


def _let_go() -> None:
    """Print to nowhere from now on: nobody can be told on a full disk, or where nobody reads."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _stop(began: float) -> None:
    """End the processes started since, and those that they have started: they have nobody to work for any more."""
    import psutil

    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            if process.create_time() >= began - 1:
                process.terminate()


def _zeros(options: Namespace) -> Iterator[Problem]:
    """Tell which words of the command hold the character NUL, which no name can."""
    for name, value in vars(options).items():
        words = value if isinstance(value, list) else [value]
        if any(isinstance(word, str) and "\0" in word for word in words):
            yield from text(name, "\0")


KINDS = {"int": "a whole number", "float": "a number"}


class _Parser(argparse.ArgumentParser):
    """A parser that refuses as the library does: in four parts, with the word that was probably meant."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options, add_help=False, allow_abbrev=False)
        self._positionals.title, self._optionals.title = told("arguments"), told("options")
        self.add_argument("-h", "--help", action="help", help=told("show this help and exit"))

    def format_help(self) -> str:
        return super().format_help().replace("usage: ", told("usage: "), 1)

    def error(self, message: str) -> NoReturn:
        where, came = self.prog, message
        if message.startswith("argument "):
            where, _, came = message.removeprefix("argument ").rpartition(": ")
            where = f"{self.prog} {where.partition(': ')[0]}"
        if came.startswith("the following arguments are required: "):
            came = f"nothing for {came.partition(': ')[2]}"
        came = "nothing" if came.startswith("expected ") else came
        todo = f"{self.prog} --help says what it takes"
        if found := re.search(r"invalid choice: (['\"])(.*?)\1 \(", message):
            names = [name for action in self._actions for name in action.choices or ()]
            raise Refused(*one_of(where.removeprefix(f"{self.prog} "), found[2], names, todo))
        if found := re.search(r"invalid (int|float) value: (.*)$", message, re.S):
            raise Refused(Problem(where, shown(found[2])[1:-1], KINDS[found[1]], todo))
        usage = " ".join(self.format_usage().removeprefix("usage: ").split())
        raise Refused(Problem(where, shown(came)[1:-1], usage, todo))


def _unknown(parser: argparse.ArgumentParser, options: Namespace, words: list[str]) -> Iterator[Problem]:
    """Tell which words the verb does not take; an option that is cut short is offered in full."""
    choices: Any = next(action.choices for action in parser._actions if action.choices)
    of = choices[options.verb] if options.verb else parser
    takes, todo = list(of._option_string_actions), f"{of.prog} --help says what it takes"
    wrong = [word for word in words if word.startswith("-")]
    for word in wrong or words:
        if wrong:
            yield from one_of(of.prog, word.partition("=")[0], takes, todo)
        else:
            yield Problem(of.prog, f"{shown(word)} too", listed(takes), todo)


def _parser() -> argparse.ArgumentParser:
    about = "Topic models for Chinese texts, from raw documents to figures with their numbers."
    parser = _Parser(prog="nqp-topics", description=told(about))
    shows = told("show the version and exit")
    parser.add_argument("--version", action="version", version=f"nqp-topics {__version__}", help=shows)
    verbs.add(parser.add_subparsers(dest="verb", metavar=told("VERB")))
    return parser
