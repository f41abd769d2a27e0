"""Writing films through moviepy: frame-exact, BT.709, whole or not at all.

What plain ``ImageSequenceClip(...).write_videofile(...)`` gets wrong, and what is done here:

- it asks for frame ``int(fps * t)``, which repeats and skips frames: frames are asked for by
  ``round`` and the duration ends half a frame late, so that the count is exact at every rate;
- the rate reaches ffmpeg as ``%.02f``: time stamps are set from the exact fraction;
- pixels are converted with the BT.601 matrix and not tagged: converted and tagged as BT.709;
- a failing encoder goes unnoticed on closing: the exit status and the frame count are checked.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np

from playreel.errors import MediaError
from playreel.media.atomic import replacing
from playreel.media.fit import whole_factor
from playreel.media.rate import as_fps

H264_SUFFIXES = (".mp4", ".mov", ".m4v")
MAX_H264_SIDE = 8192

_EXACT = "flags=bicubic+accurate_rnd+full_chroma_int+full_chroma_inp"
_BT709 = (
    f"scale=out_color_matrix=bt709:out_range=tv:{_EXACT},"
    "setparams=colorspace=bt709:color_primaries=bt709:color_trc=bt709:range=tv"
)

Frames = np.ndarray | Iterable[np.ndarray] | Callable[[int], np.ndarray]


def write_video(
    path: str | os.PathLike[str],
    frames: Frames,
    fps: Fraction | float | str,
    *,
    num_frames: int | None = None,
    scale: int = 1,
    canvas: tuple[int, int] | None = None,
    crf: int = 16,
    preset: str = "medium",
    comment: str = "",
    on_frame: Callable[[int], None] | None = None,
) -> Path:
    """Writes H.264 that plays everywhere, one frame in memory at a time.

    Args:
        path: ``.mp4``, ``.mov`` or ``.m4v``.
        frames: uint8 [time, height, width, 3], or an iterable of frames, or a function from the
            frame's index to the frame (called once for each, in order).
        fps: frames per second, written exactly.
        num_frames: needed where ``frames`` has no length.
        scale: whole factor of nearest-neighbour enlargement, done inside ffmpeg.
        canvas: (height, width) to centre the enlarged picture on, in black.
        crf: x264's quality; 16 keeps flat colours within 2/255.
        preset: x264's speed.
        comment: text for the container's comment (the recipe).
        on_frame: told the number of frames written so far, for progress bars.

    Returns:
        The path.

    Raises:
        MediaError: no frames, wrong shapes, or fewer frames than ``num_frames``.
        StorageError: the disk is full or the folder cannot be written; an old file survives.
    """
    from moviepy import VideoClip

    from playreel.media.pipe import FramePipe

    path = Path(path)
    if path.suffix.lower() not in H264_SUFFIXES:
        raise MediaError(
            f"Films are written as {', '.join(H264_SUFFIXES)}, not {path.suffix or path.name!r}."
        )
    fps = as_fps(fps)
    source, count = _source(frames, num_frames)
    frame_at = _stepper(source, count, on_frame)
    first = _checked(frame_at(0), None)
    filters, padding = _filters(first.shape, whole_factor(scale), canvas, fps)

    def frame_function(t: float) -> np.ndarray:
        frame = _checked(frame_at(min(round(t * float(fps)), count - 1)), first.shape)
        return np.pad(frame, padding, mode="edge") if padding else np.ascontiguousarray(frame)

    movie = VideoClip(frame_function, duration=(count + 0.5) / float(fps))
    params = ["-crf", str(crf), "-vf", filters, "-fps_mode", "passthrough"]
    params += ["-enc_time_base", f"{fps.denominator}/{fps.numerator}"]
    params += ["-video_track_timescale", str(fps.numerator), "-g", str(max(1, round(2 * fps)))]
    with (
        replacing(path) as whole,
        tempfile.TemporaryDirectory(prefix=".encoding-", dir=path.parent) as folder,
    ):
        encoded = Path(folder) / f"film{path.suffix}"
        with FramePipe(
            str(encoded), movie.size, float(fps), preset=preset, ffmpeg_params=params
        ) as pipe:
            for frame in movie.iter_frames(fps=float(fps)):
                pipe.write_frame(frame)
        _finish(encoded, whole, count, comment)
    return path


def _finish(encoded: Path, whole: Path, count: int, comment: str) -> None:
    """Copies the stream into a file with its index first and its comment, and counts frames."""
    import av

    packets = 0
    try:
        with (
            av.open(str(encoded)) as source,
            av.open(str(whole), "w", format="mp4", options={"movflags": "faststart"}) as target,
        ):
            stream = source.streams.video[0]
            copy = target.add_stream_from_template(stream)
            if comment:
                target.metadata["comment"] = comment
            for packet in source.demux(stream):
                if packet.dts is None:
                    continue
                packets += 1
                packet.stream = copy
                target.mux(packet)
    except av.FFmpegError as error:
        number = error.errno if 0 < (error.errno or 0) < 200 else 0
        raise OSError(number, error.strerror or str(error)) from error
    if packets != count:
        raise OSError(0, f"the encoder wrote {packets} of {count} frames")


def _source(
    frames: Frames, num_frames: int | None
) -> tuple[Iterator[np.ndarray] | Callable[[int], np.ndarray], int]:
    if num_frames is None:
        if not hasattr(frames, "__len__"):
            raise MediaError("Give num_frames where the frames come from an iterator.")
        num_frames = len(frames)  # type: ignore[arg-type]
    if num_frames < 1:
        raise MediaError(f"A film needs at least one frame; got {num_frames}.")
    return (frames if callable(frames) else iter(frames)), num_frames


def _stepper(
    source: Iterator[np.ndarray] | Callable[[int], np.ndarray],
    count: int,
    on_frame: Callable[[int], None] | None,
) -> Callable[[int], np.ndarray]:
    """Random access by moviepy's clock, turned into one walk through the frames."""
    current: tuple[int, np.ndarray | None] = (-1, None)

    def frame_at(index: int) -> np.ndarray:
        nonlocal current
        while current[0] < index:
            step = current[0] + 1
            try:
                frame = source(step) if callable(source) else next(source)
            except StopIteration:
                raise MediaError(
                    f"The frames ended after {step}, {count} were announced. Check num_frames."
                ) from None
            current = (step, frame)
            if on_frame is not None:
                on_frame(step + 1)
        return current[1]  # type: ignore[return-value]

    return frame_at


def _checked(frame: np.ndarray, shape: tuple[int, ...] | None) -> np.ndarray:
    frame = np.asarray(frame)
    if frame.dtype != np.uint8 or frame.ndim != 3 or frame.shape[2] != 3:
        raise MediaError(
            "Films take uint8 frames [height, width, 3], not "
            f"{frame.dtype} {list(frame.shape)}. Convert them first."
        )
    if shape is not None and frame.shape != shape:
        raise MediaError(f"All frames must have one size; {frame.shape} follows {shape}.")
    return frame


def _filters(
    shape: tuple[int, ...], scale: int, canvas: tuple[int, int] | None, fps: Fraction
) -> tuple[str, tuple[tuple[int, int], ...]]:
    height, width = shape[0], shape[1]
    padding: tuple[tuple[int, int], ...] = ()
    if canvas is None and (height * scale % 2 or width * scale % 2):
        # 4:2:0 needs even sides: the last row or column is repeated
        padding = ((0, height * scale % 2), (0, width * scale % 2), (0, 0))
        height, width = height + padding[0][1], width + padding[1][1]
    chain = []
    if scale > 1:
        chain.append(f"scale={width * scale}:{height * scale}:flags=neighbor")
    if canvas is not None:
        if (
            canvas[0] < height * scale
            or canvas[1] < width * scale
            or canvas[0] % 2
            or canvas[1] % 2
        ):
            raise MediaError(
                f"{width * scale}x{height * scale} px does not fit a canvas of "
                f"{canvas[1]}x{canvas[0]} px with even sides. Use a smaller factor."
            )
        chain.append(f"pad={canvas[1]}:{canvas[0]}:-1:-1:color=black")
    tall, wide = canvas or (height * scale, width * scale)
    if max(tall, wide) > MAX_H264_SIDE:
        raise MediaError(f"{wide}x{tall} px is more than {MAX_H264_SIDE} px. Use a smaller factor.")
    chain += [_BT709, f"setpts=N,settb={fps.denominator}/{fps.numerator}"]
    return ",".join(chain), padding
