// Whether a word that is being typed is one of some words: begun, or with one slip of the finger.

/** It begins one of them. */
export function fits(typed: string, words: readonly string[]): boolean {
  return words.some((word) => word.startsWith(typed));
}

/** Too short a word is like anything. */
const lettersAtLeast = 4;

/** It begins one of them but for one letter that is wrong, missing, too many, or has changed places with the next. */
export function soundsLike(typed: string, words: readonly string[]): boolean {
  if (fits(typed, words)) return true;
  if (typed.length < lettersAtLeast) return false;
  const { length } = typed;
  return words.some((word) => [length - 1, length, length + 1].some((end) => oneSlip(typed, word.slice(0, end))));
}

function oneSlip(one: string, other: string): boolean {
  let start = 0;
  while (start < one.length && one[start] === other[start]) start += 1;
  const [restOne, restOther] = [one.slice(start), other.slice(start)];
  return (
    restOne.slice(1) === restOther.slice(1) ||
    restOne.slice(1) === restOther ||
    restOne === restOther.slice(1) ||
    (restOne.slice(2) === restOther.slice(2) && restOne[0] === restOther[1] && restOne[1] === restOther[0])
  );
}
