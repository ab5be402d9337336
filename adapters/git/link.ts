// Symbolic links of a tree: whether one leads out of it, by the way the kernel would follow it and not by how it is spelled.

const longestWay = 40;

/**
 * `targets` holds every link of the tree by its path. A link may lead out through another one
 * (`deep/a -> ../top`, `b -> deep/a/../../etc`), so parts are followed one by one. A loop leads nowhere, so not out.
 */
export function leavesTree(link: string, targets: ReadonlyMap<string, string>): boolean {
  const ahead = [...parts(link)];
  const reached: string[] = [];
  for (let followed = 0; ahead.length > 0; ) {
    const part = ahead.shift();
    if (part === undefined) break;
    if (part === '..') {
      if (reached.pop() === undefined) return true;
      continue;
    }
    reached.push(part);
    const target = targets.get(reached.join('/'));
    if (target === undefined) continue;
    if (target.startsWith('/')) return true;
    followed += 1;
    if (followed > longestWay) return false;
    reached.pop();
    ahead.unshift(...parts(target));
  }
  return false;
}

function parts(path: string): string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.');
}
