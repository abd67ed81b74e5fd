/** What the core asks for, as it arrives: see `Effect::to_value` in cos-core. */
import type { CoreError } from './errors';

/** A task as `getTaskList` shows it, its error still as the core describes it. */
export interface Task {
  size: number;
  error?: CoreError | null;
}

/** A request to be sent. */
export interface EffectRequest {
  method: string;
  url: string;
  /** The query parameters that `url` ends with, not encoded. */
  qs: Record<string, string>;
  headers: Record<string, string>;
  responseType: 'text' | 'arraybuffer';
  keepBody: boolean;
  timeout: number;
  text?: string;
  caller?: boolean;
  read?: number;
  filePath?: string;
  form?: Record<string, string>;
}

/** One thing to do. Which members there are depends on `type`. */
export interface Effect {
  type: string;
  id: number;
  call: number;
  path?: string;
  /** The path that a file gets. */
  to: string;
  file: number;
  offset: number;
  length: number;
  delay: number;
  key: string;
  record: unknown;
  request: EffectRequest & Record<string, unknown>;
  /** What reporters are told. */
  fields: Record<string, unknown>;
  task: string;
  info: Task;
  progress: unknown;
  message: string;
  data?: Record<string, unknown>;
  /** The send whose kept body is meant, or the read whose buffer is written. */
  body?: number;
  error?: CoreError;
}
