// Two ways of writing one address: trailing slash, case of the host, the scheme's own port.

/** The address in one form, for comparing; text that is no address stays as it is. */
export function normalUrl(text: string): string {
  try {
    const url = new URL(text.trim());
    const path = url.pathname.replace(/\/+$/, '');
    return `${url.protocol}//${url.host}${path}${url.search}`;
  } catch {
    return text.trim().toLowerCase();
  }
}

/** An address of the web, or null. */
export function readUrl(text: string): URL | null {
  try {
    const url = new URL(text);
    return url.protocol === 'http:' || url.protocol === 'https:' ? url : null;
  } catch {
    return null;
  }
}
