import { describe, expect, it } from 'vitest';
import { homelab } from '../corpus/homelab.ts';
import { tokenise } from '../reading/tokens.ts';
import { inputNamesOf } from './input-names.ts';

function named(playbook: string, said: string): string | undefined {
  const action = homelab.actions.find((candidate) => candidate.playbook.endsWith(`${playbook}.yml`));
  return action === undefined ? undefined : inputNamesOf(action).at(tokenise(said), 0)?.input.name;
}

describe('an input’s names', () => {
  it.each([
    ['gitea', 'gitea_port', 'gitea_port'],
    ['gitea', 'port', 'gitea_port'],
    ['gitea', 'ssh port', 'gitea_ssh_port'],
    ['gitea', 'registration', 'gitea_registration'],
    ['jellyfin', 'media folder', 'jellyfin_media_path'],
    ['jellyfin', 'hardware-transcoding', 'jellyfin_hardware_transcoding'],
    ['jellyfin', 'transcoding', 'jellyfin_hardware_transcoding'],
    ['nextcloud', 'memory limit', 'nextcloud_memory_limit'],
    ['nextcloud', 'release', 'nextcloud_version'],
    ['prometheus', 'retension', 'prometheus_retention_days'],
    ['remove', 'keep the data', 'keep_data'],
  ])('of %s: “%s”', (playbook, said, expected) => {
    expect(named(playbook, said)).toBe(expected);
  });

  it('is none for a word that no input bears, nor one that several do', () => {
    expect(named('gitea', 'colour')).toBeUndefined();
    expect(named('gitea', 'constructor')).toBeUndefined();
  });
});
