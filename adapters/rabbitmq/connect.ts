// From RABBITMQ_URL to an open connection, and from a refusal to a sentence. Nothing here lets the password out.
import { readFileSync } from 'node:fs';
import { Duplex } from 'node:stream';
import { type ChannelModel, connect, type Options, type SocketOptions } from 'amqplib';
import { ChiffonError } from '../../core/error.ts';

export type BrokerAddress = { readonly options: Options.Connect; readonly socket: SocketOptions };

const handshakeTimeoutMs = 10_000;

/**
 * `url` as RabbitMQ writes it: `amqp://user:password@host:port/vhost`, or `amqps://`, then with `cacertfile`, `certfile` and
 * `keyfile` in the query if the system's certificates will not do (https://www.rabbitmq.com/docs/uri-query-parameters).
 * `name` is what the broker's list of connections shows. Throws BAD_SETTING.
 */
export function parseBrokerUrl(url: string, name: string, heartbeatS: number): BrokerAddress {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !/^amqps?:$/.test(parsed.protocol) || parsed.hostname === '')
    // Without the URL: it holds the password.
    throw new ChiffonError('BAD_SETTING', 'RABBITMQ_URL must look like amqp://user:password@host:5672/vhost.');
  const tls = parsed.protocol === 'amqps:';
  try {
    return {
      options: {
        protocol: tls ? 'amqps' : 'amqp',
        hostname: parsed.hostname.replace(/^\[|\]$/g, ''),
        port: Number(parsed.port) || (tls ? 5671 : 5672),
        username: decodeURIComponent(parsed.username) || 'guest',
        password: decodeURIComponent(parsed.password) || 'guest',
        vhost: parsed.pathname.slice(1),
        heartbeat: heartbeatS,
      },
      socket: {
        // Without it a small message waits 40 ms for another one (Nagle).
        noDelay: true,
        timeout: handshakeTimeoutMs,
        clientProperties: { connection_name: name },
        ...certificates(parsed.searchParams),
      },
    };
  } catch {
    throw new ChiffonError('BAD_SETTING', 'RABBITMQ_URL names a certificate that cannot be read, or has a stray %.');
  }
}

function certificates(query: URLSearchParams): SocketOptions {
  const read = (parameter: string): Buffer | undefined => {
    const file = query.get(parameter);
    return file === null ? undefined : readFileSync(file);
  };
  const [ca, cert, key] = [read('cacertfile'), read('certfile'), read('keyfile')];
  return { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
}

export function connectTo({ options, socket }: BrokerAddress): Promise<ChannelModel> {
  return connect(options, socket);
}

/** Ends the connection's socket without a word. amqplib does not offer it, and its types hide the socket. */
export function cutOff(model: ChannelModel): void {
  const stream: unknown = Reflect.get(model.connection, 'stream');
  if (stream instanceof Duplex) stream.destroy();
}

export type BrokerRefusal = {
  readonly type: 'unreachable' | 'login-refused' | 'vhost-refused';
  readonly sentence: string;
  /** Trying again will not help. */
  readonly final: boolean;
};

/** Why a connection could not be made, in a sentence. */
export function describeRefusal(error: unknown): BrokerRefusal {
  const text = error instanceof Error ? error.message : String(error);
  if (/ACCESS.REFUSED/.test(text))
    return {
      type: 'login-refused',
      sentence: 'The message broker refuses the user or password of RABBITMQ_URL.',
      final: true,
    };
  // amqplib keeps the broker's own words to itself: this is any refusal after the password was right.
  if (/NOT_ALLOWED|Expected ConnectionOpenOk; got <ConnectionClose/.test(text))
    return {
      type: 'vhost-refused',
      sentence:
        'The virtual host that RABBITMQ_URL names is not on the message broker, or this user may not use it: make it with `rabbitmqctl add_vhost`, and give the user permissions with `rabbitmqctl set_permissions`.',
      // A broker that is starting refuses its virtual hosts as well, for a moment.
      final: false,
    };
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  return {
    type: 'unreachable',
    sentence: `The message broker of RABBITMQ_URL cannot be reached (${typeof code === 'string' ? code : text}).`,
    final: false,
  };
}
