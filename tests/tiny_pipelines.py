"""Pipelines of diffusers with few and random weights, made here: nothing is fetched.

Compression ratios are the real ones, so that grids and masks are; only widths are small.
"""

from __future__ import annotations

import string
from collections.abc import Callable
from functools import cache
from typing import Any

import torch

SIDE = 64


def _seeded(make: Callable[[], Any]) -> Any:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return make().eval()


@cache
def t5_tokenizer() -> Any:
    """Letters, digits and a few marks as tokens."""
    return _letters(string.ascii_lowercase + string.digits + ",.-")


def _letters(letters: str) -> Any:
    from transformers import T5Tokenizer

    marks = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -2.0)]
    return T5Tokenizer(vocab=[*marks, *((char, -3.0) for char in letters)], extra_ids=4)


def _t5(kind: str) -> Any:
    import transformers

    config = getattr(transformers, f"{kind}Config")(
        vocab_size=64, d_model=32, d_kv=8, d_ff=32, num_layers=2, num_heads=4
    )
    return _seeded(lambda: getattr(transformers, f"{kind}EncoderModel")(config))


def ltx() -> Any:
    from diffusers import (
        AutoencoderKLLTXVideo,
        FlowMatchEulerDiscreteScheduler,
        LTXConditionPipeline,
        LTXVideoTransformer3DModel,
    )

    vae = _seeded(
        lambda: AutoencoderKLLTXVideo(
            latent_channels=8,
            block_out_channels=(8, 8, 8, 8),
            decoder_block_out_channels=(8, 8, 8, 8),
            layers_per_block=(1, 1, 1, 1, 1),
            decoder_layers_per_block=(1, 1, 1, 1, 1),
            spatio_temporal_scaling=(True, True, True, False),
            decoder_spatio_temporal_scaling=(True, True, True, False),
            decoder_inject_noise=(False, False, False, False, False),
            patch_size=4,
            patch_size_t=1,
        )
    )
    transformer = _seeded(
        lambda: LTXVideoTransformer3DModel(
            in_channels=8,
            out_channels=8,
            num_attention_heads=4,
            attention_head_dim=8,
            cross_attention_dim=32,
            num_layers=2,
            caption_channels=32,
        )
    )
    return LTXConditionPipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(),
        vae=vae,
        text_encoder=_t5("T5"),
        tokenizer=t5_tokenizer(),
        transformer=transformer,
    )


def _wan_vae() -> Any:
    from diffusers import AutoencoderKLWan

    return _seeded(
        lambda: AutoencoderKLWan(base_dim=4, z_dim=16, dim_mult=[1, 1, 1, 1], num_res_blocks=1)
    )


_WAN = {
    "patch_size": (1, 2, 2),
    "num_attention_heads": 2,
    "attention_head_dim": 12,
    "in_channels": 16,
    "out_channels": 16,
    "text_dim": 32,
    "freq_dim": 32,
    "ffn_dim": 32,
    "num_layers": 2,
    "cross_attn_norm": True,
    "qk_norm": "rms_norm_across_heads",
    "rope_max_seq_len": 64,
}


def _wan_parts() -> dict[str, Any]:
    from diffusers import UniPCMultistepScheduler

    scheduler = UniPCMultistepScheduler(
        prediction_type="flow_prediction", use_flow_sigmas=True, flow_shift=3.0
    )
    return {
        "scheduler": scheduler,
        "vae": _wan_vae(),
        "text_encoder": _t5("UMT5"),
        "tokenizer": t5_tokenizer(),
    }


def wan() -> Any:
    from diffusers import WanPipeline, WanTransformer3DModel

    transformer = _seeded(lambda: WanTransformer3DModel(**_WAN))
    return WanPipeline(**_wan_parts(), transformer=transformer)


def wan_image() -> Any:
    from diffusers import WanImageToVideoPipeline, WanTransformer3DModel

    transformer = _seeded(lambda: WanTransformer3DModel(**_WAN | {"in_channels": 36}))
    return WanImageToVideoPipeline(
        **_wan_parts(), transformer=transformer, image_encoder=None, image_processor=None
    )


def wan_vace() -> Any:
    from diffusers import WanVACEPipeline, WanVACETransformer3DModel

    transformer = _seeded(
        lambda: WanVACETransformer3DModel(**_WAN, vace_layers=[0, 1], vace_in_channels=96)
    )
    return WanVACEPipeline(**_wan_parts(), transformer=transformer)


def skyreels() -> Any:
    from diffusers import SkyReelsV2DiffusionForcingPipeline, SkyReelsV2Transformer3DModel

    transformer = _seeded(
        lambda: SkyReelsV2Transformer3DModel(**_WAN, inject_sample_info=True, num_frame_per_block=1)
    )
    return SkyReelsV2DiffusionForcingPipeline(**_wan_parts(), transformer=transformer)


def cogvideox() -> Any:
    from diffusers import (
        AutoencoderKLCogVideoX,
        CogVideoXDDIMScheduler,
        CogVideoXPipeline,
        CogVideoXTransformer3DModel,
    )

    vae = _seeded(
        lambda: AutoencoderKLCogVideoX(
            down_block_types=("CogVideoXDownBlock3D",) * 4,
            up_block_types=("CogVideoXUpBlock3D",) * 4,
            block_out_channels=(8, 8, 8, 8),
            latent_channels=4,
            layers_per_block=1,
            norm_num_groups=2,
            temporal_compression_ratio=4,
        )
    )
    transformer = _seeded(
        lambda: CogVideoXTransformer3DModel(
            num_attention_heads=4,
            attention_head_dim=8,
            in_channels=4,
            out_channels=4,
            time_embed_dim=2,
            text_embed_dim=32,
            num_layers=2,
            sample_width=8,
            sample_height=8,
            sample_frames=9,
            patch_size=2,
            temporal_compression_ratio=4,
            max_text_seq_length=226,
        )
    )
    return CogVideoXPipeline(
        scheduler=CogVideoXDDIMScheduler(),
        vae=vae,
        text_encoder=_t5("T5"),
        tokenizer=t5_tokenizer(),
        transformer=transformer,
    )


_HUNYUAN: dict[str, Any] = {
    "in_channels": 4,
    "out_channels": 4,
    "num_attention_heads": 2,
    "attention_head_dim": 10,
    "num_layers": 1,
    "num_single_layers": 1,
    "num_refiner_layers": 1,
    "patch_size": 2,
    "patch_size_t": 1,
    "guidance_embeds": True,
    "text_embed_dim": 16,
    "pooled_projection_dim": 8,
    "rope_axes_dim": (2, 4, 4),
}


def hunyuan() -> Any:
    from diffusers import (
        AutoencoderKLHunyuanVideo,
        FlowMatchEulerDiscreteScheduler,
        HunyuanVideoPipeline,
        HunyuanVideoTransformer3DModel,
    )
    from transformers import CLIPTextConfig, CLIPTextModel, LlamaConfig, LlamaModel

    transformer = _seeded(
        lambda: HunyuanVideoTransformer3DModel(
            **_HUNYUAN,
        )
    )
    vae = _seeded(
        lambda: AutoencoderKLHunyuanVideo(
            latent_channels=4,
            down_block_types=("HunyuanVideoDownBlock3D",) * 4,
            up_block_types=("HunyuanVideoUpBlock3D",) * 4,
            block_out_channels=(8, 8, 8, 8),
            layers_per_block=1,
            norm_num_groups=4,
            spatial_compression_ratio=8,
            temporal_compression_ratio=4,
        )
    )
    llama = LlamaConfig(
        hidden_size=16,
        intermediate_size=16,
        num_attention_heads=2,
        num_hidden_layers=3,
        vocab_size=64,
        bos_token_id=0,
        eos_token_id=1,
        pad_token_id=0,
    )
    clip = CLIPTextConfig(
        hidden_size=8,
        intermediate_size=16,
        num_attention_heads=2,
        num_hidden_layers=2,
        vocab_size=64,
        projection_dim=8,
        max_position_embeddings=77,
        bos_token_id=0,
        eos_token_id=1,
        pad_token_id=1,
    )
    return HunyuanVideoPipeline(
        text_encoder=_seeded(lambda: LlamaModel(llama)),
        tokenizer=t5_tokenizer(),
        transformer=transformer,
        vae=vae,
        scheduler=FlowMatchEulerDiscreteScheduler(shift=7.0),
        text_encoder_2=_seeded(lambda: CLIPTextModel(clip)),
        tokenizer_2=t5_tokenizer(),
    )


def hunyuan_15() -> Any:
    from diffusers import (
        AutoencoderKLHunyuanVideo15,
        FlowMatchEulerDiscreteScheduler,
        HunyuanVideo15Pipeline,
        HunyuanVideo15Transformer3DModel,
    )
    from diffusers.guiders import ClassifierFreeGuidance
    from transformers import Qwen2_5_VLTextConfig, Qwen2_5_VLTextModel, T5Config, T5EncoderModel

    vae = _seeded(
        lambda: AutoencoderKLHunyuanVideo15(
            latent_channels=4,
            block_out_channels=(16, 16, 16, 16, 16),
            layers_per_block=1,
            spatial_compression_ratio=16,
            temporal_compression_ratio=4,
        )
    )
    transformer = _seeded(
        lambda: HunyuanVideo15Transformer3DModel(
            in_channels=9,
            out_channels=4,
            num_attention_heads=2,
            attention_head_dim=16,
            num_layers=2,
            num_refiner_layers=1,
            text_embed_dim=16,
            text_embed_2_dim=32,
            image_embed_dim=12,
            rope_axes_dim=(4, 6, 6),
            task_type="t2v",
        )
    )
    qwen = Qwen2_5_VLTextConfig(
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=3,
        num_attention_heads=2,
        num_key_value_heads=2,
        vocab_size=128,
        rope_scaling={"mrope_section": [1, 1, 2], "rope_type": "default", "type": "default"},
    )
    byt5 = T5Config(d_model=32, d_kv=8, d_ff=32, num_layers=1, num_heads=4, vocab_size=384)
    pipeline = HunyuanVideo15Pipeline(
        text_encoder=_seeded(lambda: Qwen2_5_VLTextModel(qwen)),
        tokenizer=_chat_tokenizer(),
        transformer=transformer,
        vae=vae,
        scheduler=FlowMatchEulerDiscreteScheduler(shift=7.0),
        text_encoder_2=_seeded(lambda: T5EncoderModel(byt5)),
        tokenizer_2=t5_tokenizer(),
        guider=ClassifierFreeGuidance(guidance_scale=6.0),
    )
    pipeline.vision_num_semantic_tokens = 4
    return pipeline


def _chat_tokenizer() -> Any:
    """More letters, with a template that puts messages one after another."""
    tokenizer = _letters("".join(char for char in string.printable if not char.isspace()))
    tokenizer.chat_template = "{% for m in messages %}{{ m['content'] }}{% endfor %}"
    return tokenizer


def framepack() -> Any:
    from diffusers import HunyuanVideoFramepackPipeline, HunyuanVideoFramepackTransformer3DModel
    from transformers import SiglipImageProcessor, SiglipVisionConfig, SiglipVisionModel

    first = hunyuan()
    transformer = _seeded(
        lambda: HunyuanVideoFramepackTransformer3DModel(
            **_HUNYUAN,
            has_image_proj=True,
            image_proj_dim=16,
            has_clean_x_embedder=True,
        )
    )
    eyes = SiglipVisionConfig(
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        image_size=16,
        patch_size=8,
    )
    return HunyuanVideoFramepackPipeline(
        **{name: part for name, part in first.components.items() if name != "transformer"},
        transformer=transformer,
        image_encoder=_seeded(lambda: SiglipVisionModel(eyes)),
        feature_extractor=SiglipImageProcessor(size={"height": 16, "width": 16}),
    )


def ltx_2() -> Any:
    from diffusers import (
        AutoencoderKLLTX2Audio,
        AutoencoderKLLTX2Video,
        FlowMatchEulerDiscreteScheduler,
        LTX2ConditionPipeline,
        LTX2VideoTransformer3DModel,
    )
    from diffusers.pipelines.ltx2 import LTX2TextConnectors
    from diffusers.pipelines.ltx2.vocoder import LTX2Vocoder
    from transformers import Gemma3TextConfig, Gemma3TextModel

    gemma = Gemma3TextConfig(
        vocab_size=64,
        hidden_size=32,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=16,
    )
    vae = _seeded(
        lambda: AutoencoderKLLTX2Video(
            latent_channels=8,
            block_out_channels=(8, 8, 8, 8),
            decoder_block_out_channels=(8, 16, 32),
            layers_per_block=(1, 1, 1, 1, 1),
            decoder_layers_per_block=(1, 1, 1, 1),
            spatial_compression_ratio=32,
            temporal_compression_ratio=8,
            decoder_spatial_padding_mode="zeros",  # a picture may be one latent
        )
    )
    audio = _seeded(
        lambda: AutoencoderKLLTX2Audio(
            base_channels=8,
            ch_mult=(1, 1, 1),
            num_res_blocks=1,
            resolution=32,
            latent_channels=2,
            mel_bins=16,
        )
    )
    transformer = _seeded(
        lambda: LTX2VideoTransformer3DModel(
            in_channels=8,
            out_channels=8,
            num_attention_heads=4,
            attention_head_dim=8,
            cross_attention_dim=32,
            audio_in_channels=8,
            audio_out_channels=8,
            audio_num_attention_heads=4,
            audio_attention_head_dim=4,
            audio_cross_attention_dim=16,
            num_layers=2,
            caption_channels=32,
            rope_double_precision=False,
        )
    )
    connectors = _seeded(
        lambda: LTX2TextConnectors(
            caption_channels=32,
            text_proj_in_factor=3,
            video_connector_num_attention_heads=4,
            video_connector_attention_head_dim=8,
            video_connector_num_layers=1,
            video_connector_num_learnable_registers=None,
            audio_connector_num_attention_heads=4,
            audio_connector_attention_head_dim=8,
            audio_connector_num_layers=1,
            audio_connector_num_learnable_registers=None,
            rope_double_precision=False,
        )
    )
    vocoder = _seeded(
        lambda: LTX2Vocoder(
            in_channels=32,
            hidden_channels=16,
            upsample_kernel_sizes=[4, 4],
            upsample_factors=[2, 2],
            resnet_kernel_sizes=[3],
            resnet_dilations=[[1, 3, 5]],
            output_sampling_rate=16000,
        )
    )
    return LTX2ConditionPipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(),
        vae=vae,
        audio_vae=audio,
        text_encoder=_seeded(lambda: Gemma3TextModel(gemma)),
        tokenizer=t5_tokenizer(),
        connectors=connectors,
        transformer=transformer,
        vocoder=vocoder,
    )


MAKERS: dict[str, Callable[[], Any]] = {
    "ltx": ltx,
    "ltx-2": ltx_2,
    "wan": wan,
    "wan-image": wan_image,
    "wan-vace": wan_vace,
    "skyreels": skyreels,
    "cogvideox": cogvideox,
    "hunyuan": hunyuan,
    "hunyuan-1.5": hunyuan_15,
    "framepack": framepack,
}
