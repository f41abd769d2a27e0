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
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from playreel.errors import MediaError
from playreel.media.atomic import replacing
from playreel.media.fit import whole_factor
from playreel.media.mux import mux_film
from playreel.media.overlay import Card, OverlayTrack, filter_text, write_overlay
from playreel.media.rate import as_fps
from playreel.media.verify import FilmFacts, verify_film

H264_SUFFIXES = (".mp4", ".mov", ".m4v")
MAX_H264_SIDE = 8192

_EXACT = "flags=bicubic+accurate_rnd+full_chroma_int+full_chroma_inp"
_LANCZOS = "flags=lanczos+accurate_rnd+full_chroma_int+full_chroma_inp"
# Frames that x264 holds to plan ahead, 6.5 MiB each at 1080p. Footage enlarged to 1080x1920 came out
# as small, as good and sooner with 20 or 30 of them as with medium's 40.
_LOOKAHEAD = "rc-lookahead=24"
# For mixes. The chroma offset is what x264 itself sets where it searches long; it stands in the headers.
_SHORT_SEARCH = "me=dia:subme=1:trellis=0:rc-lookahead=10:chroma-qp-offset=-2"
_TAGS = "setparams=colorspace=bt709:color_primaries=bt709:color_trc=bt709:range=tv"


@dataclass(frozen=True, kw_only=True)
class Picture:
    """How pixels become H.264.

    Attributes:
        scale: whole factor of nearest-neighbour enlargement.
        canvas: (height, width) that the picture is centred on, or None.
        smooth: (height, width) to bring frames to by Lanczos, instead of ``scale``.
        crf: x264's quality.
        preset: x264's speed.
        mixes: whether every frame is a mix of two pictures, in which a search for motion finds
            nothing: it is cut short, and costs less than half. What such frames say of their
            encoding is the same, so that they can be joined with others by copying.
    """

    scale: int = 1
    canvas: tuple[int, int] | None = None
    smooth: tuple[int, int] | None = None
    crf: int = 16
    preset: str = "medium"
    mixes: bool = False


Frames = np.ndarray | Iterable[np.ndarray] | Callable[[int], np.ndarray]


def write_video(
    path: str | os.PathLike[str],
    frames: Frames,
    fps: Fraction | float | str,
    *,
    num_frames: int | None = None,
    scale: int = 1,
    canvas: tuple[int, int] | None = None,
    smooth: tuple[int, int] | None = None,
    cards: Sequence[Card] = (),
    audio: Path | None = None,
    crf: int = 16,
    preset: str = "medium",
    comment: str = "",
    tags: Mapping[str, str] | None = None,
    on_frame: Callable[[int], None] | None = None,
) -> Path:
    """Writes H.264 that plays everywhere, one frame in memory at a time.

    The finished file is probed before it takes its place: frames, their times, size, colour tags,
    sound and tags must be as asked for.

    Args:
        path: ``.mp4``, ``.mov`` or ``.m4v``.
        frames: uint8 [time, height, width, 3], or an iterable of frames, or a function from the
            frame's index to the frame (called once for each, in order).
        fps: frames per second, written exactly.
        num_frames: needed where ``frames`` has no length.
        scale: whole factor of nearest-neighbour enlargement, done inside ffmpeg.
        canvas: (height, width) to centre the enlarged picture on, in black.
        smooth: instead of ``scale``, the (height, width) to bring frames to by Lanczos.
        cards: pictures laid over the film, such as captions.
        audio: a file whose first stream is AAC, as long as the film.
        crf: x264's quality; 16 keeps flat colours within 2/255.
        preset: x264's speed.
        comment: text for the container's comment (the recipe).
        tags: further tags of the container.
        on_frame: told the number of frames written so far, for progress bars.

    Returns:
        The path.

    Raises:
        MediaError: no frames, wrong shapes, fewer frames than ``num_frames``, or a film that is
            not what was asked for.
        StorageError: the disk is full or the folder cannot be written; an old file survives.
    """
    path = film_path(path)
    fps = as_fps(fps)
    picture = Picture(scale=scale, canvas=canvas, smooth=smooth, crf=crf, preset=preset)
    told = {**(tags or {}), **({"comment": comment} if comment else {})}
    with (
        replacing(path) as whole,
        tempfile.TemporaryDirectory(prefix=".encoding-", dir=path.parent) as folder,
    ):
        encoded = Path(folder) / "film.mp4"
        count, size = encode(
            encoded, frames, fps, picture, num_frames=num_frames, cards=cards, on_frame=on_frame
        )
        mux_film([(encoded, count)], whole, fps, audio=audio, tags=told)
        sound = None if audio is None else count / fps
        verify_film(
            whole, FilmFacts(num_frames=count, fps=fps, size=size, tags=told, sound_s=sound)
        )
    return path


def film_path(path: str | os.PathLike[str]) -> Path:
    """The path, once its suffix is known to be one of `H264_SUFFIXES`."""
    path = Path(path)
    if path.suffix.lower() not in H264_SUFFIXES:
        raise MediaError(
            f"Films are written as {', '.join(H264_SUFFIXES)}, not {path.suffix or path.name!r}."
        )
    return path


def encode(
    target: Path,
    frames: Frames,
    fps: Fraction,
    picture: Picture,
    *,
    num_frames: int | None = None,
    cards: Sequence[Card] = (),
    key_frames: Sequence[int] = (),
    on_frame: Callable[[int], None] | None = None,
) -> tuple[int, tuple[int, int]]:
    """Encodes a stretch of film by moviepy, without sound and tags.

    Args:
        target: a file in a folder for temporary files.
        frames: as in `write_video`.
        fps: frames per second.
        picture: how pixels are enlarged and encoded.
        num_frames: as in `write_video`.
        cards: pictures laid over it.
        key_frames: frames that a copy may be cut at.
        on_frame: as in `write_video`.

    Returns:
        The number of frames, and their (height, width).

    Raises:
        MediaError: see `write_video`.
        OSError: the encoder failed.
    """
    from moviepy import VideoClip

    from playreel.media.pipe import FramePipe

    source, count = _source(frames, num_frames)
    frame_at = _stepper(source, count, on_frame)
    first = _checked(frame_at(0), None)
    overlay = write_overlay(target.parent, cards, fps, count)
    filters, padding, size = _filters(first.shape, picture, fps, overlay)

    def frame_function(t: float) -> np.ndarray:
        frame = _checked(frame_at(min(round(t * float(fps)), count - 1)), first.shape)
        return np.pad(frame, padding, mode="edge") if padding else np.ascontiguousarray(frame)

    movie = VideoClip(frame_function, duration=(count + 0.5) / float(fps))
    params = ["-vf", filters, *encoder_params(picture, fps)]
    cuts = [frame for frame in key_frames if 0 < frame < count]
    if cuts:  # half a frame early: the first frame after that moment becomes a key frame
        times = ",".join(f"{float((frame - Fraction(1, 2)) / fps):.6f}" for frame in cuts)
        params += ["-force_key_frames", times, "-forced-idr", "1"]
    with FramePipe(
        str(target), movie.size, float(fps), preset=picture.preset, ffmpeg_params=params
    ) as pipe:
        for frame in movie.iter_frames(fps=float(fps)):
            pipe.write_frame(frame)
    return count, size


def encoder_params(picture: Picture, fps: Fraction) -> list[str]:
    """Options of ffmpeg for x264 and for exact time, as every film here is encoded with."""
    params = ["-crf", str(picture.crf), "-fps_mode", "passthrough"]
    params += ["-enc_time_base", f"{fps.denominator}/{fps.numerator}"]
    params += ["-video_track_timescale", str(fps.numerator), "-g", str(max(1, round(2 * fps)))]
    if picture.preset == "medium":  # the headers of both were compared for this one
        params += ["-x264-params", _SHORT_SEARCH if picture.mixes else _LOOKAHEAD]
    return params


def filter_graph(size: tuple[int, int], picture: Picture, fps: Fraction) -> str:
    """The filters of ffmpeg for frames of that (height, width)."""
    return _filters((*size, 3), picture, fps, None)[0]


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
    shape: tuple[int, ...], picture: Picture, fps: Fraction, overlay: OverlayTrack | None
) -> tuple[str, tuple[tuple[int, int], ...], tuple[int, int]]:
    """The filter graph, what to pad frames by before it, and the film's (height, width)."""
    height, width = shape[0], shape[1]
    scale, canvas = whole_factor(picture.scale), picture.canvas
    padding: tuple[tuple[int, int], ...] = ()
    if picture.smooth is None and canvas is None and (height * scale % 2 or width * scale % 2):
        # 4:2:0 needs even sides: the last row or column is repeated
        padding = ((0, height * scale % 2), (0, width * scale % 2), (0, 0))
        height, width = height + padding[0][1], width + padding[1][1]
    tall, wide = picture.smooth or (height * scale, width * scale)
    if picture.smooth is not None:
        chain = [f"scale={wide}:{tall}:out_color_matrix=bt709:out_range=tv:{_LANCZOS}"]
    else:
        # Converted while it is small: enlarging whole planes afterwards gives the same pixels.
        chain = [f"scale=out_color_matrix=bt709:out_range=tv:{_EXACT}"]
        if scale > 1:
            chain += ["format=yuv444p", f"scale={wide}:{tall}:flags=neighbor"]
    if canvas is not None:
        if canvas[0] < tall or canvas[1] < wide or canvas[0] % 2 or canvas[1] % 2:
            raise MediaError(
                f"{wide}x{tall} px does not fit a canvas of {canvas[1]}x{canvas[0]} px with even "
                "sides. Use a smaller factor."
            )
        if canvas != (tall, wide):
            chain += ["format=yuv444p", f"pad={canvas[1]}:{canvas[0]}:-1:-1:color=black"]
        tall, wide = canvas
    if max(tall, wide) > MAX_H264_SIDE:
        raise MediaError(f"{wide}x{tall} px is more than {MAX_H264_SIDE} px. Use a smaller factor.")
    clock = f"setpts=N,settb={fps.denominator}/{fps.numerator}"
    chain += ["format=yuv420p", _TAGS, clock]
    graph = ",".join(chain)
    if overlay is not None:
        graph = (
            f"[in]{graph}[film];movie={filter_text(str(overlay.path))},"
            f"scale=out_color_matrix=bt709:out_range=tv:{_EXACT},format=yuva420p[cards];"
            f"[film][cards]overlay={overlay.left}:{overlay.top}:format=yuv420,{_TAGS},{clock}[out]"
        )
    return graph, padding, (tall, wide)
