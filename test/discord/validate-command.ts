// Discord's limits on application commands.
// https://docs.discord.com/developers/interactions/application-commands#application-command-object
import { ApplicationCommandOptionType, ApplicationCommandType } from 'discord-api-types/v10';
import { z } from 'zod';

const commandName = z
  .string()
  .regex(/^[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}$/u, 'Command name is invalid')
  .refine((name) => name === name.toLowerCase(), 'Command name is invalid');
const description = z.string().min(1).max(100);

const choice = z.object({ name: z.string().min(1).max(100), value: z.union([z.string().max(100), z.number()]) });

const plainOption = z.object({
  type: z.enum(ApplicationCommandOptionType),
  name: commandName,
  description,
  required: z.boolean().nullish(),
  choices: z.array(choice).max(25).nullish(),
  autocomplete: z.boolean().nullish(),
  min_length: z.int().min(0).max(6000).nullish(),
  max_length: z.int().min(1).max(6000).nullish(),
  min_value: z.number().nullish(),
  max_value: z.number().nullish(),
  channel_types: z.array(z.int()).nullish(),
});
export type CommandOption = z.infer<typeof plainOption> & { options?: CommandOption[] | null | undefined };

const option: z.ZodType<CommandOption> = plainOption
  .extend({ options: z.lazy(() => options).nullish() })
  .refine(
    ({ choices, autocomplete }) => !(autocomplete && choices?.length),
    'Options with choices have no autocomplete',
  );

const options: z.ZodType<CommandOption[]> = z
  .array(option)
  .max(25)
  .superRefine((all, context) => {
    const fail = (code: string, message: string) => context.addIssue({ code: 'custom', message, params: { code } });
    if (new Set(all.map(({ name }) => name)).size < all.length)
      fail('APPLICATION_COMMAND_OPTIONS_NAME_INVALID', 'Option names are not unique');
    const firstOptional = all.findIndex(({ required }) => !required);
    if (firstOptional >= 0 && all.slice(firstOptional).some(({ required }) => required))
      fail(
        'APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID',
        'Required options must be placed before non-required options',
      );
  });

export const command = z
  .object({
    type: z.enum(ApplicationCommandType).default(ApplicationCommandType.ChatInput),
    name: z.string().min(1).max(32),
    description: z.string().max(100).default(''),
    options: options.nullish(),
    default_member_permissions: z.string().regex(/^\d+$/).nullish(),
    dm_permission: z.boolean().nullish(),
    contexts: z.array(z.int().min(0).max(2)).nullish(),
    integration_types: z.array(z.int().min(0).max(1)).nullish(),
    nsfw: z.boolean().nullish(),
  })
  .superRefine((value, context) => {
    const fail = (field: string, message: string) => context.addIssue({ code: 'custom', path: [field], message });
    if (value.type === ApplicationCommandType.ChatInput) {
      if (!commandName.safeParse(value.name).success) fail('name', 'Command name is invalid');
      if (!description.safeParse(value.description).success)
        fail('description', 'Must be between 1 and 100 in length.');
    } else if (value.description || value.options?.length)
      fail('description', 'Context menu commands have no description or options');
    if (textLength(value) > 8000) fail('name', 'Application command is larger than 8000 characters');
  });
export type CommandDefinition = z.infer<typeof command>;

/** PUT replaces all of them; a name is there once for its type. */
export const commandList = z
  .array(command)
  .refine(
    (all) => all.filter(({ type }) => type === ApplicationCommandType.ChatInput).length <= 100,
    'Maximum number of application commands reached (100)',
  )
  .refine(
    (all) => new Set(all.map(({ type, name }) => `${type} ${name}`)).size === all.length,
    'Application command names must be unique',
  );

type Texts = Pick<CommandOption, 'name' | 'description'> & Partial<Pick<CommandOption, 'choices' | 'options'>>;

function textLength({ name, description: about, choices, options: inner }: Texts): number {
  const ofChoices = (choices ?? []).reduce((sum, one) => sum + one.name.length + String(one.value).length, 0);
  return name.length + about.length + ofChoices + (inner ?? []).reduce((sum, one) => sum + textLength(one), 0);
}
