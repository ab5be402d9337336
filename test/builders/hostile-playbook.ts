// A playbook that prints what could harm those who read it: all at once in a list, in the names of its tasks, and as what failed.
import { play } from '../e2e/playbooks.ts';
import { hostileOutputs } from './hostile-outputs.ts';

const namesAtMost = 20;

/** Asked for by `say bad things`; it fails in the end. The files of an infrastructure repository below a stage's folder. */
export function hostilePlaybook(
  folder: string,
  count: number,
  here: readonly string[],
): Readonly<Record<string, string>> {
  const outputs = hostileOutputs(count, here);
  const names = outputs.filter((text) => text.length < 300).slice(0, namesAtMost);
  const all = `{{ lookup('file', '${folder}/infrastructure/hostile.json') | from_json }}`;
  const tasks = names.map(
    (name) => `    - name: ${JSON.stringify(name)}\n      ansible.builtin.debug: { msg: ${JSON.stringify(name)} }`,
  );
  const hostile = play('Say bad things', 'three', [
    `    - ansible.builtin.debug: { msg: "${all}" }`,
    ...tasks,
    `    - ansible.builtin.fail: { msg: "${all.replace('}}', "| join(' ') | truncate(3000) }}")}" }`,
  ]);
  return { 'hostile.json': JSON.stringify(outputs), 'hostile.yml': hostile };
}
