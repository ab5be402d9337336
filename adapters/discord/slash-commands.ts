// Chiffon's slash commands: what Discord is told of them, and what each one says in the words of a conversation.
import { createHash } from 'node:crypto';
import type { APIApplicationCommandOption, RESTPutAPIApplicationCommandsJSONBody } from 'discord.js';
import { ApplicationCommandOptionType, Routes } from 'discord.js';
import { z } from 'zod';
import type { ChatHandlers, Incoming } from '../../core/ports/chat.ts';
import type { Api } from './api.ts';

const requestAtMost = 4_000;
const reasonAtMost = 500;

const task = (description: string): APIApplicationCommandOption => ({
  ...{ type: ApplicationCommandOptionType.Integer, name: 'task', description, required: true },
  ...{ autocomplete: true, min_value: 1, max_value: 999_999_999 },
});
const text = (name: string, description: string, atMost: number): APIApplicationCommandOption => ({
  ...{ type: ApplicationCommandOptionType.String, name, description, required: false, max_length: atMost },
});

const slashCommands: RESTPutAPIApplicationCommandsJSONBody = [
  {
    name: 'do',
    description: 'Ask for a change; you see a plan before anything happens',
    options: [
      {
        ...{ type: ApplicationCommandOptionType.String, name: 'request', description: 'What you want, in your words' },
        ...{ required: true, autocomplete: true, max_length: requestAtMost },
      },
    ],
  },
  { name: 'status', description: 'What is going on' },
  { name: 'history', description: 'What was asked and what came of it' },
  {
    name: 'log',
    description: 'The output of a step',
    options: [
      task('The task’s number'),
      {
        ...{ type: ApplicationCommandOptionType.Integer, name: 'step', description: 'The step’s number; the last one' },
        ...{ required: false, min_value: 1, max_value: 999 },
      },
    ],
  },
  {
    name: 'cancel',
    description: 'Stop a task, or take it back before it runs',
    options: [task('The task’s number'), text('reason', 'Why, for the record', reasonAtMost)],
  },
  {
    name: 'catalogue',
    description: 'What can be asked for',
    options: [text('filter', 'Only what has to do with this', 100)],
  },
  { name: 'agents', description: 'Who does the work' },
  { name: 'cost', description: 'What planning has cost' },
  { name: 'help', description: 'How to talk to Chiffon' },
];

export type Options = ReadonlyMap<string, string | number>;

/** Null for a command that this version does not have. */
export function contentOf(name: string, options: Options): Incoming['content'] | null {
  const value = (option: string): string => String(options.get(option) ?? '').trim();
  const words = (...all: readonly string[]) => ({
    type: 'text' as const,
    text: all.filter((each) => each !== '').join(' '),
  });
  switch (name) {
    case 'do':
      return { type: 'request', text: value('request') };
    case 'log':
      return words('log', `#${value('task')}`, value('step'));
    case 'cancel':
      return words('cancel', `#${value('task')}`, value('reason'));
    case 'catalogue':
      return words('catalogue', value('filter'));
    case 'status':
    case 'history':
    case 'agents':
    case 'cost':
    case 'help':
      return words(name);
    default:
      return null;
  }
}

/** What an option's suggestions are about; null where there are none. */
export function suggestionsFor(name: string, option: string): Parameters<ChatHandlers['suggest']>[0] | null {
  if (name === 'do' && option === 'request') return 'request';
  if (option !== 'task') return null;
  return name === 'cancel' ? 'open-task' : name === 'log' ? 'any-task' : null;
}

/** Tells Discord of the commands, for one guild or for all, only where it does not know them as they are. */
export async function registerCommands(api: Api, applicationId: string, guildId: string | undefined): Promise<void> {
  const route =
    guildId === undefined
      ? Routes.applicationCommands(applicationId)
      : Routes.applicationGuildCommands(applicationId, guildId);
  const soon = { urgency: 'decisive' } as const;
  const there = commandList.parse(await api.call('commands', soon, (rest) => rest.get(route)));
  if (digest(there) === digest(commandList.parse(slashCommands))) return;
  await api.call('commands', soon, (rest) => rest.put(route, { body: slashCommands }));
}

const option = z.object({
  type: z.number(),
  name: z.string(),
  description: z.string(),
  required: z.boolean().default(false),
  autocomplete: z.boolean().default(false),
  min_value: z.number().nullish(),
  max_value: z.number().nullish(),
  max_length: z.number().nullish(),
});
/** What of a command is Chiffon's to say; Discord adds more. */
const commandList = z.array(
  z.object({ name: z.string(), description: z.string(), options: z.array(option).default([]) }),
);

function digest(commands: z.infer<typeof commandList>): string {
  const sorted = commands.toSorted((one, other) => (one.name < other.name ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(sorted)).digest('hex');
}
