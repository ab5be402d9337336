// What start and test say when the machine lacks something: one sentence that says what to do, and what the tool itself said.

export class SetupFailure extends Error {
  /** @param {string} sentence for people @param {string} [output] what the failing tool printed; its last lines are shown */
  constructor(sentence, output = '') {
    super(sentence);
    this.name = 'SetupFailure';
    this.lastLines = output
      .split('\n')
      .map((line) => line.trimEnd())
      .filter((line) => line !== '' && !line.includes('A complete log of this run'))
      .slice(-8);
  }

  /** Ready to print. */
  get report() {
    return [...this.lastLines.map((line) => `  ${line}`), this.message].join('\n');
  }
}

/** The sentence for a failure that any installer can have, or undefined. @param {string} output */
export function commonCause(output) {
  if (
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ERR_SOCKET_TIMEOUT|NewConnectionError|NameResolutionError|ConnectTimeoutError|ReadTimeoutError|ProxyError|Temporary failure in name resolution/.test(
      output,
    )
  )
    return 'The package registry could not be reached: check the network and the proxy settings, then start again.';
  if (/SELF_SIGNED_CERT|UNABLE_TO_VERIFY_LEAF|UNABLE_TO_GET_ISSUER|CERTIFICATE_VERIFY_FAILED|SSLError/.test(output))
    return 'The package registry’s certificate is not trusted here: set NODE_EXTRA_CA_CERTS and PIP_CERT to your authority’s certificate, then start again.';
  if (/ENOSPC|No space left on device/.test(output)) return 'The disk is full: free about 1 GB, then start again.';
  if (/EACCES|EPERM|EROFS|Permission denied|Read-only file system/.test(output))
    return 'A folder cannot be written: make the checkout and the data folder writable for this user, then start again.';
  return undefined;
}
