// The side panel: shelf and queue of the studio that was used last.
import { ServiceManager } from '@jupyterlab/services';
import { PanelLayout, Widget } from '@lumino/widgets';
import { studioIcon } from './icon';
import { StudioPanel } from './panel';
import type { Speaker } from './words';

export class Side extends Widget {
  constructor(
    private services: ServiceManager.IManager,
    private say: Speaker
  ) {
    super();
    this.id = 'playreel-side';
    this.addClass('jp-PlayreelSide');
    this.title.icon = studioIcon;
    this.title.caption = say('side');
    this.layout = new PanelLayout();
    this.empty();
  }

  get path(): string | null {
    return this.shown;
  }

  /** Shows another project; null for none. */
  turnTo(path: string | null, language: string): void {
    if (path === this.shown) {
      return;
    }
    this.shown = path;
    const layout = this.layout as PanelLayout;
    for (const widget of [...layout.widgets]) {
      widget.dispose();
    }
    if (path === null) {
      return this.empty();
    }
    const choice = { language, starting: this.say('starting') };
    for (const view of ['queue', 'shelf']) {
      layout.addWidget(new StudioPanel(this.services, path, view, choice));
    }
  }

  private empty(): void {
    const note = new Widget();
    note.addClass('jp-PlayreelWait');
    note.node.textContent = this.say('none');
    (this.layout as PanelLayout).addWidget(note);
  }

  private shown: string | null = null;
}
