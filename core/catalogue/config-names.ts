// What people call a configuration list, by where it lies.
import { folderOf, stemOf } from './repository.ts';
import { wordsOf } from './words.ts';

/** `config/uptime-kuma/monitors.yml` is also called `uptime kuma monitors`. */
export function nearNames(path: string, name: string): readonly string[] {
  const parent = wordsOf(folderOf(path).split('/').at(-1) ?? '').filter(
    (word) => !['config', 'configs', 'files', 'data', 'vars', 'all', 'main', 'templates', 'defaults'].includes(word),
  );
  const stem = wordsOf(stemOf(path));
  return [
    wordsOf(name).join(' '),
    stem.join(' '),
    parent.length === 0 ? '' : [...parent, ...wordsOf(name)].join(' '),
  ].filter((text) => text !== '' && !['main', 'all'].includes(text));
}
