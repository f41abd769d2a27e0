// What the panels say, in English and Chinese. Every entry has both; a test checks it.

export const WORDS = {
  // sketch
  pen: ["Pen", "画笔"],
  eraser: ["Eraser", "橡皮"],
  fill: ["Fill", "填充"],
  undo: ["Undo", "撤销"],
  redo: ["Redo", "重做"],
  clear: ["Clear", "清空"],
  image: ["Load image", "载入图片"],
  brushSize: ["Brush size", "笔刷大小"],
  colour: ["Colour", "颜色"],
  reference: ["Reference", "参考图"],
  onion: ["Last still", "上一张"],
  prompt: ["What is to be seen", "画面描述"],
  promptShort: ["Prompt", "描述"],
  promptHint: ["an orange fox in a green meadow by day", "白天的绿草地上有一只橙色的狐狸"],
  aspect: ["Aspect", "画幅"],
  seed: ["Seed", "种子"],
  seedAny: ["any", "随机"],
  guide: ["Drawing is", "用作"],
  lines: ["Lines", "线稿"],
  picture: ["Picture", "底图"],
  freedom: ["Freedom", "自由度"],
  makeStill: ["Make still", "生成画面"],
  making: ["Making…", "生成中…"],
  play: ["Play", "播放"],
  playThis: ["Play this world", "进入这个世界"],
  stillEmpty: ["Your still appears here", "画面将显示在这里"],
  drawHere: ["Draw here, or paste or drop an image", "在此作画，或粘贴、拖入图片"],
  example: ["Use an example", "使用示例"],
  canvas: ["Drawing canvas. D pen, E eraser, F fill, arrows move, space draws", "画布：D 画笔，E 橡皮，F 填充，方向键移动，空格落笔"],
  tooBig: ["This picture was too large and was made smaller to fit the canvas.", "图片过大，已缩小以适应画布。"],
  notPicture: ["This is no picture that a browser can read. Use PNG, JPEG or WebP.", "浏览器无法读取这张图片，请使用 PNG、JPEG 或 WebP。"],
  // world
  pause: ["Pause", "暂停"],
  speed: ["Speed", "速度"],
  frame: ["Frame", "帧"],
  markIn: ["Mark in", "入点"],
  markOut: ["Mark out", "出点"],
  capture: ["Capture", "截取"],
  captured: ["Captured", "已截取"],
  branches: ["Branches", "分支"],
  drift: ["Drift", "漂移"],
  driftCalm: ["steady", "稳定"],
  driftSome: ["moving", "有变化"],
  driftHigh: ["high: rewind a little", "偏大：建议回退"],
  noWorld: ["No world yet. Make a still and play it.", "还没有世界。先生成画面，再进入。"],
  screen: ["World. Arrow keys move, space jumps, I and O mark, C captures", "世界：方向键移动，空格跳跃，I/O 标记，C 截取"],
  rewind: ["Rewind", "回放"],
  stay: ["stay", "停留"],
  left: ["left", "向左"],
  right: ["right", "向右"],
  jump: ["jump", "跳跃"],
  "jump-left": ["jump left", "左跳"],
  "jump-right": ["jump right", "右跳"],
  worldKeys: ["Arrows and space play", "方向键与空格操作"],
  // takes
  shelf: ["Clips", "素材架"],
  shelfEmpty: ["Takes you make appear here.", "生成的镜头会出现在这里。"],
  filter: ["Filter", "筛选"],
  all: ["All", "全部"],
  star: ["Star", "收藏"],
  starredOnly: ["Starred only", "只看收藏"],
  madeBy: ["Made by", "方式"],
  stillWord: ["still", "静帧"],
  take: ["Take", "镜头"],
  playFrom: ["Play from here", "从这里播放"],
  toBoard: ["Add to board", "加入分镜"],
  onBoard: ["It is on the board.", "已加入分镜板。"],
  compare: ["Compare", "对比"],
  howMade: ["How it was made", "制作信息"],
  pressed: ["Buttons", "按键"],
  lengthWord: ["Length", "时长"],
  frames: ["frames", "帧"],
  seam: ["Seam", "接缝"],
  kept: ["Kept exactly", "原帧保留"],
  strength: ["Strength", "强度"],
  engine: ["Engine", "引擎"],
  parents: ["Made from", "来源"],
  // operations
  still: ["Still", "画面"],
  extend: ["Extend", "延长"],
  loop: ["Loop", "循环"],
  bridge: ["Bridge", "衔接"],
  restyle: ["Restyle", "换风格"],
  shoot: ["Shoot", "拍摄"],
  animate: ["Animate", "动起来"],
  cut: ["Cut", "剪切"],
  preview: ["Preview", "预览"],
  "do-extend": ["Extend", "延长"],
  "do-loop": ["Make loop", "生成循环"],
  "do-bridge": ["Bridge", "衔接"],
  "do-restyle": ["Restyle", "换风格"],
  "do-animate": ["Animate", "动起来"],
  "do-shoot": ["Shoot", "拍摄"],
  desk: ["Operation", "操作"],
  promptMaybe: ["What happens (optional)", "发生什么（可选）"],
  style: ["Style", "风格"],
  seconds: ["Seconds", "秒数"],
  direction: ["Direction", "方向"],
  after: ["After", "向后"],
  before: ["Before", "向前"],
  into: ["Into", "衔接到"],
  camera: ["Camera", "运镜"],
  cameraAny: ["as it comes", "自动"],
  needTake: ["Capture or shoot a take first.", "请先截取或拍摄一个镜头。"],
  needStill: ["Make a still first.", "请先生成画面。"],
  addPart: ["Add timed part", "添加时间段"],
  partHint: ["what happens then", "这段发生什么"],
  from: ["From second", "起始秒"],
  to: ["To second", "结束秒"],
  remove: ["Remove", "移除"],
  // queue
  queue: ["Queue", "任务队列"],
  queueEmpty: ["Nothing is being made.", "当前没有任务。"],
  queued: ["waiting", "排队中"],
  running: ["at work", "进行中"],
  paused: ["paused", "已暂停"],
  done: ["done", "完成"],
  failed: ["failed", "失败"],
  cancelled: ["cancelled", "已取消"],
  resume: ["Go on", "继续"],
  cancel: ["Cancel", "取消"],
  retry: ["Try again", "重试"],
  // board
  board: ["Board", "分镜板"],
  view: ["View", "视图"],
  storyboard: ["Storyboard", "分镜图"],
  table: ["Table", "表格"],
  timeline: ["Timeline", "时间线"],
  boardEmpty: ["No shots yet. Add takes from the shelf, or drag them here.", "还没有镜头。从素材架添加，或拖到这里。"],
  boardKeys: ["Alt + arrows move a shot", "Alt + 方向键移动镜头"],
  shot: ["shot", "镜头"],
  shots: ["shots", "个镜头"],
  number: ["No.", "镜号"],
  shotSize: ["Size", "景别"],
  description: ["Description", "画面内容"],
  dialogue: ["Dialogue", "台词"],
  transition: ["Transition", "转场"],
  fade: ["Seconds", "秒数"],
  actions: ["Actions", "操作"],
  earlier: ["Move earlier", "前移"],
  later: ["Move later", "后移"],
  preset: ["Preset", "预设"],
  fileName: ["File name", "文件名"],
  export: ["Export film", "导出影片"],
  written: ["Written:", "已写入："],
  // studio
  "tab-sketch": ["Sketch", "草图"],
  "tab-play": ["Play", "游玩"],
  "tab-film": ["Film", "影片"],
  "tab-board": ["Board", "分镜"],
  // troubles
  lost: ["The kernel has gone. Everything that was made is in the project folder.", "内核已断开。所有成果都保存在项目文件夹中。"],
  lostTodo: ["Run the cell again to go on.", "请重新运行单元格以继续。"],
  reconnect: ["Reconnect", "重新连接"],
  reconnecting: ["Reconnecting…", "正在重新连接…"],
  silent: ["The kernel is busy and has not answered yet.", "内核正忙，尚未响应。"],
  dismiss: ["Dismiss", "关闭"],
};

/** A function that says an entry in one language. */
export function speaker(language) {
  const column = language === "zh" ? 1 : 0;
  return (key) => WORDS[key]?.[column] ?? key;
}

/** "en" or "zh": what the widget asks for, what the user chose here, or the browser's own. */
export function languageOf(asked) {
  let chosen = asked;
  try {
    chosen = localStorage.getItem("playreel:language") || chosen;
  } catch {
    // storage may be forbidden
  }
  return (chosen || navigator.language || "en").startsWith("zh") ? "zh" : "en";
}

/** Keeps the user's choice for this browser. */
export function rememberLanguage(language) {
  try {
    localStorage.setItem("playreel:language", language);
  } catch {
    // chosen for this page only, then
  }
}
