// Checkpoints, which PGlite never makes by itself: without them the log on disk grows, and with it the next start's recovery
// (14 s after 1.3 GB).
import type { PGlite } from '@electric-sql/pglite';

/** What a small change may add: the first one to touch a page after a checkpoint writes the whole page. */
const overheadBytes = 8 * 1024;
const bytesBetweenLooks = 4 * 1024 * 1024;
const walBytesAtMost = 32 * 1024 * 1024;

export type WalKeeper = {
  /** To be called after each write with about its size; looks now and then, behind the caller's back. */
  readonly written: (bytes: number) => void;
};

export function makeWalKeeper(pglite: Pick<PGlite, 'query' | 'exec'>): WalKeeper {
  let unseen = 0;
  let looking = false;
  const look = async () => {
    const { rows } = await pglite.query<{ bytes: unknown }>(
      'select pg_current_wal_insert_lsn() - redo_lsn as bytes from pg_control_checkpoint()',
    );
    if (Number(rows[0]?.bytes) > walBytesAtMost) await pglite.exec('CHECKPOINT');
  };
  return {
    written: (bytes) => {
      unseen += bytes + overheadBytes;
      if (looking || unseen < bytesBetweenLooks) return;
      unseen = 0;
      looking = true;
      // A checkpoint that fails (a full disk, the store closing) is tried again at a later look.
      void look()
        .catch(() => {})
        .finally(() => {
          looking = false;
        });
    },
  };
}
