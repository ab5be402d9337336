import { describe, expect, it } from 'vitest';
import type { Input } from '../../catalogue/model.ts';
import { tokenise } from '../reading/tokens.ts';
import { readValue } from './read-value.ts';

function read(said: string, input: Partial<Input>) {
  const whole: Input = {
    name: 'value',
    type: 'str',
    required: false,
    description: '',
    aliases: [],
    secret: false,
    source: { path: 'a.yml', line: 1 },
    ...input,
  };
  const found = readValue(whole, tokenise(said), {
    text: said,
    secrets: new Map([['‹secret:1›', { $secret: 'one', digest: 'd' }]]),
    endsAt: (tokens, at) => tokens[at]?.kind === 'mark',
  });
  return found.type === 'value' ? found.value : found.problem.kind;
}

describe('a value', () => {
  it.each<[string, Partial<Input>, unknown]>([
    ['8080', { type: 'int' }, 8080],
    ['two', { type: 'int' }, 2],
    ['two weeks', { type: 'int', name: 'keep_days' }, 14],
    ['30d', { type: 'int', name: 'keep_days' }, 30],
    ['a week', { type: 'int', name: 'keep_days' }, 7],
    ['1 GB', { type: 'int', name: 'memory_mb' }, 1024],
    ['0.5', { type: 'float' }, 0.5],
    ['yes', { type: 'bool' }, true],
    ['off', { type: 'bool' }, false],
    ['DEBUG', { choices: ['debug', 'info'] }, 'debug'],
    ['debgu', { choices: ['debug', 'info'] }, 'debug'],
    ['16', { type: 'int', choices: [15, 16] }, 16],
    ['uptime kuma', { choices: ['uptime-kuma', 'grafana'] }, 'uptime-kuma'],
    ['a, b and c-d', { type: 'list' }, ['a', 'b', 'c-d']],
    ['80 , 443', { type: 'list', elements: 'int' }, [80, 443]],
    ['/srv/my-data', { type: 'path' }, '/srv/my-data'],
    ['"two words"', {}, 'two words'],
    ['"007"', {}, '007'],
    ['30', {}, '30'],
    ['512m', {}, '512m'],
    ['my-app_2', {}, 'my-app_2'],
    ['Family photos', {}, 'Family photos'],
    ['‹secret:1›', { secret: true }, { $secret: 'one', digest: 'd' }],
  ])('“%s” is read', (said, input, expected) => {
    expect(read(said, input)).toEqual(expected);
  });

  it.each<[string, Partial<Input>, string]>([
    ['eighty', { type: 'int' }, 'INVALID_INPUT'],
    ['1.5', { type: 'int' }, 'INVALID_INPUT'],
    ['70000', { type: 'int', name: 'web_port' }, 'INVALID_INPUT'],
    ['0', { type: 'int', name: 'web_port' }, 'INVALID_INPUT'],
    ['64', { type: 'int', description: 'Workers (1-32)' }, 'INVALID_INPUT'],
    ['5 GB', { type: 'int', name: 'keep_days' }, 'INVALID_INPUT'],
    ['maybe', { type: 'bool' }, 'INVALID_INPUT'],
    ['loud', { choices: ['debug', 'info'] }, 'INVALID_INPUT'],
    ['"{{ lookup }}"', {}, 'UNSAFE_INPUT'],
    ['"{% if %}"', {}, 'UNSAFE_INPUT'],
    ['"{# x #}"', { type: 'path' }, 'UNSAFE_INPUT'],
    ['"a\u0007b"', {}, 'UNSAFE_INPUT'],
    ['x', { type: 'dict' }, 'INVALID_INPUT'],
    ['hunter2', { secret: true }, 'INVALID_INPUT'],
    ['‹secret:1›', { secret: false }, 'INVALID_INPUT'],
    ['‹secret:9›', { secret: true }, 'INVALID_INPUT'],
  ])('“%s” is refused', (said, input, kind) => {
    expect(read(said, input)).toBe(kind);
  });
});
