// A text column that gives back exactly the string it was given. PostgreSQL's text cannot hold the NUL character, and no
// UTF-8 encoder keeps a lone surrogate; a playbook prints what it likes, so both are escaped on the way in, and nothing is lost.
import { customType } from 'drizzle-orm/pg-core';

export const exactText = customType<{ data: string; driverData: string }>({
  dataType: () => 'text',
  toDriver: toColumn,
  fromDriver: fromColumn,
});

/** `\` becomes `\\`, NUL and lone surrogates become `\u0000`, `\ud83d` and so on; all else stays as it is. */
export function toColumn(text: string): string {
  // Nearly every text is ordinary, and the engine sees that a hundred times as fast.
  if (!text.includes('\\') && !text.includes('\0') && text.isWellFormed()) return text;
  return text.replace(/[\\\0\p{Surrogate}]/gu, (character) =>
    character === '\\' ? '\\\\' : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

export function fromColumn(column: string): string {
  if (!column.includes('\\')) return column;
  return column.replace(/\\(?:\\|u([0-9a-f]{4}))/g, (_, code: string | undefined) =>
    code === undefined ? '\\' : String.fromCharCode(Number.parseInt(code, 16)),
  );
}
