// A comm as the channel that the views speak over.
import { Kernel, KernelMessage } from '@jupyterlab/services';
import type { IChannel } from '../../playreel_widgets/static/index.js';

const TARGET = 'playreel';
const START_MS = 60000;

/** Runs what opens a project in a kernel; resolves to its absolute path, rejects in words. */
export async function serve(kernel: Kernel.IKernelConnection, project: string): Promise<string> {
  const code = [
    'from playreel_widgets.attach import serve as _playreel_serve',
    `_playreel_served = _playreel_serve(${JSON.stringify(project)})`
  ].join('\n');
  const future = kernel.requestExecute({
    code,
    silent: true,
    store_history: false,
    user_expressions: { path: '_playreel_served' }
  });
  const reply = await future.done;
  const content = reply.content as KernelMessage.IExecuteReplyMsg['content'];
  if (content.status === 'error') {
    throw new Error(
      content.ename === 'ModuleNotFoundError'
        ? `The kernel "${kernel.name}" has no Playreel (${content.evalue}). Install it there with: pip install "playreel[lab]"`
        : content.evalue
    );
  }
  const told = (content as any).user_expressions?.path?.data?.['text/plain'] as string | undefined;
  return told ? told.replace(/^['"]|['"]$/g, '') : project;
}

/** Opens a channel to a project that `serve` opened. */
export async function openChannel(
  kernel: Kernel.IKernelConnection,
  project: string
): Promise<IChannel & { close(): void }> {
  const comm = kernel.createComm(TARGET);
  const listeners = new Set<(content: unknown, buffers: DataView[]) => void>();
  let heard: () => void = () => undefined;
  const first = new Promise<void>((resolve, reject) => {
    heard = resolve;
    setTimeout(() => reject(new Error('The kernel does not answer.')), START_MS);
  });
  comm.onMsg = message => {
    heard();
    const buffers = (message.buffers ?? []).map(buffer =>
      ArrayBuffer.isView(buffer)
        ? new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength)
        : new DataView(buffer)
    );
    for (const listener of listeners) {
      listener(message.content.data, buffers);
    }
  };
  comm.open({ project });
  comm.send({ do: 'ping', ticket: 'open' } as any);
  await first;
  return {
    send: (content, _callbacks, buffers) => {
      if (comm.isDisposed) {
        throw new Error('closed');
      }
      comm.send(content as any, undefined, buffers?.map(view => view as ArrayBufferView));
    },
    on: (event, listener) => {
      if (event === 'msg:custom') {
        listeners.add(listener);
      }
    },
    off: (_event, listener) => {
      listeners.delete(listener);
    },
    close: () => {
      if (!comm.isDisposed) {
        comm.close();
      }
    }
  };
}
