// Matrix as a chat: the plan card in the room with its reactions as buttons, a thread for each task's run, answers as replies.
// What it knows it knows from one start to the next stop; the log, the homeserver and the memory that it is given know the rest.
import type { BudgetLimits } from '../../core/chat/channel-budget.ts';
import { ChiffonError } from '../../core/error.ts';
import type { Chat } from '../../core/ports/chat.ts';
import type { Life, LifeOptions } from './life.ts';
import { beginLife } from './life.ts';
import { isConversation } from './reference.ts';

export type MatrixOptions = Omit<LifeOptions, 'limits'> & { readonly limits?: BudgetLimits };

/**
 * Each homeserver has limits of its own and tells nobody: these keep a busy bot from being a nuisance where there are none, and
 * what a homeserver says is obeyed (Synapse by default: ten events at once, then one in five seconds).
 */
const usualLimits: BudgetLimits = {
  lane: { requests: 10, withinMs: 5_000 },
  all: { requests: 50, withinMs: 5_000 },
};

export function makeMatrixChat({ limits = usualLimits, ...options }: MatrixOptions): Chat {
  let life: Life | null = null;

  const alive = (): Life => {
    if (life === null) throw new ChiffonError('CHAT_FAILED', 'Chiffon is not connected to Matrix.');
    return life;
  };
  const stop = async (): Promise<void> => {
    const ending = life;
    await ending?.end();
    if (life === ending) life = null;
  };

  return {
    platform: 'matrix',
    name: 'matrix',
    heardBy: 'leader',
    handsOverAgain: true,
    threads: true,
    logFiles: true,
    serves: isConversation,
    async start(handlers) {
      await stop();
      life = await beginLife({ ...options, limits }, handlers);
    },
    stop,
    answer: async (incoming, view) => alive().answer(incoming, view),
    post: async (conversation, key, view, root) => alive().post(conversation, key, view, root),
    update: async (conversation, reference, view) => alive().update(conversation, reference, view),
    bringUpToDate: async (messages) => alive().bringUpToDate(messages),
    close: stop,
  };
}
