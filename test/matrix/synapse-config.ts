// How the homeserver of the tests is set up: SQLite in its folder, the loopback address alone, no federation, nothing that
// looks outside. Its limits are Synapse's own, or none.
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';

/** `default`: what Synapse does when its settings say nothing of limits. */
export type RateLimits = 'none' | 'default';

export type SynapseConfig = {
  readonly port: number;
  /** The domain in user ids. */
  readonly serverName: string;
  readonly registrationSecret: string;
  readonly rateLimits: RateLimits;
};

/** Written into the folder, with a log to standard output. @returns the path of the settings */
export async function writeConfig(folder: string, config: SynapseConfig): Promise<string> {
  const inFolder = (name: string) => path.join(folder, name);
  await writeFile(
    inFolder('signing.key'),
    `ed25519 a_test ${randomBytes(32).toString('base64').replaceAll('=', '')}\n`,
  );
  await writeFile(inFolder('log.json'), JSON.stringify(logConfig));
  const settings = {
    server_name: config.serverName,
    public_baseurl: `http://127.0.0.1:${config.port}/`,
    listeners: [
      {
        port: config.port,
        bind_addresses: ['127.0.0.1'],
        type: 'http',
        tls: false,
        resources: [{ names: ['client'], compress: false }],
      },
    ],
    database: { name: 'sqlite3', args: { database: inFolder('homeserver.db') } },
    log_config: inFolder('log.json'),
    media_store_path: inFolder('media'),
    signing_key_path: inFolder('signing.key'),
    registration_shared_secret: config.registrationSecret,
    macaroon_secret_key: randomBytes(16).toString('hex'),
    form_secret: randomBytes(16).toString('hex'),
    report_stats: false,
    trusted_key_servers: [],
    federation_domain_whitelist: [],
    url_preview_enabled: false,
    presence: { enabled: false },
    bcrypt_rounds: 4,
    ...(config.rateLimits === 'none' ? unlimited : {}),
  };
  // JSON is YAML.
  await writeFile(inFolder('homeserver.yaml'), JSON.stringify(settings, null, 2), { mode: 0o600 });
  return inFolder('homeserver.yaml');
}

const logConfig = {
  version: 1,
  formatters: { plain: { format: '%(levelname)s %(name)s: %(message)s' } },
  handlers: { console: { class: 'logging.StreamHandler', formatter: 'plain', stream: 'ext://sys.stdout' } },
  // The one at INFO says when the server is there.
  loggers: { 'synapse.app._base': { level: 'INFO' } },
  root: { level: 'WARNING', handlers: ['console'] },
  disable_existing_loggers: false,
};

const much = { per_second: 10_000, burst_count: 10_000 };
const unlimited = {
  rc_message: much,
  rc_registration: much,
  rc_login: { address: much, account: much, failed_attempts: much },
  rc_joins: { local: much, remote: much },
  rc_joins_per_room: much,
  rc_invites: { per_room: much, per_user: much, per_issuer: much },
  rc_room_creation: much,
  rc_media_create: much,
  rc_user_directory: much,
  rc_profile: much,
  rc_reports: much,
};
