// A store in a process of its own, for tests that kill it or damage its disk: asked by start-store-process.ts.
import type { StoreOptions } from '../../adapters/postgres/open-store.ts';
import { openStore } from '../../adapters/postgres/open-store.ts';
import { ChiffonError } from '../../core/error.ts';
import type { Fence, Leadership, Store } from '../../core/ports/event-log.ts';

/** The store as it can be asked across the border: a leadership stays in its process. */
export type AskedStore = Omit<Store, 'subscribe' | 'lead'> & {
  lead(name: string): Promise<Fence>;
  isLost(name: string): Promise<boolean>;
  release(name: string): Promise<void>;
};
export type Ask = {
  readonly id: number;
  readonly method: keyof AskedStore;
  readonly args: readonly unknown[];
};
export type Told =
  | { readonly type: 'open' }
  | { readonly type: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly type: 'fault'; readonly id: number; readonly kind: string; readonly message: string };

const tell = (told: Told) => process.send?.(told);
const fault = (id: number, error: unknown): Told => ({
  type: 'fault',
  id,
  kind: error instanceof ChiffonError ? error.kind : 'none',
  message: error instanceof Error ? error.message : String(error),
});

const options: StoreOptions = JSON.parse(process.argv[2] ?? '{}');
try {
  const opened = await openStore(options);
  const led = new Map<string, Leadership>();
  const store: AskedStore = {
    ...opened,
    lead: async (name) => {
      const leadership = await opened.lead(name, new AbortController().signal);
      led.set(name, leadership);
      return leadership.fence;
    },
    isLost: async (name) => led.get(name)?.lost.aborted ?? true,
    release: async (name) => led.get(name)?.release(),
  };
  const answer = async ({ id, method, args }: Ask): Promise<void> => {
    try {
      tell({ type: 'answer', id, value: await Reflect.apply(store[method], store, args) });
    } catch (error) {
      tell(fault(id, error));
    }
    if (method === 'close') process.disconnect();
  };
  process.on('message', (ask: Ask) => void answer(ask));
  tell({ type: 'open' });
} catch (error) {
  tell(fault(0, error));
  process.disconnect();
}
