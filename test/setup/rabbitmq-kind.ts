// What a throw-away RabbitMQ gives a test, wherever it runs.
import type { Guarded } from './guard.ts';

export type RabbitServer = Guarded & {
  /** Its virtual host `/`, for an administrator. */
  readonly url: string;
  /** Of the management HTTP API, with the same user and password. */
  readonly managementUrl: string;
  rabbitmqctl(...args: readonly string[]): Promise<string>;
};
