"""placeholder"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Distribution(Protocol):
    """A law of chance, known by its quantile function."""

    def quantile(self, probability: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the quantiles, elementwise."""
        ...
