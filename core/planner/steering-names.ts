// Names that steer Ansible itself, such as ansible_connection. As the name of a value none of them may come from a request,
// however the rest of the sentence could be read.
import type { Catalogue } from '../catalogue/model.ts';

const steering =
  /(?<![\w/.-])(?:ansible_[a-z0-9_]+|hostvars|group_names|inventory_hostname|play_hosts)(?![\w/-]|\.\w)/gi;

/** The first such name in the texts; null where there is none, or where the catalogue itself calls something so. */
export function steeringName(texts: readonly string[], catalogue: Catalogue): string | null {
  const found = texts.flatMap((text) => [...text.matchAll(steering)].map(([name]) => name.toLowerCase()));
  return (
    found.find(
      (name) => !catalogue.actions.some((action) => names(action).some((other) => other.toLowerCase() === name)),
    ) ?? null
  );
}

function names(action: Catalogue['actions'][number]): readonly string[] {
  const stem = action.playbook.replace(/^.*\//, '').replace(/\.ya?ml$/, '');
  return [stem, action.subject, action.subject.replaceAll(' ', '_'), ...action.aliases, ...action.tags];
}
