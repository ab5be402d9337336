// Loads code that uses drizzle in a fifth of the time. Node 24 parses a package's package.json anew for each of its ES
// modules; drizzle-orm's has 180 kB, and there are 150 modules: 0.4 s and 180 MB. CommonJS has no such cost, and drizzle-orm
// ships the same code in both forms. Without this everything works as well, only slower.
import { registerHooks } from 'node:module';

const conditions = ['require', 'node', 'default'];

export async function withQuickDrizzle<Module>(load: () => Promise<Module>): Promise<Module> {
  const hooks = registerHooks({
    resolve: (specifier, context, next) =>
      next(specifier, /^drizzle-orm(\/|$)/.test(specifier) ? { ...context, conditions } : context),
  });
  try {
    return await load();
  } finally {
    hooks.deregister();
  }
}
