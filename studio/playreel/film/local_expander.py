"""Local expander: expansion by a language model in a folder on this machine, through transformers."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playreel.errors import InputError, MissingExtraError, PromptError
from playreel.film.asking import additions, object_in, question
from playreel.film.expander import Expansion, expanded, open_aspects
from playreel.film.lexicon import Lexicon, language_of

MAX_NEW_TOKENS = 400


@dataclass(frozen=True)
class LocalExpander:
    """Asks a model that transformers can run.

    Nothing is fetched, no code of the model's folder is run, and only safetensors are loaded.

    Args:
        folder: of a model for causal language modelling, with its tokenizer.
        lexicon: what the film's model understands.

    Raises:
        InputError: there is no such folder, or it holds no model.
    """

    folder: str
    lexicon: Lexicon

    def __post_init__(self) -> None:
        if not (Path(self.folder) / "config.json").is_file():
            raise InputError(
                f"{self.folder[:120]!r} holds no language model: it has no config.json. Give the folder of "
                "one that transformers can run, such as local:/models/qwen."
            )

    def expand(self, prompt: str, *, camera: str | None = None, seed: int = 0) -> Expansion:
        """See `playreel.film.expander.RuleExpander.expand`.

        Raises:
            PromptError: an answer that cannot be used; the prompt is still the user's.
            MissingExtraError: transformers is not installed.
        """
        opened = open_aspects(self.lexicon, prompt, camera=camera)
        if not opened.aspects:
            return expanded(prompt, (), opened.notes)
        said = self.answer(question(self.lexicon, prompt, opened), seed)
        try:
            found = object_in(said)
        except (ValueError, RecursionError) as error:
            raise PromptError(
                f"The model in {self.folder} gave an answer that cannot be used ({str(error)[:80]}): "
                f"{said[:60]!r}. Expand by rules, or go on with the prompt as it is."
            ) from None
        added, notes = additions(found, self.lexicon, opened, language_of(prompt))
        return expanded(prompt, added, (*opened.notes, *notes))

    def answer(self, asked: str, seed: int) -> str:
        """What the model says, drawn with ``seed``.

        Raises:
            InputError: the model cannot be loaded.
            MissingExtraError: transformers is not installed.
        """
        try:
            import torch
            from transformers import AutoModelForCausalLM, AutoTokenizer
        except ImportError:
            raise MissingExtraError(
                "A local language model needs transformers. Install it with: "
                "pip install 'playreel[diffusers]'"
            ) from None
        given: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
        try:
            tokenizer = AutoTokenizer.from_pretrained(self.folder, **given)
            model = AutoModelForCausalLM.from_pretrained(self.folder, use_safetensors=True, **given)
        except (OSError, ValueError, KeyError, json.JSONDecodeError) as error:
            raise InputError(
                f"The language model in {self.folder} cannot be loaded: {str(error)[:200]}."
            ) from None
        model.eval()
        ids = _ids(tokenizer, asked)
        with torch.no_grad(), torch.random.fork_rng():
            torch.manual_seed(seed % 2**63)
            out = model.generate(
                ids, max_new_tokens=MAX_NEW_TOKENS, do_sample=True, temperature=0.7
            )
        return str(tokenizer.decode(out[0, ids.shape[1] :], skip_special_tokens=True))


def _ids(tokenizer: Any, asked: str) -> Any:
    if getattr(tokenizer, "chat_template", None):
        talk = [{"role": "user", "content": asked}]
        made = tokenizer.apply_chat_template(talk, add_generation_prompt=True, return_tensors="pt")
        return made if hasattr(made, "shape") else made["input_ids"]
    return tokenizer(asked, return_tensors="pt").input_ids
