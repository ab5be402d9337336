// The policy file: written with comments at first start, read again at each decision, so that an edit counts at once.
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { ChiffonError } from '../core/error.ts';
import type { Policy } from '../core/policy/policy.ts';
import { parsePolicy } from '../core/policy/policy.ts';

export type ReadPolicy = () => Promise<Policy>;

const firstPolicy = (
  approvers: string,
) => `# Who may decide what in Chiffon. Read again at every decision: an edit counts at once.
# docs/policy.md documents every key. A plan made under another policy has to be approved again.
#
# who:     people as terminal:local, discord:<user id>, discord-role:<role id>, matrix:<user id>
# actions: globs over action ids (\`npm start -- catalogue --json\` lists them); hosts: globs over host names
# needs:   how many different persons have to approve
# self:    whether the person who asked may approve
#
# All rules that match a step hold together: any of them may list a person, and the strictest needs and self count.
${approvers}

# How long a plan can be approved: 30m, 24h, 7d.
expiry: 24h
`;

const alone = `approvers:
  - who: [terminal:local]
    actions: ['*']
    hosts: ['*']
    needs: 1
    self: true`;
const shared = `# Nobody may approve yet. An example:
#   - who: [terminal:you@your-machine, 'discord:112233445566778899', 'discord-role:223344556677889900']
#     actions: ['*']
#     hosts: ['*']
#     needs: 1
#     self: true
approvers: []`;

/** `isShared`: several people can reach this Chiffon, so a policy that is not there yet lets nobody approve. Reads are cached by the file's time and size. Throws BAD_POLICY with the line: then nothing can be approved. */
export async function openPolicyFile(path: string, isShared: boolean): Promise<ReadPolicy> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFile(path, firstPolicy(isShared ? shared : alone), { flag: 'wx', mode: 0o600 }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST')
        throw new ChiffonError('BAD_POLICY', `The policy file ${path} cannot be written: ${error.code}.`, {
          cause: error,
        });
    },
  );
  let cached: { readonly stamp: string; readonly policy: Policy } | undefined;
  return async () => {
    try {
      const { mtimeMs, size, ino } = await stat(path);
      const stamp = `${mtimeMs}.${size}.${ino}`;
      if (cached?.stamp !== stamp) cached = { stamp, policy: readPolicyText(path, await readFile(path, 'utf8')) };
      return cached.policy;
    } catch (error) {
      if (error instanceof ChiffonError) throw error;
      throw new ChiffonError(
        'BAD_POLICY',
        `The policy file ${path} cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
        { cause: error },
      );
    }
  };
}

export function readPolicyText(path: string, text: string): Policy {
  if (text.length > 1_000_000) throw new ChiffonError('BAD_POLICY', `The policy file ${path} is larger than 1 MB.`);
  const document = parseDocument(text, { prettyErrors: true });
  const [broken] = document.errors;
  if (broken !== undefined)
    throw new ChiffonError(
      'BAD_POLICY',
      `The policy file ${path} is no YAML in line ${broken.linePos?.[0].line ?? '?'}: ${broken.message.split('\n')[0]}`,
      { cause: broken },
    );
  try {
    return parsePolicy(document.toJS({ maxAliasCount: 20 }));
  } catch (error) {
    const issue = error instanceof z.ZodError ? error.issues[0] : undefined;
    const where = issue === undefined ? '' : ` at ${issue.path.join('.') || 'the top'}`;
    throw new ChiffonError(
      'BAD_POLICY',
      `The policy file ${path} is not right${where}: ${issue?.message ?? String(error)}.`,
      { cause: error },
    );
  }
}
