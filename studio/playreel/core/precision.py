"""Number formats: which one a machine computes fast, and the context that switches to it."""

from __future__ import annotations

from contextlib import AbstractContextManager

import torch

PRECISIONS = ("fp32", "bf16", "auto")


def bf16_is_fast(device: torch.device | str) -> bool:
    """Whether ``device`` multiplies bfloat16 in hardware; elsewhere bf16 is slower than fp32."""
    device = torch.device(device)
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    if device.type == "cpu":
        # Private names, so a later torch may lack them: then stay in fp32.
        checks = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
        return any(getattr(torch.cpu, name, bool)() for name in checks)
    return False


def autocast(device: torch.device | str, precision: str = "auto") -> AbstractContextManager[object]:
    """Autocast context for ``device``.

    Args:
        device: where the computation runs.
        precision: "fp32" computes as written; "bf16" always autocasts; "auto" autocasts to bf16
            where the hardware has it. Inference stays in fp32 so that a seed gives the same
            bits on one machine whatever else changes.
    """
    if precision not in PRECISIONS:
        raise ValueError(f"precision must be one of {PRECISIONS}, got {precision!r}.")
    device = torch.device(device)
    enabled = precision == "bf16" or (precision == "auto" and bf16_is_fast(device))
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=enabled)
