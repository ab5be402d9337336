// What chat platforms answer to `doctor`: each says itself what is wrong and what to do.
import type { Finding } from './finding.ts';
import { broken, note, well } from './finding.ts';

type Answer = {
  readonly platform: string;
  readonly type: string;
  readonly sentence: string;
  readonly notes?: readonly string[];
};

export function platformFindings(answers: readonly Answer[]): readonly Finding[] {
  return answers.flatMap(({ platform, type, sentence, notes = [] }) => [
    type === 'ready'
      ? well(platform, sentence)
      : broken(platform, sentence, `docs/${platform.toLowerCase()}.md shows how it is set up.`),
    ...notes.map((text) => note(platform, text, `docs/${platform.toLowerCase()}.md says more.`)),
  ]);
}
