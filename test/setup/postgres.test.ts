import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { describe, expect, it, vi } from 'vitest';
import { freshDatabase } from './postgres.ts';

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

describe('a fresh database', () => {
  it('is empty, and another one does not see what is written to it', async () => {
    await using one = await freshDatabase();
    await using other = await freshDatabase();
    await query(one.url, 'CREATE TABLE mine (id int)');
    expect(await query(other.url, "SELECT FROM pg_tables WHERE schemaname = 'public'")).toEqual([]);
  });

  it('starts from its template, which is made once however many ask at once', async () => {
    let made = 0;
    const template = {
      name: 'proof',
      make: async (url: string) => {
        made += 1;
        await query(url, 'CREATE TABLE given AS SELECT 42 AS answer');
      },
    };
    const databases = await Promise.all(Array.from({ length: 4 }, () => freshDatabase(template)));
    for (const { url, drop } of databases) {
      expect(await query(url, 'SELECT answer FROM given')).toEqual([{ answer: 42 }]);
      await drop();
    }
    expect(made).toBe(1);
  });

  it('can be asked for again when making its template failed', async () => {
    const name = 'second_try';
    const failing = freshDatabase({ name, make: () => Promise.reject(new Error('no migrations')) });
    await expect(failing).rejects.toThrow('no migrations');
    await using database = await freshDatabase({
      name,
      make: async (url) => void (await query(url, 'CREATE TABLE a ()')),
    });
    expect(await query(database.url, 'SELECT FROM a')).toEqual([]);
  });
});

describe('the throw-away server', () => {
  it('is gone, with its folder, when the process that started it is killed', async () => {
    const module = path.join(import.meta.dirname, 'postgres-server.ts');
    const script = `
      const { startPostgres } = await import(${JSON.stringify(module)});
      console.log((await startPostgres()).url);
      setInterval(() => {}, 1000);`;
    const owner = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [printed]: Buffer[] = await once(owner.stdout, 'data');
    const url = String(printed).trim();
    const [{ folder } = {}] = (await query(url, "SELECT current_setting('data_directory') AS folder")) as {
      folder?: string;
    }[];
    expect(existsSync(String(folder))).toBe(true);

    owner.kill('SIGKILL');

    await vi.waitUntil(() => !existsSync(String(folder)), { timeout: 15_000, interval: 50 });
    await expect(query(url, 'SELECT 1')).rejects.toThrow('ECONNREFUSED');
  });
});
