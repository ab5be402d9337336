// A lab whose broker is its own, to be stopped and killed, with a wire for the bot and one for the agent that can be cut.

import type { Desk } from '../services/desk.ts';
import { openDesk } from '../services/desk.ts';
import type { Lab, LabProcess } from '../services/lab.ts';
import { openLab } from '../services/lab.ts';
import { talkPlaybook } from '../services/talk.ts';
import type { OwnBroker } from '../setup/rabbitmq.ts';
import { ownBroker } from '../setup/rabbitmq.ts';
import type { TcpProxy } from './tcp-proxy.ts';
import { openTcpProxy } from './tcp-proxy.ts';

export type BrokerLab = {
  readonly lab: Lab;
  readonly broker: OwnBroker;
  readonly wires: { readonly bot: TcpProxy; readonly agent: TcpProxy };
  readonly bot: LabProcess;
  readonly agent: LabProcess;
  readonly desk: Desk;
  readonly dispose: () => Promise<void>;
};

export async function openBrokerLab(env: Readonly<Record<string, string>> = {}): Promise<BrokerLab> {
  const broker = await ownBroker();
  const wires = { bot: await openTcpProxy(broker.url), agent: await openTcpProxy(broker.url) };
  const lab = await openLab({ rabbitmqUrl: broker.url, files: talkPlaybook, env });
  const bot = lab.bot({ env: { RABBITMQ_URL: wires.bot.url } });
  const agent = await lab.agent('nas', { env: { RABBITMQ_URL: wires.agent.url } });
  await bot.shows(/Ask for a change/);
  return {
    ...{ lab, broker, wires, bot, agent, desk: openDesk(lab) },
    dispose: async () => {
      await lab.dispose();
      await Promise.all([wires.bot.close(), wires.agent.close(), broker.drop()]);
    },
  };
}
