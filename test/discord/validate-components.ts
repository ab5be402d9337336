// Discord's limits on what stands below a message: rows of buttons and menus, and embeds. Plain components only: a message of
// the second version of components is refused by validate-message.ts.
// https://docs.discord.com/developers/components/reference, https://docs.discord.com/developers/resources/message#embed-object
import { ButtonStyle, ComponentType } from 'discord-api-types/v10';
import { z } from 'zod';

const customId = z.string().min(1).max(100);
const emoji = z.object({ id: z.string().nullish(), name: z.string().nullish(), animated: z.boolean().nullish() });

const button = z
  .object({
    type: z.literal(ComponentType.Button),
    style: z.literal([
      ButtonStyle.Primary,
      ButtonStyle.Secondary,
      ButtonStyle.Success,
      ButtonStyle.Danger,
      ButtonStyle.Link,
    ]),
    label: z.string().max(80).optional(),
    emoji: emoji.optional(),
    custom_id: customId.optional(),
    url: z.string().max(512).optional(),
    disabled: z.boolean().optional(),
  })
  .superRefine((value, context) => {
    const fail = (code: string, message: string) => context.addIssue({ code: 'custom', message, params: { code } });
    if (value.style === ButtonStyle.Link ? !value.url || value.custom_id : !value.custom_id || value.url)
      fail(
        'BUTTON_COMPONENT_INVALID',
        'A link button has a url and no custom_id; any other has a custom_id and no url.',
      );
    if (!value.label && !value.emoji) fail('BUTTON_COMPONENT_INVALID', 'A button needs a label or an emoji.');
  });

const menu = {
  custom_id: customId,
  placeholder: z.string().max(150).optional(),
  min_values: z.int().min(0).max(25).optional(),
  max_values: z.int().min(1).max(25).optional(),
  disabled: z.boolean().optional(),
  /** In a modal only. */
  required: z.boolean().optional(),
};
export const stringSelect = z
  .object({
    type: z.literal(ComponentType.StringSelect),
    ...menu,
    options: z
      .array(
        z.object({
          label: z.string().min(1).max(100),
          value: z.string().min(1).max(100),
          description: z.string().max(100).nullish(),
          emoji: emoji.nullish(),
          default: z.boolean().nullish(),
        }),
      )
      .min(1)
      .max(25),
  })
  .superRefine(({ options, min_values, max_values }, context) => {
    const fail = (code: string, message: string) => context.addIssue({ code: 'custom', message, params: { code } });
    if (new Set(options.map(({ value }) => value)).size < options.length)
      fail('SELECT_COMPONENT_OPTION_VALUE_DUPLICATED', 'The specified option value is already used');
    if ((min_values ?? 1) > options.length || (max_values ?? 1) > options.length)
      fail('BASE_TYPE_BAD_LENGTH', 'There are fewer options than values to choose.');
  });
const entitySelect = z.object({
  type: z.literal([
    ComponentType.UserSelect,
    ComponentType.RoleSelect,
    ComponentType.MentionableSelect,
    ComponentType.ChannelSelect,
  ]),
  ...menu,
});

const row = z
  .object({
    type: z.literal(ComponentType.ActionRow),
    components: z
      .array(z.discriminatedUnion('type', [button, stringSelect, entitySelect]))
      .min(1)
      .max(5),
  })
  .refine(
    ({ components }) => components.length === 1 || components.every(({ type }) => type === ComponentType.Button),
    {
      path: ['components'],
      message: 'The specified components exceed the maximum width: a menu has a row of its own.',
      params: { code: 'COMPONENT_LAYOUT_WIDTH_EXCEEDED' },
    },
  );
export type Component = z.infer<typeof row>;

export const components = z
  .array(row)
  .max(5)
  .superRefine((rows, context) => {
    const seen = new Set<string>();
    for (const [index, { components: parts }] of rows.entries())
      for (const [place, part] of parts.entries()) {
        if (part.custom_id === undefined) continue;
        if (seen.has(part.custom_id))
          context.addIssue({
            code: 'custom',
            path: [index, 'components', place, 'custom_id'],
            message: 'Component custom id cannot be duplicated',
            params: { code: 'COMPONENT_CUSTOM_ID_DUPLICATED' },
          });
        seen.add(part.custom_id);
      }
  });

const embed = z.object({
  title: z.string().max(256).nullish(),
  type: z.string().nullish(),
  description: z.string().max(4096).nullish(),
  url: z.string().nullish(),
  timestamp: z.string().nullish(),
  color: z.int().min(0).max(0xffffff).nullish(),
  footer: z.object({ text: z.string().max(2048), icon_url: z.string().nullish() }).nullish(),
  author: z.object({ name: z.string().max(256), url: z.string().nullish(), icon_url: z.string().nullish() }).nullish(),
  fields: z
    .array(
      z.object({ name: z.string().min(1).max(256), value: z.string().min(1).max(1024), inline: z.boolean().nullish() }),
    )
    .max(25)
    .nullish(),
});
export type Embed = z.infer<typeof embed>;

export const embeds = z
  .array(embed)
  .max(10)
  .refine((all) => all.reduce((sum, one) => sum + embedLength(one), 0) <= 6000, {
    message: 'Embed size exceeds maximum size of 6000',
    params: { code: 'MAX_EMBED_SIZE_EXCEEDED' },
  });

function embedLength({ title, description, footer, author, fields }: Embed): number {
  const texts = [
    title,
    description,
    footer?.text,
    author?.name,
    ...(fields ?? []).flatMap((field) => [field.name, field.value]),
  ];
  return texts.reduce((sum, text) => sum + (text?.length ?? 0), 0);
}
