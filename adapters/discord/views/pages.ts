// What is longer than one message: over a few messages, or, where that would flood a phone, in a file.
import { safeText } from '../../../core/chat/safe-text.ts';
import type { Message, RenderOptions } from '../message.ts';
import { contentAtMost } from './layout.ts';
import { fence, inFence } from './markup.ts';

/** Lines of markup, or lines of harmless code, which may be divided over several fences. */
export type Block =
  | { readonly lines: readonly string[] }
  | { readonly language: string; readonly code: readonly string[] };

const messagesAtMost = 4;

export type Whole = {
  readonly blocks: readonly Block[];
  readonly file: { readonly name: string; readonly text: string };
};

/** All of it in a few messages; else its beginning, with all of it in a file. */
export function overPages({ blocks, file }: Whole, options: RenderOptions): readonly Message[] {
  const all = pagesOf(blocks);
  if (all.length <= messagesAtMost) return all.map((content) => ({ content, components: [], files: [], pings: [] }));
  const [first = ''] = pagesOf([...blocks.slice(0, 1)], contentAtMost - 50);
  const text = bytesAtMost(safeText(file.text), options.uploadBytesAtMost);
  return [
    { content: `${first}\n… all of it is in the file`, components: [], files: [{ name: file.name, text }], pings: [] },
  ];
}

function pagesOf(blocks: readonly Block[], charactersAtMost = contentAtMost): readonly string[] {
  const pages: string[] = [];
  let page = '';
  const add = (text: string): void => {
    if (page !== '' && page.length + 1 + text.length > charactersAtMost) {
      pages.push(page);
      page = '';
    }
    page = page === '' ? text : `${page}\n${text}`;
  };
  for (const block of blocks) {
    if ('lines' in block) for (const line of block.lines) add(line);
    else for (const part of fences(block.language, block.code, charactersAtMost)) add(part);
  }
  return [...pages, ...(page.trim() === '' ? [] : [page])];
}

/** A code block as few fences as it takes. Its lines are short enough for one each. */
function fences(language: string, lines: readonly string[], charactersAtMost: number): readonly string[] {
  const parts: string[] = [];
  const frame = fence(language, ['']).length;
  let kept: string[] = [];
  let size = frame;
  for (const line of lines) {
    const more = inFence(line).length + 1;
    if (kept.length > 0 && size + more > charactersAtMost) {
      parts.push(fence(language, kept));
      kept = [];
      size = frame;
    }
    kept.push(line);
    size += more;
  }
  return kept.length === 0 ? parts : [...parts, fence(language, kept)];
}

/** Cut at a line's end, which says so. */
function bytesAtMost(text: string, atMost: number): string {
  if (Buffer.byteLength(text) <= atMost) return text;
  const note = '\n… cut here';
  const kept = Buffer.from(text)
    .subarray(0, Math.max(0, atMost - Buffer.byteLength(note)))
    .toString();
  return `${kept.slice(0, Math.max(0, kept.lastIndexOf('\n')))}${note}`;
}
