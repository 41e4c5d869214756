"""The verb lab, which waits for none of the rooms."""

import json
import os
import subprocess
import sys
from argparse import Namespace
from pathlib import Path
from tempfile import TemporaryDirectory

from nqp_topics.checks import Problem, Refused
from nqp_topics.cli.common import study_of

NEWS = "@jupyterlab/apputils-extension:announcements"


def _lab(options: Namespace) -> int:
    """Open JupyterLab on the notebooks of a study: on this machine alone, without news, also for root; Ctrl-C ends it at once."""
    study = study_of(options)
    place = study.path("notebooks")
    if not place.is_dir():
        todo = "go to the study's folder, or give its path with --study"
        raise Refused(Problem(str(place), "no such folder", "the notebooks of a study", todo))
    settings = {
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": options.port,
        "ServerApp.root_dir": str(study.folder.resolve()),
        "ServerApp.open_browser": not options.no_browser,
        "ServerApp.answer_yes": True,
        "ServerApp.allow_root": True,
        "LabApp.default_url": "/lab/tree/notebooks",
        "LabApp.news_url": None,
        "LabApp.check_for_updates_class": "jupyterlab.handlers.announcements.NeverCheckForUpdate",
    }
    command = [sys.executable, "-m", "jupyterlab", *(f"--{name}={value}" for name, value in settings.items())]
    with TemporaryDirectory() as beside, subprocess.Popen(command, env=_without_news(beside)) as server:
        try:
            return server.wait()
        except KeyboardInterrupt:
            server.wait()
            raise


def _without_news(folder: str) -> dict[str, str]:
    """Return variables with which JupyterLab does not ask either whether it may fetch news, which it does whatever their address is."""
    page = Path(folder, "labconfig", "page_config.json")
    page.parent.mkdir()
    page.write_bytes(json.dumps({"disabledExtensions": {NEWS: True}}).encode())
    others = os.environ.get("JUPYTER_CONFIG_PATH", "")
    return {**os.environ, "JUPYTER_CONFIG_PATH": os.pathsep.join(filter(None, (folder, others)))}
