// What somebody with the broker's password can do: read queues and write into them, past the program.
import { connect } from 'amqplib';
import type { Queue } from '../../core/ports/bus.ts';

export type WireTap = {
  /** Writes a message as it stands. */
  readonly write: (queue: Queue, message: unknown, times?: number) => Promise<void>;
  /** All that lies in a queue, left where it is. */
  readonly read: (queue: string) => Promise<readonly { readonly from: string; readonly message: unknown }[]>;
  readonly close: () => Promise<void>;
};

export async function openWireTap(url: string): Promise<WireTap> {
  const model = await connect(url);
  const writing = await model.createConfirmChannel();
  return {
    write: async (queue, message, times = 1) => {
      const body = typeof message === 'string' ? message : JSON.stringify(message);
      for (let time = 0; time < times; time += 1)
        writing.sendToQueue(queue, Buffer.from(body), { persistent: true, contentType: 'application/json' });
      await writing.waitForConfirms();
    },
    read: async (queue) => {
      const channel = await model.createChannel();
      // A queue that nobody has used yet is not there, and the broker closes the channel over it.
      channel.on('error', () => {});
      const found: { readonly from: string; readonly message: unknown }[] = [];
      for (;;) {
        const got = await channel.get(queue, { noAck: false }).catch(() => undefined);
        if (got === undefined) return [];
        if (got === false) break;
        const from: unknown = got.properties.headers?.['x-death']?.[0]?.queue;
        found.push({ from: typeof from === 'string' ? from : queue, message: parsed(got.content.toString()) });
      }
      // What was not acknowledged goes back.
      await channel.close();
      return found;
    },
    close: () => model.close(),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
