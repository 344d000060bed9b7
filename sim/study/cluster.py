"""Run on a cluster: an executor of dask.distributed, from the address of its scheduler.

The extra ``cluster`` brings dask.distributed; nothing else here needs it. Called by the command line.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager

from sim.results.errors import StudyError

PATIENCE = "10s"
"""How long a scheduler may take to answer."""


@contextmanager
def cluster(address: str) -> Iterator[Executor]:
    """Connect to a scheduler ("tcp://host:port") and yield an executor that runs on its workers.

    Raises
    ------
    StudyError
        dask.distributed is not installed, or no scheduler answers at the address.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise StudyError('a cluster needs dask.distributed: pip install "chiproute[cluster]"') from error
    try:
        client = Client(address, timeout=PATIENCE, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError, TypeError) as error:
        raise StudyError(f"no scheduler answers at {address}: {error}") from error
    with client:
        yield client.get_executor(pure=False)  # type: ignore[no-untyped-call]
