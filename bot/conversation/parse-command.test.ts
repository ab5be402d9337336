// Commands and requests share one line of text; these are the borders between them.
import { describe, expect, it } from 'vitest';
import { excerpt, whyNotReadable } from './check-message.ts';
import { parseCommand } from './parse-command.ts';

describe('a message', () => {
  it.each([
    ['approve', { type: 'approve', task: null }],
    ['Approve #12', { type: 'approve', task: 12 }],
    ['reject #3 not today', { type: 'reject', task: 3, text: 'not today' }],
    ['change on nas instead', { type: 'change', task: null, text: 'on nas instead' }],
    ['cancel', { type: 'cancel', task: null, text: '' }],
    ['log #4 2', { type: 'log', task: 4, step: 2 }],
    ['log', { type: 'log', task: null, step: null }],
    ['  help ', { type: 'help', task: null }],
    ['?', { type: 'help', task: null }],
    ['exit', { type: 'quit', task: null }],
    ['approve 7F3a', { type: 'approve', task: null, hashPrefix: '7f3a' }],
    ['approve #7 31db', { type: 'approve', task: 7, hashPrefix: '31db' }],
    ['retry #7', { type: 'retry', task: 7 }],
    ['details', { type: 'details', task: null }],
    ['agents', { type: 'agents', task: null }],
    ['cost', { type: 'cost', task: null }],
    ['catalogue', { type: 'catalogue', text: '' }],
    ['/catalog back up nas', { type: 'catalogue', text: 'back up nas' }],
  ])('%j is a command', (text, intention) => {
    expect(parseCommand(text)).toEqual(intention);
  });

  it.each([
    'approve the budget',
    'approve 31d',
    'approve 31dx',
    'catalogue of plants',
    'catalogue my photos on nas',
    'catalogue what is in the cellar and send it to me',
    'cost of grafana',
    'retry the backup',
    'status of grafana',
    'log rotation on nas',
    'deploy grafana',
    'help me deploy grafana',
    '',
  ])('%j is a request', (text) => {
    expect(parseCommand(text)).toEqual({ type: 'request', text });
  });

  it('is refused when it is too long or holds what moves a cursor or turns text around', () => {
    expect(whyNotReadable('x'.repeat(4_001))?.kind).toBe('MESSAGE_TOO_LONG');
    for (const evil of ['\u001b[2J', '\u0000', '\u202e', '\u009b'])
      expect(whyNotReadable(`a${evil}`)?.kind).toBe('MESSAGE_CONTROL_CHARACTERS');
    expect(whyNotReadable('two\nlines\tand a tab, ünïcödé 🎉')).toBeNull();
  });

  it('leaves only something short and printable in the record when it was refused', () => {
    expect(excerpt(`\u001b${'x'.repeat(500)}`)).toBe(`�${'x'.repeat(119)}`);
  });
});
