// What somebody did with a command, a button, a menu or a form, out of what Discord says of it. Everything in it is from outside.
import { ComponentType, InteractionType } from 'discord.js';
import { z } from 'zod';
import type { Person } from '../../core/ports/chat.ts';
import type { CustomId } from './custom-id.ts';
import { parseCustomId } from './custom-id.ts';
import { memberSchema, personOf, snowflake, userSchema } from './person.ts';
import type { Options } from './slash-commands.ts';

export type Interaction = {
  readonly id: string;
  readonly applicationId: string;
  /** For acknowledging it and for answers, for 15 minutes. */
  readonly token: string;
  readonly guild: string | null;
  readonly channel: string;
  readonly person: Person;
  readonly act:
    | { readonly type: 'command'; readonly name: string; readonly options: Options }
    | { readonly type: 'typing'; readonly name: string; readonly option: string; readonly typed: string }
    /** `choices`: of a menu. `labels`: what its buttons and options say, by the custom id or the option's value. `about`: the message's words. */
    | {
        readonly type: 'component';
        readonly id: CustomId | null;
        readonly choices: readonly string[];
        readonly labels: ReadonlyMap<string, string>;
        readonly about: string;
      }
    | { readonly type: 'form'; readonly id: CustomId | null; readonly text: string };
};

const common = {
  id: snowflake,
  application_id: snowflake,
  token: z.string().min(1).max(1_000),
  guild_id: snowflake.nullish(),
  channel_id: snowflake,
  member: memberSchema.extend({ user: userSchema }).optional(),
  user: userSchema.optional(),
};
const option = z.object({
  name: z.string().max(32),
  value: z.union([z.string().max(6_000), z.number()]).optional(),
  focused: z.boolean().optional(),
});
const data = z.object({ name: z.string().max(32), options: z.array(option).default([]) });
const part = z.object({
  custom_id: z.string().optional(),
  label: z.string().nullish(),
  options: z.array(z.object({ label: z.string(), value: z.string() })).optional(),
});
const field = z.object({ value: z.string().max(4_000).optional() });

const schema = z.discriminatedUnion('type', [
  z.object({ ...common, type: z.literal(InteractionType.ApplicationCommand), data }),
  z.object({ ...common, type: z.literal(InteractionType.ApplicationCommandAutocomplete), data }),
  z.object({
    ...common,
    type: z.literal(InteractionType.MessageComponent),
    data: z.object({
      custom_id: z.string(),
      component_type: z.number(),
      values: z.array(z.string().max(100)).max(25).default([]),
    }),
    message: z.object({
      content: z.string().default(''),
      components: z.array(z.object({ components: z.array(part).default([]) })).default([]),
    }),
  }),
  z.object({
    ...common,
    type: z.literal(InteractionType.ModalSubmit),
    data: z.object({
      custom_id: z.string(),
      components: z.array(z.object({ components: z.array(field).optional(), component: field.optional() })).default([]),
    }),
  }),
]);

/** Null for what Chiffon has no use for. */
export function readInteraction(payload: unknown): Interaction | null {
  const parsed = schema.safeParse(payload);
  if (!parsed.success) return null;
  const { id, application_id, token, guild_id, channel_id, member } = parsed.data;
  const user = member?.user ?? parsed.data.user;
  if (user === undefined) return null;
  return {
    ...{ id, token, applicationId: application_id, guild: guild_id ?? null, channel: channel_id },
    person: personOf(user, member),
    act: actOf(parsed.data),
  };
}

function actOf(given: z.infer<typeof schema>): Interaction['act'] {
  switch (given.type) {
    case InteractionType.ApplicationCommand: {
      const options = given.data.options.flatMap(({ name, value }) =>
        value === undefined ? [] : [[name, value] as const],
      );
      return { type: 'command', name: given.data.name, options: new Map(options) };
    }
    case InteractionType.ApplicationCommandAutocomplete: {
      const focused = given.data.options.find((each) => each.focused === true);
      return {
        ...{ type: 'typing', name: given.data.name, option: focused?.name ?? '' },
        typed: String(focused?.value ?? ''),
      };
    }
    case InteractionType.MessageComponent: {
      const parts = given.message.components.flatMap(({ components }) => components);
      const isMenu = given.data.component_type !== ComponentType.Button;
      const used = parts.filter(({ custom_id }) => !isMenu || custom_id === given.data.custom_id);
      const labels = used.flatMap(({ custom_id, label, options }) =>
        options === undefined
          ? [[custom_id ?? '', label ?? ''] as const]
          : options.map((each) => [each.value, each.label] as const),
      );
      return {
        ...{ type: 'component', id: parseCustomId(given.data.custom_id), choices: given.data.values },
        ...{ labels: new Map(labels), about: given.message.content },
      };
    }
    case InteractionType.ModalSubmit: {
      const fields = given.data.components.flatMap(({ components, component }) => [
        ...(components ?? []),
        ...(component === undefined ? [] : [component]),
      ]);
      const text = fields.map(({ value }) => value ?? '').join('\n');
      return { type: 'form', id: parseCustomId(given.data.custom_id), text: text.trim() };
    }
  }
}
