// What Discord's client does before a command is sent: find it, check the options by its definition, and shape them.
import { ApplicationCommandOptionType, ApplicationCommandType } from 'discord-api-types/v10';
import { apiChannel, apiMember, apiRole, apiUser } from './api-objects.ts';
import { channelPermissions } from './permissions.ts';
import type { CommandOption } from './validate-command.ts';
import type { Channel, Command, User, World } from './world.ts';

export type OptionValues = Readonly<Record<string, string | number | boolean>>;

/** `name` with a sub-command's words behind it: `agents list`. A person cannot use what is not offered: then this throws. */
export function shapeCommand(
  world: World,
  user: User,
  channel: Channel,
  name: string,
  values: OptionValues,
  focused?: string,
): unknown {
  const [first = '', ...rest] = name.split(' ');
  const command = findCommand(world, user, channel, first);
  const shaper = {
    world,
    channel,
    values,
    focused,
    used: new Set<string>(),
    resolved: new Map<string, Map<string, unknown>>(),
  };
  const options = shapeOptions(shaper, command.options ?? [], rest);
  const unused = Object.keys(values).filter((key) => !shaper.used.has(key));
  if (unused.length > 0) throw new Error(`/${name} has no option ${unused.join(', ')}`);
  const resolved = Object.fromEntries(
    [...shaper.resolved].map(([kind, entries]) => [kind, Object.fromEntries(entries)]),
  );
  return {
    id: command.id,
    name: command.name,
    type: command.type,
    ...(command.guild_id !== undefined && { guild_id: command.guild_id }),
    options,
    ...(shaper.resolved.size > 0 && { resolved }),
  };
}

function findCommand(world: World, user: User, channel: Channel, name: string): Command {
  const ofGuild = channel.kind === 'dm' ? [] : (world.commands.get(channel.guildId) ?? []);
  const all = [...ofGuild, ...(world.commands.get('global') ?? [])];
  const found = all.find((one) => one.name === name && one.type === ApplicationCommandType.ChatInput);
  if (!found)
    throw new Error(
      `there is no /${name} here; there are ${all.map((one) => `/${one.name}`).join(', ') || 'no commands'}`,
    );
  if (channel.kind === 'dm' && (found.contexts ? !found.contexts.includes(1) : found.dm_permission === false))
    throw new Error(`/${name} is not for direct messages`);
  const needed = BigInt(found.default_member_permissions ?? 0);
  const has = channelPermissions(world, channel, user.id);
  if ((has & needed) !== needed) throw new Error(`${user.name} may not use /${name} here`);
  return found;
}

type Shaper = {
  readonly world: World;
  readonly channel: Channel;
  readonly values: OptionValues;
  readonly focused: string | undefined;
  readonly used: Set<string>;
  readonly resolved: Map<string, Map<string, unknown>>;
};

const { Subcommand, SubcommandGroup } = ApplicationCommandOptionType;

function shapeOptions(shaper: Shaper, defined: readonly CommandOption[], words: readonly string[]): unknown[] {
  const [word, ...rest] = words;
  const branches = defined.filter(({ type }) => type === Subcommand || type === SubcommandGroup);
  if (branches.length > 0) {
    const branch = branches.find(({ name }) => name === word);
    if (!branch)
      throw new Error(`there is no sub-command "${word}"; there are ${branches.map(({ name }) => name).join(', ')}`);
    return [{ name: branch.name, type: branch.type, options: shapeOptions(shaper, branch.options ?? [], rest) }];
  }
  if (word !== undefined) throw new Error(`there is no sub-command "${word}"`);
  return defined.flatMap((option) => {
    const value = shaper.values[option.name];
    if (value === undefined) {
      // While somebody still types, what is required may be missing.
      if (option.required && shaper.focused === undefined) throw new Error(`option ${option.name} is required`);
      return [];
    }
    shaper.used.add(option.name);
    const isFocused = option.name === shaper.focused;
    if (isFocused && !option.autocomplete) throw new Error(`option ${option.name} has no autocomplete`);
    if (!isFocused) checkValue(option, value);
    resolve(shaper, option, String(value));
    return [{ name: option.name, type: option.type, value, ...(isFocused && { focused: true }) }];
  });
}

const typeOf: Partial<Record<ApplicationCommandOptionType, 'number' | 'boolean'>> = {
  [ApplicationCommandOptionType.Integer]: 'number',
  [ApplicationCommandOptionType.Number]: 'number',
  [ApplicationCommandOptionType.Boolean]: 'boolean',
};

function checkValue(
  { name, type, choices, min_length, max_length, min_value, max_value }: CommandOption,
  value: string | number | boolean,
): void {
  const fail = (why: string): never => {
    throw new Error(`option ${name} ${why}`);
  };
  if (typeof value !== (typeOf[type] ?? 'string')) fail(`takes no ${typeof value}`);
  if (type === ApplicationCommandOptionType.Integer && !Number.isInteger(value)) fail('takes whole numbers');
  if (choices?.length && !choices.some((one) => one.value === value)) fail(`does not offer ${value}`);
  // Discord's own limit on any text is 6,000.
  if (typeof value === 'string' && (value.length < (min_length ?? 0) || value.length > (max_length ?? 6000)))
    fail('has another length');
  if (typeof value === 'number' && (value < (min_value ?? -Infinity) || value > (max_value ?? Infinity)))
    fail('has another range');
}

/** Beside an id stands what it means. */
function resolve({ world, channel, resolved }: Shaper, { type }: CommandOption, id: string): void {
  const guild = channel.kind === 'dm' ? undefined : world.guilds.get(channel.guildId);
  const add = (kind: string, value: unknown) =>
    resolved.set(kind, (resolved.get(kind) ?? new Map<string, unknown>()).set(id, value));
  const [user, role, other] = [world.users.get(id), guild?.roles.get(id), world.channels.get(id)];
  if (type === ApplicationCommandOptionType.User && user) {
    add('users', apiUser(user));
    if (guild?.members.has(id))
      add('members', {
        ...apiMember(world, guild, id),
        permissions: channelPermissions(world, channel, id).toString(),
      });
  }
  if (type === ApplicationCommandOptionType.Role && role) add('roles', apiRole(role));
  if (type === ApplicationCommandOptionType.Channel && other) add('channels', apiChannel(world, other));
}
