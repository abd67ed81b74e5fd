// Globals that some devices have: what is here must be asked for with `typeof` before it is used.
declare const BigInt: ((value: string) => unknown) | undefined;
declare const WeakRef: unknown;
declare const FinalizationRegistry: unknown;
declare const SharedArrayBuffer: unknown;
declare const Atomics: unknown;
declare const TextDecoder: unknown;
declare const TextEncoder: unknown;
declare const WebAssembly: unknown;
declare const URL: unknown;
declare const performance: unknown;
declare const queueMicrotask: unknown;
