"""What every model that reads latent actions out of frames has in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn

from playreel.core.frames import to_video

if TYPE_CHECKING:
    from numpy.typing import NDArray


class ActionReader(nn.Module):
    """Says which of its codes leads from a frame to the next.

    A subclass gives `score` and has a buffer `enabled` (codes,), 0 where a code is not in use.
    """

    enabled: Tensor

    def score(self, before: Tensor, now: Tensor, after: Tensor) -> Tensor:
        """How badly (B, codes) each code explains `after` (B, C, H, W) from the two frames before it."""
        raise NotImplementedError

    @torch.inference_mode()
    def read(self, before: Tensor, now: Tensor, after: Tensor) -> Tensor:
        """Actions int64 (B,) that lead from `now` to `after`, each (B, C, H, W)."""
        return self.score(before, now, after).argmin(1)

    @torch.inference_mode()
    def infer(self, video: Tensor) -> Tensor:
        """Actions int64 (B, T-1) of `video` (B, T, C, H, W); action t leads from frame t to t+1.

        The first transition has no frame before it: the first frame stands in, as if at rest.
        """
        batch, time = video.shape[:2]
        before = torch.cat([video[:, :1], video[:, :-2]], 1).flatten(0, 1)
        now, after = video[:, :-1].flatten(0, 1), video[:, 1:].flatten(0, 1)
        return self.read(before, now, after).unflatten(0, (batch, time - 1))

    @torch.inference_mode()
    def infer_frames(self, frames: NDArray[np.uint8], *, batch_size: int = 32) -> NDArray[np.int64]:
        """Actions int64 (T-1,) of media `frames` uint8 (T, H, W, C)."""
        device = next(self.parameters()).device
        parts = []
        for start in range(0, len(frames) - 1, batch_size):
            first = max(start - 1, 0)  # one frame of history where there is one
            video = to_video(frames[first : start + batch_size + 1], device)
            parts.append(self.infer(video)[0, start - first :].cpu().numpy())
        return np.concatenate(parts) if parts else np.zeros(0, np.int64)
