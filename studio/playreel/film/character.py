"""Character: who is to be the same in every shot."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from playreel.errors import InputError
from playreel.film.prompt import parse_prompt

REPAINTED = 0.4  # how far a still is painted over where a shot starts from it
MAX_STILLS = 9  # as is usual where pictures of a character are taken


@dataclass(frozen=True, kw_only=True)
class Character:
    """A character card.

    Attributes:
        words: how it looks, such as "an orange fox with a red scarf"; they lead the prompt of every shot.
        stills: pictures of it: paths, PIL images, arrays or Clips, or in a project names of takes.

    Raises:
        InputError: no words, or too many pictures.
        PromptError: words that are no prompt.
    """

    words: str
    stills: tuple[Any, ...] = ()

    def __post_init__(self) -> None:
        parsed = parse_prompt(self.words)
        if not parsed.base or parsed.timed:
            raise InputError(
                f"A character is told in words without times, not {str(self.words)[:60]!r}. Say how it "
                "looks, as in 'an orange fox with a red scarf'."
            )
        if len(self.stills) > MAX_STILLS:
            raise InputError(
                f"A character has at most {MAX_STILLS} pictures, not {len(self.stills)}. Leave some out."
            )

    def in_prompt(self, prompt: str) -> str:
        """A shot's prompt with the character in it."""
        told = parse_prompt(prompt)
        lead = ", ".join(part for part in (parse_prompt(self.words).base, told.base) if part)
        return str(replace(told, base=lead))
