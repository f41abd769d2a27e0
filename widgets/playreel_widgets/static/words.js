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
    chosen = chosen || localStorage.getItem("playreel:language");
  } catch {
    // storage may be forbidden
  }
  return (chosen || navigator.language || "en").startsWith("zh") ? "zh" : "en";
}
