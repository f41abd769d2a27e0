// A `.playreel` file in a project folder opens the studio on that folder.
import { ABCWidgetFactory, DocumentRegistry, DocumentWidget } from '@jupyterlab/docregistry';
import { PathExt } from '@jupyterlab/coreutils';
import type { StudioPanel } from './panel';

export const FILE_TYPE = 'playreel';

export class StudioFactory extends ABCWidgetFactory<DocumentWidget<StudioPanel>> {
  constructor(
    options: DocumentRegistry.IWidgetFactoryOptions,
    private make: (path: string) => StudioPanel
  ) {
    super(options);
  }

  protected createNewWidget(context: DocumentRegistry.Context): DocumentWidget<StudioPanel> {
    return new DocumentWidget({ context, content: this.make(PathExt.dirname(context.path)) });
  }
}
