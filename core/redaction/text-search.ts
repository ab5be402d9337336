// Aho-Corasick: finds any of many texts in one pass, in time linear in what it reads, whatever the texts are.
// Works on UTF-16 units and keeps no text itself, so that known-values.ts can feed it a stream.

export type TextSearch = {
  /**
   * Reads `text` from `from` on, starting in `node`, and calls back for the longest match that ends at each place.
   * Gives the node to go on from.
   */
  run(text: string, from: number, node: number, found: (start: number, end: number) => void): number;
  /** How many units before this point may be the beginning of a match. */
  depth(node: number): number;
};

export function makeTextSearch(patterns: readonly string[]): TextSearch {
  const total = patterns.reduce((sum, pattern) => sum + pattern.length, 1);
  // A trie: each node's unit, its first child and its next sibling. The root's children have a table of their own.
  const unit = new Uint16Array(total);
  const child = new Int32Array(total);
  const sibling = new Int32Array(total);
  const depth = new Int32Array(total);
  const fail = new Int32Array(total);
  /** Length of the longest pattern that ends here; 0 for none. */
  const match = new Int32Array(total);
  const first = new Int32Array(65536);
  let size = 1;

  for (const pattern of patterns) {
    let node = 0;
    for (let at = 0; at < pattern.length; at += 1)
      node = childOf(node, pattern.charCodeAt(at)) || addChild(node, pattern.charCodeAt(at));
    match[node] = pattern.length;
  }
  linkFailures();

  function childOf(node: number, code: number): number {
    if (node === 0) return first[code] ?? 0;
    let next = child[node] ?? 0;
    while (next !== 0 && unit[next] !== code) next = sibling[next] ?? 0;
    return next;
  }

  function addChild(node: number, code: number): number {
    const added = size++;
    unit[added] = code;
    depth[added] = (depth[node] ?? 0) + 1;
    sibling[added] = child[node] ?? 0;
    child[node] = added;
    if (node === 0) first[code] = added;
    return added;
  }

  function step(node: number, code: number): number {
    for (;;) {
      const next = childOf(node, code);
      if (next !== 0 || node === 0) return next;
      node = fail[node] ?? 0;
    }
  }

  /** Breadth first: a node's failure is the longest proper end of its text that some pattern begins with. */
  function linkFailures(): void {
    const queue = new Int32Array(size);
    let tail = 0;
    for (let node = child[0] ?? 0; node !== 0; node = sibling[node] ?? 0) queue[tail++] = node;
    for (let head = 0; head < tail; head += 1) {
      const node = queue[head] ?? 0;
      for (let next = child[node] ?? 0; next !== 0; next = sibling[next] ?? 0) {
        const target = step(fail[node] ?? 0, unit[next] ?? 0);
        fail[next] = target;
        if (match[next] === 0) match[next] = match[target] ?? 0;
        queue[tail++] = next;
      }
    }
  }

  return {
    run(text, from, node, found) {
      for (let at = from; at < text.length; at += 1) {
        const code = text.charCodeAt(at);
        node = node === 0 ? (first[code] ?? 0) : step(node, code);
        const length = match[node] ?? 0;
        if (length !== 0) found(at + 1 - length, at + 1);
      }
      return node;
    },
    depth: (node) => depth[node] ?? 0,
  };
}
