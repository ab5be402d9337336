// What `doctor` finds: something that is well, something to know, or something that must be mended.
export type Finding = {
  readonly standing: 'well' | 'note' | 'broken';
  /** What was looked at, in a word or two. */
  readonly about: string;
  readonly sentence: string;
  /** What to do about it; for notes and what is broken. */
  readonly advice?: string;
};

export function well(about: string, sentence: string): Finding {
  return { standing: 'well', about, sentence };
}

export function note(about: string, sentence: string, advice: string): Finding {
  return { standing: 'note', about, sentence, advice };
}

export function broken(about: string, sentence: string, advice: string): Finding {
  return { standing: 'broken', about, sentence, advice };
}
