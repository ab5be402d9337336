import { expect, test } from 'vitest';
import { wantsColours } from './wants-colours.ts';

const terminal = { isTTY: true };
const pipe = {};

test.each([
  ['a terminal', terminal, {}, true],
  ['a pipe', pipe, {}, false],
  ['NO_COLOR on a terminal', terminal, { NO_COLOR: '1' }, false],
  ['an empty NO_COLOR', terminal, { NO_COLOR: '' }, true],
  ['FORCE_COLOR on a pipe', pipe, { FORCE_COLOR: '1' }, true],
  ['FORCE_COLOR=0 on a terminal', terminal, { FORCE_COLOR: '0' }, false],
  ['FORCE_COLOR beside NO_COLOR', pipe, { FORCE_COLOR: '1', NO_COLOR: '1' }, true],
  ['a dumb terminal', terminal, { TERM: 'dumb' }, false],
])('%s', (_what, output, env, wanted) => {
  expect(wantsColours(output, env)).toBe(wanted);
});
