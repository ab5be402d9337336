import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { envelopeOf } from '../../core/contracts/envelope.ts';
import type { AgentMessage, CommitPack } from '../../core/contracts/messages.ts';
import { toCommitSha, toRunId, toTaskId } from '../../core/ids.ts';
import { eventually } from '../../test/fakes/stage.ts';
import type { FetchLimits } from './attempt-parts.ts';
import { makeCommitFetch } from './fetch-commit.ts';

const about = { task: toTaskId(1), run: toRunId(randomUUID()), step: 1, attempt: 1, token: 1 };
const commit = toCommitSha('c'.repeat(40));
const other = toCommitSha('d'.repeat(40));
const clock = { now: () => new Date('2026-01-01T00:00:00Z') };
const limits: FetchLimits = { againMs: 60_000, longestMs: 60_000, bytesAtMost: 1_000 };

function fetching(options: { readonly limits?: Partial<FetchLimits>; readonly here?: boolean } = {}) {
  const received: string[] = [];
  const said: AgentMessage[] = [];
  const ending = new AbortController();
  const fetch = makeCommitFetch(
    {
      repository: {
        checkout: async () => ({ path: '/', leftOut: [], release: async () => {} }),
        replica: {
          has: async (wanted) => options.here === true && wanted === commit,
          have: async () => [other],
          receive: async (_commit, pack) => void received.push(Buffer.from(pack).toString()),
        },
      },
      voice: {
        envelope: (of) => envelopeOf({ name: 'one', clock, newId: randomUUID }, 'core', of),
        say: async () => {},
      },
    },
    { say: async (message) => void said.push(message), mention: (message) => void said.push(message) },
    about,
    { ...limits, ...options.limits },
  );
  const envelope = envelopeOf({ name: 'core', clock, newId: randomUUID }, 'agent:one', about);
  return {
    ...{ received, said, ending },
    done: fetch.fetch(commit, ending.signal),
    hear: (part: number, parts: number, text: string, change: Partial<CommitPack> = {}) =>
      fetch.heard({
        ...{ type: 'commit.pack', ...envelope, commit, part, parts, failure: null },
        data: Buffer.from(text).toString('base64'),
        ...change,
      }),
    asked: () => eventually(() => said.length > 0),
  };
}

it('asks for nothing when the commit is here', async () => {
  const { done, said } = fetching({ here: true });
  await done;
  expect(said).toEqual([]);
});

it('says what it has, and puts parts together that come out of order and doubled', async () => {
  const { done, said, asked, hear, received } = fetching();
  await asked();
  expect(said).toMatchObject([{ type: 'commit.wanted', commit, have: [other] }]);
  hear(3, 3, 'three');
  hear(1, 3, 'one');
  hear(1, 3, 'one');
  hear(4, 3, 'a part that there is not');
  hear(0, 3, 'nor this');
  hear(2, 3, 'of another commit', { commit: other });
  expect(received).toEqual([]);
  hear(2, 3, 'two');
  await done;
  expect(received).toEqual(['onetwothree']);
});

it('does not mix the parts of two packs', async () => {
  const { done, asked, hear, received } = fetching();
  await asked();
  hear(1, 3, 'old');
  hear(2, 3, 'old');
  hear(1, 2, 'new');
  hear(2, 2, 'er');
  await done;
  expect(received).toEqual(['newer']);
});

it('passes on why the commit cannot be had', async () => {
  const { done, asked, hear } = fetching();
  await asked();
  hear(0, 0, '', { failure: 'It is not there.' });
  await expect(done).rejects.toMatchObject({ kind: 'GIT_FAILED', message: 'It is not there.' });
});

it('takes no more than a commit may have', async () => {
  const { done, asked, hear } = fetching();
  await asked();
  for (let part = 1; part <= 3; part += 1) hear(part, 4, 'x'.repeat(400));
  await expect(done).rejects.toMatchObject({ kind: 'REPOSITORY_TOO_LARGE' });
});

it('asks again, and gives up in the end when nobody answers', async () => {
  const { done, said } = fetching({ limits: { againMs: 5, longestMs: 200 } });
  await expect(done).rejects.toMatchObject({ kind: 'GIT_FAILED', message: expect.stringContaining('in time') });
  expect(said.length).toBeGreaterThan(1);
});

it('ends with the attempt', async () => {
  const { done, ending, hear, received } = fetching();
  ending.abort(new Error('stopped'));
  await expect(done).rejects.toThrow('stopped');
  hear(1, 1, 'late');
  expect(received).toEqual([]);
});
