"""What can go wrong in a study once its input is right: one error, whose text is a sentence for the user.

Programs that call the API catch :class:`StudyError`; the command line prints it and exits with code 1.
Raised here and in ``study``.
"""

from __future__ import annotations


class StudyError(Exception):
    """A study failed: the text says what, where, and what was kept."""


class Tampered(StudyError):  # noqa: N818 (the word of the verdict)
    """A manifest is not what was written: nothing in its folder can be trusted."""


class OtherLayout(StudyError):  # noqa: N818 (a fact, not a fault)
    """A run folder was laid out by another version of the program."""


class Interrupted(KeyboardInterrupt):
    """Ctrl-C stopped a study: the text says what was kept and how to go on."""
