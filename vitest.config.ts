// The kinds of tests: `unit` beside the code, fast and in the process; `integration` in test/, which starts servers,
// ansible-playbook and the whole program; `faults` for `npm run test:faults`, with what is too slow for every day. Any may ask for
// a database: see test/setup/postgres.ts.
import { defineConfig } from 'vitest/config';

const shared = { globalSetup: ['test/setup/global.ts'], setupFiles: ['test/setup/environment.ts'] };
const patient = { testTimeout: 150_000, hookTimeout: 120_000, maxWorkers: 3 };

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...shared,
          name: 'unit',
          include: ['{core,bot,adapters,agents,drizzle,bench}/**/*.test.ts'],
          testTimeout: 10_000,
          // They share no state worth a process each: without isolation the libraries are loaded once, and not 80 times.
          pool: 'threads',
          isolate: false,
        },
      },
      {
        test: {
          ...shared,
          name: 'integration',
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.long.test.ts'],
          ...patient,
        },
      },
      {
        test: {
          ...shared,
          name: 'faults',
          include: ['test/{faults,services}/**/*.test.ts', 'test/**/*.long.test.ts'],
          ...patient,
        },
      },
    ],
  },
});
