"""Sampling choices of one call, shared by every operation and kept in its recipe."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from numbers import Integral, Real
from typing import TypedDict

from playreel.errors import InputError

MAX_STEPS = 256
MOST_CANDIDATES = 64
DRAFT_SHARE = 4  # a draft takes a quarter of the steps


class Choices(TypedDict, total=False):
    """What every operation takes besides.

    Keys:
        seed: same seed, same frames; 0 by default.
        num_steps: 2 by default: a drawn frame is painted once each pixel by itself, then each by those
            before it. 1 leaves that out; the bundled model needs no more.
        guidance_scale: how far drawn frames follow the prompt, 2 by default; played ones follow its moves.
        temperature: 1 draws as the model was trained, less is tamer; 1 by default.
        num_candidates: most stills laid out from words alone, eight at a time, until one surely shows what is
            asked for; 24 by default.
        draft: a quarter of the steps, of the bundled model the first alone, to see what comes of it; see
            `playreel.Studio.finish`.
    """

    seed: int
    num_steps: int
    guidance_scale: float
    temperature: float
    num_candidates: int
    draft: bool


@dataclass(frozen=True, kw_only=True)
class Sampling:
    """How frames are drawn.

    Attributes:
        seed: 0 to 2**63 - 1; the same seed on the same machine gives the same frames.
        num_steps: passes in which a drawn frame is painted, 1 to 256; those after the second change nothing
            in what the bundled model makes.
        guidance_scale: how far the text is followed beyond what it says on its own; 1 is off.
        temperature: 1 draws as the model was trained, less is tamer.
        num_candidates: most stills laid out from words alone to choose from, 1 to 64.
        draft: take a quarter of the steps, of the bundled model the first alone.

    Raises:
        InputError: a value is out of range.
    """

    seed: int = 0
    num_steps: int = 2
    guidance_scale: float = 2.0
    temperature: float = 1.0
    num_candidates: int = 24
    draft: bool = False

    def __post_init__(self) -> None:
        _whole("seed", self.seed, 0, 2**63 - 1)
        _whole("num_steps", self.num_steps, 1, MAX_STEPS)
        _number("guidance_scale", self.guidance_scale, 0.0, 100.0)
        _number("temperature", self.temperature, 0.0, 10.0)
        _whole("num_candidates", self.num_candidates, 1, MOST_CANDIDATES)

    def options(self) -> dict[str, int | float]:
        """The choices besides the seed, as a recipe keeps them."""
        given = {
            "num_steps": int(self.num_steps),
            "guidance_scale": float(self.guidance_scale),
            "temperature": float(self.temperature),
            "num_candidates": int(self.num_candidates),
        }
        return given | ({"draft": True} if self.draft else {})

    def sampler(self) -> dict[str, int | float]:
        """How frames are drawn, as `playreel.core.SamplerOptions` takes it."""
        steps = 1 if self.draft else self.num_steps
        return {
            "num_steps": int(steps),
            "guidance_scale": float(self.guidance_scale),
            "temperature": float(self.temperature),
            "num_candidates": int(self.num_candidates),
        }


def sub_seed(seed: int, index: int) -> int:
    """A seed for part ``index`` of what is made with ``seed``, 0 to 2**31 - 1."""
    digest = hashlib.sha256(f"playreel-window:{seed}:{index}".encode()).digest()
    return int.from_bytes(digest[:4], "big") & 0x7FFFFFFF


def _whole(name: str, value: object, low: int, high: int) -> None:
    is_whole = isinstance(value, Integral) and not isinstance(value, bool)
    if not is_whole or not low <= value <= high:
        raise InputError(f"{name} must be a whole number from {low} to {high}, got {value!r}.")


def _number(name: str, value: object, low: float, high: float) -> None:
    is_number = isinstance(value, Real) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value) or not low <= value <= high:
        raise InputError(f"{name} must be a number from {low:g} to {high:g}, got {value!r}.")


def check_share(name: str, value: object) -> float:
    """``value`` as a float from 0 to 1.

    Raises:
        InputError: it is not one.
    """
    _number(name, value, 0.0, 1.0)
    return float(value)  # type: ignore[arg-type]
