"""Files that are whole or absent: atomic writing, checksums, and the lock of a folder.

Nothing here knows what a file means. Used by ``store``, ``manifest`` and ``folder``.
"""

from __future__ import annotations

import errno
import hashlib
import os
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from sim.results.errors import StudyError

PARTIAL = ".partial"
"""Ending of a file that is being written."""

LOCK = ".lock"
"""The file whose lock keeps other processes out of a folder."""


class Partial:
    """A file that is written beside ``path`` and appears there, whole, when it is kept."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._partial = path.with_name(path.name + PARTIAL)
        self.file: IO[bytes] = self._partial.open("wb")

    def keep(self, *, durable: bool = True) -> None:
        """Let the file appear; see :func:`replaced`."""
        with self.file as file:
            if durable:
                file.flush()
                os.fsync(file.fileno())
        self._partial.replace(self._path)
        if durable:
            _settle(self._path.parent)

    def drop(self) -> None:
        """Remove what has been written, however far it came."""
        with suppress(OSError):
            self.file.close()
        with suppress(OSError):
            self._partial.unlink()


@contextmanager
def replaced(path: Path, *, durable: bool = True) -> Iterator[IO[bytes]]:
    """Open a file that appears at ``path``, whole, when the block ends without error.

    Parameters
    ----------
    durable
        Return only when a power cut can no longer take it back; without it the file may be lost or torn
        by a power cut, though not by the end of the process.
    """
    partial = Partial(path)
    try:
        yield partial.file
        partial.keep(durable=durable)
    except BaseException:
        partial.drop()
        raise


def _settle(folder: Path) -> None:
    """Wait until the names in a folder are on disk; Windows does so by itself."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def stamped(path: Path) -> Path:
    """Rename a file so that it carries the CRC-32 of its content, and return where it is now."""
    return path.rename(path.with_stem(f"{path.stem}-{_crc32(path)}"))


def intact(path: Path) -> bool:
    """Return whether a file has the content it was :func:`stamped` with."""
    return path.is_file() and path.stem.rpartition("-")[2] == _crc32(path)


def _crc32(path: Path) -> str:
    return f"{zlib.crc32(path.read_bytes()):08x}"


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
        elif error.errno == errno.ENOENT and not folder.exists():
            problem = "it was removed or renamed during the run; run the same command again"
        else:
            problem = f"cannot read or write {error.filename or folder}: {error.strerror or error}"
        raise StudyError(f"run folder {folder}: {problem}") from error


@contextmanager
def locked(folder: Path) -> Iterator[Callable[[], None]]:
    """Hold the lock of a folder; the lock of a process that died holds nobody.

    Yields
    ------
    callable
        Raises StudyError if the folder is no longer the one that was locked.

    Raises
    ------
    StudyError
        Another process holds the lock, or the folder cannot be written.
    """
    with explained(folder):
        file = _acquired(folder)
    with file:
        with suppress(OSError):  # only for those who are refused: on a full disk there is no room for it
            file.truncate(0)
            file.write(f"{os.getpid()}\n".encode())
        try:
            yield lambda: _check_there(file, folder)
        finally:
            with suppress(OSError):
                if _still_there(file, folder):
                    (folder / LOCK).unlink()


def in_use(folder: Path) -> bool:
    """Return whether another process holds the lock of a folder; nothing is written."""
    try:
        with (folder / LOCK).open("rb", buffering=0) as file:
            return not _try_lock(file)
    except OSError:
        return False


def _acquired(folder: Path) -> IO[bytes]:
    """Return the lock file, locked; again if its last owner removed it in between."""
    while True:
        # Not truncated yet: those who are refused read the owner's number.
        file = os.fdopen(os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o644), "r+b", buffering=0)
        free = _try_lock(file)
        if free and _still_there(file, folder):
            return file
        with file:
            owner = file.read().decode("ascii", "replace").strip() or "unknown"
        if not free:
            raise StudyError(f"run folder {folder}: another run (process {owner}) is writing here")


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


def _check_there(file: IO[bytes], folder: Path) -> None:
    if not _still_there(file, folder):
        raise StudyError(
            f"run folder {folder}: it was removed or replaced during the run; run the same command again"
        )


def _still_there(file: IO[bytes], folder: Path) -> bool:
    """Return whether the locked file is the one others see."""
    with suppress(FileNotFoundError, NotADirectoryError):
        return os.path.samestat(os.fstat(file.fileno()), (folder / LOCK).stat())
    return False
