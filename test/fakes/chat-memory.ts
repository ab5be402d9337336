// What a chat keeps for its next life, for tests that have no store.
import type { ChatMemory } from '../../core/ports/chat.ts';

export function makeChatMemory(): ChatMemory & { readonly kept: ReadonlyMap<string, string> } {
  const kept = new Map<string, string>();
  const sealed = new Map<string, string>();
  return {
    kept,
    recall: async (key) => kept.get(key),
    keep: async (key, value) => void kept.set(key, value),
    recallSealed: async (prefix) => new Map([...sealed].filter(([key]) => key.startsWith(prefix))),
    keepSealed: async (changes) => {
      for (const [key, value] of changes)
        if (value === null) sealed.delete(key);
        else sealed.set(key, value);
    },
  };
}
