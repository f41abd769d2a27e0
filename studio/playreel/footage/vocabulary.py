"""Words for what a clip shows, in English and Chinese: attribute -> value -> language -> synonyms.

The first synonym is the plain one. No synonym is shared by two values of one attribute, so that a
word read in a prompt names one value. English actions are participles ("running right").
"""

from __future__ import annotations

Words = dict[str, list[str]]


def words(en: str, zh: str) -> Words:
    """Synonyms of one value, written with bars between them."""
    return {"en": en.split("|"), "zh": zh.split("|")}


VOCABULARY: dict[str, dict[str, Words]] = {
    "theme": {
        "meadow": words(
            "meadow|grassland|green hills|grassy field|pasture", "草地|草原|绿野|青草坡|田野"
        ),
        "forest": words(
            "forest|woods|deep woodland|pine forest|jungle", "森林|树林|密林|松林|林间"
        ),
        "desert": words(
            "desert|sand dunes|dunes|sandy wasteland|sahara", "沙漠|沙丘|大漠|戈壁|荒漠"
        ),
        "snow": words(
            "snow|snowy ridge|snowfield|snowy mountains|frozen peaks|winter land",
            "雪地|雪岭|雪原|雪山|冰原|冰天雪地",
        ),
        "cave": words(
            "cave|cavern|underground tunnel|grotto|crystal cave", "洞穴|山洞|地下洞窟|岩洞|水晶洞"
        ),
        "city": words(
            "city|rooftops|city street|downtown|skyscrapers|town", "城市|都市|街道|楼顶|高楼|街头"
        ),
        "volcano": words(
            "volcano|lava field|volcanic rocks|lava land|burning crater",
            "火山|熔岩地|岩浆|火山口|火山岩",
        ),
        "ruins": words(
            "ruins|ancient temple|old temple|broken columns|lost ruins",
            "遗迹|古庙|废墟|神殿|断柱残垣",
        ),
    },
    "time_of_day": {
        "day": words("day|daytime|noon|broad daylight|midday", "白天|日间|正午|大白天|晴昼"),
        "dusk": words("dusk|sunset|evening|twilight|golden hour", "黄昏|日落|傍晚|暮色|夕阳"),
        "night": words("night|nighttime|midnight|moonlight|dark night", "夜晚|夜里|深夜|月夜|午夜"),
    },
    "weather": {
        "clear": words(
            "clear|clear sky|clear weather|cloudless|fair weather",
            "晴朗|晴天|天气晴朗|万里无云|晴空",
        ),
        "rain": words("rain|raining|rainfall|heavy rain|downpour", "下雨|雨天|雨中|大雨|细雨"),
        "snow": words(
            "snowfall|falling snow|snowing|snowflakes|snowstorm", "下雪|飘雪|雪花|大雪|风雪"
        ),
        "fog": words("fog|foggy|mist|misty|haze", "起雾|雾天|大雾|薄雾|雾气"),
    },
    "style": {
        "pixel": words(
            "pixel art|pixel|8-bit|retro pixels|pixelated", "像素|像素画|像素风|八位机|点阵画"
        ),
        "game-boy": words(
            "game-boy|game boy|handheld green|four-shade green|green handheld screen",
            "掌机|绿屏掌机|游戏掌机|四阶绿|复古掌机",
        ),
        "ink wash": words(
            "ink wash|ink painting|sumi-e|chinese ink|brush and ink", "水墨|水墨画|国画|泼墨|墨染"
        ),
        "blueprint": words(
            "blueprint|technical drawing|cyanotype|white lines on blue|draft plan",
            "蓝图|工程图|蓝晒|设计图|制图",
        ),
        "watercolour": words(
            "watercolour|watercolor|watercolour painting|aquarelle|soft washes",
            "水彩|水彩画|淡彩|彩绘|水彩晕染",
        ),
        "neon": words(
            "neon|neon glow|synthwave|cyberpunk|glowing neon lights",
            "霓虹|霓虹灯|赛博朋克|荧光|合成波",
        ),
        "paper cut-out": words(
            "paper cut-out|paper cutout|cut paper|papercraft|paper collage",
            "剪纸|纸艺|纸片|剪贴|纸雕",
        ),
        "charcoal sketch": words(
            "charcoal sketch|charcoal|pencil sketch|charcoal drawing|hand-drawn sketch",
            "炭笔|素描|炭笔素描|铅笔画|手绘草图",
        ),
    },
    "hero": {
        "fox": words("fox|little fox|fox hero|vixen", "狐狸|小狐狸|狐狸勇者"),
        "knight": words(
            "knight|armoured knight|brave knight|swordsman", "骑士|盔甲骑士|勇敢的骑士|剑士"
        ),
        "robot": words("robot|little robot|android|droid", "机器人|小机器人|机械人"),
        "wizard": words("wizard|mage|sorcerer|old wizard", "巫师|法师|魔法师|老巫师"),
        "cat": words("cat|kitten|little cat|kitty", "猫|小猫|猫咪"),
        "ninja": words("ninja|shinobi|masked ninja|shadow ninja", "忍者|蒙面忍者|影忍"),
    },
    "hero_color": {
        "red": words("red|scarlet|crimson", "红色|赤色|大红"),
        "orange": words("orange|amber|tangerine", "橙色|橘色|橘红"),
        "yellow": words("yellow|golden|lemon", "黄色|金黄|明黄"),
        "green": words("green|emerald|lime", "绿色|翠绿|青绿"),
        "blue": words("blue|azure|navy", "蓝色|天蓝|深蓝"),
        "purple": words("purple|violet|lilac", "紫色|紫罗兰色|深紫"),
        "white": words("white|snow-white|pale", "白色|雪白|纯白"),
    },
    "camera": {
        "static": words(
            "static camera|static shot|locked-off camera|fixed camera|still camera",
            "固定镜头|固定机位|镜头不动|静止镜头",
        ),
        "pan left": words(
            "pan left|panning left|camera pans left|leftward pan",
            "左摇|镜头左移|向左摇镜|镜头左摇|左移",
        ),
        "pan right": words(
            "pan right|panning right|camera pans right|rightward pan",
            "右摇|镜头右移|向右摇镜|镜头右摇|右移",
        ),
        "zoom in": words(
            "zoom in|zooming in|push in|camera pushes in|dolly in", "推镜头|镜头推近|推近|缓推|推"
        ),
        "zoom out": words(
            "zoom out|zooming out|pull out|camera pulls back|dolly out",
            "拉镜头|镜头拉远|拉远|缓拉|拉",
        ),
        "tracking": words(
            "tracking shot|tracking|follow shot|camera follows|following camera",
            "跟镜头|跟拍|镜头跟随|跟随拍摄|跟",
        ),
        "shake": words(
            "camera shake|shaky camera|handheld camera|trembling camera|shake",
            "镜头晃动|晃动|手持晃动|镜头抖动|震动镜头",
        ),
    },
    "shot_size": {
        "wide": words(
            "wide shot|wide|long shot|establishing shot|full view", "远景|全景|大远景|大全景"
        ),
        "medium": words("medium shot|medium|mid shot|waist shot", "中景|中景镜头|半身景"),
        "close-up": words("close-up|close up|closeup|tight shot", "特写|近景特写|大特写|特写镜头"),
    },
    "action": {
        "stand": words("standing still|waiting|standing|idling", "站着不动|原地等待|站立|停下"),
        "run left": words(
            "running left|running to the left|dashing left|heading left",
            "向左跑|往左奔跑|向左冲|朝左前进",
        ),
        "run right": words(
            "running right|running to the right|dashing right|heading right",
            "向右跑|往右奔跑|向右冲|朝右前进",
        ),
        "jump": words("jumping|leaping|jumping up|hopping", "跳起|跃起|跳跃|起跳"),
        "jump left": words(
            "jumping left|leaping to the left|hopping left", "向左跳|往左跃起|朝左起跳"
        ),
        "jump right": words(
            "jumping right|leaping to the right|hopping right", "向右跳|往右跃起|朝右起跳"
        ),
        "fall": words("falling|falling down|dropping down", "下落|落下|坠落"),
        "land": words("landing|landing on the ground|touching down", "落地|着地|平稳落地"),
        "coin taken": words(
            "taking a coin|collecting a coin|grabbing a gold coin", "吃到金币|拿到金币|捡起金币"
        ),
        "block broken": words(
            "breaking a block|smashing a block|shattering a brick", "打碎砖块|撞碎方块|顶碎砖头"
        ),
        "enemy stomped": words(
            "stomping an enemy|jumping on an enemy|squashing an enemy", "踩扁敌人|踩中敌人|跳上敌人"
        ),
        "hurt": words("getting hurt|hitting an enemy|taking a hit", "受伤|撞上敌人|被击中"),
    },
}

# Where the hero is, ready for a sentence. English carries its preposition, Chinese its locative.
PLACES: dict[str, Words] = {
    "meadow": words(
        "in a meadow|on green hills|in a grassy field|across the grassland",
        "草地上|草原上|绿野上|田野里",
    ),
    "forest": words(
        "in a forest|in the woods|in a pine forest|through the jungle",
        "森林里|树林中|密林深处|松林间",
    ),
    "desert": words(
        "in the desert|on sand dunes|among the dunes|in a sandy wasteland",
        "沙漠里|沙丘上|大漠中|荒漠上",
    ),
    "snow": words(
        "on a snowy ridge|in the snow|across a snowfield|in snowy mountains",
        "雪地里|雪岭上|雪原上|雪山上",
    ),
    "cave": words(
        "in a cave|in a dark cavern|in an underground tunnel|in a crystal cave",
        "洞穴里|山洞中|岩洞里|水晶洞里",
    ),
    "city": words(
        "in a city|on the rooftops|on a city street|among skyscrapers",
        "城市里|街道上|楼顶上|高楼之间",
    ),
    "volcano": words(
        "on a volcano|in a lava field|over volcanic rocks|by a burning crater",
        "火山上|熔岩地上|火山口旁|岩浆边",
    ),
    "ruins": words(
        "in ancient ruins|in an old temple|among broken columns|through lost ruins",
        "遗迹里|古庙中|废墟上|神殿里",
    ),
}

# "at dusk", "on a misty night" need their own words in a sentence.
MOMENTS: dict[str, Words] = {
    "day": words("in the daytime|at noon|by day|in broad daylight", "白天|正午|大白天"),
    "dusk": words("at dusk|at sunset|in the evening|at twilight", "黄昏|日落时分|傍晚|暮色中"),
    "night": words(
        "at night|in the moonlight|at midnight|on a dark night", "夜晚|深夜|月夜|夜色中"
    ),
}

SKIES: dict[str, Words] = {
    "clear": words(
        "under a clear sky|in clear weather|under a cloudless sky", "天气晴朗|晴空万里|万里无云"
    ),
    "rain": words("in the rain|with heavy rain falling|while it rains", "下着雨|大雨倾盆|细雨绵绵"),
    "snow": words(
        "with snow falling|in falling snow|while it is snowing", "下着雪|雪花飘落|风雪交加"
    ),
    "fog": words("in the fog|in thick mist|with fog drifting by", "雾气弥漫|薄雾笼罩|大雾弥漫"),
}

CAMERA_SENTENCES: dict[str, Words] = {
    "static": words(
        "the camera does not move|the camera stays still|the camera is locked off",
        "镜头固定不动|固定机位拍摄|镜头保持不动",
    ),
    "pan left": words(
        "the camera pans left|the camera moves to the left|the view slides left",
        "镜头左移|镜头向左摇|镜头缓缓左摇",
    ),
    "pan right": words(
        "the camera pans right|the camera moves to the right|the view slides right",
        "镜头右移|镜头向右摇|镜头缓缓右摇",
    ),
    "zoom in": words(
        "the camera zooms in|the camera pushes in|the camera moves closer",
        "镜头推近|镜头缓缓推进|镜头向前推",
    ),
    "zoom out": words(
        "the camera zooms out|the camera pulls back|the camera moves away",
        "镜头拉远|镜头缓缓拉开|镜头向后拉",
    ),
    "tracking": words(
        "the camera follows|the camera tracks the hero|the camera travels along",
        "镜头跟随|镜头跟着主角移动|跟拍主角",
    ),
    "shake": words(
        "the camera shakes|the picture trembles|the camera is handheld and shaky",
        "镜头晃动|画面抖动|手持镜头摇晃",
    ),
}

MEASURE_WORDS = {
    "fox": "一只",
    "knight": "一名",
    "robot": "一个",
    "wizard": "一位",
    "cat": "一只",
    "ninja": "一名",
}
