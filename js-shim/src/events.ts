/** Events of a client, with the names and payloads of cos-wx-sdk-v5. */
import { guarded } from './callback';

type Listener = (data: unknown) => void;

/** See the module. */
export class Events {
  private listeners: Record<string, Listener[] | undefined> = {};

  /** Adds a listener; one that is added twice is called twice. */
  on(event: string, listener: Listener): void {
    this.listeners[event] = (this.listeners[event] || []).concat(listener);
  }

  /** Removes a listener, however often it was added. */
  off(event: string, listener: Listener): void {
    this.listeners[event] = (this.listeners[event] || []).filter((known) => known !== listener);
  }

  /** Calls those who listen at this moment, in the order they were added. */
  emit(event: string, data?: unknown): void {
    for (const listener of this.listeners[event] || []) guarded(() => listener(data));
  }

  /** Whether anybody listens. */
  heard(event: string): boolean {
    return (this.listeners[event] || []).length > 0;
  }
}
