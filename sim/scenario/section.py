"""The base of every section of a scenario file: a frozen model that refuses unknown keys.

What a section holds is said in ``schema``; how quantities are read, in ``quantity``; how problems are worded
and placed, in ``problems``. Only the modules of the schema derive from it.

Checks that look at more than one field do not belong into validators of a section, which see one section and
stop at the first error. Write them in ``schema`` as one generator, ``checks(scenario)``, that yields ``(path,
message)``, such as ``("strategy.then", "unknown supplier 'ascent'")``. ``load`` runs it on every scenario
whose fields are right, puts file, line and column in front of each, and shows them all together.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A part of a scenario: immutable, and nothing in it that the schema does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
