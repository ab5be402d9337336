// The corpus: what people type, and what a careful colleague would make of it, over catalogues of different shapes.
import { describe, expect, it } from 'vitest';
import { fixture, folderSnapshot } from '../../../test/builders/snapshots.ts';
import type { Catalogue, Snapshot } from '../../catalogue/model.ts';
import { readCatalogue } from '../../catalogue/read-catalogue.ts';
import { planByRules } from '../plan-by-rules.ts';
import { type CorpusLine, outcomeText } from './expectation.ts';
import { homelab, homelabSnapshot } from './homelab.ts';
import { homelabLines } from './homelab-lines.ts';
import { office, officeSnapshot } from './office.ts';
import { officeLines } from './office-lines.ts';
import { jobLines, playPerServiceLines, sampleLines, siteRolesLines } from './repository-lines.ts';

function holds(name: string, catalogue: Catalogue, snapshot: Snapshot, lines: readonly CorpusLine[]): void {
  describe(name, () => {
    it.each(lines.map(([request, expected]) => ({ request, expected })))('$request', ({ request, expected }) => {
      const outcome = planByRules({ request, dialogue: [], changes: [], catalogue, snapshot, secrets: new Map() });
      expect(outcomeText(outcome, expected)).toBe(expected);
    });
  });
}

holds('the homelab', homelab, homelabSnapshot, homelabLines);
holds('the office', office, officeSnapshot, officeLines);

const sample = folderSnapshot(new URL('../../../ansible/homelab/', import.meta.url).pathname);
holds('the bundled sample', readCatalogue(sample), sample, sampleLines);
for (const [name, lines] of [
  ['playbook-per-job', jobLines],
  ['site-roles', siteRolesLines],
  ['play-per-service', playPerServiceLines],
] as const) {
  const snapshot = fixture(name);
  holds(`the repository ${name}`, readCatalogue(snapshot), snapshot, lines);
}
