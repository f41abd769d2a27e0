"""FCPXML 1.9 with transitions, as Final Cut Pro and DaVinci Resolve read it.

OpenTimelineIO's own adapter drops transitions. Cross-fades and wipes are written as the effects that
Final Cut has for them; it has none for the other transitions that may be relied on, so these come as
cross-fades, and a marker says what was meant.
"""

from __future__ import annotations

from fractions import Fraction
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from playreel.board.cutlist import CutClip, CutList
from playreel.board.lost import is_lost_card

_EFFECTS = {
    "dissolve": ("Cross Dissolve", "FxPlug:4731E73A-8DAC-4113-9A30-AE85B1761265"),
    "wipe": ("Wipe", "FxPlug:857E2FBA-98DB-411B-A88C-CE6ABC1F65D8"),
}
_REC709 = "1-1-1 (Rec. 709)"


def fcpxml_text(cuts: CutList, title: str) -> bytes:
    """The document.

    Args:
        cuts: whose clips have files.
        title: of the project.
    """
    document = Element("fcpxml", version="1.9")
    resources = SubElement(document, "resources")
    height, width = cuts.size
    frame = 1 / cuts.fps
    SubElement(
        resources,
        "format",
        id="r1",
        frameDuration=f"{frame.numerator * 100}/{frame.denominator * 100}s",
        width=f"{width}",
        height=f"{height}",
        colorSpace=_REC709,
    )
    effects = _effects(cuts, resources)
    assets = {clip.shot.uid: f"a{index}" for index, clip in enumerate(cuts.clips, start=1)}
    for clip in cuts.clips:
        _asset(resources, clip, assets[clip.shot.uid], cuts.fps)
    library = SubElement(document, "library")
    event = SubElement(library, "event", name=plain(title) or "Playreel")
    project = SubElement(event, "project", name=plain(title) or "Playreel")
    sequence = SubElement(
        project,
        "sequence",
        format="r1",
        duration=_time(cuts.num_frames, cuts.fps),
        tcStart="0s",
        tcFormat="NDF",
    )
    spine = SubElement(sequence, "spine")
    for clip in cuts.clips:
        if clip.fade:
            _transition(spine, clip, effects, cuts.fps)
        _clip(spine, clip, assets[clip.shot.uid], cuts.fps)
    indent(document)
    head = b'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE fcpxml>\n'
    return head + tostring(document, encoding="utf-8", xml_declaration=False) + b"\n"


def _effects(cuts: CutList, resources: Element) -> dict[str, str]:
    """Resource ids of the transitions that are needed."""
    wanted = {_kind(clip) for clip in cuts.clips if clip.fade}
    ids = {}
    for kind in sorted(wanted):
        name, uid = _EFFECTS[kind]
        ids[kind] = f"e-{kind}"
        SubElement(resources, "effect", id=ids[kind], name=name, uid=uid)
    return ids


def _asset(resources: Element, clip: CutClip, name: str, fps: Fraction) -> None:
    assert clip.file is not None
    asset = SubElement(
        resources,
        "asset",
        id=name,
        name=clip.file.stem,
        start="0s",
        duration=_time(clip.length, fps),
        hasVideo="1",
        videoSources="1",
        format="r1",
    )
    SubElement(asset, "media-rep", kind="original-media", src=clip.file.resolve().as_uri())


def _transition(spine: Element, clip: CutClip, effects: dict[str, str], fps: Fraction) -> None:
    kind = _kind(clip)
    name = _EFFECTS[kind][0]
    begin = clip.start - (clip.fade - clip.fade // 2)
    transition = SubElement(
        spine,
        "transition",
        name=name,
        offset=_time(begin, fps),
        duration=_time(clip.fade, fps),
    )
    SubElement(transition, "filter-video", ref=effects[kind], name=name)


def _clip(spine: Element, clip: CutClip, asset: str, fps: Fraction) -> None:
    shot = clip.shot
    element = SubElement(
        spine,
        "asset-clip",
        ref=asset,
        name=plain(f"{shot.number:03d} {shot.description[:60]}"),
        offset=_time(clip.start, fps),
        start=_time(clip.first, fps),
        duration=_time(clip.num_frames, fps),
        format="r1",
        tcFormat="NDF",
    )
    told = [shot.description, shot.dialogue, shot.translation, shot.voice_over, shot.notes]
    words = plain("\n".join(text for text in told if text))
    if words:
        SubElement(element, "note").text = words
    marks = [shot.dialogue or shot.voice_over]
    if clip.fade and shot.joint != _kind(clip):
        marks.append(f"transition: {shot.joint}")
    if is_lost_card(shot.take):
        marks.append("the take is missing")
    for mark in marks:
        if mark:
            SubElement(
                element,
                "marker",
                start=_time(clip.first, fps),
                duration=_time(1, fps),
                value=plain(" ".join(mark.split())[:200]),
            )


def _kind(clip: CutClip) -> str:
    return clip.shot.joint if clip.shot.joint in _EFFECTS else "dissolve"


def _time(frames: int, fps: Fraction) -> str:
    seconds = frames / fps
    if seconds.denominator == 1:
        return f"{seconds.numerator}s"
    return f"{frames * fps.denominator}/{fps.numerator}s"


def plain(text: str) -> str:
    """Without the characters that XML cannot hold."""
    return "".join(
        char
        for char in text
        if char in "\t\n"
        or "\x20" <= char <= "\ud7ff"
        or "\ue000" <= char <= "\ufffd"
        or char >= "\U00010000"
    )
