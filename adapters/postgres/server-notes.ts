// What about a server weakens the record: told at start, for the person who runs it.
import { sql } from 'drizzle-orm';
import { ChiffonError } from '../../core/error.ts';
import type { Database } from './backend.ts';

/** The first with idle_session_timeout, which ends the leadership of a bot that hangs. */
const versionAtLeast = 140_000;

/** Throws BAD_SETTING for a database that is not in UTF-8, or of a server that is too old. */
export async function notesOn(database: Database): Promise<string[]> {
  const yes = (condition: ReturnType<typeof sql>) => sql<boolean>`${condition}`;
  const [server] = await database
    .select({
      role: sql<string>`current_user`,
      version: sql`current_setting('server_version_num')`.mapWith(Number),
      encoding: sql<string>`current_setting('server_encoding')`,
      isSuperuser: yes(sql`current_setting('is_superuser') = 'on'`),
      isOwner: yes(sql`pg_has_role(relowner, 'USAGE')`),
      mayChange: yes(sql`has_table_privilege(oid, 'UPDATE, DELETE, TRUNCATE, TRIGGER')`),
      syncs: yes(sql`current_setting('fsync') = 'on' and current_setting('full_page_writes') = 'on'`),
      waits: yes(sql`current_setting('synchronous_commit') <> 'off'`),
    })
    .from(sql`pg_class`)
    .where(sql`oid = 'event'::regclass`);
  if (server === undefined) return [];
  if (server.version < versionAtLeast)
    throw new ChiffonError(
      'BAD_SETTING',
      `The server of DATABASE_URL is PostgreSQL ${Math.floor(server.version / 10_000)}; Chiffon needs 14 or later.`,
    );
  if (server.encoding !== 'UTF8')
    throw new ChiffonError(
      'BAD_SETTING',
      `The database of DATABASE_URL is in ${server.encoding}; create one with ENCODING 'UTF8'.`,
    );
  const notes: string[] = [];
  const advice = 'docs/database.md shows how to give Chiffon a role of its own.';
  if (server.isSuperuser)
    notes.push(
      `The database role ${server.role} is a superuser and could alter the record unnoticed by its triggers. ${advice}`,
    );
  else if (server.isOwner)
    notes.push(`The database role ${server.role} owns the record and could switch its triggers off. ${advice}`);
  else if (server.mayChange)
    notes.push(`The database role ${server.role} has more rights on the record than to read and append. ${advice}`);
  if (!server.syncs || !server.waits)
    notes.push(
      'The server may lose acknowledged events in a power cut: fsync, full_page_writes or synchronous_commit is off.',
    );
  return notes;
}
