// RabbitMQ's management HTTP API, as the tests use it: quicker than rabbitmqctl, and the same for a broker elsewhere.
import { z } from 'zod';

/** Ends the virtual hosts that a test run left on a broker that is not its own. */
export async function dropVhosts(managementUrl: string, prefix: string): Promise<void> {
  const vhosts = z
    .array(z.object({ name: z.string() }))
    .parse(await callManagement(managementUrl, 'GET', 'vhosts?columns=name'));
  for (const { name } of vhosts)
    if (name.startsWith(prefix)) await callManagement(managementUrl, 'DELETE', `vhosts/${name}`);
}

/** `managementUrl` carries user and password. */
export async function callManagement(
  managementUrl: string,
  method: string,
  resource: string,
  body?: unknown,
): Promise<unknown> {
  const { origin, username, password } = new URL(managementUrl);
  const credentials = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64');
  const response = await fetch(`${origin}/api/${resource}`, {
    method,
    headers: { authorization: `Basic ${credentials}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`RabbitMQ's management said ${response.status} to ${method} ${resource}: ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}
