// Runs in each test worker: tests must not depend on what the person who starts them has set, nor touch what is theirs.
const settings =
  /^(CHIFFON_|INFRA_|AUDIT_|POLICY_|DATABASE_|RABBITMQ_|DISCORD_|MATRIX_|ANTHROPIC_|CLAUDE_|ANSIBLE_|GIT_|INIT_CWD$)/;
for (const name of Object.keys(process.env)) if (settings.test(name)) delete process.env[name];

// No identity, no hooks, no signing of the person's own: a repository says for itself what it needs.
process.env.GIT_CONFIG_GLOBAL = '/dev/null';
process.env.GIT_CONFIG_NOSYSTEM = '1';
process.env.GIT_TERMINAL_PROMPT = '0';
