"""Endpoint: expansion by a language model behind an OpenAI-compatible address."""

from __future__ import annotations

import ipaddress
import json
import os
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from typing import Any

from playreel.errors import InputError, PromptError
from playreel.film.asking import additions, object_in, question
from playreel.film.expander import Expansion, expanded, open_aspects
from playreel.film.lexicon import Lexicon, language_of

KEY_VARIABLE = "PLAYREEL_EXPANDER_KEY"
MAX_BYTES = 256 << 10
TIMEOUT_S = 60.0


@dataclass(frozen=True)
class EndpointExpander:
    """Asks a language model.

    Args:
        url: base address, such as ``http://127.0.0.1:11434/v1``; plain http on this machine alone.
        lexicon: what the film's model understands.
        model: name of the language model there.
        timeout_s: seconds to wait for an answer.

    Raises:
        InputError: the address is none, or would send prompts in the clear over a network.
    """

    url: str
    lexicon: Lexicon
    model: str = "default"
    timeout_s: float = TIMEOUT_S

    def __post_init__(self) -> None:
        parts = urllib.parse.urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise InputError(
                f"{self.url[:120]!r} is no address of an endpoint. Give one such as "
                "http://127.0.0.1:11434/v1."
            )
        if parts.username or parts.password or parts.query:
            raise InputError(
                f"Keys do not belong in addresses, which are kept. Put yours into the environment "
                f"variable {KEY_VARIABLE}."
            )
        if parts.scheme == "http" and not _is_here(parts.hostname):
            raise InputError(
                f"{self.url[:120]!r} would send your prompt and key unencrypted. Use https, or a "
                "server on this machine."
            )

    def expand(self, prompt: str, *, camera: str | None = None, seed: int = 0) -> Expansion:
        """See `playreel.film.expander.RuleExpander.expand`.

        Raises:
            PromptError: no answer, or one that cannot be used; the prompt is still the user's.
        """
        opened = open_aspects(self.lexicon, prompt, camera=camera)
        if not opened.aspects:
            return expanded(prompt, (), opened.notes)
        answer = self._asked(question(self.lexicon, prompt, opened), seed)
        added, notes = additions(answer, self.lexicon, opened, language_of(prompt))
        return expanded(prompt, added, (*opened.notes, *notes))

    def _asked(self, question: str, seed: int) -> dict[str, Any]:
        body = json.dumps(
            {
                "model": self.model,
                "seed": seed,
                "temperature": 0.7,
                "messages": [{"role": "user", "content": question}],
            }
        ).encode()
        headers = {"Content-Type": "application/json"}
        key = os.environ.get(KEY_VARIABLE)
        if key:
            headers["Authorization"] = f"Bearer {key}"
        request = urllib.request.Request(  # noqa: S310 - the scheme was checked above
            f"{self.url.rstrip('/')}/chat/completions", data=body, headers=headers
        )
        opener = urllib.request.build_opener(_NoRedirects)
        try:
            with opener.open(request, timeout=self.timeout_s) as reply:
                raw = reply.read(MAX_BYTES + 1)
        except (urllib.error.URLError, OSError, ValueError) as error:
            raise PromptError(
                f"The endpoint {self.url} did not expand the prompt: {error}. Expand by rules, or go "
                "on with the prompt as it is."
            ) from None
        return _object(raw, self.url)


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A key goes to the address that the user named and to no other."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _object(raw: bytes, url: str) -> dict[str, Any]:
    """The JSON object in the first message of a reply."""
    try:
        if len(raw) > MAX_BYTES:
            raise ValueError(f"more than {MAX_BYTES} bytes")
        content = json.loads(raw)["choices"][0]["message"]["content"]
        return object_in(content)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError) as error:
        raise PromptError(
            f"The endpoint {url} gave an answer that cannot be used ({type(error).__name__}: "
            f"{str(error)[:80]}). Expand by rules, or go on with the prompt as it is."
        ) from None
