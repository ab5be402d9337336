// Discord's REST API through discord.js: nothing waits or is repeated in the library, for what goes next is decided in one place.
import type { RESTOptions } from 'discord.js';
import { REST } from 'discord.js';

const timeoutMs = 10_000;

export function restOptions(apiUrl: string | undefined): Partial<RESTOptions> {
  return {
    ...(apiUrl === undefined ? {} : { api: apiUrl }),
    // It would queue newer states behind older ones.
    rejectOnRateLimit: () => true,
    // The send queue counts; what Discord says of a limit of the whole is heard all the same.
    globalRequestsPerSecond: Number.POSITIVE_INFINITY,
    retries: 0,
    timeout: timeoutMs,
  };
}

export type Credentials = { readonly token: string; readonly apiUrl?: string | undefined };

export function makeRest({ token, apiUrl }: Credentials): REST {
  return new REST(restOptions(apiUrl)).setToken(token);
}
