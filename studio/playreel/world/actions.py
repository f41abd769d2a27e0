"""What can be pressed in a world: named buttons, and the raw latent actions beneath them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from playreel.errors import UnknownActionError

_LATENT = re.compile(r"latent[:\s]*(\d{1,6})")
_SHOWN = 40  # characters of a wrong name that a message repeats


@dataclass(frozen=True, kw_only=True)
class ActionSet:
    """The buttons of one model.

    Attributes:
        buttons: name -> latent action code, from the calibration stored with the weights.
        num_latents: how many latent codes exist; each is reachable as ``"latent:<code>"``.
    """

    buttons: Mapping[str, int]
    num_latents: int
    _by_parts: Mapping[frozenset[str], str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "buttons", dict(self.buttons))
        # "jump+right" and "right+jump" are the button "jump-right".
        parts = {frozenset(name.lower().split("-")): name for name in self.buttons}
        object.__setattr__(self, "_by_parts", parts)

    @property
    def names(self) -> tuple[str, ...]:
        """The named buttons, in the model's order."""
        return tuple(self.buttons)

    @property
    def latent_names(self) -> tuple[str, ...]:
        """Every latent action by its raw name."""
        return tuple(f"latent:{code}" for code in range(self.num_latents))

    def resolve(self, name: str) -> tuple[str, int]:
        """Finds the button meant by ``name``.

        Args:
            name: a button in any case, parts joined by ``-``, ``_`` or ``+`` in any order
                (``"right+jump"``), or ``"latent:3"``.

        Returns:
            The button's own name and its latent code.

        Raises:
            UnknownActionError: there is no such button; names those there are and the nearest.
        """
        if not isinstance(name, str):
            raise UnknownActionError(
                f"A button is a name, not {type(name).__name__} {str(name)[:_SHOWN]!r}. "
                f"{self._known()}"
            )
        if name in self.buttons:
            return name, self.buttons[name]
        plain = name.strip().lower()
        latent = _LATENT.fullmatch(plain)
        if latent:
            code = int(latent.group(1))
            if code < self.num_latents:
                return f"latent:{code}", code
            raise UnknownActionError(
                f"There is no latent action {code}: this world has latent:0 to "
                f"latent:{self.num_latents - 1}."
            )
        parts = [part.strip() for part in re.split(r"[-+_]", plain)]
        known = self._by_parts.get(frozenset(parts))
        if known is not None and all(parts) and len(set(parts)) == len(parts):
            return known, self.buttons[known]
        raise UnknownActionError(self._unknown(name))

    def _unknown(self, name: str) -> str:
        shown = name if len(name) <= _SHOWN else name[: _SHOWN - 3] + "..."
        near = difflib.get_close_matches(name[:_SHOWN].strip().lower(), self.names, n=1, cutoff=0.5)
        guess = f" Did you mean {near[0]!r}?" if near else ""
        return f"There is no button {shown!r}.{guess} {self._known()}"

    def _known(self) -> str:
        last = f" Raw latent actions are latent:0 to latent:{self.num_latents - 1}."
        return f"This world's buttons are: {', '.join(self.names)}.{last}"
