"""Captions with varied wording: whole sentences and tag lists, in English and Chinese.

Each caption says a random part of what is true of the clip, in a random order, so that a model
trained on them reads a bare "snow, night" as well as a full sentence. Events become timed segments.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from playreel.errors import InputError
from playreel.footage.spec import COLOURLESS_STYLES, SHOT_SIZES, EpisodeSpec
from playreel.footage.vocabulary import (
    CAMERA_SENTENCES,
    MEASURE_WORDS,
    MOMENTS,
    PLACES,
    SKIES,
    VOCABULARY,
)
from playreel.footage.wording import Draw, with_article

__all__ = ["LANGUAGES", "VOCABULARY", "Caption", "caption"]

LANGUAGES = ("en", "zh")
MAX_DROP = 0.6  # a caption leaves out up to this share of the attributes
TAG_SHARE = 0.3  # share of captions that are bare tag lists
MIN_SEGMENT_FRAMES = 6  # half a second at 12 fps; shorter events share one segment
MAX_SEGMENT_EVENTS = 2

Event = tuple[int, str]
Segment = tuple[int, int, str]


@dataclass(frozen=True)
class Caption:
    """What a clip shows: one text for all of it and texts for spans of frames.

    Attributes:
        text: What holds for the whole clip.
        segments: (start_frame, end_frame, text), in order, end exclusive, without overlap.
    """

    text: str
    segments: tuple[Segment, ...] = ()

    def text_at(self, frame: int) -> str:
        """Returns the whole text of one frame: the base text, then the segment it falls in."""
        for start, end, text in self.segments:
            if start <= frame < end:
                return f"{self.text}, {text}" if self.text else text
        return self.text


# A template is clauses split by ";" and sentences by "."; a clause is slots split by spaces. Empty
# slots vanish, with their clause when nothing is left. "slot+" leads a clause that says more.
_ENGLISH = (
    "subject doing place when; sky; style_in; camera_says",
    "size_of+ subject doing place when sky; style; camera_says",
    "style_of+ subject doing place when; camera_says; size",
    "camera_says . subject does place when sky . style_in",
    "place when; subject does; sky; style; camera",
    "scene when sky; subject doing; camera; style_in",
    "size; camera; subject doing place; when; sky; style",
    "style; subject doing place when; sky; camera_says",
    "when; sky; subject does place . camera_says . size . style_in",
    "subject does place when . size; camera; style",
    "size_of+ scene when; subject doing sky; style_in . camera_says",
)
_CHINESE = (
    "when_place; subject does; sky; camera_says; style_in",
    "size; subject at_place does; when; sky; style_in; camera",
    "style_in; when_place; subject does; camera_says; size",
    "camera_says; subject at_place does; when; sky; style_in",
    "when; sky; subject at_place does . camera_says . style_in",
    "size; camera; when_place; subject does; sky; style",
    "style_of+ size; stage does; sky; camera",
    "scene; when; sky; subject does; camera; size; style_in",
    "subject at_place does; when; sky . size; camera_says; style_in",
    "sky; stage does; style_in . camera_says",
)
_COMPILED = {
    lang: [
        [[clause.split() for clause in sentence.split(";")] for sentence in template.split(" . ")]
        for template in templates
    ]
    for lang, templates in (("en", _ENGLISH), ("zh", _CHINESE))
}
NUM_TEMPLATES = {lang: len(templates) for lang, templates in _COMPILED.items()}
_FINITE = {
    "standing": "stands", "waiting": "waits", "idling": "idles", "running": "runs",
    "dashing": "dashes", "heading": "heads", "jumping": "jumps", "leaping": "leaps",
    "hopping": "hops", "falling": "falls", "dropping": "drops", "landing": "lands",
    "touching": "touches", "taking": "takes", "collecting": "collects", "grabbing": "grabs",
    "breaking": "breaks", "smashing": "smashes", "shattering": "shatters", "stomping": "stomps",
    "squashing": "squashes", "getting": "gets", "hitting": "hits",
}  # fmt: skip
_SHOT_NOUNS = {  # "a medium of a fox" is no English
    size: [word for word in words["en"] if word not in SHOT_SIZES or word == "close-up"]
    for size, words in VOCABULARY["shot_size"].items()
}
_ALIASES = {
    "stay": "stand", "idle": "stand", "left": "run left", "right": "run right",
    "coin": "coin taken",
    "stomp": "enemy stomped", "enemy": "enemy stomped", "break": "block broken",
    "block": "block broken", "hit": "hurt", "landed": "land", "brick broken": "block broken",
    "enemy squashed": "enemy stomped",
}  # fmt: skip


def _finite(participle: str) -> str:
    verb, _, rest = participle.partition(" ")
    return f"{_FINITE[verb]} {rest}".rstrip()


def _event_value(name: str) -> str:
    """Turns an event's name into an action of the vocabulary where it is one."""
    name = name.lower().replace("-", " ").replace("_", " ").strip()
    return _ALIASES.get(name, name)


def _action_words(value: str, lang: str, draw: Draw) -> str:
    words = VOCABULARY["action"].get(value)
    return draw.pick(words[lang]) if words else value


def _visible_shots(spec: EpisodeSpec, num_frames: int) -> list[str]:
    """The shot sizes in the first `num_frames` frames, in order."""
    sizes, start = [], 0
    for length, size in spec.shots or ((num_frames, "wide"),):
        if start < num_frames:
            sizes.append(size)
        start += length
    return sizes


def _attributes(
    spec: EpisodeSpec, actions: list[str], num_frames: int, draw: Draw, named: Iterable[str]
) -> dict[str, str]:
    """The true attributes of the clip that this caption will mention, those in `named` for certain."""
    shots = _visible_shots(spec, num_frames)
    values = {
        "theme": spec.theme,
        "time_of_day": spec.time_of_day,
        "weather": spec.weather,
        "style": spec.style,
        "hero": spec.hero,
        "hero_color": spec.hero_color,
        "camera": spec.camera,
    }
    if spec.style in COLOURLESS_STYLES:
        del values["hero_color"], values["time_of_day"]
    if len(shots) == 1:
        values["shot_size"] = shots[0]
    if actions:
        values["action"] = draw.pick(actions)
    drop = MAX_DROP * draw.unit()
    named = set(named)
    kept = {n: value for n, value in values.items() if draw.unit() >= drop or n in named}
    return kept or {"theme": spec.theme}


def _english_subject(kept: dict[str, str], draw: Draw) -> str:
    hero, color = kept.get("hero"), kept.get("hero_color")
    if hero is None and color is None:
        return draw.pick(("a hero", "the hero", "a character")) if "action" in kept else ""
    noun = draw.pick(VOCABULARY["hero"][hero]["en"]) if hero else draw.pick(("hero", "character"))
    if color is None:
        return with_article(noun) if draw.unit() < 0.8 else f"the {noun}"
    shade = draw.pick(VOCABULARY["hero_color"][color]["en"])
    if draw.unit() < 0.2:
        return f"{with_article(noun)} in {color}"
    return with_article(f"{shade} {noun}")


def _english_slots(kept: dict[str, str], draw: Draw) -> dict[str, str]:
    slots = {"subject": _english_subject(kept, draw)}
    if (action := kept.get("action")) is not None:
        slots["doing"] = doing = _action_words(action, "en", draw)
        slots["does"] = _finite(doing) if action in VOCABULARY["action"] else doing
    if (theme := kept.get("theme")) is not None:
        slots["place"] = draw.pick(PLACES[theme]["en"])
        slots["scene"] = draw.pick(VOCABULARY["theme"][theme]["en"])
    if (time := kept.get("time_of_day")) is not None:
        slots["when"] = draw.pick(MOMENTS[time]["en"])
    if (weather := kept.get("weather")) is not None:
        slots["sky"] = draw.pick(SKIES[weather]["en"])
    if (style := kept.get("style")) is not None:
        slots["style"] = word = draw.pick(VOCABULARY["style"][style]["en"])
        slots["style_in"] = f"in {word} style" if draw.unit() < 0.6 else f"{word} style"
        slots["style_of"] = f"{with_article(word)} {draw.pick(('scene', 'clip', 'picture'))} of"
    if (camera := kept.get("camera")) is not None:
        slots["camera"] = draw.pick(VOCABULARY["camera"][camera]["en"])
        slots["camera_says"] = draw.pick(CAMERA_SENTENCES[camera]["en"])
    if (size := kept.get("shot_size")) is not None:
        slots["size"] = draw.pick(VOCABULARY["shot_size"][size]["en"])
        slots["size_of"] = f"{with_article(draw.pick(_SHOT_NOUNS[size]))} of"
    return slots


def _chinese_slots(kept: dict[str, str], draw: Draw) -> dict[str, str]:
    slots: dict[str, str] = {}
    hero, color = kept.get("hero"), kept.get("hero_color")
    if hero is not None or color is not None or "action" in kept:
        noun = draw.pick(VOCABULARY["hero"][hero]["zh"]) if hero else draw.pick(("主角", "角色"))
        shade = f"{draw.pick(VOCABULARY['hero_color'][color]['zh'])}的" if color else ""
        counter = MEASURE_WORDS.get(hero or "", "一个") if draw.unit() < 0.7 else ""
        slots["subject"] = counter + shade + noun
    if (action := kept.get("action")) is not None:
        slots["does"] = _action_words(action, "zh", draw)
    if (time := kept.get("time_of_day")) is not None:
        slots["when"] = slots["when_place"] = draw.pick(MOMENTS[time]["zh"])
    if (theme := kept.get("theme")) is not None:
        place = draw.pick(PLACES[theme]["zh"])
        when = slots.get("when")
        slots["when_place"] = (
            f"{when}的{place}" if when and when[-1] != "中" else (when or "") + place
        )
        slots["at_place"] = f"在{place}"
        slots["scene"] = draw.pick(VOCABULARY["theme"][theme]["zh"])
    if (subject := slots.get("subject")) is not None:
        where = slots.get("when_place", "")
        slots["stage"] = f"{where}有{subject}" if where and "does" not in slots else where + subject
    else:
        slots["stage"] = slots.get("when_place", "")
    if (weather := kept.get("weather")) is not None:
        slots["sky"] = draw.pick(SKIES[weather]["zh"])
    if (style := kept.get("style")) is not None:
        slots["style"] = word = draw.pick(VOCABULARY["style"][style]["zh"])
        stem = word.removesuffix("风").removesuffix("画")
        slots["style_in"] = stem + draw.pick(("风格", "风", "画风"))
        slots["style_of"] = f"{stem}风格的"
    if (camera := kept.get("camera")) is not None:
        slots["camera"] = draw.pick(VOCABULARY["camera"][camera]["zh"])
        slots["camera_says"] = draw.pick(CAMERA_SENTENCES[camera]["zh"])
    if (size := kept.get("shot_size")) is not None:
        slots["size"] = draw.pick(VOCABULARY["shot_size"][size]["zh"])
    return slots


def _clause(names: list[str], slots: dict[str, str], space: str) -> str:
    said = [text for name in names if (text := slots.get(name))]
    if not said:
        return slots.get("size", "") if names[0] == "size_of+" else ""
    if names[0].endswith("+") and (lead := slots.get(names[0][:-1])):
        said.insert(0, lead)
    return space.join(said)


def _sentence(kept: dict[str, str], lang: str, draw: Draw) -> str:
    slots = _english_slots(kept, draw) if lang == "en" else _chinese_slots(kept, draw)
    template = _COMPILED[lang][int(draw.unit() * NUM_TEMPLATES[lang])]
    space, comma, stop = (" ", ", ", ". ") if lang == "en" else ("", "，", "。")
    sentences = []
    for clauses in template:
        said = [text for names in clauses if (text := _clause(names, slots, space))]
        if said:
            sentences.append(comma.join(said))
    if lang == "en" and draw.unit() < 0.5:
        sentences = [text[0].upper() + text[1:] for text in sentences]
    ending = stop.rstrip() if draw.unit() < 0.5 else ""
    return stop.join(sentences) + ending


def _tags(kept: dict[str, str], lang: str, draw: Draw) -> str:
    words = []
    for name, value in kept.items():
        if name == "hero_color":
            shade = draw.pick(VOCABULARY[name][value][lang])
            hero = kept.get("hero")
            noun = (
                draw.pick(VOCABULARY["hero"][hero][lang])
                if hero
                else ("hero", "主角")[lang == "zh"]
            )
            words.append(f"{shade} {noun}" if lang == "en" else f"{shade}{noun}")
        elif name == "action":
            words.append(_action_words(value, lang, draw))
        elif name != "hero" or "hero_color" not in kept:
            words.append(draw.pick(VOCABULARY[name][value][lang]))
    glue = ", " if lang == "en" else draw.pick(("，", "、", " "))
    return glue.join(draw.shuffled(words))


def _shot_text(value: str, lang: str, draw: Draw) -> str:
    verb, size = value.split(" to ", 1)
    if size == "close up":
        size = "close-up"
    if lang == "zh":
        words = VOCABULARY["shot_size"].get(size, {"zh": [size]})["zh"]
        return (draw.pick(("切到", "切至", "镜头切到")) if verb == "cut" else "开场") + draw.pick(
            words
        )
    opening = ("cut to ", "cut to: ", "then ") if verb == "cut" else ("", "opening on ")
    return draw.pick(opening) + with_article(draw.pick(_SHOT_NOUNS.get(size, (size,))))


def _group_text(names: list[str], hero: str, lang: str, draw: Draw) -> str:
    """Words one segment: what happens in it, first things first."""
    finite = draw.unit() < 0.7
    subject = draw.pick((f"the {hero}", f"the {hero}", "the hero", "it"))
    if lang == "zh":
        subject = draw.pick((hero, hero, "主角", ""))
    parts = []
    for value in map(_event_value, names):
        if " to " in value and value.split()[0] in ("cut", "open"):
            parts.append(_shot_text(value, lang, draw))
            continue
        text = _action_words(value, lang, draw)
        if lang == "en" and finite and value in VOCABULARY["action"]:
            text = f"{subject} {_finite(text)}".strip()
            subject = ""
        elif lang == "zh":
            text = subject + text
            subject = ""
        parts.append(text)
    return (", then " if lang == "en" else "，然后").join(parts)


def _segments(
    events: Iterable[Event], hero: str, lang: str, num_frames: int, draw: Draw
) -> tuple[Segment, ...]:
    """Groups events into spans of at least MIN_SEGMENT_FRAMES; a cut starts its own."""
    groups: list[tuple[int, list[str]]] = []
    for frame, name in sorted(events, key=lambda event: event[0]):
        if not 0 <= frame < num_frames:
            continue
        start = frame if groups or frame >= MIN_SEGMENT_FRAMES else 0
        if not groups or start - groups[-1][0] >= MIN_SEGMENT_FRAMES or name.startswith("cut to "):
            groups.append((start, [name]))
        elif name not in groups[-1][1] and len(groups[-1][1]) < MAX_SEGMENT_EVENTS:
            groups[-1][1].append(name)
    ends = [start for start, _ in groups[1:]] + [num_frames] * bool(groups)
    return tuple(
        (start, end, _group_text(names, hero, lang, draw))
        for (start, names), end in zip(groups, ends, strict=True)
        if start < end
    )


def caption(
    spec: EpisodeSpec,
    rng: np.random.Generator,
    lang: str = "en",
    *,
    events: Iterable[Event] = (),
    num_frames: int,
    named: Iterable[str] = (),
) -> Caption:
    """Writes one caption of a clip; another draw of `rng` words it differently.

    Args:
        spec: What was rendered.
        rng: Source of the wording; the same state gives the same caption.
        lang: "en" or "zh".
        events: (frame, name) pairs, for example (12, "jump"), (20, "cut to close-up").
        num_frames: Length of the clip; the last segment ends here.
        named: Attributes of `spec` that must not be left out, where it shows them at all.

    Raises:
        InputError: `lang` is not one of LANGUAGES.
    """
    if lang not in LANGUAGES:
        raise InputError(f"No captions in language {lang!r}; use one of {', '.join(LANGUAGES)}.")
    draw = Draw(rng)
    events = list(events)
    actions = [value for _, name in events if (value := _event_value(name)) in VOCABULARY["action"]]
    kept = _attributes(spec, actions, num_frames, draw, named)
    text = (_tags if draw.unit() < TAG_SHARE else _sentence)(kept, lang, draw)
    if len(shots := _visible_shots(spec, num_frames)) > 1:
        events.insert(0, (0, f"open to {shots[0]}"))
    hero = VOCABULARY["hero"][spec.hero][lang][0]
    return Caption(text, _segments(events, hero, lang, num_frames, draw))
