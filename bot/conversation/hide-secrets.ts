// What people type, with the values of the catalogue's secret inputs taken out, before any of it is stored.
import type { NewId } from '../../core/ports/clock.ts';
import type { ReadRepository } from '../planning/read-repository.ts';
import type { HiddenText } from '../planning/request-secrets.ts';
import { hideSecrets, secretInputNames } from '../planning/request-secrets.ts';

export async function hideTyped(
  parts: { readonly readRepository: ReadRepository; readonly newId: NewId },
  text: string,
): Promise<HiddenText> {
  const reading = await parts.readRepository();
  return hideSecrets(text, reading.type === 'read' ? secretInputNames(reading.catalogue) : [], parts.newId);
}
