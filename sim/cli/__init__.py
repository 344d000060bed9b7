"""The command line: ``chiproute``. Words, tables and progress are made here; numbers come from ``study``."""

from sim.cli.main import main

__all__ = ["main"]
