// An infrastructure repository whose playbooks are quick and leave marks: how often something ran is counted by them.
const inventory = `all:
  vars:
    ansible_connection: local
    ansible_python_interpreter: "{{ ansible_playbook_python }}"
  hosts: { one: , two: , three: }
`;

/** `leave a mark`, `mark elsewhere`, `restart web`, and `hold on`, which waits until the stage lets it go on. */
export function playbooks(folder: string): Readonly<Record<string, string>> {
  const mark = (text: string) => `    - ansible.builtin.shell: echo ${text} >> ${folder}/marks`;
  return {
    'inventory/hosts.yml': inventory,
    'ansible.cfg': '[defaults]\ninventory = inventory/hosts.yml\n',
    'leave-mark.yml': play('Leave a mark', 'one', [mark('mark')]),
    'mark-elsewhere.yml': play('Mark elsewhere', 'two', [mark('elsewhere')]),
    'restart-web.yml': play('Restart web', 'two', [mark('restarted')]),
    'hold-on.yml': play('Hold on', 'three', [
      mark('held'),
      `    - ansible.builtin.shell: "until test -e ${folder}/go; do sleep 0.1; done"`,
      mark('went on'),
    ]),
  };
}

export function play(title: string, host: string, tasks: readonly string[]): string {
  return `# ${title}.\n- name: ${title}\n  hosts: ${host}\n  gather_facts: false\n  tasks:\n${tasks.join('\n')}\n`;
}
