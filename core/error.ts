// Every way in which Chiffon says no or breaks, in one table: the code people can look up, what it means, what to do.
// docs/errors.md shows the same table and a test holds the two together.

type ErrorKind = {
  readonly number: number;
  readonly meaning: string;
  readonly advice: string;
  readonly retryable?: true;
};

/** The table. Numbers are never reused; 1xx messages, 2xx planning, 3xx approval, 4xx running, 5xx repositories, 6xx the record, 7xx setup, 8xx the bus, 9xx chat platforms. */
export const errorTable = {
  MESSAGE_TOO_LONG: {
    number: 101,
    meaning: 'A message is longer than a request may be.',
    advice: 'Say it in fewer than 4,000 characters.',
  },
  MESSAGE_CONTROL_CHARACTERS: {
    number: 102,
    meaning: 'A message holds control characters.',
    advice: 'Type it again as plain text.',
  },
  UNKNOWN_COMMAND: {
    number: 103,
    meaning: 'A command is used in a way that it is not.',
    advice: 'Type `help` for the commands.',
  },
  NO_SUCH_TASK: { number: 104, meaning: 'No task has that number.', advice: 'Type `history` for the tasks there are.' },
  NOTHING_TO_DECIDE: {
    number: 105,
    meaning: 'No plan or question waits here.',
    advice: 'Make a request first, or name the task: `approve #3`.',
  },
  AMBIGUOUS_TASK: {
    number: 106,
    meaning: 'Several tasks wait for a decision, and the command names none.',
    advice: 'Name the task: `approve #3`.',
  },
  NOTHING_FITS: {
    number: 201,
    meaning: 'No action of the catalogue fits the request.',
    advice: 'Use one of the nearest actions, or add a playbook.',
  },
  UNKNOWN_HOST: {
    number: 202,
    meaning: 'The request names a host or group that the inventory does not have.',
    advice: 'Use a name from the inventory.',
  },
  MISSING_INPUT: {
    number: 203,
    meaning: 'An action needs an input that the request does not give.',
    advice: 'Answer the question, or add `with <input> <value>`.',
  },
  INVALID_INPUT: {
    number: 204,
    meaning: 'A value is not of the type, range or choice that the input has.',
    advice: 'Give a value of the kind that the message names.',
  },
  UNSAFE_INPUT: {
    number: 205,
    meaning: 'A value holds a Jinja template, or names a variable that steers Ansible itself.',
    advice: 'Give a plain value for an input that the action declares.',
  },
  UNKNOWN_INPUT: {
    number: 206,
    meaning: 'The action does not declare that input.',
    advice: 'Use one of the inputs that the message names.',
  },
  NO_HOSTS: {
    number: 207,
    meaning: 'The action does not apply to any of the hosts that were named.',
    advice: 'Name a host from the ones that the message lists.',
  },
  NOTHING_TO_CHANGE: {
    number: 208,
    meaning: 'The request asks for a change that is there already.',
    advice: 'Nothing needs to be done.',
  },
  UNSAFE_REQUEST: {
    number: 209,
    meaning: 'The request asks for something no plan may hold, such as a command line.',
    advice: 'Ask for an action of the catalogue.',
  },
  NOT_ALLOWED: {
    number: 301,
    meaning: 'The policy does not let this person decide this plan.',
    advice: 'Ask one of the approvers, or add the line shown to the policy file.',
  },
  STALE_REVISION: {
    number: 302,
    meaning: 'The decision is for an older revision of the plan.',
    advice: 'Decide on the newest card.',
  },
  HASH_MISMATCH: {
    number: 303,
    meaning: 'The decision is not for the plan that stands there.',
    advice: 'Decide on the newest card.',
  },
  EXPIRED: { number: 304, meaning: 'The plan expired before it was approved.', advice: 'Make the request again.' },
  WRONG_STATE: {
    number: 305,
    meaning: 'The task is in a state in which this cannot be done.',
    advice: 'Type `status` to see where it stands.',
  },
  ALREADY_DECIDED: {
    number: 306,
    meaning: 'This person has approved this plan already.',
    advice: 'Another approver has to decide.',
  },
  SELF_APPROVAL: {
    number: 307,
    meaning: 'The policy asks that somebody else than the requester approves.',
    advice: 'Ask another approver.',
  },
  BAD_POLICY: {
    number: 308,
    meaning: 'The policy file cannot be used.',
    advice: 'Mend the line that the message names; nothing is approved until then.',
  },
  PLAN_CHANGED: {
    number: 401,
    meaning: 'What the approval was for is not what would run now.',
    advice: 'Look at the new plan and decide again.',
  },
  STEP_FAILED: {
    number: 402,
    meaning: 'Ansible reported a failure.',
    advice: 'Read the log, mend the cause, ask again.',
  },
  STEP_TIMEOUT: {
    number: 403,
    meaning: 'A step took longer than it may, and was stopped.',
    advice: 'Look at the host; raise `timeout` in the action’s header if it needs longer.',
  },
  STEP_UNKNOWN: {
    number: 404,
    meaning: 'The agent went away and nobody can say whether the step was done.',
    advice: 'Look at the host before asking again.',
  },
  ANSIBLE_MISSING: {
    number: 405,
    meaning: 'No usable ansible-playbook was found.',
    advice: 'Start with `npm start`, which installs it, or put version 2.15 or later on the PATH.',
  },
  DISK_FULL: {
    number: 406,
    meaning: 'There is not enough free disk space.',
    advice: 'Free some space in the folder that the message names.',
  },
  INTERPRETER_MISSING: {
    number: 407,
    meaning: 'A host has no Python that Ansible can use.',
    advice: 'Set ansible_python_interpreter for that host in the inventory.',
  },
  PLAYBOOK_INVALID: {
    number: 408,
    meaning: 'Ansible cannot read the playbook.',
    advice: 'Mend the line that the message names and commit.',
  },
  HOST_UNREACHABLE: {
    number: 409,
    meaning: 'Ansible could not reach a host.',
    advice: 'Check that the host is up and that Ansible may log in.',
  },
  OUTPUT_INCOMPLETE: {
    number: 410,
    meaning: 'Some output of a step did not arrive.',
    advice: 'Look at the host; the result cannot be trusted.',
  },
  STALE_LEASE: {
    number: 411,
    meaning: 'An agent spoke for an attempt that it no longer holds.',
    advice: 'Nothing; the message was refused.',
  },
  NOT_STARTED: {
    number: 412,
    meaning: 'A step was given to an agent and was never started.',
    advice: 'Nothing was done; ask again.',
  },
  NO_AGENT: {
    number: 413,
    meaning: 'No agent of the pool took a step in time.',
    advice: 'Start one with `npm run agent`; `npm start -- doctor` says what is missing. Then ask again.',
  },
  REPLAYED: {
    number: 414,
    meaning: 'A command reached an agent a second time, or after its time.',
    advice: 'Nothing was done. If it happens again, look who else may write to the broker.',
  },
  PREPARE_FAILED: {
    number: 415,
    meaning: 'An agent could not prepare a step.',
    advice: 'Nothing was done; the agent’s log says why.',
  },
  NO_REPOSITORY: {
    number: 501,
    meaning: 'The infrastructure repository cannot be opened.',
    advice: 'Set INFRA_REPO to a Git repository’s path or URL.',
  },
  NO_INVENTORY: {
    number: 502,
    meaning: 'The repository has no inventory that Chiffon can read.',
    advice: 'Add one, e.g. inventory/hosts.yml, and commit.',
  },
  REPOSITORY_DIRTY: {
    number: 503,
    meaning: 'The repository has changes that are not committed; plans are made from commits only.',
    advice: 'Commit or discard them.',
  },
  REPOSITORY_DIVERGED: {
    number: 504,
    meaning: 'The main branch moved while the change was made, so it cannot be fast-forwarded.',
    advice: 'Merge the branch that the message names by hand, or ask again.',
  },
  FILE_UNREADABLE: {
    number: 505,
    meaning: 'A file of the repository cannot be parsed.',
    advice: 'Mend the line that the message names and commit.',
  },
  GIT_FAILED: {
    number: 506,
    meaning: 'A git command failed.',
    advice: 'Read the message; try the same command by hand.',
    retryable: true,
  },
  NO_ACTIONS: {
    number: 507,
    meaning: 'The repository offers nothing that Chiffon can run.',
    advice: 'Add a playbook and commit.',
  },
  COMMIT_MISSING: {
    number: 508,
    meaning: 'A commit that is needed is not there, or not one that Chiffon may use.',
    advice: 'Make the request again: it is planned on the newest commit.',
  },
  PACK_REFUSED: {
    number: 509,
    meaning: 'What an agent was sent is not the commit that it asked for, or is damaged.',
    advice: 'Nothing was done. Ask again; if it happens again, look who else may write to the broker.',
  },
  DATA_FOLDER_IN_USE: {
    number: 601,
    meaning: 'Another Chiffon uses this data folder.',
    advice: 'Stop it, or set CHIFFON_HOME to another folder.',
  },
  DATABASE_FAILED: {
    number: 602,
    meaning: 'The database refused or is away.',
    advice: 'Check DATABASE_URL and the server’s log.',
    retryable: true,
  },
  CHAIN_BROKEN: {
    number: 603,
    meaning: 'The record was altered: an event does not fit its hash.',
    advice: 'Compare with the audit repository and a backup; trust nothing after that event.',
  },
  AUDIT_MISMATCH: {
    number: 604,
    meaning: 'The audit repository does not say what the log says.',
    advice: 'Find out which of the two was altered.',
  },
  UNKNOWN_EVENT: {
    number: 605,
    meaning: 'The log holds an event that this version does not know.',
    advice: 'Use a version at least as new as the one that wrote it.',
  },
  SECRET_UNREADABLE: {
    number: 606,
    meaning: 'A stored secret cannot be opened with the key there is.',
    advice: 'Put the key back under which it was stored, or make the request again.',
  },
  DATA_FOLDER_DAMAGED: {
    number: 607,
    meaning: 'The database in the data folder cannot be opened or read.',
    advice: 'Restore the folder from a backup, or set CHIFFON_HOME to another folder.',
  },
  DATA_FOLDER_UNUSABLE: {
    number: 608,
    meaning: 'The data folder cannot be made, read or written.',
    advice: 'Mend its owner and permissions, or set CHIFFON_HOME to another folder.',
  },
  SCHEMA_MISMATCH: {
    number: 609,
    meaning: 'The database’s tables are not the ones that this version needs, and it may not or cannot change them.',
    advice: 'Use the newest version, or set DATABASE_MIGRATION_URL to the role that owns the tables.',
  },
  EVENT_UNFIT: {
    number: 610,
    meaning: 'An event is too large for the log, or holds what the log cannot keep.',
    advice: 'Make the request smaller.',
  },
  FENCED: {
    number: 611,
    meaning: 'Another bot took this work over in the meantime.',
    advice: 'Nothing; the other bot goes on with it.',
  },
  BAD_SETTING: {
    number: 701,
    meaning: 'A setting has a value that it cannot have.',
    advice: 'Mend the variable that the message names.',
  },
  SIGNING_KEY: {
    number: 702,
    meaning: 'The key that signs core’s commands is missing, unreadable, or not the one that this database knows.',
    advice: 'Put the same core-signing.key into the data folder of every bot, or name it in CHIFFON_SIGNING_KEY.',
  },
  AGENT_IDENTITY: {
    number: 703,
    meaning: 'An agent’s identity file is missing or unreadable.',
    advice: 'Make one with `npm start -- agents enroll <name>` and name it in CHIFFON_AGENT_IDENTITY.',
  },
  TERMINAL_IN_USE: {
    number: 704,
    meaning: 'Another terminal has this conversation open.',
    advice: 'Close it, or give this one a name of its own in CHIFFON_TERMINAL.',
  },
  BAD_ENVELOPE: {
    number: 801,
    meaning: 'A message on the bus is not in the protocol.',
    advice: 'Run the same version on both sides.',
  },
  BUS_FAILED: {
    number: 802,
    meaning: 'The message bus is away or closed.',
    advice: 'Check RABBITMQ_URL and the broker’s log.',
    retryable: true,
  },
  BUS_NAME_TAKEN: {
    number: 803,
    meaning: 'Another process on the message bus goes by that name.',
    advice: 'Run one agent for each identity; enrol another one with `npm start -- agents enroll <name>`.',
  },
  PROTOCOL_UNKNOWN: {
    number: 804,
    meaning: 'The other side speaks another version of the protocol.',
    advice: 'Run the same version of Chiffon on the bot and on every agent.',
  },
  SIGNATURE_INVALID: {
    number: 805,
    meaning: 'A message on the bus is not signed by whom it says it is from.',
    advice: 'Look who else may write to the broker; an agent may need to be enrolled again.',
  },
  NOT_ENROLLED: {
    number: 806,
    meaning: 'An agent spoke that is not enrolled, or whose enrolment was revoked.',
    advice: 'Enrol it with `npm start -- agents enroll <name>`, or stop it.',
  },
  REPOSITORY_TOO_LARGE: {
    number: 807,
    meaning: 'A commit is too large to be sent to an agent over the bus.',
    advice: 'Keep large files out of the infrastructure repository.',
  },
  CHAT_UNREACHABLE: {
    number: 901,
    meaning: 'A channel, room or thread is gone, or Chiffon may not write there.',
    advice: 'Give Chiffon the permissions that the message names; `npm start -- doctor` lists them.',
  },
  CHAT_FAILED: {
    number: 902,
    meaning: 'A chat platform is away, slow or refuses what it is asked.',
    advice: 'It is tried again by itself; look at the platform’s status page when it lasts.',
    retryable: true,
  },
  CHAT_LOGIN_FAILED: {
    number: 903,
    meaning: 'A chat platform does not accept Chiffon’s token or settings.',
    advice: 'Mend the setting that the message names and start again; `npm start -- doctor` looks at it.',
  },
  RETRY_NOT_POSSIBLE: {
    number: 416,
    meaning: 'A failed task cannot be tried again from where it stopped.',
    advice: 'Make the request again.',
  },
  INTERNAL: {
    number: 999,
    meaning: 'Something broke that should not have.',
    advice: 'Look at the log file in the data folder and tell us.',
  },
} as const satisfies Record<string, ErrorKind>;

export type ErrorName = keyof typeof errorTable;

/** The code that people see, e.g. `CHF-202`. */
export function errorCode(name: ErrorName): string {
  return `CHF-${errorTable[name].number}`;
}

/** A fault: the world broke. `message` is one sentence for people; `cause` is for the log. */
export class ChiffonError extends Error {
  readonly kind: ErrorName;
  readonly code: string;
  readonly retryable: boolean;

  constructor(kind: ErrorName, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options);
    this.name = 'ChiffonError';
    this.kind = kind;
    this.code = errorCode(kind);
    this.retryable = 'retryable' in errorTable[kind];
  }
}

/** The bot's own store cannot take anything now: what needs it can only be tried again. */
export function isOfStore(error: unknown): boolean {
  return error instanceof ChiffonError && (error.kind === 'DATABASE_FAILED' || error.kind === 'DISK_FULL');
}

/** A rule said no. A value, never thrown. `message` is one sentence for people, saying what to do. */
export type Refusal = { readonly type: 'refusal'; readonly kind: ErrorName; readonly message: string };

export function refusal(kind: ErrorName, message: string): Refusal {
  return { type: 'refusal', kind, message };
}
