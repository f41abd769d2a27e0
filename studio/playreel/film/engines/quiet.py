"""Quiet: bars and advice that diffusers and transformers give to programmers, kept from users."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quiet() -> Iterator[None]:
    """Only errors are told in this block; what was set before is set again."""
    import diffusers.utils.logging as ours
    import transformers.utils.logging as theirs

    levels = [(library, library.get_verbosity()) for library in (ours, theirs)]
    showed = theirs.is_progress_bar_enabled()
    try:
        for library, _ in levels:
            library.set_verbosity_error()
            library.disable_progress_bar()
        yield
    finally:
        for library, level in levels:
            library.set_verbosity(level)
        if showed:
            theirs.enable_progress_bar()
        ours.enable_progress_bar()
