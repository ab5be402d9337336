// Whether a message on Discord is already what would be sent. Discord trims content and adds fields of its own to components.
import type { ApiMessage } from './api.ts';
import type { Message, Row } from './message.ts';

type Looks = Pick<ApiMessage, 'content' | 'components'>;

/** It would look the same, files aside. */
export function looksSame(there: Looks, message: Message): boolean {
  return there.content.trim() === message.content.trim() && componentsOf(there) === componentsOf(message);
}

/**
 * How a message is known again: a card by its buttons, which name task, revision and plan; a live one by the step that it is about,
 * which its first line begins with; all else by every word.
 */
export type KnownBy = 'buttons' | 'step' | 'words';

/** It was sent for the same view. */
export function isSameMessage(there: ApiMessage, message: Message, by: KnownBy): boolean {
  const files = (names: readonly string[]): string => names.toSorted().join('\n');
  if (files(there.attachments.map(({ filename }) => filename)) !== files(message.files.map(({ name }) => name)))
    return false;
  const ids = customIds(message);
  if (by === 'buttons' && ids !== '') return customIds(there) === ids;
  const step = stepOf(message.content);
  return by === 'step' && step !== undefined ? stepOf(there.content) === step : looksSame(there, message);
}

function stepOf(content: string): string | undefined {
  return /^.{0,4}(#\d+ step \d+ of \d+):/u.exec(content.trim())?.[1];
}

type Rows = readonly (Row | Looks['components'][number])[];

function partsOf(components: Rows): readonly Record<string, unknown>[] {
  return components.flatMap((row) => row.components.map((part) => ({ ...part })));
}

function customIds({ components }: { readonly components: Rows }): string {
  return partsOf(components)
    .flatMap((part) => (typeof part.custom_id === 'string' ? [part.custom_id] : []))
    .join('\n');
}

function componentsOf({ components }: { readonly components: Rows }): string {
  return JSON.stringify(
    partsOf(components).map((part) => [
      part.type,
      part.custom_id ?? null,
      part.label ?? null,
      part.style ?? null,
      part.url ?? null,
      part.disabled ?? false,
      part.placeholder ?? null,
      optionsOf(part.options),
    ]),
  );
}

function optionsOf(options: unknown): unknown {
  if (!Array.isArray(options)) return null;
  return options.map((option: unknown) =>
    typeof option === 'object' && option !== null && 'label' in option && 'value' in option
      ? [option.label, option.value]
      : null,
  );
}
