// What must hold after every fault, asked of the log, the output, the playbooks' marks and the record.
import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import type { TaskId } from '../../core/ids.ts';
import type { StoredEvent, TaskEvent } from '../../core/task/event.ts';
import { finalEventTypes } from '../../core/task/event.ts';
import type { Lab } from './lab.ts';

/** `marksPerStart`: a line that a playbook leaves when it begins; there is at most one for each attempt that was started. */
export async function expectInvariants(
  lab: Lab,
  options: { readonly beginMark?: string; readonly home?: string } = {},
): Promise<void> {
  const events = await lab.events();
  const tasks = [...new Set(events.map(({ task }) => task))].filter((task) => task !== 0);
  for (const task of tasks)
    await expectTask(
      lab,
      events.filter((each) => each.task === task),
      task,
    );
  const claims = events.filter(({ event }) => event.type === 'attempt.claimed').length;
  const begins = (await lab.marks()).filter((line) => line === (options.beginMark ?? 'mark')).length;
  expect(begins, 'a step began more often than an agent was let go').toBeLessThanOrEqual(claims);
  const { exitCode, stdout } = await lab.program(['audit', 'verify'], options.home);
  expect(stdout).toContain('The record holds');
  expect(exitCode).toBe(0);
}

async function expectTask(lab: Lab, stream: readonly StoredEvent[], task: TaskId): Promise<void> {
  const events = stream.map(({ event }) => event);
  const finals = events.filter(({ type }) => (finalEventTypes as readonly string[]).includes(type));
  expect(finals.length, `final states of #${task}`).toBeLessThanOrEqual(1);
  let approved: string | null = null;
  const seen = new Map<number, string[]>();
  for (const event of events) {
    if (event.type === 'plan.approved') approved = event.planHash;
    if (event.type === 'plan.withdrawn') approved = null;
    if (event.type === 'run.started' || event.type === 'attempt.granted')
      expect(event.planHash, `#${task} runs what was approved`).toBe(approved);
    if (isAttempt(event)) seen.set(event.token, [...(seen.get(event.token) ?? []), event.type]);
  }
  for (const [token, types] of seen)
    expect(new Set(types).size, `#${task}, token ${token}: ${types.join(' ')}`).toBe(types.length);
  for (const event of events) if (event.type === 'attempt.finished') await expectOutput(lab, event);
}

async function expectOutput(lab: Lab, event: Extract<TaskEvent, { type: 'attempt.finished' }>): Promise<void> {
  const { run, step, attempt, result } = event;
  const hash = createHash('sha256');
  let seq = 0;
  let lines = 0;
  for (;;) {
    const chunks = await lab.store.readOutput(run, step, attempt, seq, 500);
    if (chunks.length === 0) break;
    for (const chunk of chunks) {
      expect(chunk.seq, 'output without a gap').toBe(seq + 1);
      seq = chunk.seq;
      lines += chunk.lines;
      hash.update(chunk.text);
    }
  }
  expect(lines).toBe(result.output.lines);
  // Of an attempt whose end its agent did not see, nobody has the digest.
  if (result.output.sha256 !== '') expect(hash.digest('hex')).toBe(result.output.sha256);
}

function isAttempt(event: TaskEvent): event is Extract<TaskEvent, { token: number }> {
  return 'token' in event;
}
