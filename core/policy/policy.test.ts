// Who may decide what: all matching rules hold together, and the strictest counts.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aPlan, aStep } from '../../test/builders/plan.ts';
import { toActionId, toActorId } from '../ids.ts';
import { expiryMs, parsePolicy, requirement, whyNotAllowed, whyNotSelf } from './policy.ts';

const everything = { who: ['terminal:local'] };
const person = (id: string, roles: readonly string[] = []) => ({ id: toActorId(id), roles });
const remove = aStep({ action: toActionId('playbooks/remove.yml'), hosts: ['nas'] });

describe('the policy', () => {
  it('lets a rule for everything loosen no stricter one, whatever their order', () => {
    const strict = { who: ['terminal:local', 'matrix:@ada:x'], hosts: ['nas'], needs: 2, self: false };
    for (const approvers of [
      [everything, strict],
      [strict, everything],
    ]) {
      expect(requirement(parsePolicy({ approvers }), aPlan({ steps: [remove] }))).toEqual({
        needs: 2,
        self: false,
        approvers: expect.arrayContaining(['terminal:local', 'matrix:@ada:x']),
      });
    }
  });

  it('asks of a plan what its strictest step asks, and lists only those who may decide every step', () => {
    const policy = parsePolicy({
      approvers: [
        { ...everything, actions: ['*site*'] },
        { who: ['matrix:@ada:x', 'terminal:local'], actions: ['*remove*'], needs: 2 },
      ],
    });
    expect(requirement(policy, aPlan({ steps: [aStep(), remove] }))).toEqual({
      needs: 2,
      self: true,
      approvers: ['terminal:local'],
    });
    expect(whyNotAllowed(policy, person('matrix:@ada:x'), aPlan({ steps: [aStep(), remove] }))?.kind).toBe(
      'NOT_ALLOWED',
    );
  });

  it('matches a rule on hosts only when it covers every host of the step', () => {
    const policy = parsePolicy({ approvers: [{ ...everything, hosts: ['web*'] }] });
    expect(
      whyNotAllowed(policy, person('terminal:local'), aPlan({ steps: [aStep({ hosts: ['web1', 'web2'] })] })),
    ).toBeNull();
    expect(
      whyNotAllowed(policy, person('terminal:local'), aPlan({ steps: [aStep({ hosts: ['web1', 'nas'] })] })),
    ).not.toBeNull();
  });

  it('lets a star match any text, slashes and dots too', () => {
    const policy = parsePolicy({ approvers: [{ ...everything, actions: ['playbooks/*'] }] });
    expect(
      whyNotAllowed(
        policy,
        person('terminal:local'),
        aPlan({ steps: [aStep({ action: toActionId('playbooks/a/.b.yml#x') })] }),
      ),
    ).toBeNull();
  });

  it('knows people by role as well as by id, and never by name', () => {
    const policy = parsePolicy({ approvers: [{ who: ['discord-role:1'] }] });
    expect(whyNotAllowed(policy, person('discord:9', ['discord-role:1']), aPlan())).toBeNull();
    expect(whyNotAllowed(policy, person('discord:1'), aPlan())).not.toBeNull();
  });

  it('says which rule refused, whom to ask, and the line that would change it, by ids that a platform can show', () => {
    const policy = parsePolicy({
      approvers: [
        { who: ['terminal:local'], actions: ['*site*'] },
        { who: ['discord-role:112233445566778899', 'discord:998877665544332211'], actions: ['*remove*'] },
      ],
    });
    const why = (id: string, step = remove) =>
      whyNotAllowed(policy, person(id, ['discord-role:1']), aPlan({ steps: [step] }))?.message;
    expect(why('discord:123456789012345678')).toBe(
      "discord:123456789012345678 may not decide on step 1, “Deploy Grafana”: rule 2 of the policy lists only discord-role:112233445566778899 and discord:998877665544332211 for it. Ask discord-role:112233445566778899 or discord:998877665544332211, or add this under approvers in the policy file: - {who: ['discord:123456789012345678'], actions: ['playbooks/remove.yml'], hosts: ['nas']}",
    );
    expect(why('discord:1', aStep({ action: toActionId('playbooks/wipe.yml'), hosts: ['nas'] }))).toMatch(
      /: no rule of the policy is for playbooks\/wipe\.yml on nas\. Nobody may decide on all of it; add this/,
    );
    const both = parsePolicy({ approvers: [everything, { who: ['matrix:@ada:x'], hosts: ['nas'] }] });
    expect(whyNotAllowed(both, person('discord:1'), aPlan({ steps: [remove] }))?.message).toMatch(
      /: rules 1 and 2 of the policy list only terminal:local and matrix:@ada:x for it\. Ask terminal:local or matrix/,
    );
  });

  it('says to who asked whom else to ask, where somebody else has to approve', () => {
    const why = (approvers: readonly string[]) =>
      whyNotSelf({ self: false, approvers }, toActorId('discord:1'), toActorId('discord:1'))?.message;
    expect(why(['discord:1', 'discord:2', 'discord-role:3'])).toMatch(
      /and that is you\. Ask discord:2 or discord-role:3\.$/,
    );
    expect(why(['discord:1'])).toMatch(/No one else is listed for it\.$/);
    expect(whyNotSelf({ self: false, approvers: [] }, toActorId('discord:2'), toActorId('discord:1'))).toBeNull();
  });

  it('allows nobody where no rule matches', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]+:[a-z0-9]+$/), (id) => {
        expect(whyNotAllowed(parsePolicy({ approvers: [] }), person(id), aPlan())).not.toBeNull();
      }),
    );
  });

  it('reads durations', () => {
    expect(expiryMs(parsePolicy({ approvers: [], expiry: '30m' }))).toBe(1_800_000);
    expect(expiryMs(parsePolicy({ approvers: [], expiry: '7d' }))).toBe(604_800_000);
  });
});
