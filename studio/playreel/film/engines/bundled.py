"""The bundled model as an engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playreel import film
from playreel.film.engines.family import Family

if TYPE_CHECKING:
    from playreel.core import FilmModel
    from playreel.media import Clip


class BundledEngine:
    """`playreel.film` on a bundle of Playreel's own weights.

    Args:
        family: its row of the table.
        model: name or folder of a bundle.
        film_model: one that is loaded already, instead.
    """

    def __init__(
        self, family: Family, *, model: str = "bundled", film_model: FilmModel | None = None
    ) -> None:
        if film_model is None:
            from playreel.core import load_bundle

            film_model = load_bundle(model).film
        self.family = family
        self._model = film_model

    @property
    def weights_hash(self) -> str:
        """SHA-256 of the weights."""
        return self._model.weights_hash

    def still(self, prompt: str, **options: Any) -> Clip:
        """See `playreel.film.still`."""
        return film.still(self._model, prompt, **options)

    def shoot(self, prompt: str, **options: Any) -> Clip:
        """See `playreel.film.shoot`."""
        return film.shoot(self._model, prompt, **options)

    def animate(self, image: Any, prompt: str | None = None, **options: Any) -> Clip:
        """See `playreel.film.animate`."""
        return film.animate(self._model, image, prompt, **options)

    def extend(self, clip: Clip, **options: Any) -> Clip:
        """See `playreel.film.extend`."""
        return film.extend(self._model, clip, **options)

    def bridge(self, first: Clip, last: Clip, **options: Any) -> Clip:
        """See `playreel.film.bridge`."""
        return film.bridge(self._model, first, last, **options)

    def loop(self, clip: Clip, **options: Any) -> Clip:
        """See `playreel.film.loop`."""
        return film.loop(self._model, clip, **options)

    def inpaint(self, clip: Clip, prompt: str, **options: Any) -> Clip:
        """See `playreel.film.inpaint`."""
        return film.inpaint(self._model, clip, prompt, **options)

    def restyle(self, clip: Clip, prompt: str, **options: Any) -> Clip:
        """See `playreel.film.restyle`."""
        return film.restyle(self._model, clip, prompt, **options)
