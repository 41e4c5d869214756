"""What Windows does otherwise, for a process with this folder on its path: what it lacks the library does not find, what it refuses nobody may do."""

import builtins
import io
import multiprocessing
import os
import pathlib
import re
import shutil
import signal
import sys
from contextlib import suppress
from types import ModuleType

LACKS = {
    "os": "fork getuid geteuid umask sysconf sched_getaffinity killpg setsid mkfifo statvfs getloadavg uname",
    "signal": "SIGKILL SIGALRM SIGPROF SIGHUP SIGUSR1 SIGCHLD SIGPIPE setitimer alarm ITIMER_PROF ITIMER_REAL",
}
UNKNOWN = "fcntl resource pwd grp termios pty tty readline syslog"
NO_NAME = re.compile(r'[<>:"|?*\\]|[. ]$|^(con|prn|aux|nul|com\d|lpt\d)(\.|$)', re.I)
opened, imported, os_open = io.open, builtins.__import__, os.open


class Seen(ModuleType):
    """A module as the library sees it."""

    def __init__(self, module, **other):
        super().__init__(module.__name__)
        self.module, self.other = module, other

    def __getattr__(self, name):
        if name in LACKS.get(self.module.__name__, "").split():
            raise AttributeError(f"{self.module.__name__}.{name} on Windows")
        return self.other[name] if name in self.other else getattr(self.module, name)


def locking(handle, mode, many):
    import fcntl

    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise PermissionError(13, "another has the lock") from None


SEEN = {"os": Seen(os, name="nt"), "sys": Seen(sys, platform="win32"), "signal": Seen(signal)}
SEEN["msvcrt"] = Seen(ModuleType("msvcrt"), locking=locking, LK_NBLCK=2)


def found(name, globals=None, locals=None, fromlist=(), level=0):
    if not level and (globals or {}).get("__name__", "").startswith("nqp_topics"):
        if name in UNKNOWN.split():
            raise ModuleNotFoundError(f"No module named {name!r} on Windows")
        if name in SEEN:
            return SEEN[name]
    return imported(name, globals, locals, fromlist, level)


def in_use(place):
    """Tell whether this process holds a file, or one in a folder, open."""
    full = os.path.realpath(place)
    for handle in pathlib.Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            if f"{handle.readlink()}/".startswith(f"{full}/"):
                return True
    return False


def refusing(do, over=None):
    """Refuse to move or take away what is in use, or to put something in the place of a folder (over), or of anything."""

    def done(one, *other, **more):
        there = [place for place in other if (os.path.isdir if over else os.path.lexists)(place)]
        if there or any(map(in_use, (one, *other))):
            raise PermissionError(13, "in use, or there", str(one))
        return do(one, *other, **more)

    return done


def text(file, mode="r", buffering=-1, encoding=None, errors=None, newline=None, *more, **others):
    if newline is None and "b" not in mode and set(mode) & set("wax"):
        newline = "\r\n"
    if set(mode) & set("wax") and not isinstance(file, int) and NO_NAME.search(pathlib.Path(file).name):
        raise OSError(22, "no name on Windows", str(file))
    return opened(file, mode, buffering, encoding, errors, newline, *more, **others)


def no_folder(place, flags, *more, **others):
    if pathlib.Path(place).is_dir() and not flags & os.O_TMPFILE:
        raise PermissionError(13, "a folder", str(place))
    return os_open(place, flags, *more, **others)


def refused(*_, **__):
    raise NotImplementedError("on Windows")


builtins.__import__, builtins.open, io.open, os.open = found, text, text, no_folder
os.replace, os.rename = refusing(os.replace, over=True), refusing(os.rename)
os.unlink, os.remove, os.rmdir = refusing(os.unlink), refusing(os.remove), refusing(os.rmdir)
os.symlink = pathlib.Path.is_mount = pathlib.Path.owner = refused
os.chmod = lambda *_, **__: None
shutil._use_fd_functions = False
multiprocessing.set_start_method("spawn")
sys.stdout.reconfigure(newline="\r\n")
