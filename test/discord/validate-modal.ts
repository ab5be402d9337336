// Discord's limits on a modal and on the choices of an autocomplete.
// https://docs.discord.com/developers/components/reference#text-input
import { ComponentType, TextInputStyle } from 'discord-api-types/v10';
import { z } from 'zod';
import { stringSelect } from './validate-components.ts';

const customId = z.string().min(1).max(100);

const textInput = {
  type: z.literal(ComponentType.TextInput),
  custom_id: customId,
  style: z.literal([TextInputStyle.Short, TextInputStyle.Paragraph]),
  min_length: z.int().min(0).max(4000).nullish(),
  max_length: z.int().min(1).max(4000).nullish(),
  required: z.boolean().nullish(),
  value: z.string().max(4000).nullish(),
  placeholder: z.string().max(100).nullish(),
};

/** The older form has the label in the input, the newer one around it. */
const labelledRow = z.object({
  type: z.literal(ComponentType.ActionRow),
  components: z.array(z.object({ ...textInput, label: z.string().min(1).max(45) })).length(1),
});
const label = z.object({
  type: z.literal(ComponentType.Label),
  label: z.string().min(1).max(45),
  description: z.string().max(100).nullish(),
  component: z.discriminatedUnion('type', [z.object(textInput), stringSelect]),
});
const text = z.object({ type: z.literal(ComponentType.TextDisplay), content: z.string().min(1).max(4000) });

export const modal = z
  .object({
    custom_id: customId,
    title: z.string().min(1).max(45),
    components: z
      .array(z.discriminatedUnion('type', [labelledRow, label, text]))
      .min(1)
      .max(5),
  })
  .superRefine((value, context) => {
    const ids = modalFields(value).map(({ custom_id }) => custom_id);
    if (new Set(ids).size < ids.length)
      context.addIssue({
        code: 'custom',
        path: ['components'],
        message: 'Component custom id cannot be duplicated',
        params: { code: 'COMPONENT_CUSTOM_ID_DUPLICATED' },
      });
  });
export type Modal = z.infer<typeof modal>;

/** What a person fills in, in order. */
export function modalFields({ components }: Modal) {
  return components.flatMap((one) => {
    if (one.type === ComponentType.ActionRow) return one.components;
    return one.type === ComponentType.Label ? [{ ...one.component, label: one.label }] : [];
  });
}

export const autocompleteResult = z.object({
  choices: z
    .array(
      z.object({
        name: z.string().min(1).max(100),
        value: z.union([z.string().min(1).max(100), z.number()]),
        name_localizations: z.unknown().optional(),
      }),
    )
    .max(25),
});
