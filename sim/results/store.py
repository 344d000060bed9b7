"""Outcome columns in Parquet files: written in a fixed layout, streamed from parts, read by column.

The same rows always give the same bytes, however they came together: row groups have a fixed length and
nothing but the columns is written. Called by ``folder`` (writing) and ``run`` (reading).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sim.results.errors import StudyError
from sim.results.files import replaced
from sim.results.outcomes import REPLICATION, Columns

ROW_GROUP = 25_000
"""Replications per row group of a finished file: a few megabytes in memory."""


def write_part(path: Path, columns: Columns) -> None:
    """Write some replications to a file of their own, quick to write and with checksums of every page."""
    with replaced(path) as file:
        pq.write_table(pa.table(dict(columns)), file, compression="none", use_dictionary=False, **_CHECKED)


def read_part(path: Path) -> Columns | None:
    """Return what :func:`write_part` wrote; None if the file is not whole."""
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            return _columns(file.read())
    except (pa.ArrowException, OSError):
        return None


def assemble(path: Path, pieces: Iterable[Columns]) -> None:
    """Write pieces, in order, into one file with row groups of a fixed length and zstd compression."""
    with replaced(path) as file:
        writer: pq.ParquetWriter | None = None
        try:
            for group in _groups(pieces):
                writer = writer or pq.ParquetWriter(
                    file, group.schema, compression="zstd", use_dictionary=False, **_CHECKED
                )
                writer.write_table(group, row_group_size=ROW_GROUP)
        finally:
            if writer:
                writer.close()


def stream(path: Path, stop: int) -> Iterator[Columns]:
    """Yield the row groups of a finished file up to a replication."""
    with pq.ParquetFile(path, page_checksum_verification=True) as file:
        for group in range(-(-stop // ROW_GROUP)):
            columns = _columns(file.read_row_group(group))
            yield {name: column[: stop - group * ROW_GROUP] for name, column in columns.items()}


def read(path: Path, columns: Sequence[str]) -> Columns:
    """Return some columns of a finished file."""
    return _columns(pq.read_table(path, columns=list(columns)))


def rows(path: Path) -> int:
    """Return how many replications a finished file holds; 0 if there is no file.

    Raises
    ------
    StudyError
        The file is not Parquet.
    """
    try:
        return int(pq.read_metadata(path).num_rows) if path.exists() else 0
    except pa.ArrowInvalid as error:
        raise StudyError(f"{path} is damaged: {error}") from error


def names(path: Path) -> tuple[str, ...]:
    """Return the columns of a finished file."""
    return tuple(pq.read_schema(path).names)


_CHECKED = {"write_page_checksum": True, "write_statistics": True}


def _groups(pieces: Iterable[Columns]) -> Iterator[pa.Table]:
    waiting: list[pa.Table] = []
    for piece in pieces:
        waiting.append(pa.table(dict(piece)))
        while sum(table.num_rows for table in waiting) >= ROW_GROUP:
            table = pa.concat_tables(waiting)
            # One chunk per column: page boundaries must not depend on where the pieces met.
            yield table.slice(0, ROW_GROUP).combine_chunks()
            waiting = [table.slice(ROW_GROUP)]
    if waiting and (rest := pa.concat_tables(waiting)).num_rows:
        yield rest.combine_chunks()


def _columns(table: pa.Table) -> Columns:
    return {name: table.column(name).to_numpy() for name in table.column_names}


def whole(columns: Columns, first: int, stop: int) -> bool:
    """Return whether columns hold exactly the replications from ``first`` to before ``stop``."""
    found = columns.get(REPLICATION)
    return found is not None and np.array_equal(found, np.arange(first, stop))
