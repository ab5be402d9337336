// What a plain scalar means in YAML 1.1 as PyYAML reads it: `yes` is true, `0644` is octal, `22:30` is a number.

const bool = /^(?:yes|Yes|YES|true|True|TRUE|on|On|ON)$|^(?:no|No|NO|false|False|FALSE|off|Off|OFF)$/;
const int = /^[-+]?(?:0b[01_]+|0x[\da-fA-F_]+|0[0-7_]*|[1-9][\d_]*)$/;
const sexagesimal = /^[-+]?[1-9][\d_]*(?::[0-5]?\d)+$/;
const float = /^[-+]?(?:\d[\d_]*\.[\d_]*(?:[eE][-+]\d+)?|\.\d[\d_]*(?:[eE][-+]\d+)?)$/;

export function plainValue(text: string): string | number | boolean | null {
  if (text === '' || text === '~' || /^(?:null|Null|NULL)$/.test(text)) return null;
  if (/^[a-zA-Z]/.test(text)) return bool.test(text) ? /^[yYtT]|^[oO][nN]/.test(text) : text;
  if (!/^[-+.\d]/.test(text)) return text;
  const digits = text.replaceAll('_', '');
  if (int.test(text)) return safe(integer(digits), text);
  if (sexagesimal.test(text))
    return safe(
      digits
        .replace(/^[-+]/, '')
        .split(':')
        .reduce((sum, part) => sum * 60 + Number(part), 0) * (text.startsWith('-') ? -1 : 1),
      text,
    );
  return float.test(text) ? safe(Number(digits), text) : text;
}

function integer(digits: string): number {
  const sign = digits.startsWith('-') ? -1 : 1;
  const plain = digits.replace(/^[-+]/, '');
  if (/^0[bx]/.test(plain)) return sign * Number(plain);
  return sign * (plain.length > 1 && plain.startsWith('0') ? Number.parseInt(plain, 8) : Number(plain));
}

/** Numbers that JavaScript cannot hold exactly stay text. */
function safe(value: number, text: string): number | string {
  return Number.isFinite(value) && (Number.isSafeInteger(value) || !Number.isInteger(value)) ? value : text;
}
