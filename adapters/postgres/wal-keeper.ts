// Checkpoints, which PGlite never makes by itself: without them the log on disk grows, and with it the next start's recovery
// (14 s after 1.3 GB).
import type { PGlite } from '@electric-sql/pglite';

const writesBetweenLooks = 20;
const walBytesAtMost = 32 * 1024 * 1024;

export type WalKeeper = {
  /** To be called after each write; looks now and then, behind the caller's back. */
  readonly written: () => void;
};

export function makeWalKeeper(pglite: Pick<PGlite, 'query' | 'exec'>): WalKeeper {
  let writes = 0;
  let looking = false;
  const look = async () => {
    const { rows } = await pglite.query<{ bytes: number | bigint }>(
      'select pg_current_wal_insert_lsn() - redo_lsn as bytes from pg_control_checkpoint()',
    );
    if (Number(rows[0]?.bytes) > walBytesAtMost) await pglite.exec('CHECKPOINT');
  };
  return {
    written: () => {
      writes += 1;
      if (looking || writes % writesBetweenLooks !== 0) return;
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
