import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parseTaskEvent, type TaskEvent } from '../task/event.ts';
import { auditEntry, entryPath, storyPath } from './audit-entry.ts';
import { code, fenced, plain, visible } from './markdown.ts';
import { chainOf, storedFrom, wholeStory } from './test-stream.ts';

const entryShape = z.object({ events: z.array(z.object({ seq: z.number() })) });

function streamOf(events: readonly TaskEvent[], task = 1) {
  return storedFrom(chainOf(events.map((event) => ({ task, event }))), parseTaskEvent);
}

/** Every entry that a stream makes as it grows. */
function entriesOf(events: readonly TaskEvent[]) {
  const stream = streamOf(events);
  return stream.flatMap((_, index) => auditEntry(stream.slice(0, index + 1)) ?? []);
}

describe('which events make an entry', () => {
  it('decisions and results do; what leads to them comes with the next one', () => {
    expect(entriesOf(wholeStory()).map(({ seq, title }) => [seq, title])).toEqual([
      [2, '#1 plan 1 proposed, 1 step'],
      [3, '#1 approved by terminal:local'],
      [4, '#1 plan approved'],
      [5, '#1 run started'],
      [8, '#1 step 1, attempt 1 succeeded'],
      [9, '#1 change c0c0c0c0c0 merged'],
      [10, '#1 succeeded'],
    ]);
  });

  it('the entries together hold every event of the stream exactly once, in order', () => {
    const seqs = entriesOf(wholeStory()).flatMap(({ files }) =>
      entryShape.parse(JSON.parse(files[0]?.text ?? '')).events.map(({ seq }) => seq),
    );
    expect(seqs).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it('the system’s own stream has none', () => {
    const noted: TaskEvent = { type: 'system.noted', kind: 'START', reason: 'started', detail: null };
    expect(auditEntry(streamOf([noted], 0))).toBeNull();
  });
});

describe('an entry', () => {
  it('carries the chain’s head and lies in the task’s folder, a thousand tasks to a shard', () => {
    const stream = streamOf(wholeStory()).slice(0, 2);
    const entry = auditEntry(stream);
    expect(entry).toMatchObject({ task: 1, seq: 2, hash: stream[1]?.hash, at: stream[1]?.at });
    expect(entry?.files.map(({ path }) => path)).toEqual([
      'tasks/00/00001/00000002-plan.proposed.json',
      'tasks/00/00001/README.md',
    ]);
    expect(entryPath(123_456, 7, 'task.failed')).toBe('tasks/123/123456/00000007-task.failed.json');
    expect(storyPath(42)).toBe('tasks/00/00042/README.md');
  });

  it('a title is one line of at most 120 characters, whatever people typed', () => {
    const change = `a\nChiffon-Seq: 99\n${'x'.repeat(500)}\u202e`;
    const asked = { type: 'changes.requested', planHash: 'ab'.repeat(32), actor: 'terminal:local', change };
    const events = [...wholeStory().slice(0, 2), parseTaskEvent(asked)];
    const title = entriesOf(events).at(-1)?.title ?? '';
    expect(title).not.toMatch(/[\n\u202e]/);
    expect(title.length).toBeLessThanOrEqual(120);
  });

  it('a secret is named as one', () => {
    const page = entriesOf(wholeStory()).at(-1)?.files[1]?.text ?? '';
    expect(page).toContain('`admin_password`: `(secret)`');
  });
});

describe('the story page', () => {
  it('tells the whole story', async () => {
    const page = entriesOf(wholeStory()).at(-1)?.files[1]?.text ?? '';
    await expect(page).toMatchFileSnapshot('./fixtures/whole-story.md');
  });

  it('says who took an attempt, whose turn it waited for, and that a start came to nothing', () => {
    const run = '0f8fad5b-d9cb-469f-a165-70867728950e';
    const attempt = { run, step: 1, attempt: 1, token: 1 };
    const why = 'The agent was restarted before it started the step. Nothing was done.';
    const events = [
      ...wholeStory().slice(0, 4),
      ...[
        { type: 'run.queued', planHash: 'ab'.repeat(32), behind: [10, 11] },
        { type: 'run.started', run, planHash: 'ab'.repeat(32) },
        { type: 'attempt.granted', ...attempt, planHash: 'ab'.repeat(32) },
        { type: 'attempt.claimed', ...attempt, agent: 'nas-agent', instance: 'a' },
        { type: 'attempt.refused', ...attempt, kind: 'NOT_STARTED', reason: why },
      ].map(parseTaskEvent),
    ];
    const page = entriesOf(events).at(-1)?.files[1]?.text ?? '';
    expect(page.split('\n').filter((line) => /event [5-9]:/.test(line))).toEqual([
      '- 2026-03-01 12:00:05 UTC, event 5: waits its turn behind #10, #11',
      '- 2026-03-01 12:00:06 UTC, event 6: run started',
      '- 2026-03-01 12:00:07 UTC, event 7: step 1, attempt 1 handed out',
      '- 2026-03-01 12:00:08 UTC, event 8: step 1, attempt 1 taken by nas-agent',
      `- 2026-03-01 12:00:09 UTC, event 9: step 1, attempt 1 not started: ${why}`,
    ]);
  });

  it('what people typed stays what it is: no mark-up, no links, no breaking out of its fence', () => {
    const request = '# Title\n```\n</pre><script>x</script> [click](http://evil) \u202etxt ``````';
    const page = entriesOf(wholeStory(request)).at(-1)?.files[1]?.text ?? '';
    expect(page).toContain(`\`\`\`\`\`\`\`text\n${request.replace('\u202e', '\\u{202e}')}\n\`\`\`\`\`\`\``);
    const outside = page.replace(/^```````text\n[\s\S]*?\n```````$/m, '');
    expect(outside).not.toContain('<script>');
    expect(page).not.toContain('\u202e');
  });
});

describe('text in Markdown', () => {
  it.each([
    ['*bold* _it_ <b> [x](y) `c` #1 | ~s~', '\\*bold\\* \\_it\\_ \\<b\\> \\[x\\](y) \\`c\\` #1 \\| \\~s\\~'],
    ['- item', '\\- item'],
    ['# heading', '\\# heading'],
    ['1. item', '1\\. item'],
    ['two\nlines', 'two lines'],
    ['https://example.org a@b www.x.org', 'https\\://example.org a\\@b www\\.x.org'],
  ])('%j as a sentence is %j', (text, shown) => expect(plain(text)).toBe(shown));

  it('names and blocks are fenced by more ticks than they hold', () => {
    expect(code('a`b``c')).toBe('```a`b``c```');
    expect(code('`')).toBe('`` ` ``');
    expect(code('')).toBe('`  `');
    expect(fenced('````')).toBe('`````\n````\n`````');
  });

  it('control characters and turns of direction are shown as numbers; line breaks and tabs stay', () => {
    expect(visible('a\u0000b\u001b[31m\u202e\tc\r\nd')).toBe('a\\u{0}b\\u{1b}[31m\\u{202e}\tc\nd');
  });
});
