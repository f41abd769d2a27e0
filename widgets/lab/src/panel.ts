// A view of a project as a JupyterLab widget, which finds its kernel and keeps to it.
import { ServiceManager, Session } from '@jupyterlab/services';
import { Message } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';
import { mount } from '../../playreel_widgets/static/index.js';
import type { IMounted } from '../../playreel_widgets/static/index.js';
import { openChannel } from './channel';
import { ready, sessionOf } from './session';

const ATTEMPTS = 12;
const PAUSE_MS = 2000;
const PATIENCE_MS = 20000;

const pause = (ms: number) => new Promise(resolve => setTimeout(resolve, ms));

function within<T>(ms: number, promised: Promise<T>): Promise<T> {
  const late = pause(ms).then(() => Promise.reject(new Error('The kernel does not answer.')));
  return Promise.race([promised, late]) as Promise<T>;
}

export class StudioPanel extends Widget {
  constructor(
    private services: ServiceManager.IManager,
    readonly path: string,
    private view: string,
    private choice: { language: string; starting: string }
  ) {
    super();
    this.addClass('jp-PlayreelStudio');
    this.node.addEventListener('playreel:reconnect', event => {
      event.preventDefault();
      event.stopPropagation();
      void this.reconnect();
    });
  }

  protected onAfterAttach(msg: Message): void {
    super.onAfterAttach(msg);
    if (!this.started) {
      this.started = true;
      void this.start();
    }
  }

  dispose(): void {
    if (this.isDisposed) {
      return;
    }
    this.session?.statusChanged.disconnect(this.onStatus, this);
    this.mounted?.();
    this.closeChannel();
    super.dispose();
  }

  private async start(): Promise<void> {
    const wait = this.tell(this.choice.starting);
    try {
      this.session = await sessionOf(this.services, this.path);
      const project = await ready(this.session, this.path);
      const channel = await openChannel(this.session.kernel!, project);
      this.closeChannel = () => channel.close();
      if (this.isDisposed) {
        return channel.close();
      }
      wait.remove();
      const { view } = this;
      const { language } = this.choice;
      this.mounted = mount({ el: this.node, channel, view, language, options: { project } });
      this.session.statusChanged.connect(this.onStatus, this);
    } catch (error) {
      wait.textContent = (error as Error).message;
      wait.setAttribute('role', 'alert');
    }
  }

  private tell(text: string): HTMLElement {
    const wait = document.createElement('p');
    wait.className = 'jp-PlayreelWait';
    wait.setAttribute('role', 'status');
    wait.textContent = text;
    this.node.append(wait);
    return wait;
  }

  /** A kernel that was restarted gets its project again, without being asked. */
  private onStatus(_: Session.ISessionConnection, status: string): void {
    if (['restarting', 'autorestarting', 'dead'].includes(status)) {
      this.mounted?.link.lose();
      void this.reconnect();
    }
  }

  private async reconnect(): Promise<void> {
    if (this.reconnecting) {
      return;
    }
    this.reconnecting = true;
    for (let attempt = 0; attempt < ATTEMPTS && !this.isDisposed; attempt++) {
      await pause(PAUSE_MS);
      try {
        const kernel = this.session!.kernel!;
        // A kernel that restarted takes nothing else before it was asked for its name.
        await within(PATIENCE_MS, kernel.requestKernelInfo());
        const project = await within(PATIENCE_MS, ready(this.session!, this.path));
        const channel = await within(PATIENCE_MS, openChannel(kernel, project));
        this.closeChannel = () => channel.close();
        this.mounted?.back(channel);
        break;
      } catch {
        // not yet; the notice stays on the page, and so does its button
      }
    }
    this.reconnecting = false;
  }

  private started = false;
  private reconnecting = false;
  private session: Session.ISessionConnection | null = null;
  private mounted: IMounted | null = null;
  private closeChannel: () => void = () => undefined;
}
