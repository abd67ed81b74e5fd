/** What the core asks for, as it arrives: see `Effect::to_value` in cos-core. */
import type { CoreError } from './errors';

/** A request to be sent. */
export interface EffectRequest {
  method: string;
  url: string;
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
  offset: number;
  length: number;
  delay: number;
  key: string;
  record: unknown;
  request: EffectRequest & Record<string, unknown>;
  task: string;
  info: unknown;
  progress: unknown;
  message: string;
  data?: Record<string, unknown>;
  body?: number;
  error?: CoreError;
}
