"""Film words: a lexicon for models that read any prose, in English and Chinese.

It adds what such models' own guides ask for, light, style, camera and motion, and never a subject or
a setting: those are the user's.
"""

from __future__ import annotations

from playreel.film.lexicon import Lexicon, Words


def _words(en: str, zh: str) -> Words:
    return {"en": en.split("|"), "zh": zh.split("|")}


FILM_WORDS = Lexicon(
    usual={"motion": "gentle", "light": "soft", "style": "film", "camera": "track"},
    values={
        "motion": {
            "gentle": _words(
                "slow natural movement|gentle movement|slowly|gently", "动作缓慢自然|缓缓|轻轻|慢慢"
            ),
            "lively": _words(
                "quick lively movement|running|dancing|jumping|racing|walking|flying|moving",
                "动作轻快|奔跑|跳舞|跳跃|行走|飞|跑",
            ),
        },
        "light": {
            "golden": _words(
                "warm golden-hour light|golden hour|sunset|dusk|evening", "温暖的夕阳光|黄昏|日落|傍晚"
            ),
            "soft": _words(
                "soft overcast daylight|daylight|noon|morning|day", "柔和的阴天日光|白天|清晨|正午|日光"
            ),
            "night": _words(
                "cool moonlight with deep shadows|moonlight|night|midnight|dark",
                "清冷的月光与深影|月光|夜晚|深夜|夜",
            ),
            "side": _words(
                "low side light with long shadows|backlit|rim light|candlelight|lamp|neon light",
                "低角度侧光，影子很长|逆光|轮廓光|烛光|灯光|霓虹",
            ),
        },
        "style": {
            "film": _words(
                "shot on 35mm film, fine grain|cinematic|photorealistic|realistic|documentary",
                "35毫米胶片质感，细腻颗粒|电影感|写实|纪实",
            ),
            "anime": _words(
                "hand-drawn animation|anime|cartoon|pixel art|ink wash|watercolour|watercolor|3d render"
                "|claymation|oil painting|comic",
                "手绘动画|动漫|卡通|像素|水墨|水彩|三维渲染|黏土动画|油画|漫画",
            ),
        },
        "camera": {
            "static": _words(
                "the camera is still on a tripod|static shot|static camera|fixed camera",
                "镜头固定在三脚架上|固定镜头|静止镜头",
            ),
            "push": _words(
                "the camera slowly pushes in|dolly in|zoom in|zoom out|pull out|close-up|wide shot",
                "镜头缓慢推近|推近|拉远|特写|远景|全景",
            ),
            "track": _words(
                "the camera follows at walking pace|tracking shot|pan left|pan right|camera pans"
                "|handheld|aerial|drone|crane|orbit",
                "镜头以步行速度跟随|跟拍|左摇|右摇|手持|航拍|升降|环绕",
            ),
        },
    },
    phrases={
        "motion": {"gentle": _words("slow natural movement", "动作缓慢自然"),
                   "lively": _words("quick lively movement", "动作轻快")},
        "light": {
            "golden": _words("warm golden-hour light", "温暖的夕阳光"),
            "soft": _words("soft overcast daylight", "柔和的阴天日光"),
            "night": _words("cool moonlight with deep shadows", "清冷的月光与深影"),
            "side": _words("low side light with long shadows", "低角度侧光，影子很长"),
        },
        "style": {"film": _words("shot on 35mm film, fine grain", "35毫米胶片质感，细腻颗粒"),
                  "anime": _words("hand-drawn animation", "手绘动画")},
        "camera": {
            "static": _words("the camera is still on a tripod", "镜头固定在三脚架上"),
            "push": _words("the camera slowly pushes in", "镜头缓慢推近"),
            "track": _words("the camera follows at walking pace", "镜头以步行速度跟随"),
        },
    },
)  # fmt: skip
