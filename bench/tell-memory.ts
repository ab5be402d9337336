// Loaded into a process before its program (`--import`, with --expose-gc): on SIGUSR2 it says what it holds, garbage taken out.
import { isMainThread } from 'node:worker_threads';

if (isMainThread)
  process.on('SIGUSR2', () => {
    globalThis.gc?.();
    const { heapUsed, external } = process.memoryUsage();
    process.stdout.write(`\nmemory ${heapUsed + external}\n`);
  });
