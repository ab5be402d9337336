// What the first `npm start` would install, without starting it: for an image that is made once (Dockerfile).
import path from 'node:path';
import { SetupFailure } from './failure.mjs';
import { installMissing } from './install.mjs';

try {
  await installMissing({ root: path.dirname(import.meta.dirname), needed: 'program' });
} catch (error) {
  if (!(error instanceof SetupFailure)) throw error;
  console.error(error.report);
  process.exitCode = 1;
}
