"""Pacing of a short drama: what its audience leaves for, found before anything is shot."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from playreel.board.series import Episode, Series
from playreel.board.shot import Shot
from playreel.board.vocabulary import BEATS, SIZES
from playreel.errors import InputError

CLOSE = ("MCU", "CU", "ECU")
# A beat may also stand in the notes, in brackets: 【爆点】, [turn]
_MARK = re.compile(r"[\[【(（]\s*([^\]】)）]{1,24}?)\s*[\]】)）]")


@dataclass(frozen=True, kw_only=True)
class Platform:
    """Where episodes are shown.

    Attributes:
        name: what users type.
        words: (English, Chinese).
        max_s: the longest film it takes. Platforms change this: look it up before a release.
    """

    name: str
    words: tuple[str, str]
    max_s: float


PLATFORMS: dict[str, Platform] = {
    platform.name: platform
    for platform in (
        Platform(name="short-drama", words=("short drama", "短剧"), max_s=120),
        Platform(name="youtube-shorts", words=("YouTube Shorts", "YouTube Shorts"), max_s=180),
        Platform(name="reels", words=("Reels", "Reels"), max_s=180),
        Platform(name="tiktok", words=("TikTok", "TikTok"), max_s=600),
    )
}


@dataclass(frozen=True, kw_only=True)
class PacingRules:
    """What an episode must keep to.

    Attributes:
        hook_s: the hook begins by then.
        turn_s: no stretch without a beat is longer.
        platforms: names in `PLATFORMS`.
    """

    hook_s: float = 3.0
    turn_s: float = 40.0
    platforms: tuple[str, ...] = ("short-drama",)

    def __post_init__(self) -> None:
        if not 0 <= self.hook_s <= 60 or not 15 <= self.turn_s <= 40:
            raise InputError(
                "A hook comes within 0 to 60 s and a turn every 15 to 40 s; "
                f"got {self.hook_s:g} and {self.turn_s:g}."
            )
        for name in self.platforms:
            if name not in PLATFORMS:
                raise InputError(f"Unknown platform {name!r}. Use one of: {', '.join(PLATFORMS)}.")


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something that pacing asks for and an episode lacks.

    Attributes:
        episode: its name.
        code: ``no-hook``, ``no-turn``, ``weak-ending``, ``over-length`` or ``missing-episode``.
        at_s: where, in seconds of the episode.
        uid: the shot it is about, or ``""``.
        words: what to do, by language.
    """

    episode: str
    code: str
    at_s: float = 0.0
    uid: str = ""
    words: dict[str, str] = field(default_factory=dict)


def beat_of(shot: Shot) -> str:
    """The shot's beat, or one that its notes name in brackets."""
    if shot.beat:
        return shot.beat
    for word in _MARK.findall(shot.notes):
        try:
            return BEATS.code(word)
        except InputError:
            continue
    return ""


def lint_series(series: Series, rules: PacingRules | None = None) -> tuple[Finding, ...]:
    """All findings, in the order of the episodes."""
    rules = rules or PacingRules()
    found = [finding for episode in series.episodes for finding in lint_episode(episode, rules)]
    for number in series.missing():
        words = {
            "en": f"Episode {number} is missing between its neighbours.",
            "zh": f"缺少第 {number} 集。",
        }
        found.append(Finding(episode=str(number), code="missing-episode", words=words))
    return tuple(found)


def lint_episode(episode: Episode, rules: PacingRules) -> Iterator[Finding]:
    """What one episode lacks."""
    starts, seconds = episode.starts_s, episode.seconds
    beats = [
        (start, shot) for start, shot in zip(starts, episode.shots, strict=True) if beat_of(shot)
    ]
    if not any(start <= rules.hook_s for start, _ in beats):
        first = f"{beats[0][0]:.1f}" if beats else ""
        yield Finding(
            episode=episode.name,
            code="no-hook",
            uid=episode.shots[0].uid,
            words={
                "en": f"No hook by {rules.hook_s:g} s"
                + (f": the first beat comes at {first} s." if first else ": no shot has a beat.")
                + " Mark the shot that hooks with the beat “hook”, or bring one forward.",
                "zh": f"{rules.hook_s:g} 秒内没有爆点"
                + (f"，第一个节拍在 {first} 秒。" if first else "，没有镜头标出节拍。")
                + "请标出爆点镜头，或把它提前。",
            },
        )
    yield from _dry_stretches(episode, beats, seconds, rules)
    last = episode.shots[-1]
    if last.size not in CLOSE:
        yield Finding(
            episode=episode.name,
            code="weak-ending",
            at_s=starts[-1],
            uid=last.uid,
            words={
                "en": f"The last shot is {last.size or 'of no size'}: end on a face, "
                f"as {', '.join(CLOSE)}.",
                "zh": f"最后一个镜头的景别是“{SIZES.text(last.size, 'zh') or '未填'}”，请以近景或特写收尾。",
            },
        )
    for name in rules.platforms:
        platform = PLATFORMS[name]
        if seconds > platform.max_s + 1e-6:
            yield Finding(
                episode=episode.name,
                code="over-length",
                at_s=platform.max_s,
                words={
                    "en": f"{seconds:.1f} s is {seconds - platform.max_s:.1f} s too long for "
                    f"{platform.words[0]} ({platform.max_s:g} s).",
                    "zh": f"时长 {seconds:.1f} 秒，超出{platform.words[1]}上限"
                    f"（{platform.max_s:g} 秒）{seconds - platform.max_s:.1f} 秒。",
                },
            )


def _dry_stretches(
    episode: Episode, beats: Sequence[tuple[float, Shot]], seconds: float, rules: PacingRules
) -> Iterator[Finding]:
    marks = [0.0, *(start for start, _ in beats), seconds]
    for begin, end in pairwise(marks):
        if end - begin <= rules.turn_s + 1e-6:
            continue
        inside = [
            shot
            for start, shot in zip(episode.starts_s, episode.shots, strict=True)
            if begin < start < end
        ]
        yield Finding(
            episode=episode.name,
            code="no-turn",
            at_s=begin,
            uid=inside[len(inside) // 2].uid if inside else "",
            words={
                "en": f"No turn from {begin:.0f} s to {end:.0f} s; at most {rules.turn_s:g} s go by "
                "without one.",
                "zh": f"{begin:.0f} 秒到 {end:.0f} 秒没有转折，最多间隔 {rules.turn_s:g} 秒。",
            },
        )
