// Who may decide what. Parsed from the policy file once; asked by the task decider at each decision.
import picomatch from 'picomatch';
import { z } from 'zod';
import type { Refusal } from '../error.ts';
import { refusal } from '../error.ts';
import type { ActorId } from '../ids.ts';
import { canonicalJson, sha256 } from '../json.ts';
import type { Plan, Step } from '../plan/plan.ts';
import type { Person } from '../ports/chat.ts';

const identity = z
  .string()
  .regex(/^[a-z][a-z-]*:\S+$/, 'a person is written platform:id, e.g. terminal:local or discord:123456789012345678');
const globs = z.array(z.string().min(1)).min(1);

const ruleSchema = z.strictObject({
  who: z.array(identity).min(1),
  actions: globs.default(['*']),
  hosts: globs.default(['*']),
  needs: z.number().int().min(1).max(10).default(1),
  self: z.boolean().default(true),
});

export const policySchema = z.strictObject({
  approvers: z.array(ruleSchema),
  /** How long a plan can be approved. */
  expiry: z
    .string()
    .regex(/^[1-9]\d{0,4}(m|h|d)$/, 'a duration such as 30m, 24h or 7d')
    .default('24h'),
});

export type PolicyRule = z.infer<typeof ruleSchema>;
export type Policy = z.infer<typeof policySchema> & { readonly version: string };

/** A policy from the file's data; its version is the digest of what it says, not of its comments. Throws a ZodError. */
export function parsePolicy(data: unknown): Policy {
  const parsed = policySchema.parse(data);
  return { ...parsed, version: sha256(canonicalJson(parsed)).slice(0, 16) };
}

export function expiryMs(policy: Policy): number {
  const unit = { m: 60_000, h: 3_600_000, d: 86_400_000 }[policy.expiry.slice(-1)];
  return Number.parseInt(policy.expiry, 10) * (unit ?? 0);
}

/** What a plan needs. All rules that match a step hold together: any of them lists who may decide, the strictest says how. */
export type Requirement = { readonly needs: number; readonly self: boolean; readonly approvers: readonly string[] };

type Subject = Pick<Plan, 'steps'>;

export function requirement(policy: Policy, plan: Subject): Requirement {
  const byStep = plan.steps.map((step) => rulesFor(policy, step));
  const rules = byStep.flat();
  const listed = byStep.map((stepRules) => new Set(stepRules.flatMap((rule) => rule.who)));
  const [first = new Set<string>(), ...others] = listed;
  return {
    needs: Math.max(1, ...rules.map((rule) => rule.needs)),
    self: rules.every((rule) => rule.self),
    approvers: [...first].filter((who) => others.every((set) => set.has(who))),
  };
}

/** Null when the person may decide the plan; else which rule says so, whom to ask, and the line to add to the policy file. */
export function whyNotAllowed(policy: Policy, person: Pick<Person, 'id' | 'roles'>, plan: Subject): Refusal | null {
  const identities = new Set<string>([person.id, ...person.roles]);
  const blocking = plan.steps.find(
    (step) => !rulesFor(policy, step).some((rule) => rule.who.some((who) => identities.has(who))),
  );
  if (blocking === undefined) return null;
  const { approvers } = requirement(policy, plan);
  const ask = approvers.length > 0 ? `Ask ${listed(approvers, 'or')}, or` : 'Nobody may decide on all of it;';
  const line = `- {who: ['${person.id}'], actions: ['${blocking.action}'], hosts: [${blocking.hosts.map((host) => `'${host}'`).join(', ')}]}`;
  return refusal(
    'NOT_ALLOWED',
    `${person.id} may not decide on step ${blocking.number}, “${blocking.title}”: ${ruleAgainst(policy, blocking)}. ${ask} add this under approvers in the policy file: ${line}`,
  );
}

/** By its place in the file, as people find it there. */
function ruleAgainst(policy: Policy, step: Pick<Step, 'action' | 'hosts'>): string {
  const numbers = rulesFor(policy, step).map((rule) => `${policy.approvers.indexOf(rule) + 1}`);
  if (numbers.length === 0) return `no rule of the policy is for ${step.action} on ${step.hosts.join(', ')}`;
  const who = [...new Set(rulesFor(policy, step).flatMap((rule) => rule.who))];
  return numbers.length === 1
    ? `rule ${numbers[0]} of the policy lists only ${listed(who, 'and')} for it`
    : `rules ${listed(numbers, 'and')} of the policy list only ${listed(who, 'and')} for it`;
}

function listed(names: readonly string[], word: 'and' | 'or'): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} ${word} ${names.at(-1) ?? ''}`;
}

/** Null when this person's approval counts beside the requester's rule. */
export function whyNotSelf(
  { self, approvers }: Pick<Requirement, 'self' | 'approvers'>,
  person: ActorId,
  requester: ActorId,
): Refusal | null {
  if (self || person !== requester) return null;
  const others = approvers.filter((who) => who !== requester);
  const ask = others.length === 0 ? 'No one else is listed for it.' : `Ask ${listed(others, 'or')}.`;
  return refusal(
    'SELF_APPROVAL',
    `The policy asks that somebody else than the requester approves this plan, and that is you. ${ask}`,
  );
}

function rulesFor(policy: Policy, step: Pick<Step, 'action' | 'hosts'>): readonly PolicyRule[] {
  return policy.approvers.filter(
    (rule) => matches(rule.actions, step.action) && step.hosts.every((host) => matches(rule.hosts, host)),
  );
}

// A star in a policy matches any text, slashes too: an action's id holds its playbook's path.
function matches(patterns: readonly string[], text: string): boolean {
  return patterns.some((pattern) => picomatch.isMatch(text, pattern, { bash: true, dot: true, nonegate: true }));
}
