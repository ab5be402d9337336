// Waiting that ends with a leadership: what a bot that stops, or leads no more, waits for may never come.
import { ChiffonError } from '../../core/error.ts';
import type { Bus } from '../../core/ports/bus.ts';

/** A message that is on its way may arrive; without a broker nothing does. */
const graceMs = 3_000;

/** What `work` gives. Throws FENCED when `over` is aborted before; `work` goes on, and what it gives is not heard. */
export async function whileItLasts<T>(over: AbortSignal, work: Promise<T>): Promise<T> {
  const ended = Promise.withResolvers<never>();
  const end = (): void => ended.reject(new ChiffonError('FENCED', 'This bot does not lead this work any more.'));
  over.addEventListener('abort', end, { once: true });
  if (over.aborted) end();
  try {
    return await Promise.race([work, ended.promise]);
  } finally {
    over.removeEventListener('abort', end);
  }
}

/** The same for what is started and gives back how to stop it: started too late, it is stopped at once. */
export async function startedWhileItLasts(
  over: AbortSignal,
  starting: Promise<() => Promise<void>>,
): Promise<() => Promise<void>> {
  try {
    return await whileItLasts(over, starting);
  } catch (error) {
    void starting.then((stop) => stop()).catch(() => {});
    throw error;
  }
}

/** The bus, with publishes that a broker which is away holds up for a short time only when the leadership is over. */
export function busWhileItLasts(over: AbortSignal, bus: Bus): Bus {
  const late = new AbortController();
  over.addEventListener('abort', () => setTimeout(() => late.abort(), graceMs).unref(), { once: true });
  return { ...bus, publish: (queue, message) => whileItLasts(late.signal, bus.publish(queue, message)) };
}
