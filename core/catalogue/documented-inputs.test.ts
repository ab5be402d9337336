import { describe, expect, it } from 'vitest';
import { documentedInputs } from './documented-inputs.ts';

const source = { path: 'x.yml', line: 1 };
const read = (text: string, used: readonly string[] = []) =>
  documentedInputs(text.split('\n'), source, new Set(used)).hints;
const hint = (text: string, name: string, used: readonly string[] = []) =>
  read(text, used).find((one) => one.name === name);

describe('variables documented in a comment', () => {
  it('stand in usage lines', () => {
    const text =
      'ansible-playbook x.yml -e target=web -e "version=1.2 force=true"\nansible-playbook x.yml --extra-vars=\'{"user": "ann"}\' -e @secrets.yml';
    expect(read(text).map((one) => one.name)).toEqual(['target', 'version', 'force', 'user']);
  });

  it('are described in lists', () => {
    const text = 'Required variables:\n  - app: which app to move\n  - mode: fast or slow\n\nOptional:\n';
    expect(hint(text, 'app')).toMatchObject({ description: 'which app to move', required: true });
  });

  it('are described where the playbook uses them', () => {
    expect(hint('days - how long to keep (default: 14)', 'days', ['days'])).toMatchObject({ required: false });
    expect(hint('env (required): one of dev, staging, prod', 'env', ['env'])).toMatchObject({
      required: true,
      choices: ['dev', 'staging', 'prod'],
    });
    expect(hint('`state`: present|absent', 'state', ['state'])).toMatchObject({ choices: ['present', 'absent'] });
  });

  it('are not any words with a colon behind them', () => {
    expect(read('Note: this takes long.\nSee: the wiki\nTODO: more')).toEqual([]);
  });
});
