// A playbook that prints in two halves and waits in between, so that a test can do its worst in the middle; and what must be
// there of it afterwards: every line, once, in order.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { TaskId } from '../../core/ids.ts';
import type { Desk } from './desk.ts';
import type { Lab } from './lab.ts';
import { until } from './until.ts';

const half = 60;

/** For `LabOptions.files`; people call it `talk`. */
export function talkPlaybook(folder: string): Readonly<Record<string, string>> {
  const shell = (command: string) => `    - ansible.builtin.shell: ${command}\n`;
  const print = (from: number, to: number) =>
    `    - ansible.builtin.debug: { msg: "word {{ item }}" }\n      loop: "{{ range(${from}, ${to}) | list }}"\n`;
  return {
    'talk.yml': `# Talk.\n- name: Talk\n  hosts: one\n  gather_facts: false\n  tasks:\n${[
      shell(`echo talk-begins >> ${folder}/marks`),
      print(0, half),
      shell(`echo talk-waits >> ${folder}/marks`),
      shell(`"until test -e ${folder}/go; do sleep 0.1; done"`),
      print(half, 2 * half),
      shell(`echo talk-ends >> ${folder}/marks`),
    ].join('')}`,
  };
}

/** Approved, and in the middle of its run. */
export async function beginTalk(lab: Lab, desk: Desk): Promise<TaskId> {
  await rm(join(lab.folder, 'go'), { force: true });
  const before = await talks(lab, 'talk-waits');
  const task = await desk.order('talk');
  await until(async () => (await talks(lab, 'talk-waits')) > before, { what: () => 'the middle of the talk' });
  return task;
}

/** Resolves when the playbook has printed everything, whether anybody knows it or not. */
export async function finishTalk(lab: Lab): Promise<void> {
  const before = await talks(lab, 'talk-ends');
  await lab.release();
  await until(async () => (await talks(lab, 'talk-ends')) > before, { what: () => 'the end of the talk' });
}

/** It succeeded; each line is stored once, in order; nothing was started, let go or ended twice. */
export async function expectWholeTalk(lab: Lab, desk: Desk, task: TaskId): Promise<void> {
  await desk.ends(task, 120_000);
  const events = await desk.history(task);
  expect(events.at(-1)).toMatchObject({ type: 'task.succeeded' });
  const ofAttempt = events.map(({ type }) => type).filter((type) => type.startsWith('attempt.'));
  expect(ofAttempt).toEqual(['attempt.granted', 'attempt.claimed', 'attempt.started', 'attempt.finished']);
  const run = events.find((event) => event.type === 'run.started')?.run;
  const chunks = run === undefined ? [] : await lab.store.readOutput(run, 1, 1, 0, 10_000);
  const text = chunks.map((chunk) => chunk.text).join('');
  const words = [...text.matchAll(/"word (\d+)"/g)].map((match) => Number(match[1]));
  expect(words).toEqual(Array.from({ length: 2 * half }, (_, index) => index));
}

async function talks(lab: Lab, mark: string): Promise<number> {
  return (await lab.marks()).filter((line) => line === mark).length;
}
