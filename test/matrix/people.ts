// The people of the tests, who speak Matrix by themselves: whatever they see and do, the library under test had no part in it.
import { type Account, freeFromLimits, makeAccount } from './accounts.ts';
import { type ClientApi, openClientApi, url } from './client-api.ts';
import { makeReading, type Reading } from './reading.ts';
import { makeRooms, type Rooms } from './rooms.ts';
import { makeSpeaking, type Speaking } from './speaking.ts';
import type { SynapseAddress } from './synapse-server.ts';

export type Person = Account &
  ClientApi &
  Reading &
  Rooms &
  Speaking & {
    setDisplayName(name: string): Promise<void>;
    /** Makes the access token worthless. */
    logOut(): Promise<void>;
  };

export type People = {
  /** A person, whom the server's limits do not hold up. */
  person(name: string): Promise<Person>;
  /** For the program under test: the limits hold for it. */
  account(name: string, options?: { readonly exactly?: boolean }): Promise<Account>;
  /** Somebody who has an account, e.g. to see with the bot's own eyes. */
  as(account: Account): Person;
};

export function makePeople(server: SynapseAddress): People {
  let admin: Promise<Account> | undefined;
  return {
    person: async (name) => {
      const account = await makeAccount(server, name);
      if (server.rateLimits === 'default') {
        admin ??= makeAccount(server, 'admin', { admin: true });
        await freeFromLimits(server, await admin, account.userId);
      }
      return asPerson(server, account);
    },
    account: (name, options) => makeAccount(server, name, options),
    as: (account) => asPerson(server, account),
  };
}

function asPerson(server: SynapseAddress, account: Account): Person {
  return personOver(account, openClientApi(server.url, account.accessToken));
}

/** With calls that somebody may have put something before, such as encryption. */
export function personOver(account: Account, api: ClientApi): Person {
  const profile = url`/_matrix/client/v3/profile/${account.userId}/displayname`;
  return {
    ...account,
    ...api,
    ...makeReading(api),
    ...makeRooms(api, account.userId),
    ...makeSpeaking(api),
    setDisplayName: async (name) =>
      void (await api.call({ method: 'PUT', path: profile, body: { displayname: name } })),
    logOut: async () => void (await api.call({ method: 'POST', path: '/_matrix/client/v3/logout', body: {} })),
  };
}
