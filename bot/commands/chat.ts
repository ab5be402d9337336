// `npm start`: the terminal chat, or lines on standard input; from the banner to the exit code.
import { join } from 'node:path';
import { ChiffonError } from '../../core/error.ts';
import type { BotSeams, Running, TerminalChat } from '../compose.ts';
import { clock, openDataFolder, openLog, openTerminal, startProgram } from '../compose.ts';
import { openPlatforms } from '../compose-platforms.ts';
import type { Settings } from '../settings.ts';
import { runningTasks, runTerminalSession } from '../terminal-session.ts';
import { refusalView } from '../views/refusal-view.ts';

/** How long the last cards may take to be read. */
const lastWordsMs = 5_000;
/** An earlier terminal that was killed or hangs is gone by then. */
const terminalMs = 8_000;

export async function chatCommand(
  settings: Settings,
  options: { readonly json: boolean; readonly seams?: BotSeams },
): Promise<number> {
  await openDataFolder(settings);
  const log = openLog(settings, 'file');
  const interactive = process.stdin.isTTY === true && process.stdout.isTTY === true && !options.json;
  let running: Running | undefined;
  const chat = openTerminal({
    name: settings.terminalName,
    input: process.stdin,
    output: process.stdout,
    interactive,
    json: options.json,
    historyFile: join(settings.dataFolder, 'terminal-history'),
    logFolder: join(settings.dataFolder, 'logs'),
    now: clock.now,
    onInterrupt: () => void interrupted(),
  });
  let leave: (code: number) => void = () => {};
  const left = new Promise<number>((resolve) => {
    leave = resolve;
  });
  let asked = false;

  /** Once: cancel the run or leave? A second time, where nothing runs, and where nobody can be asked: leave. */
  const interrupted = async (): Promise<void> => {
    if (running === undefined) process.exit(130);
    if (!interactive) return leave(130);
    const tasks = await runningTasks(running.store, chat.conversation);
    const [task] = tasks;
    if (task === undefined || asked) return leave(130);
    asked = true;
    const answer = await chat.ask(
      running.hasServices
        ? `#${task} is running. Cancel it, leave (it goes on, and its end is told at the next start), or go on?`
        : `#${task} is running. Cancel it, leave (its fate is told at the next start), or go on?`,
      ['cancel', 'leave', 'go on'],
    );
    asked = false;
    if (answer === 'leave') return leave(130);
    if (answer !== 'cancel') return;
    await running.bot.handleIncoming(chat, {
      conversation: chat.conversation,
      person: chat.person,
      messageId: `interrupt:${clock.now().getTime()}`,
      content: { type: 'text', text: `cancel #${task}` },
    });
  };
  // To the end: npm passes on what a service manager sends to all, and a second one must not cut the stop short.
  for (const signal of ['SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => {
      const code = signal === 'SIGTERM' ? 143 : 129;
      // A start that waits for a service has nothing to put in order: whatever it began is taken up after any end.
      if (running === undefined) process.exit(code);
      leave(code);
    });

  const platforms = await openPlatforms(settings, log);
  running = await startProgram(settings, [chat, ...platforms], log, options.seams).catch((error: unknown) => {
    // There may be no store to keep it in: the log file has it in any case.
    log.error({ err: error }, 'the start failed');
    throw error;
  });
  try {
    await holdTerminal(running, chat);
    await greet(running, chat);
    const session = runTerminalSession({
      bot: running.bot,
      chat,
      store: running.store,
      scripted: !interactive,
      ended: chat.ended,
    });
    return await Promise.race([session, left]);
  } finally {
    // A reader that has stalled must not keep a program alive that was told to stop.
    await Promise.race([chat.close(), new Promise((resolve) => setTimeout(resolve, lastWordsMs).unref())]);
    await running.close();
  }
}

/** Where several terminals share a database, each shows its own conversation. Throws TERMINAL_IN_USE. */
async function holdTerminal(running: Running, chat: TerminalChat): Promise<void> {
  const late = AbortSignal.timeout(terminalMs);
  const inTime = await Promise.race([
    running.bot.shows(chat).then(() => true),
    new Promise<false>((resolve) => late.addEventListener('abort', () => resolve(false), { once: true })),
  ]);
  if (!inTime)
    throw new ChiffonError(
      'TERMINAL_IN_USE',
      `Another terminal has the conversation ${chat.conversation} open. Close it, or start this one with a name of its own: CHIFFON_TERMINAL=<name>.`,
    );
}

async function greet(running: Running, chat: TerminalChat): Promise<void> {
  const reading = await running.bot.readRepository();
  if (reading.type === 'read') {
    const { state, catalogue } = reading;
    const dirty =
      state.dirty.length === 0
        ? ''
        : ` ${state.dirty.length} uncommitted changes there are not seen: plans are made from commits.`;
    const findings =
      catalogue.findings.length === 0
        ? ''
        : ` ${catalogue.findings.length} places in it could not be read; \`npm start -- catalogue\` names them.`;
    await chat.post(chat.conversation, 'greeting', {
      type: 'notice',
      task: null,
      tone: 'neutral',
      code: null,
      text: `${state.name} at ${state.commit.slice(0, 8)} (${state.branch}): ${catalogue.actions.length} actions on ${catalogue.hosts.length} hosts.${dirty}${findings}${state.note === undefined ? '' : ` ${state.note}`} Ask for a change in your own words, or type help.`,
    });
  }
  // A repository that nothing can be planned from is said at once, not at the first request.
  else await chat.post(chat.conversation, 'greeting', refusalView(null, reading));
  for (const note of running.notes)
    await chat.post(chat.conversation, `note:${note}`, {
      type: 'notice',
      task: null,
      tone: 'warning',
      text: note,
      code: null,
    });
  await running.bot.offerAgain(chat);
}
