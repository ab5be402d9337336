// Conditions that a variable given with the run can make true: `x_enabled | default(false) | bool`, `app == 'x'`, `'x' in services`.
import type { JsonValue } from '../json.ts';

export type Enabling = {
  readonly variable: string;
  readonly value: JsonValue;
  readonly kind: 'switch' | 'equal' | 'member';
};

const fallback = String.raw`(?:\s*\|\s*(?:default|d)\s*\([^()]*\))?`;
const switched = new RegExp(
  String.raw`^([A-Za-z_]\w*)${fallback}(?:\s*\|\s*bool)?(?:\s*(?:==\s*|is\s+)(?:true|True|truthy|"true"|'true'))?$`,
);
const equal = new RegExp(
  String.raw`^([A-Za-z_]\w*)${fallback}(?:\s*\|\s*(?:lower|string|trim))*\s*(?:==|is\s+eq\(?)\s*(?:'([^']*)'|"([^"]*)")\)?$`,
);
const member = new RegExp(String.raw`^(?:'([^']*)'|"([^"]*)")\s+in\s+\(?\s*([A-Za-z_]\w*)${fallback}\s*\)?$`);
const never = /^(ansible_|inventory_hostname|group_names|groups|hostvars|item$|true$|false$|omit$|playbook_dir|role_)/i;

const judged = new Map<string, Enabling | undefined>();
const maxJudged = 20_000;

/** What would make the condition true, where one variable decides it. */
export function enablingOf(condition: string): Enabling | undefined {
  if (judged.has(condition)) return judged.get(condition);
  if (judged.size >= maxJudged) judged.clear();
  const enabling = judge(condition);
  judged.set(condition, enabling);
  return enabling;
}

function judge(condition: string): Enabling | undefined {
  const text = unwrapped(condition);
  const bySwitch = switched.exec(text);
  if (bySwitch !== null) return checked({ variable: bySwitch[1] ?? '', value: true, kind: 'switch' });
  const byValue = equal.exec(text);
  if (byValue !== null)
    return checked({ variable: byValue[1] ?? '', value: byValue[2] ?? byValue[3] ?? '', kind: 'equal' });
  const byMember = member.exec(text);
  if (byMember !== null)
    return checked({ variable: byMember[3] ?? '', value: [byMember[1] ?? byMember[2] ?? ''], kind: 'member' });
  return undefined;
}

function checked(enabling: Enabling): Enabling | undefined {
  return never.test(enabling.variable) || enabling.value === '' ? undefined : enabling;
}

/** Without the brackets or `{{ }}` that enclose all of it. */
function unwrapped(condition: string): string {
  let text = condition.trim();
  for (;;) {
    const inner =
      /^\{\{-?\s*([\s\S]*?)\s*-?\}\}$/.exec(text)?.[1] ??
      (text.startsWith('(') && closes(text) ? text.slice(1, -1) : undefined);
    if (inner === undefined) return text;
    text = inner.trim();
  }
}

/** Whether the first bracket closes with the last character. */
function closes(text: string): boolean {
  let depth = 0;
  for (let index = 0; index < text.length; index += 1) {
    if (text[index] === '(') depth += 1;
    if (text[index] === ')') depth -= 1;
    if (depth === 0) return index === text.length - 1;
  }
  return false;
}
