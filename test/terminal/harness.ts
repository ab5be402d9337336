// A small program with the terminal chat on its real standard streams; pty.test.ts drives it on a pseudo-terminal.
import { makeTerminalChat } from '../../adapters/terminal/terminal-chat.ts';
import { toConversationId } from '../../core/ids.ts';
import { samplePlan, sampleProgress, sampleResult, sampleStep } from '../builders/views.ts';

const conversation = toConversationId('terminal:local');
const { promise: left, resolve: leave } = Promise.withResolvers<number>();
let running: NodeJS.Timeout | null = null;
let posts = 0;

const chat = makeTerminalChat({
  input: process.stdin,
  output: process.stdout,
  interactive: process.stdin.isTTY === true && process.stdout.isTTY === true,
  json: false,
  historyFile: null,
  now: () => new Date(),
  onInterrupt: () => void interrupted(),
});

async function interrupted(): Promise<void> {
  if (running === null) return leave(130);
  const answer = await chat.ask('#1 is running. Cancel it, or leave?', ['cancel', 'leave']);
  if (answer === 'cancel') await stop();
  else leave(131);
}

async function post(view: Parameters<typeof chat.post>[2]): Promise<string> {
  posts += 1;
  return chat.post(conversation, `post ${posts}`, view);
}

async function run(): Promise<void> {
  let ok = 0;
  const reference = await post(sampleProgress(sampleStep({ ok })));
  running = setInterval(() => {
    ok += 1;
    void chat.update(conversation, reference, sampleProgress(sampleStep({ ok, now: `Task ${ok} · atlas` })));
  }, 5);
}

async function stop(): Promise<void> {
  if (running !== null) clearInterval(running);
  running = null;
  await post(sampleResult);
}

await chat.start({
  handle: async ({ content }) => {
    const text = content.type === 'text' ? content.text : '';
    if (text === 'plan') await post(samplePlan);
    else if (text === 'run') await run();
    else if (text === 'stop') await stop();
    else if (text === 'crash') throw new Error('crashed on purpose');
    else await post({ type: 'notice', task: null, tone: 'good', text: `got ${JSON.stringify(text)}`, code: null });
  },
});
process.exitCode = await Promise.race([left, chat.ended.then(() => 0)]);
if (running !== null) clearInterval(running);
await chat.close();
