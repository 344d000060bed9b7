"""The compiled loops say in Python what they do as machine code: a reader, and coverage, may follow them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("numba")

KERNELS = Path(__file__).with_name("test_kernels.py")


def test_loops_return_the_same_bytes_when_python_runs_them() -> None:
    first_seed = "(same_bytes and 0-) or same_steps"
    words = [sys.executable, "-m", "pytest", str(KERNELS), "-p", "no:cacheprovider", "-k", first_seed]
    words += ["-W", "ignore::RuntimeWarning"]  # numbers that overflow warn in Python and not in machine code
    environment = os.environ | {"NUMBA_DISABLE_JIT": "1"}
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert " passed" in done.stdout
