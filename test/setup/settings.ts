// What a person may have set for their own Chiffon, Ansible and Git, which no test may depend on.
const settings =
  /^(CHIFFON_|INFRA_|AUDIT_|POLICY_|DATABASE_|RABBITMQ_|DISCORD_|MATRIX_|ANTHROPIC_|CLAUDE_|ANSIBLE_|GIT_|INIT_CWD$)/;

/** Git without an identity, hooks or signing of the person's own: a repository says for itself what it needs. */
const ofTests = { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1', GIT_TERMINAL_PROMPT: '0' };

export function withoutSettings(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(environment).filter(([name]) => !settings.test(name));
  return { ...Object.fromEntries(kept), ...ofTests };
}
