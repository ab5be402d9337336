// What lies in the queue of what was put aside, read without taking it.
import { connect } from 'amqplib';
import type { Queue } from '../../core/ports/bus.ts';

/** Those that came from `queue`, oldest first; parsed where they are JSON. */
export async function readPutAside(url: string, queue: Queue): Promise<unknown[]> {
  const model = await connect(url);
  try {
    const channel = await model.createChannel();
    const messages: unknown[] = [];
    for (;;) {
      const got = await channel.get('chiffon.dead', { noAck: false });
      if (got === false) break;
      if (got.properties.headers?.['x-death']?.[0]?.queue !== queue) continue;
      const text = got.content.toString();
      try {
        messages.push(JSON.parse(text));
      } catch {
        messages.push(text);
      }
    }
    return messages;
  } finally {
    // What was not acknowledged goes back.
    await model.close();
  }
}
