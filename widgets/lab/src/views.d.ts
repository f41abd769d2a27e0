// The browser half that all notebooks share; plain ES modules, no types of their own.
declare module '*/playreel_widgets/static/index.js' {
  export interface IChannel {
    send(content: unknown, callbacks?: unknown, buffers?: ArrayBufferView[]): void;
    on(event: string, listener: (...args: any[]) => void): void;
    off?(event: string, listener: (...args: any[]) => void): void;
  }
  export interface IMounted {
    (): void;
    link: { use(channel: IChannel): void; lose(): void; emit(event: string): void };
    back(channel: IChannel): void;
  }
  export function mount(options: {
    el: HTMLElement;
    channel: IChannel;
    view: string;
    options?: Record<string, unknown>;
    language?: string;
  }): IMounted;
}
