import { Dialog, showDialog } from '@jupyterlab/apputils';
import { Widget } from '@lumino/widgets';
import type { Speaker } from './words';

/** Every key that the studio knows. */
export function showKeys(say: Speaker): void {
  const rows: [string, string][] = [
    ['Ctrl/⌘ Alt P', say('launch')],
    ['D  E  F', say('draw')],
    ['← ↑ → ↓,  Space', say('pen')],
    ['Ctrl/⌘ Z,  Ctrl/⌘ Y', say('undo')],
    ['← ↑ → ↓,  Space,  W A S D', say('play')],
    ['P', say('live')],
    ['[  ],  Home  End', say('seek')],
    ['I  O  C', say('mark')],
    ['Alt ← ↑ → ↓', say('move')]
  ];
  const body = new Widget();
  const table = document.createElement('table');
  table.className = 'jp-PlayreelKeys';
  for (const [keys, words] of rows) {
    const row = table.insertRow();
    row.insertCell().append(Object.assign(document.createElement('kbd'), { textContent: keys }));
    row.insertCell().textContent = words;
  }
  body.node.append(table);
  void showDialog({ title: say('keys'), body, buttons: [Dialog.okButton()] });
}
