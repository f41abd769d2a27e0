"""Screenplays into shots: Fountain, and Final Draft's FDX."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from xml.parsers import expat

from playreel.board.planned import Planned
from playreel.errors import InputError
from playreel.media.probe import existing_file

MAX_BYTES = 16 * 2**20
_WORDS_A_SECOND = 2.5
_SHORTEST_S, _LONGEST_S = 1.5, 20.0
_HEADING = re.compile(r"^(INT|EXT|EST|INT\.?/EXT|I/E|内景|外景|内|外)[\. 。、]", re.IGNORECASE)
_CHARACTER = re.compile(r"^[^a-z]*[A-Z][^a-z]*(\s*\([^)]*\))*\s*\^?$")
_NOTE = re.compile(r"\[\[.*?\]\]|/\*.*?\*/", re.DOTALL)
_EMPHASIS = re.compile(r"(\*{1,3}|_)(?=\S)(.+?)(?<=\S)\1")

Element = tuple[str, str]  # Final Draft's kinds: Scene Heading, Action, Character, Dialogue...


def read_script(path: str | os.PathLike[str]) -> list[Planned]:
    """A shot for each paragraph of action and each speech.

    Args:
        path: ``.fountain``, ``.txt`` or ``.fdx``.

    Raises:
        InputError: another suffix, no screenplay, or XML that declares entities.
    """
    path = existing_file(path)
    suffix = path.suffix.lower()
    data = path.read_bytes()
    if len(data) > MAX_BYTES:
        raise InputError(f"{path} has {len(data)} bytes; a script has at most {MAX_BYTES}.")
    if suffix == ".fdx":
        elements = _fdx(data, path)
    elif suffix in (".fountain", ".txt", ".spmd"):
        elements = list(_fountain(data.decode("utf-8-sig", errors="replace")))
    else:
        raise InputError(f"Scripts are read as .fountain or .fdx, not {suffix or path.name!r}.")
    shots = list(_planned(elements))
    if not shots:
        raise InputError(f"{path} holds no action and no dialogue.")
    return shots


def _planned(elements: list[Element]) -> Iterator[Planned]:
    scene, speaker, transition, aside = "", "", "", ""
    for kind, text in elements:
        if kind == "Scene Heading":
            scene, speaker = text, ""
        elif kind == "Character":
            speaker, aside = text, ""
        elif kind == "Parenthetical":
            aside = text.strip("()（） ")
        elif kind == "Transition":
            transition = _transition(text)
        elif kind in ("Action", "Dialogue"):
            plan = {"scene": scene, "transition": transition}
            if kind == "Action":
                plan["description"] = text
            else:
                name = re.sub(r"\s*\(.*?\)|\^", "", speaker).strip()
                off = re.search(r"\((V\.?O\.?|O\.?S\.?|旁白|画外音)\)", speaker, re.IGNORECASE)
                plan |= {"speaker": name, "voice_over" if off else "dialogue": text}
                if aside:
                    plan["notes"] = aside
            transition = aside = ""
            yield Planned(plan=plan, seconds=_seconds(text), where=f"“{text[:30]}”")


def _seconds(text: str) -> float:
    """Reading time: 2.5 words or 4 Chinese characters a second."""
    chinese = sum(ord(char) >= 0x2E80 for char in text)
    words = len(re.sub(r"[^\x00-\u2e7f]", " ", text).split())
    needed = words / _WORDS_A_SECOND + chinese / 4
    return round(min(max(needed, _SHORTEST_S), _LONGEST_S) * 12) / 12


def _transition(text: str) -> str:
    upper = text.upper()
    if "DISSOLVE" in upper or "叠化" in upper:
        return "dissolve"
    if "FADE" in upper or "黑" in upper:
        return "dip"
    return "wipe" if "WIPE" in upper or "划" in upper else "cut"


def _fountain(text: str) -> Iterator[Element]:
    """Fountain 1.1: what stands out by its line alone."""
    text = _NOTE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    blocks = [block for block in re.split(r"\n[ \t]*\n", text) if block.strip()]
    if blocks and re.match(r"^[\w ]+:", blocks[0].lstrip()) and not _HEADING.match(blocks[0]):
        blocks = blocks[1:]  # the title page
    for block in blocks:
        lines = [line.rstrip() for line in block.strip("\n").split("\n")]
        first = lines[0].strip()
        if first.startswith(("#", "=")):
            continue  # sections and synopses
        if (first.startswith(".") and not first.startswith("..")) or _HEADING.match(first):
            yield "Scene Heading", re.sub(r"\s*#[^#]*#$", "", first.lstrip("."))
            lines = lines[1:]
        elif first.startswith(">") and not first.endswith("<"):
            yield "Transition", first.lstrip("> ")
            lines = lines[1:]
        elif first.endswith("TO:") and first.isupper():
            yield "Transition", first
            lines = lines[1:]
        elif len(lines) > 1 and not first.startswith("!") and _is_character(first):
            yield "Character", first.lstrip("@")
            spoken: list[str] = []
            for line in lines[1:]:
                if line.strip().startswith(("(", "（")) and line.strip().endswith((")", "）")):
                    yield "Parenthetical", line.strip()
                else:
                    spoken.append(line.strip())
            yield "Dialogue", _plain(" ".join(spoken))
            continue
        rest = _plain(" ".join(line.strip().lstrip("!") for line in lines))
        if rest:
            yield "Action", rest


def _is_character(line: str) -> bool:
    return line.startswith("@") or bool(_CHARACTER.match(line))


def _plain(text: str) -> str:
    return _EMPHASIS.sub(r"\2", text).replace("\\*", "*").strip()


def _fdx(data: bytes, path: Path) -> list[Element]:
    """Paragraphs of a Final Draft file; entities are refused before they are expanded."""
    parser = expat.ParserCreate()
    elements: list[Element] = []
    kind, parts, in_text, depth = "", [], False, 0

    def refuse(*_: object) -> None:
        raise InputError(f"{path} declares XML entities, which scripts never need. It is refused.")

    def begin(name: str, attributes: dict[str, str]) -> None:
        nonlocal kind, parts, in_text, depth
        depth += 1
        if depth > 64:
            raise InputError(f"{path} is nested too deeply to be a script.")
        if name == "Paragraph":
            kind, parts = attributes.get("Type", ""), []
        in_text = name == "Text"

    def end(name: str) -> None:
        nonlocal in_text, depth
        depth -= 1
        in_text = False
        text = " ".join("".join(parts).split())
        if name == "Paragraph" and text:
            elements.append((kind, text))

    def said(text: str) -> None:
        if in_text:
            parts.append(text)

    parser.EntityDeclHandler = refuse
    parser.StartElementHandler, parser.EndElementHandler = begin, end
    parser.CharacterDataHandler = said
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise InputError(f"{path} is not readable as FDX: {error}.") from None
    return elements
