import { createHash } from 'node:crypto';
import { afterEach, expect, it } from 'vitest';
import type { Lab } from './lab.ts';
import { openLab, play } from './lab.ts';

let lab: Lab;
afterEach(() => lab.dispose());

it('runs a step: it starts, streams, and ends with recap, changes, notes and a digest of its output', async () => {
  lab = await openLab({
    'play.yml': play(`- name: Say hello
  debug: { msg: "hello {{ who }}" }
- debug: { msg: [several, lines] }
- name: Change something
  command: "true"`),
  });
  const { result, text, last } = await lab.run(lab.order({ step: { vars: { who: 'wörld' } } }));
  expect(result).toMatchObject({
    outcome: 'succeeded',
    error: null,
    exitCode: 0,
    recap: { one: { ok: 3, changed: 1, failed: 0 } },
    changed: { one: ['Change something'] },
    notes: ['hello wörld', 'several\nlines'],
  });
  expect(text).toContain('TASK [Say hello]');
  expect(text).toContain('"msg": "hello wörld"');
  expect(result.output).toEqual({
    sha256: createHash('sha256').update(text).digest('hex'),
    lines: text.split('\n').length - 1,
    bytes: Buffer.byteLength(text),
  });
  expect(last.type === 'attempt.finished' && last.chunks).toBe(
    lab.told.filter(({ event }) => event.type === 'attempt.output').length,
  );
  expect(lab.told.slice(0, 2).map(({ event }) => event.type)).toEqual(['attempt.claimed', 'attempt.started']);
  expect(lab.told.at(-1)?.event.type).toBe('attempt.finished');
});
