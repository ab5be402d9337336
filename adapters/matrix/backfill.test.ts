// The gap of a limited timeline, filled for any room and any size of a page.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { completed } from './backfill.ts';
import type { RoomEvent } from './event.ts';

const self = '@chiffon:example.org';

function said(number: number): RoomEvent {
  return {
    event_id: `$${number}`,
    type: 'm.room.message',
    sender: '@ada:example.org',
    origin_server_ts: number,
    content: {},
  };
}

function joined(number: number, before = 'invite'): RoomEvent {
  const unsigned = { prev_content: { membership: before } };
  const member = { type: 'm.room.member', state_key: self, sender: self, content: { membership: 'join' }, unsigned };
  return { ...said(number), ...member };
}

/** A room as /messages has it: tokens are positions, pages go backwards, and some are short. */
function roomOf(events: readonly RoomEvent[], pageSize: number) {
  return {
    page: async (_room: string, { from, to }: { from?: string | undefined; to?: string | undefined }) => {
      const end = Number(from);
      const begin = Math.max(Number(to), end - pageSize);
      return { events: events.slice(begin, end).toReversed(), end: begin > Number(to) ? String(begin) : undefined };
    },
  };
}

async function heard(events: readonly RoomEvent[], since: number, timeline: number, pageSize: number) {
  const from = Math.max(since, events.length - timeline);
  const limited = from > since;
  return completed({
    ...{ room: '!room', self, since: String(since), filter: {}, api: roomOf(events, pageSize) },
    timeline: { events: events.slice(from), limited, before: String(from) },
  });
}

describe('a limited timeline', () => {
  it('is completed: every event since then, once and in order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(300),
        fc.nat(300),
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 60 }),
        async (size, at, timeline, pageSize) => {
          const events = Array.from({ length: size }, (_, index) => said(index));
          const since = Math.min(at, size);
          const { events: complete, whole } = await heard(events, since, timeline, pageSize);
          expect(complete.map(({ event_id }) => event_id)).toEqual(events.slice(since).map(({ event_id }) => event_id));
          expect(whole).toBe(true);
        },
      ),
    );
  });

  it('of a room that the bot came into begins there; a change of its name is no coming', async () => {
    const events = [
      ...Array.from({ length: 50 }, (_, at) => said(at)),
      joined(50),
      said(51),
      joined(52, 'join'),
      said(53),
    ];
    for (const timeline of [2, 3, 4, 10])
      expect((await heard(events, 0, timeline, 7)).events.map(({ event_id }) => event_id)).toEqual([
        '$50',
        '$51',
        '$52',
        '$53',
      ]);
  });

  it('of very many events is given up, and says so', async () => {
    const events = Array.from({ length: 6_000 }, (_, at) => said(at));
    const { events: complete, whole } = await heard(events, 0, 50, 500);
    expect(whole).toBe(false);
    expect(complete.at(-1)?.event_id).toBe('$5999');
  });
});
