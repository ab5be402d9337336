// Comments as documentation: the block at a file's head, above a line, and behind a value.

const noise =
  /^(vim?:|-\*-|yamllint|ansible-lint|noqa|prettier|shellcheck|spdx|copyright|licen[cs]e|code: language|yaml-language-server|!\/|cspell|code:|@|TODO|FIXME|\$)/i;
const separator = /^[\s#=*_~─━═+|-]*$/;

/** The lines of a file, once. */
export function linesOf(text: string): readonly string[] {
  return text.split(/\r?\n/);
}

/** All comment lines before the first content, `---` and blank lines passed over; without their `#`. */
export function headComment(lines: readonly string[]): readonly string[] {
  const comment: string[] = [];
  for (const line of lines.slice(0, 400)) {
    if (/^\s*#/.test(line)) comment.push(commentText(line));
    else if (line.trim() === '') comment.push('');
    else if (!/^(---|\uFEFF?---|%YAML)/.test(line)) break;
  }
  return withoutHeader(comment);
}

/** A `chiffon:` header is for machines. */
function withoutHeader(comment: readonly string[]): readonly string[] {
  let inside = false;
  return comment.filter((line) => {
    if (/^\s*chiffon:\s*$/.test(line)) inside = true;
    else if (inside && /^\S/.test(line)) inside = false;
    return !inside;
  });
}

/** The unbroken comment directly above a line (counted from 1), indented like it. */
export function commentAbove(lines: readonly string[], line: number): readonly string[] {
  const comment: string[] = [];
  for (let index = line - 2; index >= 0; index -= 1) {
    const text = lines[index] ?? '';
    if (!/^\s*#/.test(text)) break;
    comment.unshift(commentText(text));
  }
  return withoutHeader(comment);
}

/** What stands behind a value: `port: 80  # where it listens`. */
export function commentBehind(lines: readonly string[], line: number): string {
  const text = lines[line - 1] ?? '';
  const behind = /(?:^|\s)#\s?(.*)$/.exec(
    text.replace(/"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'/g, (quoted) => ' '.repeat(quoted.length)),
  );
  return behind === null ? '' : text.slice(text.length - (behind[1] ?? '').length).trim();
}

function commentText(line: string): string {
  return line.replace(/^\s*#+ ?/, '').trimEnd();
}

/** The first paragraph that says something: no ruler, no editor line, no usage line, no commented-out YAML. */
export function firstParagraph(comment: readonly string[]): string {
  const paragraph: string[] = [];
  for (const raw of comment) {
    const line = raw.trim();
    if (line === '' || separator.test(line)) {
      if (paragraph.length > 0) break;
    } else if (
      /^(usage|examples?|run( it)?( with)?|how to run)\b.{0,20}:/i.test(line) ||
      /^\$?\s*ansible-playbook\s/.test(line) ||
      line === 'chiffon:'
    )
      break;
    else if (!noise.test(line) && !/^-?\s*[\w.]+:(\s|$)/.test(line))
      paragraph.push(line.replace(/^[─━═=*-]{2,}\s*|\s*[─━═=*-]{2,}$/g, ''));
    else if (/^[A-Z][\w ]*: \S/.test(line) && !noise.test(line)) paragraph.push(line);
  }
  return paragraph.join(' ').trim();
}
