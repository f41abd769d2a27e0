"""Encoded stretches into one finished file: copied, never encoded again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from av.packet import Packet


def mux_film(
    parts: Sequence[tuple[Path, int]],
    target: Path,
    fps: Fraction,
    *,
    audio: Path | None = None,
    tags: Mapping[str, str] | None = None,
) -> None:
    """Puts H.264 stretches behind each other, with sound and tags, index first.

    Args:
        parts: files of one video stream each, all encoded with the same settings, and their frames.
        target: the file to write, as MP4.
        fps: frames per second of all parts.
        audio: a file whose first stream is AAC, copied as it is.
        tags: the container's tags, such as the comment.

    Raises:
        OSError: a part has other frames than said or other settings, or the disk is full.
    """
    import av

    options = {
        "movflags": "faststart+use_metadata_tags",
        "video_track_timescale": str(fps.numerator),
    }
    try:
        with av.open(str(target), "w", format="mp4", options=options) as film:
            for key, value in (tags or {}).items():
                film.metadata[key] = value
            with av.open(str(parts[0][0])) as source:
                template = source.streams.video[0]
                video = film.add_stream_from_template(template)
                settings = bytes(template.codec_context.extradata or b"")
                sound = av.open(str(audio)) if audio is not None else None
                try:
                    copy = sound and film.add_stream_from_template(sound.streams.audio[0])
                    # a film has few thousand packets of sound; they are written as the time comes
                    heard = sound.demux(audio=0) if sound else iter(())
                    waiting = next(heard, None)
                    for packet in _packets(parts, fps, settings):
                        due = packet.dts * packet.time_base
                        while waiting is not None and waiting.dts is not None:
                            if waiting.dts * waiting.time_base > due:
                                break
                            waiting.stream = copy
                            film.mux(waiting)
                            waiting = next(heard, None)
                        packet.stream = video
                        film.mux(packet)
                    while waiting is not None:
                        if waiting.dts is not None:
                            waiting.stream = copy
                            film.mux(waiting)
                        waiting = next(heard, None)
                finally:
                    if sound is not None:
                        sound.close()
    except av.FFmpegError as error:
        raise _as_os_error(error) from error


def split_film(
    source: Path, lengths: Sequence[int], targets: Sequence[Path], fps: Fraction
) -> None:
    """Cuts an encoded film at its key frames, without encoding.

    Args:
        source: a film whose stretches each begin with an IDR frame.
        lengths: frames of each stretch, in order.
        targets: where each goes, as MP4.
        fps: frames per second.

    Raises:
        OSError: a stretch does not begin with a key frame, frames are left over, or the disk is
            full.
    """
    import av

    tick = 1 / fps
    try:
        with av.open(str(source)) as film:
            stream = film.streams.video[0]
            packets = (packet for packet in film.demux(stream) if packet.dts is not None)
            begin = 0
            for length, target in zip(lengths, targets, strict=True):
                options = {"video_track_timescale": str(fps.numerator)}
                with av.open(str(target), "w", format="mp4", options=options) as part:
                    copy = part.add_stream_from_template(stream)
                    for index in range(length):
                        packet = next(packets, None)
                        if packet is None or (index == 0 and not packet.is_keyframe):
                            raise OSError(0, f"the encoder set no key frame at frame {begin}")
                        _shift(packet, -begin, tick)
                        packet.stream = copy
                        part.mux(packet)
                begin += length
            if next(packets, None) is not None:
                raise OSError(0, f"the encoder wrote more than {begin} frames")
    except av.FFmpegError as error:
        raise _as_os_error(error) from error


def _packets(parts: Sequence[tuple[Path, int]], fps: Fraction, settings: bytes) -> Iterator[Packet]:
    import av

    begin, tick = 0, 1 / fps
    for path, length in parts:
        with av.open(str(path)) as part:
            stream = part.streams.video[0]
            if bytes(stream.codec_context.extradata or b"") != settings:
                raise OSError(0, f"{path.name} was encoded with other settings")
            count = 0
            for packet in part.demux(stream):
                if packet.dts is None:
                    continue
                count += 1
                _shift(packet, begin, tick)
                yield packet
            if count != length:
                raise OSError(0, f"the encoder wrote {count} of {length} frames")
        begin += length


def _shift(packet: Packet, frames: int, tick: Fraction) -> None:
    """Moves a packet on the film's clock, and puts it exactly on a tick of that clock."""
    base = packet.time_base
    packet.pts = round(packet.pts * base / tick) + frames
    packet.dts = round(packet.dts * base / tick) + frames
    packet.duration = 1
    packet.time_base = tick


def _as_os_error(error: Exception) -> OSError:
    number = getattr(error, "errno", 0) or 0
    reason = getattr(error, "strerror", None) or str(error)
    return OSError(number if 0 < number < 200 else 0, reason)
