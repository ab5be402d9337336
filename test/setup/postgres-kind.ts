// What a throw-away PostgreSQL gives a test, wherever it runs.
export type PostgresServer = {
  /** The address of its database `postgres`, for a role that may create databases. */
  readonly url: string;
  stop(): Promise<void>;
  /** Stops it as a service manager does, and starts it again on the same port and files after `meanwhile`. */
  restart(meanwhile?: () => Promise<void>): Promise<void>;
};
