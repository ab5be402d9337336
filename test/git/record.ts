// A process for the tests to run twice at once: it records every entry of a file, in their order.
import { readFileSync } from 'node:fs';
import { openAuditRepository } from '../../adapters/git/open-audit.ts';
import type { AuditEntry } from '../../core/ports/repository.ts';

const [folder = '', told = ''] = process.argv.slice(2);
const entries: readonly AuditEntry[] = JSON.parse(readFileSync(told, 'utf8'));
const audit = await openAuditRepository({ folder });
for (const entry of entries) await audit.record(entry);
