// The key that signs audit commits, and the file of keys by which git and Chiffon check them.
import { appendFile, readFile } from 'node:fs/promises';
import { execa } from 'execa';
import { ChiffonError } from '../../core/error.ts';
import { gitEnvironment } from './git-environment.ts';
import { chiffonEmail } from './identity.ts';
import type { TrustedKeys } from './ssh-signature.ts';

/** The public half of CHIFFON_AUDIT_SIGNING_KEY as `<type> <base64>`. BAD_SETTING when nothing can be signed with it. */
export async function readSigningKey(path: string): Promise<string> {
  const signed = await sshKeygen(['-Y', 'sign', '-n', 'git', '-f', path], 'a trial');
  if (!signed.ok) throw unusable(path, signed.stderr);
  const published = await readFile(path.endsWith('.pub') ? path : `${path}.pub`, 'utf8').catch(() => null);
  const text = published ?? (await sshKeygen(['-y', '-P', '', '-f', path], '')).stdout;
  const key = /^(\S+ [A-Za-z0-9+/=]+)/m.exec(text)?.[1];
  if (key === undefined) throw unusable(path, 'it has no public half');
  return key;
}

/** Keys stay in the file when another one is configured: what they signed stays theirs. */
export async function allowSigner(file: string, key: string): Promise<void> {
  const before = await readFile(file, 'utf8').catch(() => '');
  if (keysIn(before).has(key.split(' ')[1] ?? '')) return;
  await appendFile(file, `${chiffonEmail} namespaces="git" ${key}\n`);
}

export async function trustedKeys(file: string): Promise<TrustedKeys> {
  return keysIn(await readFile(file, 'utf8').catch(() => ''));
}

/** Lines of ssh-keygen's allowed-signers format; only the key's base64 matters here. */
function keysIn(text: string): TrustedKeys {
  const lines = text.split('\n').filter((line) => !line.startsWith('#'));
  return new Set(lines.flatMap((line) => /\s(AAAA[A-Za-z0-9+/=]+)(\s|$)/.exec(line)?.[1] ?? []));
}

async function sshKeygen(args: readonly string[], input: string) {
  const env = gitEnvironment(process.env);
  const result = await execa('ssh-keygen', args, { env, extendEnv: false, input, reject: false, timeout: 10_000 });
  return { ok: !result.failed, stdout: result.stdout ?? '', stderr: result.stderr ?? result.message ?? '' };
}

function unusable(path: string, why: string): ChiffonError {
  const line = why.trim().split('\n').at(-1) ?? '';
  return new ChiffonError(
    'BAD_SETTING',
    `CHIFFON_AUDIT_SIGNING_KEY is ${path}, with which nothing can be signed (${line}): give the path of an SSH key without a passphrase, or of one that an agent holds.`,
  );
}
