"""moviepy's pipe into ffmpeg, without a copy of each frame and with failures told."""

from __future__ import annotations

import contextlib
import sys
from types import TracebackType
from typing import Any

import numpy as np
from moviepy.video.io.ffmpeg_writer import FFMPEG_VideoWriter


class FramePipe(FFMPEG_VideoWriter):
    """A writer whose ``close`` raises when ffmpeg failed.

    moviepy's own closes silently, so that a full disk leaves a broken file and no message. The
    pipe holds a mebibyte where the system allows it: ffmpeg seldom waits for Python then.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if sys.platform == "linux":
            import fcntl

            with contextlib.suppress(OSError):  # the user's limit on pipes is reached
                fcntl.fcntl(self.proc.stdin, fcntl.F_SETPIPE_SZ, 1 << 20)

    def write_frame(self, img_array: np.ndarray) -> None:
        """Sends one frame.

        Args:
            img_array: uint8 [height, width, 3], contiguous.

        Raises:
            OSError: ffmpeg ended early, with its reason.
        """
        try:
            self.proc.stdin.write(memoryview(img_array).cast("B"))
        except OSError:
            self.close()
            raise

    def close(self) -> None:
        """Waits for ffmpeg to finish the file.

        Raises:
            OSError: it could not, with its reason.
        """
        if self.proc is None:
            return
        process, self.proc = self.proc, None
        with contextlib.suppress(OSError):  # the exit status below tells why
            process.stdin.close()
        message = process.stderr.read().decode(errors="replace")
        process.stderr.close()
        if process.wait():
            raise OSError(0, _reason(process.returncode, message))

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self.close()
        elif self.proc is not None:
            process, self.proc = self.proc, None
            process.kill()
            process.communicate()


def _reason(status: int, message: str) -> str:
    for known in ("No space left on device", "File too large", "Permission denied"):
        if known in message:
            return known
    lines = [line for line in message.strip().splitlines() if line.strip()]
    if lines:
        return f"the encoder stopped: {lines[-1].strip()}"
    return f"the encoder stopped with status {status} (file size limit or out of memory)"
