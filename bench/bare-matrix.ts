// A bare client that answers every reaction with a message and does nothing else: what the homeserver and the loopback cost alone.
// `node bench/bare-matrix.ts <homeserver> <token>` prints `ready` when it listens.
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { openClientApi, url } from '../test/matrix/client-api.ts';

const [homeserver = '', token = ''] = process.argv.slice(2);
const api = openClientApi(homeserver, token);
const eventSchema = z.looseObject({ type: z.string(), event_id: z.string() });
const syncSchema = z.looseObject({
  next_batch: z.string(),
  rooms: z
    .looseObject({
      join: z
        .record(z.string(), z.looseObject({ timeline: z.looseObject({ events: z.array(eventSchema) }) }))
        .default({}),
    })
    .default({ join: {} }),
});
const filter = JSON.stringify({ room: { timeline: { types: ['m.reaction'] }, state: { not_types: ['*'] } } });
const sync = async (since: string | undefined) =>
  syncSchema.parse(
    await api.call({ path: '/_matrix/client/v3/sync', query: { since, timeout: since ? 30_000 : 0, filter } }),
  );

let { next_batch: since } = await sync(undefined);
process.stdout.write('ready\n');
for (;;) {
  const { next_batch: next, rooms } = await sync(since);
  since = next;
  for (const [room, { timeline }] of Object.entries(rooms.join))
    for (const { event_id: id } of timeline.events)
      await api.call({
        method: 'PUT',
        path: url`/_matrix/client/v3/rooms/${room}/send/m.room.message/${randomUUID()}`,
        body: { msgtype: 'm.notice', body: id },
      });
}
