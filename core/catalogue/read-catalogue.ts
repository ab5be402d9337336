// Reads an infrastructure repository at one commit into the catalogue of what it offers. Pure: text in, catalogue out.
import { type Composed, composeAction } from './action.ts';
import { readConfigs } from './configs.ts';
import { openLab } from './lab.ts';
import type { Catalogue, Snapshot } from './model.ts';
import { offersOf } from './offers.ts';
import { isPartial } from './playbook.ts';
import { type PlaybookReading, readPlays } from './plays.ts';
import { readPortals } from './portals.ts';
import { withoutRepeats } from './repeats.ts';
import { usageOf } from './usage.ts';

/** The catalogue of a snapshot. Never throws: what cannot be understood is a finding, and the rest stands. */
export function readCatalogue(snapshot: Snapshot): Catalogue {
  const lab = openLab(snapshot);
  const composed: Composed[] = [];
  const readings: PlaybookReading[] = [];
  for (const playbook of lab.playbooks.values()) {
    if (isPartial(playbook.path)) continue;
    const reading = readPlays(lab, playbook);
    readings.push(reading);
    for (const offer of offersOf(lab, reading)) {
      const one = composeAction(lab, reading, offer);
      if (one !== undefined) composed.push(one);
    }
  }
  const offered = withoutRepeats(composed.filter((one) => !one.hidden)).map((one) => one.action);
  const { actions, configs } = readConfigs(lab, offered);
  const config = lab.configs[0];
  return {
    commit: snapshot.commit,
    actions,
    hosts: lab.inventory.hosts,
    groups: lab.inventory.groups,
    portals: readPortals(lab, usageOf(lab, readings)),
    configs,
    inventories: lab.inventory.handed,
    ...(config === undefined || config.folder === '' ? {} : { ansibleConfig: config.path }),
    findings: lab.repository.findings(),
  };
}
