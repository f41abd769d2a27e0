"""Camera terms: every way the captions say a move is understood, nothing is dropped silently."""

from __future__ import annotations

import pytest

from playreel.errors import PromptError
from playreel.film.camera import CAMERA_MOVES, camera_words, normalise_camera
from playreel.footage.vocabulary import CAMERA_SENTENCES, VOCABULARY


@pytest.mark.parametrize("source", [VOCABULARY["camera"], CAMERA_SENTENCES])
def test_all_caption_wordings_are_understood(source):
    for move, by_language in source.items():
        for phrases in by_language.values():
            for phrase in phrases:
                assert normalise_camera(phrase) == move, phrase


@pytest.mark.parametrize("chinese", [False, True])
def test_appended_words_are_words_the_model_was_taught(chinese):
    for move in CAMERA_MOVES:
        phrase = camera_words(move.name, chinese=chinese)
        assert phrase in VOCABULARY["camera"][move.name]["zh" if chinese else "en"]


@pytest.mark.parametrize(
    ("term", "move"),
    [
        ("Pan Right", "pan right"),
        ("pan_left", "pan left"),
        ("slow push-in", "zoom in"),
        ("handheld", "shake"),
        ("右摇", "pan right"),
        ("镜头缓慢拉远", "zoom out"),
        ("跟拍", "tracking"),
    ],
)
def test_everyday_terms(term, move):
    assert normalise_camera(term) == move


def test_blank_is_no_move():
    assert normalise_camera(None) is None
    assert normalise_camera("  ") is None


@pytest.mark.parametrize("term", ["barrel roll", "pan", "pan right then zoom in", 7])
def test_unknown_or_double_terms_are_errors(term):
    with pytest.raises(PromptError, match=r"pan right"):
        normalise_camera(term)
