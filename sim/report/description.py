"""Description: a figure in words and numbers, for those who do not see it and those who check it.

Made by the ``describe_`` function beside each figure, in the figure's language; read by pages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True, eq=False)
class Description:
    """What a figure shows.

    Attributes
    ----------
    alternative
        One or two sentences with the figure's main numbers: the text alternative of an image.
    table
        The data behind the figure: headings in the figure's language, cells as texts that are ready to be
        shown, the first column naming the row.
    """

    alternative: str
    table: pd.DataFrame


def described(alternative: str, rows: Sequence[Mapping[str, str]]) -> Description:
    """Return a description whose table has these rows: heading to cell, the same headings in each."""
    return Description(alternative, pd.DataFrame(list(rows)))
