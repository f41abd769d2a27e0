// What the plugin says, in English and Chinese.
const WORDS = {
  studio: ['Playreel Studio', 'Playreel 工作室'],
  caption: ['Sketch a world, play it, cut the film', '画一个世界，玩起来，剪成片'],
  open: ['Open Playreel project…', '打开 Playreel 项目…'],
  openHere: ['Open in Playreel Studio', '在 Playreel 工作室中打开'],
  folder: ['Project folder', '项目文件夹'],
  side: ['Playreel clips and queue', 'Playreel 素材与任务'],
  showSide: ['Show Playreel clips and queue', '显示 Playreel 素材与任务'],
  keys: ['Playreel keyboard shortcuts', 'Playreel 快捷键'],
  starting: ['Starting the kernel…', '正在启动内核…'],
  none: ['Open a studio to see its clips and queue here.', '打开工作室后，这里显示素材与任务。'],
  draw: ['Draw, erase, fill', '画笔、橡皮、填充'],
  pen: ['Move the pen; put it down or lift it', '移动画笔；落笔或提笔'],
  undo: ['Undo, redo', '撤销、重做'],
  play: ['Play the world', '操作世界'],
  live: ['Play or pause', '播放或暂停'],
  seek: ['One frame back or ahead; start, end', '前后一帧；开头、结尾'],
  mark: ['Mark in, mark out, capture', '入点、出点、截取'],
  move: ['Move a shot on the board', '移动分镜镜头'],
  launch: ['Open the studio', '打开工作室']
};

export type Speaker = (key: keyof typeof WORDS) => string;

/** Says an entry in the language of JupyterLab. */
export function speaker(language: string): Speaker {
  const column = language.startsWith('zh') ? 1 : 0;
  return key => WORDS[key][column];
}
