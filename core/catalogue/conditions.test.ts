import { describe, expect, it } from 'vitest';
import { enablingOf } from './conditions.ts';

describe('a condition that a variable can make true', () => {
  it.each([
    'x_enabled',
    'x_enabled | bool',
    '(x_enabled | default(false))',
    'x_enabled | default(False) | bool',
    '{{ x_enabled }}',
    'x_enabled == true',
    'x_enabled is truthy',
    "x_enabled == 'true'",
  ])('switch: %s', (condition) => {
    expect(enablingOf(condition)).toMatchObject({ variable: 'x_enabled', kind: 'switch' });
  });

  it('a value: app == "grafana"', () => {
    expect(enablingOf("app | default('') == 'grafana'")).toEqual({ variable: 'app', value: 'grafana', kind: 'equal' });
    expect(enablingOf('app == "grafana"')).toEqual({ variable: 'app', value: 'grafana', kind: 'equal' });
  });

  it("a list's element: 'grafana' in services", () => {
    expect(enablingOf("'grafana' in services | default([])")).toEqual({
      variable: 'services',
      value: ['grafana'],
      kind: 'member',
    });
  });

  it.each([
    "ansible_os_family == 'Debian'",
    'not x',
    "inventory_hostname == 'a'",
    "'web' in group_names",
    'result.stat.exists',
    'a or b',
    'x is defined',
    'true',
    '',
  ])('none: %s', (condition) => {
    expect(enablingOf(condition)).toBeUndefined();
  });
});
