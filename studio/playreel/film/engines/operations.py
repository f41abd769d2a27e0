"""Operations: what an engine may be asked to do, in the words of the interface."""

from __future__ import annotations

OPERATIONS: dict[str, str] = {
    "still": "a picture from words",
    "shoot": "a take from words",
    "animate": "a take that begins with a picture",
    "keyframes": "pictures at chosen times of a take",
    "inpaint": "a region of a clip made anew",
    "sketches": "line drawings at chosen times, or of a picture",
    "extend-forward": "what follows a clip",
    "extend-backward": "what led up to a clip",
    "bridge": "from one clip to another",
    "loop": "back to a clip's own start",
    "restyle": "the same motion in another style",
    "keep-lines": "a clip's outlines held on to in another style",
    "character": "the same character in several shots, by pictures of it",
    "timed-prompts": "words for a part of the time",
    "camera": "a camera move",
}
"""Name of each operation -> what it makes. One order for code, interface and documentation."""

ASKED_BY = {"sketch": "sketches", "sketches": "sketches", "keep_lines": "keep-lines"}
"""Option of a verb -> the operation that it asks for besides the verb's own."""
