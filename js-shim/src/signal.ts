/** Aborting calls: `AbortController`, which phones have none of, and how the signal of one is heard. */
import { Events } from './events';
import { isFunction } from './plain';

/** What a call takes as `signal`: the members of an `AbortSignal` that are used. */
export interface Signal {
  readonly aborted: boolean;
  addEventListener?(type: string, listener: () => void): void;
  removeEventListener?(type: string, listener: () => void): void;
  onabort?: unknown;
}

class AbortSignal extends Events implements Signal {
  aborted = false;
  onabort: unknown = null;
  addEventListener = this.on;
  removeEventListener = this.off;
}

/** As the `AbortController` of browsers, without reasons. */
export class AbortController {
  signal = new AbortSignal();

  abort(): void {
    const { signal } = this;
    if (signal.aborted) return;
    signal.aborted = true;
    if (isFunction(signal.onabort)) signal.onabort({ type: 'abort' });
    signal.emit('abort', { type: 'abort' });
  }
}

/** Calls `abort` once the signal is aborted, until the function is called that this returns. */
export const follow = (signal: Signal, abort: () => void): (() => void) => {
  if (signal.addEventListener) {
    signal.addEventListener('abort', abort);
    return () => signal.removeEventListener && signal.removeEventListener('abort', abort);
  }
  const { onabort } = signal;
  const listener = (event: unknown): void => {
    abort();
    if (isFunction(onabort)) onabort.call(signal, event);
  };
  signal.onabort = listener;
  return () => {
    if (signal.onabort === listener) signal.onabort = onabort;
  };
};
