// What the main thread and PGlite's thread say to each other. A dozen lines of our own and not comlink: comlink leaves a call
// waiting for ever when the other thread dies, and keeps of an error only name, message and stack.
import { z } from 'zod';
import type { ErrorName } from '../../core/error.ts';
import { ChiffonError } from '../../core/error.ts';
import type { ThreadCalls } from './backend.ts';

export type WorkerData = z.infer<typeof workerDataSchema>;
export const workerDataSchema = z.object({
  dataFolder: z.string(),
  databaseFolder: z.string(),
  secretKey: z.string().optional(),
});

export type ToWorker =
  | {
      readonly type: 'call';
      readonly id: number;
      readonly method: keyof ThreadCalls;
      readonly args: readonly unknown[];
    }
  | { readonly type: 'close' };

export type FromWorker =
  | { readonly type: 'ready' }
  | { readonly type: 'closed' }
  | { readonly type: 'result'; readonly id: number; readonly value: unknown }
  | { readonly type: 'fault'; readonly id: number; readonly fault: PlainFault }
  | { readonly type: 'appended'; readonly seq: number }
  /** The last message: the thread ends, and a new one has to recover from the log on disk. */
  | { readonly type: 'dying'; readonly fault: PlainFault };

/** A ChiffonError as it crosses over: structured cloning would keep neither kind nor code. */
export type PlainFault = { readonly kind: ErrorName; readonly message: string; readonly cause: string | undefined };

export function plainFault({ kind, message, cause }: ChiffonError): PlainFault {
  return { kind, message, cause: cause instanceof Error ? (cause.stack ?? cause.message) : undefined };
}

export function faultOf({ kind, message, cause }: PlainFault): ChiffonError {
  return new ChiffonError(kind, message, cause === undefined ? {} : { cause: new Error(cause) });
}
