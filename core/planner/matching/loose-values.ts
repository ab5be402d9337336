// Values that name no input but can only belong to one: a choice, a version after the subject, an amount in an input's
// unit, a path, an address, a secret.
import type { Input } from '../../catalogue/model.ts';
import type { Token } from '../reading/tokens.ts';
import { wordsOf } from '../words/nearness.ts';
import { readNumber, readQuantity, readUnit, unitOfInput } from '../words/numbers.ts';
import { isPlain } from '../words/plain-words.ts';
import type { Part } from './given-inputs.ts';
import type { InputReader } from './input-reader.ts';
import { choiceAt } from './read-choice.ts';
import { readValue } from './read-value.ts';

/** Values that name no input but can only be one: a choice, a version after the subject, an amount in an input's unit. */
export function readLoose(reader: InputReader, part: Part): void {
  const { tokens } = part;
  for (let at = 0; at < tokens.length; ) {
    const token = tokens[at];
    if (token === undefined) break;
    if (token.kind === 'mark' || reader.used.has(token)) {
      at += 1;
      continue;
    }
    at += readLooseValue(reader, tokens, at, part);
  }
}

function readLooseValue(reader: InputReader, tokens: readonly Token[], at: number, part: Part): number {
  const token = tokens[at];
  if (token === undefined) return 1;
  const open = reader.action.inputs.filter((input) => !reader.values.has(input.name));
  if (!isPlain(token.word) || token.kind !== 'word') {
    const fits = open.flatMap((input) => {
      if (input.choices === undefined || input.type === 'list' || input.type === 'bool') return [];
      const found = choiceAt(input.choices, tokens.slice(at), true, reader.context.otherNames);
      // A bare number is a version after the subject, and nothing else.
      const isVersion = /^(version|tag|release)$/.test(wordsOf(input.name).at(-1) ?? '');
      const bare = token.kind === 'number' && typeof found?.value === 'number' && !isVersion;
      return found === null || bare ? [] : [{ input, found }];
    });
    const best = fits.sort(
      (a, b) => b.found.sure - a.found.sure || Number(b.input.required) - Number(a.input.required),
    );
    const [first, second] = best;
    if (
      first !== undefined &&
      (second === undefined || second.found.sure < first.found.sure || (first.input.required && !second.input.required))
    ) {
      // A subject's own word is the subject, unless the value is what the action needs.
      if (!reader.context.subject.has(token) || (first.input.required && first.found.sure === 1)) {
        reader.put(first.input, first.found.value, tokens.slice(at, at + first.found.length));
        return first.found.length;
      }
    }
  }
  if (reader.context.subject.has(token)) return 1;
  const version = open.filter(
    (input) =>
      /^(version|tag|release|ref|branch)$/.test(wordsOf(input.name).at(-1) ?? '') && input.choices === undefined,
  );
  const isVersionPart = part.lead === 'to' || part.lead === 'object' || part.lead === 'with' || part.lead === 'on';
  if (version.length === 1 && version[0] !== undefined && isVersionPart) {
    const isVersion =
      token.kind === 'version' ||
      (token.kind === 'number' && (part.lead === 'to' || part.lead === 'object')) ||
      (part.lead !== 'on' &&
        part.lead !== 'object' &&
        /^(latest|stable|beta|edge|nightly|lts|main|master)$/.test(token.word));
    if (isVersion) {
      const read = readValue(version[0], [token], reader.value);
      return reader.take(version[0], [], tokens.slice(at), read);
    }
  }
  if (
    token.kind === 'quantity' ||
    ((token.kind === 'number' || readNumber(token.text) !== null || /^an?$/.test(token.word)) &&
      readUnit(tokens[at + 1]?.word ?? '') !== null &&
      (tokens[at + 1]?.word.length ?? 0) > 1)
  ) {
    const unit = readQuantity(token.text)?.unit ?? readUnit(tokens[at + 1]?.word ?? '');
    const fits = open.filter(
      (input) =>
        (input.type === 'int' || input.type === 'float') &&
        unitOfInput(wordsOf(input.name), input.description)?.kind === unit?.kind &&
        unit !== null,
    );
    const [first] = fits;
    if (first !== undefined && fits.length === 1)
      return reader.take(first, [], tokens.slice(at), readValue(first, tokens.slice(at), reader.value));
  }
  if (token.kind === 'path' || token.kind === 'url' || token.kind === 'address') {
    const fits = open.filter((input) => input.choices === undefined && fitsKind(input, token));
    const needed = fits.filter((input) => input.required);
    const first = needed.length === 1 ? needed[0] : fits.length === 1 ? fits[0] : undefined;
    if (first !== undefined && !(part.lead === 'object' && /\.ya?ml$/.test(token.text)))
      return reader.take(first, [], tokens.slice(at), readValue(first, tokens.slice(at), reader.value));
  }
  if (token.kind === 'address' || token.kind === 'url') {
    const lists = open.filter(
      (input) =>
        input.type === 'list' &&
        /^(domains?|hosts?|hostnames|urls?|sites|addresses|ips|servers|targets|names|records|networks)$/.test(
          wordsOf(input.name).at(-1) ?? '',
        ),
    );
    const [list] = lists;
    if (list !== undefined && lists.length === 1)
      return reader.take(list, [], tokens.slice(at), readValue(list, tokens.slice(at), reader.value));
  }
  if (token.kind === 'secret') {
    const fits = open.filter((input) => input.secret);
    const needed = fits.filter((input) => input.required);
    const first = needed.length === 1 ? needed[0] : fits.length === 1 ? fits[0] : undefined;
    if (first !== undefined)
      return reader.take(first, [], tokens.slice(at), readValue(first, tokens.slice(at), reader.value));
  }
  return 1;
}

function fitsKind(input: Input, token: Token): boolean {
  const words = wordsOf(input.name);
  const last = words.at(-1) ?? '';
  if (token.kind === 'path')
    return (
      input.type === 'path' ||
      (input.type === 'str' &&
        /^(path|dir|directory|folder|file|dest|src|location|shell|mount|source|destination)$/.test(last))
    );
  if (token.kind === 'url')
    return input.type === 'str' && /^(url|uri|endpoint|link|address|repo|repository)$/.test(last);
  if (/@/.test(token.text)) return input.type === 'str' && /^(email|mail|recipient|to)$/.test(last);
  if (/^\d+(\.\d+){3}/.test(token.text))
    return input.type === 'str' && /^(ip|address|addr|target|gateway|subnet|cidr|network|value)$/.test(last);
  return input.type === 'str' && /^(domain|hostname|fqdn|host|record|name|site|zone)$/.test(last);
}
