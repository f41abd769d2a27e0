"""Small tools for writing captions: fast random choices and English articles."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

BATCH = 64


class Draw:
    """Random choices from batches of uniform numbers.

    One call of a NumPy generator costs more than a whole caption may.
    """

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._units = iter(rng.random(BATCH).tolist())

    def unit(self) -> float:
        """A number in [0, 1)."""
        for value in self._units:
            return value
        self._units = iter(self._rng.random(BATCH).tolist())
        return next(self._units)

    def pick(self, options: Sequence[str]) -> str:
        """One of the options, each as likely as the others."""
        return options[int(self.unit() * len(options))]

    def shuffled(self, items: list[str]) -> list[str]:
        """The items in a random order."""
        return [item for _, item in sorted((self.unit(), item) for item in items)]


def with_article(noun: str) -> str:
    """The noun with "a" or "an" before it."""
    return f"{'an' if noun[0] in 'aeiou8' else 'a'} {noun}"
