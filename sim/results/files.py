"""Files that are whole or absent: atomic writing, checksums, and the lock of a folder.

Nothing here knows what a file means. Used by ``store``, ``manifest`` and ``folder``.
"""

from __future__ import annotations

import errno
import hashlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from sim.results.errors import StudyError

PARTIAL = ".partial"
"""Ending of a file that is being written."""


@contextmanager
def replaced(path: Path) -> Iterator[IO[bytes]]:
    """Open a file that appears at ``path``, whole and on disk, when the block ends without error."""
    partial = path.with_name(path.name + PARTIAL)
    try:
        with partial.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except BaseException:
        with suppress(OSError):
            partial.unlink()
        raise


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def explained(folder: Path) -> Iterator[None]:
    """Turn an error of the operating system into a sentence about a run folder.

    Raises
    ------
    StudyError
        Instead of any OSError in the block.
    """
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            problem = "the disk is full; finished parts are kept: make room and run the same command again"
        else:
            problem = f"cannot read or write {error.filename or folder}: {error.strerror or error}"
        raise StudyError(f"run folder {folder}: {problem}") from error


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder; the lock of a process that died holds nobody.

    Raises
    ------
    StudyError
        Another process holds it.
    """
    path = folder / ".lock"
    with explained(folder):
        # Not truncated yet: those who are refused read the owner's number.
        file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o644), "r+b", buffering=0)
    with file:
        with explained(folder):
            free = _try_lock(file) and _still_there(file, path)
        if not free:
            owner = file.read().decode("ascii", "replace").strip() or "unknown"
            raise StudyError(f"run folder {folder}: another run (process {owner}) is writing here")
        file.truncate(0)
        file.write(f"{os.getpid()}\n".encode())
        try:
            yield
        finally:
            path.unlink(missing_ok=True)


def _try_lock(file: IO[bytes]) -> bool:
    """Lock a file without waiting; the system frees it when the process ends, however it ends."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EAGAIN, errno.EDEADLK):
            return False
        raise
    return True


def _still_there(file: IO[bytes], path: Path) -> bool:
    """Return whether the locked file is the one others see: its last owner may just have removed it."""
    with suppress(FileNotFoundError):
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    return False
