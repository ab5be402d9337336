import { describe, expect, it } from 'vitest';
import { folderSnapshot } from '../../test/builders/snapshots.ts';
import { readCatalogue } from '../catalogue/read-catalogue.ts';
import { planByRules } from './plan-by-rules.ts';

const snapshot = folderSnapshot('ansible/homelab');
const catalogue = readCatalogue(snapshot);
const plan = (request: string, changes: readonly string[] = []) =>
  planByRules({ request, dialogue: [], changes, catalogue, snapshot, secrets: new Map() });

describe('a name that steers Ansible', () => {
  it.each([
    'deploy grafana with ansible_connection ssh',
    'deploy grafana, ansible_become_user=root',
    'deploy grafana with ANSIBLE_PYTHON_INTERPRETER /tmp/x',
    'deploy grafana with plugins ansible_connection and inventory_hostname',
  ])('is refused wherever it stands: %s', (request) => {
    expect(plan(request)).toMatchObject({ decision: 'refuse', kind: 'UNSAFE_INPUT' });
  });

  it('is refused in a change as well', () => {
    expect(plan('deploy grafana', ['with ansible_host 10.0.0.9'])).toMatchObject({
      decision: 'refuse',
      kind: 'UNSAFE_INPUT',
    });
  });

  it('does not keep anything else from being planned', () => {
    expect(plan('deploy grafana')).toMatchObject({ decision: 'plan' });
  });
});
