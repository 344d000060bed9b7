"""Kernels: the few functions that take most of the time, each in two forms that return the same bytes.

The plain form is numpy and always there; the compiled one is a loop that numba makes machine code of. numba
takes a second to import, so :mod:`sim.study.run` asks for it only where the work is long enough. Plain forms
are where they are used, in ``chance`` and ``engine``; compiled ones in a module ``loops`` of either.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cached_property
from importlib import import_module
from typing import Generic, ParamSpec, TypeVar, cast

P = ParamSpec("P")
R = TypeVar("R")

LOOPS = "sim.chance.loops"
"""Where the compiled forms of this room are."""

_compiled: ContextVar[bool] = ContextVar("compiled", default=False)


class Kernel(Generic[P, R]):
    """A function in two forms: ``plain``, and the compiled one of the same name in the module ``loops``."""

    def __init__(self, plain: Callable[P, R], loops: str) -> None:
        self.plain, self._loops = plain, loops

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Return what either form returns."""
        try:
            return (self.compiled if _compiled.get() else self.plain)(*args, **kwargs)
        except SystemError as error:  # what numba makes of Ctrl-C in the middle of a call
            if isinstance(error.__cause__, KeyboardInterrupt):
                raise error.__cause__ from None
            raise

    @cached_property
    def compiled(self) -> Callable[P, R]:
        """Return the compiled form; the plain one where numba is missing, or not made for this numpy."""
        try:
            return cast(Callable[P, R], getattr(import_module(self._loops), self.plain.__name__))
        except ImportError:
            return self.plain


def kernel(loops: str) -> Callable[[Callable[P, R]], Kernel[P, R]]:
    """Make a kernel of a plain function; a module holds the compiled form under the same name."""
    return lambda plain: Kernel(plain, loops)


@contextmanager
def compiled(wanted: bool = True) -> Iterator[None]:
    """Use the compiled form of each kernel in the block; the plain one if that is not wanted."""
    token = _compiled.set(wanted)
    try:
        yield
    finally:
        _compiled.reset(token)
