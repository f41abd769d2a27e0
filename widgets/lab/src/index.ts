import { ILayoutRestorer, JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, InputDialog, MainAreaWidget, WidgetTracker } from '@jupyterlab/apputils';
import { PathExt } from '@jupyterlab/coreutils';
import { IDefaultFileBrowser } from '@jupyterlab/filebrowser';
import { ILauncher } from '@jupyterlab/launcher';
import { Kernel } from '@jupyterlab/services';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator } from '@jupyterlab/translation';
import type { IChannel } from '../../playreel_widgets/static/index.js';
import { openChannel, serve } from './channel';
import { FILE_TYPE, StudioFactory } from './document';
import { studioIcon } from './icon';
import { showKeys } from './keys';
import { StudioPanel } from './panel';
import { Side } from './side';
import { speaker } from './words';

const ID = 'playreel-lab:plugin';
const CATEGORY = 'Playreel';
const Commands = {
  studio: 'playreel:studio',
  open: 'playreel:open',
  openHere: 'playreel:open-here',
  side: 'playreel:show-side',
  keys: 'playreel:keys'
};

const plugin: JupyterFrontEndPlugin<void> = {
  id: ID,
  description: 'Playreel Studio: launcher, projects, side panel.',
  autoStart: true,
  optional: [
    ILauncher,
    ICommandPalette,
    ILayoutRestorer,
    ISettingRegistry,
    IDefaultFileBrowser,
    ITranslator
  ],
  activate
};

function activate(
  app: JupyterFrontEnd,
  launcher: ILauncher | null,
  palette: ICommandPalette | null,
  restorer: ILayoutRestorer | null,
  registry: ISettingRegistry | null,
  browser: IDefaultFileBrowser | null,
  translator: ITranslator | null
): void {
  const { commands, serviceManager, shell } = app;
  const labLanguage = (translator?.languageCode ?? 'en').startsWith('zh') ? 'zh' : 'en';
  const say = speaker(labLanguage);
  const choice = { language: labLanguage, folder: 'playreel-studio', side: true };
  const tracker = new WidgetTracker<MainAreaWidget<StudioPanel>>({ namespace: 'playreel' });

  const loaded = registry?.load(ID).then(settings => {
    const read = () => {
      const language = settings.get('language').composite as string;
      choice.language = language === 'auto' ? labLanguage : language;
      choice.folder = (settings.get('folder').composite as string) || choice.folder;
      choice.side = settings.get('side').composite as boolean;
    };
    read();
    settings.changed.connect(read);
  });

  const make = (path: string) =>
    new StudioPanel(serviceManager, path, 'studio', {
      language: choice.language,
      starting: say('starting')
    });

  // -- the side panel ----------------------------------------------------------------------------

  const side = new Side(serviceManager, say);
  shell.add(side, 'right', { rank: 850 });
  tracker.currentChanged.connect((_, widget) => {
    if (widget && choice.side) {
      side.turnTo(widget.content.path, choice.language);
    }
  });

  // -- commands ----------------------------------------------------------------------------------

  async function open(path: string): Promise<MainAreaWidget<StudioPanel>> {
    await loaded?.catch(() => undefined);
    let widget = tracker.find(other => other.content.path === path);
    if (!widget) {
      widget = new MainAreaWidget({ content: make(path) });
      widget.id = `playreel-${path.replace(/[^\w-]/g, '_')}-${Date.now()}`;
      widget.title.label = PathExt.basename(path) || 'Playreel';
      widget.title.caption = path;
      widget.title.icon = studioIcon;
      widget.title.closable = true;
      void tracker.add(widget);
    }
    if (!widget.isAttached) {
      shell.add(widget, 'main');
    }
    shell.activateById(widget.id);
    return widget;
  }

  const here = () => browser?.model.path ?? '';
  commands.addCommand(Commands.studio, {
    label: args => (args.isPalette ? say('studio') : say('studio')),
    caption: say('caption'),
    icon: studioIcon,
    execute: args =>
      open((args.path as string) ?? PathExt.join((args.cwd as string) ?? here(), choice.folder))
  });
  commands.addCommand(Commands.open, {
    label: say('open'),
    execute: async () => {
      const text = PathExt.join(here(), choice.folder);
      const { value } = await InputDialog.getText({ title: say('open'), label: say('folder'), text });
      return value ? open(value.replace(/^\/+|\/+$/g, '')) : null;
    }
  });
  commands.addCommand(Commands.openHere, {
    label: say('openHere'),
    icon: studioIcon,
    execute: () => {
      const item = browser?.selectedItems().next().value;
      return item?.type === 'directory' ? open(item.path) : null;
    }
  });
  commands.addCommand(Commands.side, {
    label: say('showSide'),
    execute: () => {
      if (tracker.currentWidget) {
        side.turnTo(tracker.currentWidget.content.path, choice.language);
      }
      shell.activateById(side.id);
    }
  });
  commands.addCommand(Commands.keys, { label: say('keys'), execute: () => showKeys(say) });

  launcher?.add({ command: Commands.studio, category: CATEGORY, rank: 0 });
  for (const command of [Commands.studio, Commands.open, Commands.side, Commands.keys]) {
    palette?.addItem({ command, category: CATEGORY });
  }
  app.contextMenu.addItem({
    command: Commands.openHere,
    selector: '.jp-DirListing-item[data-isdir="true"]',
    rank: 3
  });
  void restorer?.restore(tracker, {
    command: Commands.studio,
    args: widget => ({ path: widget.content.path }),
    name: widget => widget.content.path
  });

  // -- the file type -----------------------------------------------------------------------------

  app.docRegistry.addFileType({
    name: FILE_TYPE,
    displayName: 'Playreel project',
    extensions: ['.playreel'],
    fileFormat: 'text',
    contentType: 'file',
    icon: studioIcon
  });
  app.docRegistry.addWidgetFactory(
    new StudioFactory(
      { name: 'Playreel Studio', fileTypes: [FILE_TYPE], defaultFor: [FILE_TYPE], readOnly: true },
      make
    )
  );

  // -- widgets in notebooks whose kernel was restarted ---------------------------------------------

  document.addEventListener('playreel:reconnect', event => {
    const { project, accept } = (event as CustomEvent).detail as {
      project: string;
      accept: (channel: IChannel) => void;
    };
    const kernel = kernelOf(app, event.target as Node);
    if (!kernel) {
      return;
    }
    event.preventDefault();
    void serve(kernel, project)
      .then(path => openChannel(kernel, path))
      .then(accept)
      .catch(error => console.error('Playreel could not reconnect:', error.message));
  });
}

/** The kernel of the document that holds a node. */
function kernelOf(app: JupyterFrontEnd, node: Node): Kernel.IKernelConnection | null {
  for (const widget of app.shell.widgets('main')) {
    if (widget.node.contains(node)) {
      return (widget as any).context?.sessionContext?.session?.kernel ?? null;
    }
  }
  return null;
}

export default plugin;
