// Runs in each test worker: tests must not depend on what the person who starts them has set, nor touch what is theirs.
import { withoutSettings } from './settings.ts';

const kept = withoutSettings(process.env);
for (const name of Object.keys(process.env)) if (!(name in kept)) delete process.env[name];
Object.assign(process.env, kept);
