// PGlite's folder on disk, with the fsync that PGlite 0.5.16 leaves out: PostgreSQL asks for it, and the file system that
// comes with PGlite has no such operation, so that acknowledged transactions are gone after a power cut. These are PGlite's
// internals: its version is pinned, `syncs` lets the opening refuse when the hook does not take, and a test counts the fsyncs.
import { fsyncSync } from 'node:fs';
import type { PGlite } from '@electric-sql/pglite';
import { NodeFS } from '@electric-sql/pglite/nodefs';
import { ChiffonError } from '../../core/error.ts';

type Options = Parameters<NodeFS['init']>[1];
type StreamOperations = { fsync?: (stream: { readonly nfd: number }) => number };
type NodeFileSystem = { readonly stream_ops: StreamOperations; readonly tryFSOperation: (work: () => void) => void };

export class FsyncedFolder extends NodeFS {
  /** How often PostgreSQL's fsync has reached the disk. */
  syncs = 0;
  readonly #onAbort: () => void;

  /** `onAbort` is called when PostgreSQL panics, before PGlite swallows that and loops for ever at the next query. */
  constructor(folder: string, onAbort: () => void) {
    super(folder);
    this.#onAbort = onAbort;
  }

  override async init(pg: PGlite, options: Options) {
    const { emscriptenOpts } = await super.init(pg, options);
    const hook = (module: object) => {
      const { stream_ops: operations, tryFSOperation } = nodeFileSystem(module);
      operations.fsync = ({ nfd }) => {
        // Its errors become PostgreSQL's, which panics on a failed fsync of the log, as it must.
        tryFSOperation(() => fsyncSync(nfd));
        this.syncs += 1;
        return 0;
      };
      Object.assign(module, { onAbort: () => this.#onAbort() });
    };
    return { emscriptenOpts: { ...emscriptenOpts, preRun: [...(emscriptenOpts.preRun ?? []), hook] } };
  }
}

function nodeFileSystem(module: object): NodeFileSystem {
  const found: unknown = 'NODEFS' in module ? module.NODEFS : undefined;
  if (isNodeFileSystem(found)) return found;
  throw new ChiffonError(
    'INTERNAL',
    'This version of PGlite has another file system than the one Chiffon knows how to make durable.',
  );
}

function isNodeFileSystem(value: unknown): value is NodeFileSystem {
  return typeof value === 'object' && value !== null && 'stream_ops' in value && 'tryFSOperation' in value;
}
