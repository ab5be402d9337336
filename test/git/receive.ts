// A process for the tests to kill: it receives one commit into a replica.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openReplica } from '../../adapters/git/open-replica.ts';
import { toCommitSha } from '../../core/ids.ts';

const [folder = '', packs = '', commit = ''] = process.argv.slice(2);
const replica = await openReplica({ folder, most: 4, fewest: 2 });
await replica.receive(toCommitSha(commit), readFileSync(join(packs, commit)));
