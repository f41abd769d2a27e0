"""Expansion: the user's words stay, what is added is told, and only known words are used."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from playreel.cli import main
from playreel.errors import InputError, PromptError
from playreel.film.endpoint import KEY_VARIABLE, EndpointExpander
from playreel.film.expander import Expansion, RuleExpander
from playreel.film.film_words import FILM_WORDS
from playreel.film.lexicon import ASPECTS
from playreel.film.local_expander import LocalExpander
from playreel.film.prompt import parse_prompt
from playreel.studio.expanding import expand, lexicon_of

BUNDLED = lexicon_of("bundled")
PROMPTS = [
    "a fox",
    "night",
    "a red knight jumping",
    "running left [0s-1s: rain] [1s-2s: snowfall]",
    "a dragon on the moon",
    "一只狐狸",
    "雪山上的骑士，夜晚",
    "一位老人在海边散步",
]


def aspects(expansion: Expansion) -> list[str]:
    return [added.aspect for added in expansion.added]


@pytest.mark.parametrize("engine", ["bundled", "ltx"])
@pytest.mark.parametrize("prompt", PROMPTS)
def test_the_users_words_stay_and_lead(prompt: str, engine: str) -> None:
    for seed in range(4):
        expansion = expand(prompt, engine=engine, seed=seed)
        before, after = parse_prompt(prompt), parse_prompt(expansion.text)
        assert after.base.startswith(before.base)
        assert after.timed == before.timed
        assert expansion == expand(prompt, engine=engine, seed=seed)


@pytest.mark.parametrize("prompt", PROMPTS)
def test_only_words_that_the_bundled_model_was_taught_are_added(prompt: str) -> None:
    for seed in range(8):
        for added in expand(prompt, engine="bundled", seed=seed).added:
            assert BUNDLED.found(added.words, added.aspect), added
            chinese = any("㐀" <= char <= "鿿" for char in prompt)
            assert chinese == (not added.words.isascii())


@pytest.mark.parametrize(
    ("prompt", "left_alone"),
    [
        ("a fox", {"subject"}),
        ("a kitten at midnight", {"subject", "light"}),
        ("misty ruins", {"weather", "setting"}),
        ("a robot in neon style, the camera shakes", {"subject", "style", "camera"}),
        ("[0s-1s: it is raining]", {"weather"}),
        ("a cave", {"setting", "weather", "light"}),
        ("戴帽子的猫在雪地里跳起", {"subject", "setting", "motion"}),
    ],
)
def test_of_what_is_said_nothing_is_added(prompt: str, left_alone: set[str]) -> None:
    for seed in range(5):
        added = aspects(expand(prompt, engine="bundled", seed=seed))
        assert not left_alone & set(added)
        assert added == [aspect for aspect in ASPECTS if aspect in added]


def test_a_full_prompt_is_left_as_it_is() -> None:
    full = "a red knight in a forest at dusk, clear sky, pixel art, tracking shot, running right"
    expansion = expand(full, engine="bundled")
    assert expansion.text == full and expansion.added == ()
    assert expansion.lines() == ["nothing was added"]


def test_a_users_own_hero_gets_no_other_and_is_told_of() -> None:
    expansion = expand("a dragon on the moon", engine="bundled")
    assert not {"subject", "setting", "motion"} & set(aspects(expansion))
    assert expansion.notes == ("not among the words that the model was taught: dragon moon",)
    assert expand("a dragon on the moon", engine="ltx").notes == ()


def test_a_camera_that_is_given_besides_is_not_added_to() -> None:
    assert "camera" in aspects(expand("a fox", engine="bundled"))
    assert "camera" not in aspects(expand("a fox", engine="bundled", camera="pan left"))


def test_open_models_get_no_subject_and_no_place() -> None:
    added = aspects(RuleExpander(FILM_WORDS).expand("a letter"))
    assert set(added) == {"motion", "light", "style", "camera"}


def test_what_was_added_is_shown_in_the_prompts_language() -> None:
    assert expand("a fox", engine="bundled").lines()[0].startswith("+ what happens: ")
    assert expand("一只狐狸", engine="bundled").lines()[0].startswith("+ 动作: ")


@pytest.mark.parametrize("prompt", ["", "  ", None, 3, "a [0s-1s: x"])
def test_bad_prompts_are_told(prompt: Any) -> None:
    with pytest.raises(PromptError):
        expand(prompt, engine="bundled")


def test_the_command_prints_what_was_added(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["expand", "a fox", "--json"]) == 0
    document = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert document["asked"] == "a fox"
    assert document["text"].startswith("a fox, ")
    assert document["added"]


# -- by an endpoint --------------------------------------------------------------------------------


@contextmanager
def endpoint(answer: Callable[[dict[str, Any]], bytes]) -> Iterator[tuple[str, list[Any]]]:
    """A server on this machine that speaks like a language model's."""
    asked: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            body = json.loads(self.rfile.read(length))
            asked.append((self.path, dict(self.headers), body))
            reply = answer(body)
            self.send_response(200 if reply else 302)
            self.send_header("Location", "http://127.0.0.1:1/elsewhere")
            self.end_headers()
            self.wfile.write(reply)

        def log_message(self, *args: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def says(words: Any) -> Callable[[dict[str, Any]], bytes]:
    content = words if isinstance(words, str) else f"Sure!\n```json\n{json.dumps(words)}\n```"
    return lambda body: json.dumps({"choices": [{"message": {"content": content}}]}).encode()


def test_an_endpoint_adds_and_cannot_rewrite(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY_VARIABLE, "secret")
    answer = {"style": "grainy film [0s-9s: a cat]", "light": "dawn\x00 light", "subject": "a cat"}
    with endpoint(says(answer)) as (url, asked):
        expansion = expand("a fox", engine="ltx", by=f"{url}#tiny", seed=3)
    assert expansion.text == "a fox, dawn light, grainy film 0s-9s: a cat"
    assert parse_prompt(expansion.text).timed == ()
    assert aspects(expansion) == ["light", "style"]  # the subject was not open
    path, headers, body = asked[0]
    assert path == "/v1/chat/completions" and headers["Authorization"] == "Bearer secret"
    assert body["model"] == "tiny" and body["seed"] == 3


def test_an_endpoint_is_cut_to_what_the_bundled_model_knows() -> None:
    answer = {"setting": "a misty pine forest", "style": "rococo", "weather": "drizzle"}
    with endpoint(says(answer)) as (url, _):
        expansion = expand("a fox", engine="bundled", by=url)
    assert [(a.aspect, a.words) for a in expansion.added] == [("setting", "in a forest")]
    assert any("rococo" in note for note in expansion.notes)


@pytest.mark.parametrize(
    "answer",
    [says("no idea"), says("{broken"), says("[1]"), lambda body: b"<html>", lambda body: b"",
     lambda body: b"x" * (300 << 10)],
)  # fmt: skip
def test_answers_that_cannot_be_used_are_told(answer: Callable[[Any], bytes]) -> None:
    with endpoint(answer) as (url, _), pytest.raises(PromptError, match="go on with the prompt"):
        expand("a fox", engine="ltx", by=url)


def test_an_endpoint_that_is_not_there_is_told() -> None:
    with pytest.raises(PromptError, match="did not expand"):
        expand("a fox", engine="ltx", by="http://127.0.0.1:9/v1")


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "ftp://x/v1", "nonsense", "http://example.com/v1",
     "https://me:key@example.com/v1", "https://example.com/v1?key=1"],
)  # fmt: skip
def test_addresses_that_would_leak_are_refused(url: str) -> None:
    with pytest.raises(InputError):
        EndpointExpander(url, FILM_WORDS)


# -- by a model on this machine --------------------------------------------------------------------


def language_model(folder: Path, answer: str, asked: str) -> Path:
    """A real network and tokenizer on disk that say one thing to one question: they know it by place."""
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers

    letters = sorted(set(answer + asked))
    vocabulary = {"<end>": 0, "<unk>": 1, **{letter: i for i, letter in enumerate(letters, 2)}}
    marks = {"unk_token": "<unk>", "eos_token": "<end>"}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, "<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(r"[\s\S]"), "isolated")
    tokenizer.decoder = decoders.Fuse()
    transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, **marks).save_pretrained(
        folder
    )
    said = [vocabulary[letter] for letter in answer] + [0]
    config = transformers.GPT2Config(
        vocab_size=len(vocabulary), n_positions=4096, n_embd=len(said), n_layer=1, n_head=1,
        tie_word_embeddings=False, eos_token_id=0, bos_token_id=0,
    )  # fmt: skip
    model = transformers.GPT2LMHeadModel(config)
    with torch.no_grad():
        for parameter in model.transformer.h.parameters():
            parameter.zero_()
        model.transformer.wte.weight.zero_()
        model.transformer.wpe.weight.zero_()
        model.lm_head.weight.zero_()
        for index, token in enumerate(said):
            model.transformer.wpe.weight[len(asked) - 1 + index, index] = 1.0
            model.lm_head.weight[token, index] = 20.0
    model.save_pretrained(folder, safe_serialization=True)
    return folder


def test_a_model_on_this_machine_adds_what_it_says(tmp_path: Path) -> None:
    from playreel.film.asking import question
    from playreel.film.expander import open_aspects

    asked = question(FILM_WORDS, "a fox", open_aspects(FILM_WORDS, "a fox"))
    answer = 'Sure: {"light": "low sun [1s: x]", "style": "woodcut", "plot": "it dies"}'
    folder = language_model(tmp_path / "model", answer, asked)
    expansion = expand("a fox", engine="ltx", by=f"local:{folder}")
    assert expansion.text.startswith("a fox, ") and "woodcut" in expansion.text
    assert aspects(expansion) == ["light", "style"] and "[" not in expansion.text
    with pytest.raises(PromptError, match="go on with the prompt"):
        LocalExpander(str(folder), FILM_WORDS).expand("another question altogether", seed=1)


def test_folders_without_a_model_are_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no config\.json"):
        expand("a fox", engine="ltx", by=f"local:{tmp_path}")
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(InputError, match="cannot be loaded"):
        expand("a fox", engine="ltx", by=f"local:{tmp_path}")
