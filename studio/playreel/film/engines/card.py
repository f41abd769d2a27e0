"""Model card: what a user should know of weights before they are fetched."""

from __future__ import annotations

from dataclasses import dataclass

BYTES_PER_WEIGHT = 2  # of bfloat16, as they are run


@dataclass(frozen=True, kw_only=True)
class ModelCard:
    """Open weights that a family runs.

    Attributes:
        name: the short name that users type.
        repository: owner/name under which they are published.
        transformer_billions: weights of the part that is run at every step.
        encoder_billions: weights of what reads the prompt.
        licence: its name.
        terms: what the licence asks for, in a sentence.
        bytes_per_weight: in memory.
    """

    name: str
    repository: str
    transformer_billions: float
    encoder_billions: float
    licence: str
    terms: str
    bytes_per_weight: float = BYTES_PER_WEIGHT

    @property
    def transformer_bytes(self) -> int:
        """Memory of the transformer in bfloat16."""
        return int(self.transformer_billions * 1e9 * self.bytes_per_weight)

    @property
    def encoder_bytes(self) -> int:
        """Memory of the text encoder in bfloat16."""
        return int(self.encoder_billions * 1e9 * self.bytes_per_weight)

    @property
    def num_bytes(self) -> int:
        """All of it in bfloat16. Files that are published in float32 take twice that on disk."""
        return self.transformer_bytes + self.encoder_bytes
