// Where PGlite's thread begins.
import { withQuickDrizzle } from './quick-drizzle.ts';

await withQuickDrizzle(() => import('./embedded-thread.ts'));
