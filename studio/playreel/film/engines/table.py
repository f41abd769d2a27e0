"""The table of engines: what each does natively, what is emulated, what it refuses.

Code, command line, interface and ``docs/engines.md`` all read it here; nothing of it is written
down a second time.
"""

from __future__ import annotations

from playreel.film.engines.ability import emulated, native, refused
from playreel.film.engines.cache import Cache
from playreel.film.engines.card import ModelCard
from playreel.film.engines.family import Family
from playreel.film.engines.grid import Grid
from playreel.media import SIZES

_DIFFUSION = "playreel.film.engines.diffusion:open_diffusion"
_WORDS = native("said in the prompt")
_ONE_FRAME = native("a take of one frame")
_NO_STILLS = refused("it makes takes, not pictures")
_NEEDS_A_PICTURE = refused("its weights need a picture to start from")
_SDEDIT = native("noise up to a strength, then denoised")
_PART_OF_SCHEDULE = emulated("the clip under noise, denoised from the part of the schedule it fits")
_BY_SEGMENT = emulated("made segment by segment, each going on from the frames before it")
_LOCKED = emulated("the clip's latents are held fast at every step of a model made for words alone")
_WAN_SIZES = {"16:9": (480, 832), "9:16": (832, 480), "1:1": (624, 624)}
_540_LINES = {"16:9": (544, 960), "9:16": (960, 544), "1:1": (720, 720)}
_480_LINES = {"16:9": (480, 848), "9:16": (848, 480), "1:1": (640, 640)}
_TENCENT = "Tencent Hunyuan Community License"
_TENCENT_TERMS = "Not for use in the European Union, the United Kingdom or South Korea."
_LTX_TERMS = "Free below 10 million US dollars of yearly revenue; a paid licence above that."
_APACHE_TERMS = "Free for any use, with the notice kept."
_STARTS_FROM_IT = emulated("its words lead every prompt, and each shot starts from its picture")
_ONE_TO_THE_NEXT = emulated("made from one picture to the next, the first at 0 s")
_NO_CLIP = refused("its weights take no clip to start from")
_ENDS_ONLY = refused("it takes pictures at the ends, not a part of one")
_PART_BY_PART = refused("it would need pictures for each part; make the parts one by one")
_AROUND = emulated("the latents around the region are held fast at every step")
_PAINTED = emulated("the bundled model paints each drawing; the painting is a key frame")
_NO_LINES = {
    "keep-lines": refused(
        "its weights are shown no outlines; a lower strength keeps more of the clip"
    ),
}
_DRAWINGS = {"sketches": _PAINTED, **_NO_LINES}
_ALWAYS = {  # whatever the weights
    "character": _STARTS_FROM_IT,
    "timed-prompts": _BY_SEGMENT,
    "camera": _WORDS,
    **_DRAWINGS,
}
_WORDS_ALONE = {  # weights made for words, whose latents are held
    "shoot": native("words"),
    "inpaint": _AROUND,
    **dict.fromkeys(
        ("animate", "keyframes", "extend-forward", "extend-backward", "bridge", "loop"), _LOCKED
    ),
    **_ALWAYS,
}
_UMT5 = 5.7  # billions of weights of the text encoder that the Wan family shares

BUNDLED = Family(
    name="bundled",
    title="Playreel's own model, in pixel art, on any processor",
    made_by=("playreel.core.FilmModel",),
    abilities={
        "still": native("from words, a sketch, a picture or all of them"),
        "shoot": native("from words and sketches"),
        "animate": native("the picture is the first frame"),
        "keyframes": native("played on from each and back from the next"),
        "extend-forward": native("as in a world, played on"),
        "extend-backward": native("as in a world, played back"),
        "bridge": native("played on from one side and back from the other"),
        "loop": native("a bridge from its end to its start"),
        "restyle": native("painted anew over the clip's lines"),
        "inpaint": native("drawn into the first frame, then moved on with the clip"),
        "sketches": native("lines that it draws along"),
        "keep-lines": native("the clip's lines, told to the painter"),
        "character": emulated(
            "its words lead every prompt; it is cut out of its picture into each wide shot, pixel for "
            "pixel, and others start from the picture, repainted"
        ),
        "timed-prompts": native(
            "each frame has its own words; another place, hour, weather or style is painted over"
        ),
        "camera": native("one of seven learned moves"),
    },
    grid=Grid(
        frame_step=1,
        max_frames=16,
        fps=12,
        multiple=8,
        max_pixels=128 * 72,
        least_side=72,
        sizes=SIZES,
    ),
    opener="playreel.film.engines.bundled:BundledEngine",
)

LTX = Family(
    name="ltx",
    title="LTX-Video 0.9.x: fast, conditions anywhere in the clip",
    made_by=("LTXConditionPipeline",),
    also_opens=("LTXPipeline", "LTXImageToVideoPipeline"),
    abilities={
        "still": emulated("a take of one frame"),
        "shoot": native("words"),
        "animate": native("the picture as a condition at frame 0"),
        "keyframes": native("a condition at each time, snapped to every eighth frame"),
        "extend-forward": native("the clip's last frames as a condition at frame 0"),
        "extend-backward": native("the clip's first frames as a condition at the end, partly soft"),
        "bridge": native("the ends of both clips as conditions"),
        "loop": native("the clip's end and start as conditions"),
        "restyle": _SDEDIT,
        "inpaint": _AROUND,
        **_ALWAYS,
    },
    grid=Grid(
        frame_step=8,
        max_frames=161,
        fps=24,
        multiple=32,
        max_pixels=1280 * 720,
        least_side=256,
        sizes={"16:9": (576, 1024), "9:16": (1024, 576), "1:1": (768, 768)},
    ),
    cards=(
        ModelCard(
            name="ltx-2b",
            repository="Lightricks/LTX-Video-0.9.5",
            transformer_billions=1.9,
            encoder_billions=4.8,
            licence="LTXV Open Weights License",
            terms=_LTX_TERMS,
        ),
        ModelCard(
            name="ltx-13b",
            repository="Lightricks/LTX-Video-0.9.7-dev",
            transformer_billions=13.0,
            encoder_billions=4.8,
            licence="LTXV Open Weights License",
            terms=_LTX_TERMS,
        ),
    ),
    opener=_DIFFUSION,
    extra="diffusers",
    cache=Cache.FIRST_BLOCK,
    shares=True,
)

LTX_2 = Family(
    name="ltx-2",
    title="LTX-2: large and fast, conditions anywhere in the clip; its sound is left out",
    made_by=("LTX2ConditionPipeline",),
    also_opens=("LTX2Pipeline", "LTX2ImageToVideoPipeline"),
    abilities={
        **LTX.abilities,
        "keyframes": native("a condition at each time, snapped to every eighth frame, soft"),
        "extend-backward": native("the clip's first frames as a condition at the end, held fast"),
        "restyle": _PART_OF_SCHEDULE,
    },
    grid=Grid(
        frame_step=8,
        max_frames=241,
        fps=24,
        multiple=32,
        max_pixels=1920 * 1088,
        least_side=256,
        sizes={"16:9": (704, 1248), "9:16": (1248, 704), "1:1": (928, 928)},
    ),
    cards=(
        ModelCard(
            name="ltx-2-19b",
            repository="Lightricks/LTX-2",
            transformer_billions=19.0,
            encoder_billions=12.2,
            licence="LTX-2 Community License",
            terms=_LTX_TERMS,
        ),
    ),
    opener=_DIFFUSION,
    extra="diffusers",
    shares=True,
)

WAN = Family(
    name="wan",
    title="Wan 2.1 and 2.2, text to video",
    made_by=("WanPipeline", "WanVideoToVideoPipeline"),
    abilities={
        **_WORDS_ALONE,
        "still": _ONE_FRAME,
        "restyle": _SDEDIT,
    },
    grid=Grid(
        frame_step=4,
        max_frames=81,
        fps=16,
        multiple=16,
        max_pixels=1280 * 720,
        least_side=256,
        sizes=_WAN_SIZES,
    ),
    cards=(
        ModelCard(
            name="wan-1.3b",
            repository="Wan-AI/Wan2.1-T2V-1.3B-Diffusers",
            transformer_billions=1.4,
            encoder_billions=_UMT5,
            licence="Apache-2.0",
            terms=_APACHE_TERMS,
        ),
        ModelCard(
            name="wan-14b",
            repository="Wan-AI/Wan2.1-T2V-14B-Diffusers",
            transformer_billions=14.3,
            encoder_billions=_UMT5,
            licence="Apache-2.0",
            terms=_APACHE_TERMS,
        ),
        ModelCard(
            name="wan-2.2-a14b",
            repository="Wan-AI/Wan2.2-T2V-A14B-Diffusers",
            transformer_billions=28.6,
            encoder_billions=_UMT5,
            licence="Apache-2.0",
            terms=_APACHE_TERMS,
        ),
    ),
    opener=_DIFFUSION,
    extra="diffusers",
    cache=Cache.FIRST_BLOCK,
    shares=True,
)

WAN_IMAGE = Family(
    name="wan-image",
    title="Wan 2.1 and 2.2, image to video",
    made_by=("WanImageToVideoPipeline",),
    abilities={
        "still": _NEEDS_A_PICTURE,
        "shoot": _NEEDS_A_PICTURE,
        "animate": native("the picture is the first frame"),
        "keyframes": _ONE_TO_THE_NEXT,
        "extend-forward": emulated("goes on from a frame, the frames after it held fast"),
        "extend-backward": refused("its weights need the first frame of what they make"),
        "bridge": native("first and last frame, and the frames around them held fast"),
        "loop": native("first and last frame, and the frames around them held fast"),
        "restyle": _NO_CLIP,
        "inpaint": _ENDS_ONLY,
        "character": _STARTS_FROM_IT,
        "timed-prompts": _PART_BY_PART,
        "camera": _WORDS,
        **_DRAWINGS,
    },
    grid=WAN.grid,
    cards=(
        ModelCard(
            name="wan-image-14b",
            repository="Wan-AI/Wan2.1-I2V-14B-480P-Diffusers",
            transformer_billions=16.4,
            encoder_billions=_UMT5 + 0.6,
            licence="Apache-2.0",
            terms=_APACHE_TERMS,
        ),
    ),
    opener=_DIFFUSION,
    extra="diffusers",
    cache=Cache.FIRST_BLOCK,
    shares=True,
)

WAN_VACE = Family(
    name="wan-vace",
    title="Wan 2.1 VACE: any frames known, the others filled in",
    made_by=("WanVACEPipeline",),
    abilities={
        "still": native("a take of one frame, all of it unknown"),
        "shoot": native("words, all frames unknown"),
        "animate": native("the first frame known"),
        "keyframes": native("the frames at those times known"),
        "extend-forward": native("the clip's last frames known"),
        "extend-backward": native("the clip's first frames known"),
        "bridge": native("the ends of both clips known"),
        "loop": native("the clip's end and start known"),
        "restyle": refused("it redraws from control videos, which are not made here"),
        "inpaint": native("the region masked as unknown in every frame"),
        "character": native("pictures of it beside the prompt"),
        "timed-prompts": _BY_SEGMENT,
        "camera": _WORDS,
        **_DRAWINGS,
    },
    grid=WAN.grid,
    cards=(
        ModelCard(
            name="wan-vace-1.3b",
            repository="Wan-AI/Wan2.1-VACE-1.3B-diffusers",
            transformer_billions=2.2,
            encoder_billions=_UMT5,
            licence="Apache-2.0",
            terms=_APACHE_TERMS,
        ),
        ModelCard(
            name="wan-vace-14b",
            repository="Wan-AI/Wan2.1-VACE-14B-diffusers",
            transformer_billions=17.3,
            encoder_billions=_UMT5,
            licence="Apache-2.0",
            terms=_APACHE_TERMS,
        ),
    ),
    opener=_DIFFUSION,
    extra="diffusers",
    cache=Cache.FIRST_BLOCK,
)

_FORCED = "its weights make frames from first to last"
SKYREELS = Family(
    name="skyreels",
    title="SkyReels-V2 with diffusion forcing: long takes",
    made_by=(
        "SkyReelsV2DiffusionForcingPipeline",
        "SkyReelsV2DiffusionForcingVideoToVideoPipeline",
    ),
    abilities={
        "still": _NO_STILLS,
        "shoot": native("words"),
        "animate": native("the picture as a history of one frame"),
        "keyframes": refused(_FORCED),
        "extend-forward": native("the clip's last frames as history, one noise level a frame"),
        "extend-backward": refused(_FORCED),
        "bridge": refused(_FORCED),
        "loop": refused(_FORCED),
        "restyle": refused("its weights take a clip as history, not as something to redraw"),
        "inpaint": refused(_FORCED),
        "character": _STARTS_FROM_IT,
        "timed-prompts": _BY_SEGMENT,
        "camera": _WORDS,
        "sketches": refused(_FORCED),
        **_NO_LINES,
    },
    grid=Grid(
        frame_step=4,
        max_frames=97,
        fps=24,
        multiple=16,
        max_pixels=1280 * 720,
        least_side=256,
        sizes=_540_LINES,
    ),
    cards=(
        ModelCard(
            name="skyreels-1.3b",
            repository="Skywork/SkyReels-V2-DF-1.3B-540P-Diffusers",
            transformer_billions=1.4,
            encoder_billions=_UMT5,
            licence="Skywork License",
            terms="Commercial use is allowed under the terms of the Skywork Community License.",
        ),
    ),
    opener=_DIFFUSION,
    extra="diffusers",
)

COGVIDEOX = Family(
    name="cogvideox",
    title="CogVideoX: small, one size",
    made_by=("CogVideoXPipeline", "CogVideoXVideoToVideoPipeline"),
    abilities={
        **_WORDS_ALONE,
        "still": _NO_STILLS,
        "restyle": _SDEDIT,
    },
    grid=Grid(
        frame_step=8,
        max_frames=49,
        fps=8,
        multiple=16,
        max_pixels=720 * 480,
        least_side=256,
        sizes={"16:9": (396, 704), "9:16": (480, 270), "1:1": (480, 480)},
        latent=4,
        fixed=(480, 720),
    ),
    cards=(
        ModelCard(
            name="cogvideox-2b",
            repository="THUDM/CogVideoX-2b",
            transformer_billions=1.7,
            encoder_billions=4.8,
            licence="Apache-2.0",
            terms=_APACHE_TERMS,
        ),
    ),
    opener=_DIFFUSION,
    extra="diffusers",
    cache=Cache.FIRST_BLOCK,
)

HUNYUAN = Family(
    name="hunyuan",
    title="HunyuanVideo: words to video at up to 720 lines",
    made_by=("HunyuanVideoPipeline",),
    abilities={
        **_WORDS_ALONE,
        "still": _ONE_FRAME,
        "restyle": _PART_OF_SCHEDULE,
    },
    grid=Grid(
        frame_step=4,
        max_frames=129,
        fps=24,
        multiple=16,
        max_pixels=1280 * 720,
        least_side=256,
        sizes=_540_LINES,
    ),
    cards=(
        ModelCard(
            name="hunyuan-13b",
            repository="hunyuanvideo-community/HunyuanVideo",
            transformer_billions=12.8,
            encoder_billions=8.2,
            licence=_TENCENT,
            terms=_TENCENT_TERMS,
        ),
    ),
    opener=_DIFFUSION,
    extra="diffusers",
    cache=Cache.FIRST_BLOCK,
)

HUNYUAN_1_5 = Family(
    name="hunyuan-1.5",
    title="HunyuanVideo-1.5, words to video: smaller than the first",
    made_by=("HunyuanVideo15Pipeline",),
    abilities=HUNYUAN.abilities,
    grid=Grid(
        frame_step=4,
        max_frames=121,
        fps=24,
        multiple=16,
        max_pixels=1280 * 720,
        least_side=256,
        sizes=_480_LINES,
    ),
    cards=(
        ModelCard(
            name="hunyuan-1.5-8b",
            repository="hunyuanvideo-community/HunyuanVideo-1.5-Diffusers-480p_t2v",
            transformer_billions=8.3,
            encoder_billions=7.9,
            licence=_TENCENT,
            terms=_TENCENT_TERMS,
        ),
    ),
    opener=_DIFFUSION,
    extra="diffusers",
    cache=Cache.TAYLOR,
)

FRAMEPACK = Family(
    name="framepack",
    title="FramePack: long takes from a picture, made from the end to the start",
    made_by=("HunyuanVideoFramepackPipeline",),
    abilities={
        "still": _NEEDS_A_PICTURE,
        "shoot": _NEEDS_A_PICTURE,
        "animate": native("the picture is the first frame"),
        "keyframes": _ONE_TO_THE_NEXT,
        "extend-forward": emulated(
            "goes on from the clip's last frame, whose motion it does not see"
        ),
        "extend-backward": refused("its weights need the first frame of what they make"),
        "bridge": native("first and last frame; the motion of neither clip is seen"),
        "loop": native("first and last frame; the clip's motion is not seen"),
        "restyle": _NO_CLIP,
        "inpaint": _ENDS_ONLY,
        "character": _STARTS_FROM_IT,
        "timed-prompts": _PART_BY_PART,
        "camera": _WORDS,
        **_DRAWINGS,
    },
    grid=Grid(
        frame_step=36,
        max_frames=721,
        fps=30,
        multiple=16,
        max_pixels=768 * 768,
        least_side=256,
        latent=4,
        sizes=_480_LINES,
    ),
    cards=(
        ModelCard(
            name="framepack-13b",
            repository="hunyuanvideo-community/HunyuanVideo-Framepack",
            transformer_billions=12.8,
            encoder_billions=8.6,
            licence=_TENCENT,
            terms=_TENCENT_TERMS,
        ),
    ),
    opener=_DIFFUSION,
    extra="diffusers",
    cache=Cache.ATTENTION,
)
