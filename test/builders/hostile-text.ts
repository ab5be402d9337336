// Text as it may come from anywhere: what moves a cursor, hides, runs backwards, or means something to a chat.
import fc from 'fast-check';

export const hostileText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc
    .array(
      fc.constantFrom(
        '\u001b[2J',
        '\u001b]0;t\u0007',
        '\u009b31m',
        '\u202e',
        '\u200b',
        '\r',
        '\n',
        '\t',
        '日本',
        '👩‍👩‍👧',
        'e\u0301',
        'word ',
      ),
    )
    .map((parts) => parts.join('')),
);
