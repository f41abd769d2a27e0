"""Timed prompts: the grammar, the schedule over frames, and what is refused."""

from __future__ import annotations

import time
import warnings

import pytest

from playreel.errors import PromptError
from playreel.film.prompt import MAX_TEXT_CHARS, parse_prompt
from playreel.film.schedule import PromptWarning


def test_base_text_leads_every_frame():
    prompt = "a cave at night [0s-2s: torch light] [2s-4s: the torch goes out]"
    texts = parse_prompt(prompt).schedule(60).texts()
    assert texts[:24] == ["a cave at night, torch light"] * 24
    assert texts[24:48] == ["a cave at night, the torch goes out"] * 24
    assert texts[48:] == ["a cave at night"] * 12


@pytest.mark.parametrize(
    "prompt",
    [
        "base [1s-2s: snow falls]",
        "base [1-2: snow falls]",
        "base [1s – 2s : snow falls]",
        "base [1 s to 2 sec: snow falls]",
        "[0:01-0:02: snow falls] base",
        "base【1秒-2秒：snow falls】",
        "base［1～2：snow falls］",
        "base【1秒至2秒：snow falls】",
    ],
)
def test_ways_to_write_the_same_span(prompt):
    schedule = parse_prompt(prompt).schedule(36)
    assert [(s.start, s.stop, s.text) for s in schedule.segments] == [
        (0, 12, "base"),
        (12, 24, "base, snow falls"),
        (24, 36, "base"),
    ]


def test_open_end_lasts_until_the_next_span_or_the_end():
    schedule = parse_prompt("b [3s: later] [1s: sooner]").schedule(48)
    assert [(s.start, s.stop, s.timed) for s in schedule.segments] == [
        (0, 12, ""),
        (12, 36, "sooner"),
        (36, 48, "later"),
    ]


def test_camera_is_said_in_every_segment_in_the_prompts_language():
    texts = parse_prompt("a fox [1s: it jumps]").schedule(24, camera="右摇").texts()
    assert all("pan right" in text for text in texts)
    texts = parse_prompt("雪夜的狐狸 [1s: 跳]").schedule(24, camera="pan right").texts()
    assert all("镜头右移" in text for text in texts)


def test_plain_brackets_stay_text():
    parsed = parse_prompt("a fox [8-bit style] runs [wide shot: yes]")
    assert parsed.base == "a fox [8-bit style] runs [wide shot: yes]"
    assert not parsed.timed


@pytest.mark.parametrize(
    ("prompt", "piece"),
    [
        ("a [2s-1s: back]", "2s-1s: back"),
        ("a [1s-1s: never]", "1s-1s: never"),
        ("a [0s-2s: one] [1s-3s: two]", "1s-3s: two"),
        ("a [1s: one] [1s: two]", "1s: two"),
        ("a [0s-2s no colon]", "0s-2s no colon"),
        ("a [0s-2s: never closed", "0s-2s: never closed"),
        ("a [-1s: early]", "-1s: early"),
        ("a [0s-1s:  ]", "0s-1s:"),
    ],
)
def test_errors_name_the_piece(prompt, piece):
    with pytest.raises(PromptError) as error:
        parse_prompt(prompt)
    assert piece in str(error.value)


def test_empty_prompts():
    assert not parse_prompt(None)
    assert not parse_prompt(" \n ")
    assert parse_prompt("").schedule(3).texts() == [""] * 3
    with pytest.raises(PromptError, match="a shoot"):
        parse_prompt("  ", required_by="a shoot")
    with pytest.raises(PromptError, match="int"):
        parse_prompt(7)


def test_spans_past_the_end_warn_and_are_noted():
    parsed = parse_prompt("a [0s-2s: kept] [5s-6s: lost]")
    with pytest.warns(PromptWarning, match="no effect"):
        schedule = parsed.schedule(12)
    assert schedule.texts() == ["a, kept"] * 12
    assert len(schedule.notes) == 2  # one cut, one without effect
    assert "note:" in schedule.table()


def test_a_span_shorter_than_a_frame_holds_for_one():
    schedule = parse_prompt("a [1s-1.01s: flash]").schedule(24)
    assert schedule.texts().count("a, flash") == 1
    assert "shorter than a frame" in schedule.notes[0]


@pytest.mark.parametrize(
    "prompt",
    ["fox " * 25_000, "[0s-1s: " + "x" * 100_000 + "]", "狐" * 100_000],
)
def test_very_long_prompts_are_cut_with_a_warning(prompt):
    with pytest.warns(PromptWarning, match="characters"):
        parsed = parse_prompt(prompt)
    assert max(map(len, parsed.schedule(24).texts())) <= MAX_TEXT_CHARS


@pytest.mark.parametrize(
    "prompt",
    [
        "[" * 100_000,
        "[" * 50_000 + "]" * 50_000,
        "".join(f"[{i}s-{i + 1}s: {'x' * 90}] " for i in range(1000)),
    ],
)
def test_hostile_prompts_are_not_slow(prompt):
    start = time.process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PromptWarning)
        parsed = parse_prompt(prompt)
    assert time.process_time() - start < 2
    assert len(str(parsed)) < 20_000


def test_text_form_parses_to_the_same():
    parsed = parse_prompt("a fox [0:01-0:02: runs] in snow [3s: sleeps]")
    assert parse_prompt(str(parsed)) == parsed
