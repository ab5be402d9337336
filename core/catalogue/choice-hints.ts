// Inputs that choose among roles, task files, folders and files of variables, with what there is to choose.
import { folderChoicesOf } from './folder-choices.ts';
import { givenNames } from './inferred-inputs.ts';
import type { InputHint } from './inputs.ts';
import type { Lab } from './lab.ts';
import type { Source } from './model.ts';
import type { Offer } from './offer.ts';
import { type Play, variablesFiles } from './playbook.ts';
import type { PlaybookReading } from './plays.ts';
import { definedBy, isBuiltIn } from './references.ts';
import { isSettled } from './settled.ts';

/** `vars_files: ["vars/{{ env }}.yml"]`: the files that there are. */
function variablesFileChoices(
  lab: Lab,
  play: Play,
): readonly { readonly variable: string; readonly values: readonly string[]; readonly required: boolean }[] {
  return variablesFiles(play).flatMap((path) => {
    const match = /^((?:[\w.-]+\/)*)([\w.-]*)\{\{\s*([A-Za-z_]\w*)\s*(\|[^}]*)?\}\}([\w.-]*)$/.exec(path);
    if (match === null || isBuiltIn(match[3] ?? '')) return [];
    const [, folder = '', before = '', variable = '', filter, after = ''] = match;
    const values = lab.repository
      .children(folder.replace(/\/$/, ''))
      .map((child) => child.slice(folder.length))
      .flatMap((name) =>
        name.startsWith(before) && name.endsWith(after) && !name.endsWith('/')
          ? [name.slice(before.length, name.length - after.length)]
          : [],
      );
    return values.length === 0 ? [] : [{ variable, values, required: filter === undefined }];
  });
}

/** Variables that choose among roles, task files or folders, with what there is to choose. */
export function choiceHints(lab: Lab, reading: PlaybookReading, offer: Offer): readonly InputHint[] {
  const values = new Map<string, { readonly source: Source; readonly choices: Set<string> }>();
  const defined = new Set([...definedBy(offer.selected), ...givenNames(lab, offer.plays, offer.selected)]);
  const choose = (variable: string, value: string, source: Source): void => {
    const known = values.get(variable) ?? { source, choices: new Set() };
    known.choices.add(value);
    values.set(variable, known);
  };
  for (const visit of offer.selected) {
    const { choice, item } = visit;
    if (choice !== undefined && choice.list === undefined) choose(choice.variable, choice.value, item.source);
    const folders = folderChoicesOf(
      lab,
      visit,
      (name) => isSettled(lab, visit, defined, name),
      reading.playbook.folder,
    );
    for (const folder of folders) if (!folder.isList) choose(folder.variable, folder.chosen, item.source);
  }
  const demanded = new Set<string>();
  for (const { play } of offer.plays) {
    for (const { variable, values: there, required } of variablesFileChoices(lab, play)) {
      for (const value of there) choose(variable, value, play.source);
      if (required) demanded.add(variable);
    }
  }
  return [...values].map(([name, { source, choices }]) => ({
    name,
    source,
    choices: [...choices],
    hostPattern: false,
    ...(demanded.has(name) ? { required: true } : {}),
  }));
}
