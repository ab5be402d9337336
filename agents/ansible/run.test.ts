import pino from 'pino';
import { describe, expect, it } from 'vitest';
import type { Progress } from '../../core/contracts/messages.ts';
import { aStep } from '../../test/builders/plan.ts';
import type { Report } from '../runtime/executor.ts';
import { followRun } from './run.ts';

function aRun() {
  const progress: Progress[] = [];
  const secrets: string[] = [];
  const run = followRun({ step: aStep({ hosts: ['one'] }), checkout: '/checkout', log: pino({ level: 'silent' }) });
  const report: Report = {
    output: async () => {},
    progress: (each) => void progress.push(each),
    secrets: (values) => void secrets.push(...values),
  };
  run.reportTo(report);
  let n = 0;
  return {
    ...{ run, progress, secrets },
    tell: (...events: object[]) =>
      run.events(Buffer.from(events.map((event) => `${JSON.stringify({ n: ++n, at: 0, ...event })}\n`).join(''))),
    raw: (text: string) => run.events(Buffer.from(text)),
    end: (guard: object = {}, stopped = false) => {
      run.events(
        Buffer.from(
          `${JSON.stringify({ guard: { exit: 0, signal: null, stopped: null, killed: 0, alive: [], ...guard } })}\n`,
        ),
      );
      return run.result(stopped);
    },
  };
}

const recap = (host: string, counts: object = {}) => ({
  kind: 'recap',
  host,
  ok: 1,
  changed: 0,
  failed: 0,
  unreachable: 0,
  skipped: 0,
  rescued: 0,
  ignored: 0,
  ...counts,
});

describe('a run', () => {
  it('that worked on its hosts and told everything has succeeded', () => {
    const { tell, end } = aRun();
    tell({ kind: 'changed', host: 'one', name: 'Install' }, recap('one', { changed: 1 }), { kind: 'end' });
    expect(end()).toMatchObject({
      type: 'succeeded',
      changed: { one: ['Install'] },
      recap: { one: { changed: 1 } },
      notes: [],
    });
  });

  it('that ended well with a gap in its numbers cannot be trusted', () => {
    const { tell, raw, end } = aRun();
    tell({ kind: 'task', name: 'Install' });
    raw('{"n":3,"at":0,"kind":"ok","host":"one","name":"Install"}\n');
    raw(`${JSON.stringify({ n: 4, at: 0, ...recap('one') })}\n{"n":5,"at":0,"kind":"end"}\n`);
    expect(end()).toMatchObject({ type: 'lost', kind: 'OUTPUT_INCOMPLETE' });
  });

  it('that ended well and told nothing cannot be trusted, nor one whose words cannot be read', () => {
    expect(aRun().end()).toMatchObject({ type: 'lost', kind: 'OUTPUT_INCOMPLETE' });
    const { tell, raw, end } = aRun();
    raw('not JSON\n');
    tell(recap('one'), { kind: 'end' });
    expect(end()).toMatchObject({ type: 'lost', kind: 'OUTPUT_INCOMPLETE' });
  });

  it('whose guard had no last word is one that nobody knows about', () => {
    expect(aRun().run.result(false)).toMatchObject({ type: 'lost', kind: 'STEP_UNKNOWN' });
  });

  it('that a signal ended is one that nobody knows about', () => {
    expect(aRun().end({ exit: null, signal: 9 })).toMatchObject({ type: 'lost', kind: 'STEP_UNKNOWN', exitCode: null });
  });

  it('that was stopped says which processes would not die', () => {
    expect(aRun().end({ exit: null, signal: 9, stopped: 'asked', alive: [7] }, true)).toMatchObject({
      type: 'stopped',
      alive: [7],
    });
  });

  it('that was done when it was asked to stop has succeeded', () => {
    const { tell, end } = aRun();
    tell(recap('one'), { kind: 'end' });
    expect(end({ stopped: 'asked' }, true)).toMatchObject({ type: 'succeeded' });
  });

  it('passes on progress with its numbers, an ignored failure as none, and secrets before anything else', () => {
    const { tell, raw, progress, secrets } = aRun();
    raw('{"secret":["hunter2"]}\n');
    tell(
      { kind: 'item', host: 'one', name: 'Loop', item: 'a', status: 'ok' },
      { kind: 'failed', host: 'one', name: 'Try', ignored: true },
    );
    expect(secrets).toEqual(['hunter2']);
    expect(progress.map(({ number, kind, name }) => [number, kind, name])).toEqual([
      [1, 'item', 'Loop: a'],
      [2, 'ok', 'Try'],
    ]);
  });

  it('reads events that come in any pieces', () => {
    const { run, progress } = aRun();
    for (const byte of Buffer.from('{"n":1,"at":0,"kind":"task","name":"é"}\n')) run.events(Buffer.from([byte]));
    expect(progress.map(({ name }) => name)).toEqual(['é']);
  });

  it('keeps at most 20 notes, none twice, and 50 changed tasks a host', () => {
    const { tell, end } = aRun();
    for (let index = 0; index < 60; index += 1)
      tell(
        { kind: 'ok', host: 'one', name: 'Say', note: true, msg: `note ${index % 30}` },
        { kind: 'changed', host: 'one', name: `task ${index}` },
      );
    tell(recap('one'), { kind: 'end' });
    const { notes, changed } = end();
    expect(notes).toHaveLength(20);
    expect(changed.one).toHaveLength(50);
  });

  it('blames the failure that counts, not one that was rescued', () => {
    const { tell, end } = aRun();
    tell(
      { kind: 'failed', host: 'one', name: 'Tried', msg: 'no' },
      { kind: 'failed', host: 'one', name: 'Needed', msg: 'really no' },
      recap('one', { failed: 1, rescued: 1 }),
      { kind: 'end' },
    );
    expect(end({ exit: 2 })).toMatchObject({
      type: 'failed',
      kind: 'STEP_FAILED',
      message: 'Task “Needed” failed on one: really no.',
    });
  });
});
