"""Words for film in a studio: prompts expanded, clips described."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from playreel.studio.story import story_of

if TYPE_CHECKING:
    from playreel.film.describe import Description
    from playreel.film.expander import Expansion
    from playreel.studio.facade import Studio

_ACTIONS = {  # button -> action of the footage's vocabulary
    "stay": "stand",
    "left": "run left",
    "right": "run right",
    "jump": "jump",
    "jump-left": "jump left",
    "jump-right": "jump right",
}


class Wording:
    """What `playreel.studio.Studio` has of words."""

    def expand(
        self,
        prompt: str,
        *,
        camera: str | None = None,
        engine: str | None = None,
        seed: int = 0,
        by: str = "rules",
    ) -> Expansion:
        """A prompt with what it leaves open: subject, motion, setting, light, weather, style, camera.

        Your own words stay as they are; `Expansion.added` tells what would follow them, and nothing
        is used until you pass `Expansion.text` on.

        Args:
            prompt: English or Chinese.
            camera: a camera move that will be given besides.
            engine: whose words to use; None takes the studio's own engine.
            seed: 0 adds what is usual, another seed something else.
            by: ``"rules"``, offline; ``"local:FOLDER"``, a language model on this machine that transformers
                can run; or the address of an OpenAI-compatible endpoint, with ``#model`` behind it where
                it serves several.

        Raises:
            PromptError: no prompt, or no usable answer.
            InputError: an address that cannot be used.
        """
        from playreel.studio.expanding import expand

        name = engine or cast("Studio", self).engine_name
        return expand(prompt, engine=name, camera=camera, seed=seed, by=by)

    def describe(self, clip: Any, *, language: str | None = None) -> Description:
        """A timed caption of a clip, in the grammar of prompts.

        What happens is read out of the frames by the bundled model; what is to be seen is told by
        the clip's own recipe, or by those of the clips it was made from.

        Args:
            clip: a clip, a take's name or a path.
            language: ``"en"`` or ``"zh"``; None takes the language of the clip's own prompt.

        Raises:
            InputError: another language.
        """
        from playreel.film.describe import describe
        from playreel.footage.vocabulary import VOCABULARY

        studio = cast("Studio", self)
        found = studio.open(clip)
        words = {button: VOCABULARY["action"][name] for button, name in _ACTIONS.items()}
        story = story_of(found, studio.project.media)
        return describe(studio.bundle.film, found, story=story, words=words, language=language)
