// What a throw-away RabbitMQ gives a test, wherever it runs.
export type RabbitServer = {
  /** Its virtual host `/`, for an administrator. */
  readonly url: string;
  /** Of the management HTTP API, with the same user and password. */
  readonly managementUrl: string;
  /** As on a shut-down of the machine; the data stays. */
  stop(): Promise<void>;
  /** `kill -9`. */
  kill(): Promise<void>;
  /** Again, on the same ports and data. */
  start(): Promise<void>;
  /** The broker stands still (SIGSTOP) or goes on (SIGCONT): a connection to it is then half-open. */
  signal(name: 'STOP' | 'CONT'): void;
  rabbitmqctl(...args: readonly string[]): Promise<string>;
  /** For good, with its data. */
  end(): Promise<void>;
};
