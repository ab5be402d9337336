// Each bot keeps an audit repository of its own, a whole copy of the record; bots that share a folder take turns.

import type { BotParts } from '../bot-parts.ts';
import { makeAuditHandler } from '../projectors/audit.ts';
import type { Progressed } from './progressed.ts';
import { projectorRunner } from './run-projectors.ts';
import type { LedWork } from './while-leading.ts';
import { whileLeading } from './while-leading.ts';

/** Each entry is a commit, which takes processes and flushes: not in the moment in which a step is handed out. */
const calmMs = 250;

export function leadAudit(parts: BotParts & { readonly progressed: Progressed }): LedWork {
  const { store, audit, log, progressed } = parts;
  const name = `audit:${audit.id}`;
  return whileLeading({
    name,
    store,
    log,
    begin: async (fence) => {
      const { run, stop } = projectorRunner({ store, log, fence, progressed });
      run(name, makeAuditHandler({ store, audit }), { calmMs });
      return stop;
    },
  });
}
