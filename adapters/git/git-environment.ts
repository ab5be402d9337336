// What every git process of Chiffon gets: an environment cleaned of what a hook or a shell may have left in it, and settings
// that keep git from asking questions, running the repository's hooks, or tidying up behind a run's back.

/** Variables of git that say how to reach a remote; all others (GIT_DIR, GIT_INDEX_FILE, ...) would point git elsewhere. */
const kept = new Set([
  'GIT_SSH',
  'GIT_SSH_COMMAND',
  'GIT_SSH_VARIANT',
  'GIT_SSL_CAINFO',
  'GIT_SSL_CAPATH',
  'GIT_PROXY_COMMAND',
  'GIT_CONFIG_GLOBAL',
  'GIT_CONFIG_SYSTEM',
  'GIT_CONFIG_NOSYSTEM',
]);

/** What a person would type into; git has none here. simple-git refuses to run with these set. */
const interactive = new Set(['EDITOR', 'VISUAL', 'PAGER', 'PREFIX', 'SSH_ASKPASS', 'SSH_ASKPASS_REQUIRE']);

export function gitEnvironment(
  ambient: NodeJS.ProcessEnv,
  extra: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const clean: Record<string, string> = {};
  for (const [name, value] of Object.entries(ambient)) {
    if (value === undefined || interactive.has(name.toUpperCase())) continue;
    if (name.toUpperCase().startsWith('GIT_') && !kept.has(name)) continue;
    clean[name] = value;
  }
  return {
    ...clean,
    // A question on the terminal would stand in the middle of the chat: git and ssh get an answer that says no.
    GIT_TERMINAL_PROMPT: '0',
    SSH_ASKPASS: 'false',
    SSH_ASKPASS_REQUIRE: 'force',
    // Reading must not write: `git status` would refresh the index of the user's checkout.
    GIT_OPTIONAL_LOCKS: '0',
    // A replace ref shows other content under the same SHA, and an approval is bound to the SHA.
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_LITERAL_PATHSPECS: '1',
    LC_ALL: 'C',
    ...extra,
  };
}

/** `-c` settings of every call, as `name=value`. */
export const gitSettings: readonly string[] = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  // The folder was named by the person who runs Chiffon, who may be root in a container; hooks are off.
  'safe.directory=*',
  'protocol.ext.allow=never',
  'submodule.recurse=false',
  'fetch.recurseSubmodules=false',
  'push.recurseSubmodules=no',
  'gc.auto=0',
  'maintenance.auto=false',
  'commit.gpgSign=false',
  'push.gpgSign=false',
  'core.quotePath=false',
  'core.filesRefLockTimeout=2000',
  // What a task's record points at must survive a power cut.
  'core.fsync=committed',
  'http.lowSpeedLimit=1',
  'http.lowSpeedTime=30',
];
