// Whether colours are wanted: NO_COLOR and FORCE_COLOR decide, then whether it is a terminal that can show them.

export function wantsColours(output: { readonly isTTY?: boolean }, env: NodeJS.ProcessEnv): boolean {
  const forced = env.FORCE_COLOR;
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  if ((env.NO_COLOR ?? '') !== '' || env.TERM === 'dumb') return false;
  return output.isTTY === true;
}
