// The first paragraph of a README: what a role or repository says of itself.

/** The first paragraph of prose, without headings, badges, images, links' targets and emphasis. Empty when there is none. */
export function readMarkdownIntroduction(text: string): string {
  const paragraph: string[] = [];
  let fenced = false;
  for (const raw of text.slice(0, 20_000).split(/\r?\n/)) {
    const line = raw.trim();
    if (/^(```|~~~)/.test(line)) fenced = !fenced;
    const prose =
      !fenced &&
      line !== '' &&
      !/^(#|=+$|-{3,}$|\*{3,}$|```|~~~|!\[|\[!\[|<|\||>|[-*+]\s|\d+\.\s|---|\.\.\s)/.test(line);
    if (prose) paragraph.push(line);
    else if (paragraph.length > 0 && !onlyTitle(paragraph, line)) break;
    else if (paragraph.length > 0) paragraph.length = 0;
  }
  return paragraph
    .join(' ')
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/<[^>]+>/g, '')
    .replace(/[*_`]{1,3}([^*_`]+)[*_`]{1,3}/g, '$1')
    .trim();
}

/** A line with a ruler under it was a heading. */
function onlyTitle(paragraph: readonly string[], next: string): boolean {
  return paragraph.length === 1 && /^(=+|-{3,})$/.test(next);
}
