"""The command that things happen to: run a scenario into a folder with worker processes, without figures.

    python command.py SCENARIO FOLDER REPLICATIONS WORKERS

Small chunks, so that there is always something to interrupt. A study that fails is said in one line. In the
environment, CLOCK_DAYS sets the clock of its manifests, and PAUSE_SECONDS slows it down after each chunk.
"""

from __future__ import annotations

import os
import sys
import time
from datetime import datetime, timedelta, tzinfo
from pathlib import Path


class Clock(datetime):
    """A clock that is so many days fast."""

    @classmethod
    def now(cls, zone: tzinfo | None = None) -> datetime:
        return datetime.now(zone) + timedelta(days=int(os.environ.get("CLOCK_DAYS", "0")))


def main(scenario: str, folder: str, replications: str, workers: str) -> None:
    from sim.results import manifest
    from sim.results.errors import StudyError
    from sim.study import run as run_module
    from sim.study.named import named

    manifest.datetime = Clock
    run_module.CHUNK_BLOCKS = {"array": 1, "simpy": 1}
    pause = float(os.environ.get("PAUSE_SECONDS", "0"))
    try:
        run_module.run(
            named(scenario),
            replications=int(replications),
            workers=int(workers),
            out=Path(folder),
            progress=lambda done, total: time.sleep(pause),
        )
    except StudyError as error:
        sys.exit(f"said: {error}")


if __name__ == "__main__":
    main(*sys.argv[1:])
