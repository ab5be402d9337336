// What Tab completes: the commands at the start of a line, and the numbers of tasks after them.

const commands = [
  ...['approve', 'reject', 'change', 'cancel', 'resume', 'retry', 'details', 'status', 'history', 'log', 'why'],
  ...['catalogue', 'agents', 'cost', 'help', 'quit'],
];
const withoutTask = new Set(['status', 'history', 'catalogue', 'agents', 'cost', 'help', 'quit']);

export type Completion = {
  /** What can be inserted without choosing. */
  readonly insert: string;
  /** What there is to choose from; empty when nothing is left to choose. */
  readonly choices: readonly string[];
};

/** For the text before the cursor; `tasks` are the numbers seen so far. */
export function complete(before: string, tasks: readonly number[]): Completion {
  const words = before.split(' ');
  const word = words.at(-1) ?? '';
  if (words.length === 1) return among(word, commands, ' ');
  const [command = ''] = words;
  const takesTask = words.length === 2 && commands.includes(command) && !withoutTask.has(command);
  if (!takesTask) return { insert: '', choices: [] };
  return among(
    word,
    tasks.toSorted((a, b) => b - a).map((task) => `#${task}`),
    command === 'change' || command === 'reject' ? ' ' : '',
  );
}

function among(word: string, all: readonly string[], after: string): Completion {
  const fitting = all.filter((candidate) => candidate.startsWith(word));
  const [first] = fitting;
  if (first === undefined) return { insert: '', choices: [] };
  if (fitting.length === 1) return { insert: `${first.slice(word.length)}${after}`, choices: [] };
  const common = fitting.reduce((prefix, candidate) => commonPrefix(prefix, candidate), first);
  return { insert: common.slice(word.length), choices: fitting };
}

function commonPrefix(a: string, b: string): string {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length += 1;
  return a.slice(0, length);
}
