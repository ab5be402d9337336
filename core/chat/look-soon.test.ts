// Looks come together, and none comes after the end of the life that asked for it.
import { expect, it } from 'vitest';
import type { ConversationId } from '../ids.ts';
import { toConversationId } from '../ids.ts';
import { makeLookSoon } from './look-soon.ts';

function stage() {
  const looked: (ConversationId | null)[] = [];
  const waiting = new Set<() => void>();
  const look = makeLookSoon({
    lookAgain: (conversation) => void looked.push(conversation),
    wake: (_ms, call) => {
      waiting.add(call);
      return () => void waiting.delete(call);
    },
  });
  const wakeAll = (): void => {
    for (const call of [...waiting]) {
      waiting.delete(call);
      call();
    }
  };
  return { look, looked, waiting, wakeAll };
}

const [one, two] = [toConversationId('matrix:one'), toConversationId('matrix:two')];

it('what is asked for at once is looked at once, and everywhere holds all of it', () => {
  const { look, looked, wakeAll } = stage();
  for (const each of [one, two, one]) look.soon(each);
  wakeAll();
  expect(looked).toEqual([one, two]);
  look.soon(one);
  look.soon(null);
  look.later();
  look.later();
  wakeAll();
  expect(looked).toEqual([one, two, null, null]);
});

it('what waits at the end is called off', () => {
  const { look, waiting } = stage();
  look.soon(one);
  look.later();
  look.stop();
  expect(waiting.size).toBe(0);
});

it('what fails after the end asks for nothing', () => {
  const { look, waiting } = stage();
  look.stop();
  look.soon(two);
  look.later();
  expect(waiting.size).toBe(0);
});
