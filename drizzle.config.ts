// For drizzle-kit, which makes the migrations in drizzle/ from the schema: `npx drizzle-kit generate --name <what>`.
import { defineConfig } from 'drizzle-kit';

export default defineConfig({ dialect: 'postgresql', schema: './drizzle/schema.ts', out: './drizzle' });
