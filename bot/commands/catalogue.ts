// `npm start -- catalogue`: what the infrastructure repository offers, as JSON.

import { catalogueJson } from '../../core/catalogue/catalogue-json.ts';
import { readCatalogue } from '../../core/catalogue/read-catalogue.ts';
import { openDataFolder, openRepository } from '../compose.ts';
import type { Settings } from '../settings.ts';

/** Prints also what an empty or half-broken repository gives, with its findings. */
export async function catalogueCommand(settings: Settings): Promise<number> {
  await openDataFolder(settings);
  const repository = await openRepository(settings);
  const { commit } = await repository.refresh();
  process.stdout.write(`${JSON.stringify(catalogueJson(readCatalogue(await repository.snapshot(commit))), null, 2)}\n`);
  return 0;
}
