"""Outcome columns in Parquet files: written in a fixed layout, streamed from parts, read by column.

The same rows always give the same bytes, however they came together: row groups have a fixed length and
nothing but the columns is written. Called by ``folder`` (writing) and ``run`` (reading).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from sim.results.errors import StudyError
from sim.results.files import Partial, intact, replaced, stamped
from sim.results.outcomes import Columns

ROW_GROUP = 25_000
"""Replications per row group of a finished file: a few megabytes in memory."""

QUICK = -3
"""Level of zstd: twice as quick to write and to read as its usual one, for files a fifth larger."""


def write_part(path: Path, columns: Columns) -> Path:
    """Write some replications to a file of their own, quick to write; return its path, with a checksum."""
    # A part that a power cut spoils is computed again, which costs less than waiting for the disk.
    with replaced(path, durable=False) as file:
        pq.write_table(pa.table(dict(columns)), file, compression="none", use_dictionary=False)
    return stamped(path)


def read_part(path: Path) -> Columns | None:
    """Return what :func:`write_part` wrote; None if the file is not what it was."""
    try:
        if not intact(path):
            return None
        with pq.ParquetFile(path) as file:
            return _columns(file.read())
    except (pa.ArrowException, OSError):
        return None


class Assembly:
    """A finished file while it is put together: row groups of a fixed length, compressed with zstd.

    It appears at its path when all rows have come, in order; what pieces they came in leaves no trace.
    """

    def __init__(self, path: Path) -> None:
        self._partial = Partial(path)
        self._writer: pq.ParquetWriter | None = None
        self._waiting: list[pa.Table] = []

    def add(self, piece: Columns) -> None:
        """Append rows."""
        self._waiting.append(pa.table(dict(piece)))
        while sum(table.num_rows for table in self._waiting) >= ROW_GROUP:
            table = pa.concat_tables(self._waiting)
            self._write(table.slice(0, ROW_GROUP))
            self._waiting = [table.slice(ROW_GROUP)]

    def finish(self) -> None:
        """Append what is left, and let the file appear."""
        if self._waiting and (rest := pa.concat_tables(self._waiting)).num_rows:
            self._write(rest)
        if self._writer:
            self._writer.close()
        self._partial.keep()

    def drop(self) -> None:
        """Give up: nothing appears."""
        self._partial.drop()

    def _write(self, group: pa.Table) -> None:
        self._writer = self._writer or pq.ParquetWriter(
            self._partial.file,
            group.schema,
            compression="zstd",
            compression_level=QUICK,
            use_dictionary=False,
            write_page_checksum=True,
            write_statistics=True,
        )
        # One chunk per column: page boundaries must not depend on where the pieces met.
        self._writer.write_table(group.combine_chunks(), row_group_size=ROW_GROUP)


def stream(path: Path, stop: int) -> Iterator[Columns]:
    """Yield the row groups of a finished file up to a replication; errors as in :func:`read`."""
    with _readable(path), pq.ParquetFile(path, page_checksum_verification=True) as file:
        for group in range(-(-stop // ROW_GROUP)):
            columns = _columns(file.read_row_group(group))
            yield {name: column[: stop - group * ROW_GROUP] for name, column in columns.items()}


def read(path: Path, columns: Sequence[str]) -> Columns:
    """Return some columns of a finished file.

    Raises
    ------
    StudyError
        The file is not there, or no Parquet.
    """
    with _readable(path), pq.ParquetFile(path) as file:
        # Threads cost more than they bring for one column, and callers read several side by side.
        return _columns(file.read(columns=list(columns), use_threads=len(columns) > 1))


def rows(path: Path) -> int:
    """Return how many replications a finished file holds, 0 if it is not there; errors as in :func:`read`."""
    with _readable(path):
        return int(pq.read_metadata(path).num_rows) if path.exists() else 0


def names(path: Path) -> tuple[str, ...]:
    """Return the columns of a finished file; errors as in :func:`read`."""
    with _readable(path):
        return tuple(pq.read_schema(path).names)


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    if path.exists() and not path.is_file():  # a pipe would be waited for, and some devices never end
        raise StudyError(f"{path} is not a regular file")
    try:
        yield
    except (pa.ArrowException, OSError) as error:
        raise StudyError(f"{path} is damaged: {' '.join(str(error).split())}") from error


def _columns(table: pa.Table) -> Columns:
    return {name: table.column(name).to_numpy() for name in table.column_names}
