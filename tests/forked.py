"""Processes of ours, forked from one that has imported everything already: a fresh Python imports for longer than most of them
take. What is about the program itself starts it: `python -m carelane`.
"""

import gc
import os
import sys
from collections.abc import Mapping
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path

from carelane.cli import main
from carelane.processes.supervisor import METRICS_FOLDER
from tests import forked_loader

CONTEXT = get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.forked_first", "tests.forked_code", "tests.undying"])


def start(arguments: tuple[str, ...], environment: Mapping[str, str], out: Path, err: Path, cwd: Path) -> BaseProcess:
    """The command line `carelane ARGUMENTS`, which appends to the two files what it prints."""
    process = CONTEXT.Process(target=_live, args=(arguments, dict(environment), out, err, cwd), daemon=True)
    process.start()
    return process


def _live(arguments: tuple[str, ...], environment: dict[str, str], out: Path, err: Path, cwd: Path) -> None:
    """In the process of its own."""
    # Nothing that was imported before needs to be looked through.
    gc.freeze()
    counters = {METRICS_FOLDER: os.environ[METRICS_FOLDER]}
    os.environ.clear()
    os.environ.update(counters | environment)
    os.chdir(cwd)
    for number, path in ((1, out), (2, err)):
        with path.open("a") as file:
            os.dup2(file.fileno(), number)
    sys.argv = ["carelane", *arguments]
    if arguments[0] == "serve":
        forked_loader.prepare()
    main()
