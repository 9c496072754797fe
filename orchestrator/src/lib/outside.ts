// A server that somebody else runs, such as a Redis: what of its address may be shown, and whether it is on this machine. Knows no protocol.

/** Without user, password and parameters, each of which may be a secret; what cannot be read as a URL is not shown at all. */
export function shownUrl(url: string): string {
  if (!URL.canParse(url)) return '(not a URL)';
  const { protocol, username, password, host, pathname } = new URL(url);
  return `${protocol}//${username === '' && password === '' ? '' : '...@'}${host}${pathname}`;
}

/** A socket's path, or an address of loopback. No other name is believed: whom it points to is somebody else's to say. */
export function isOnThisMachine(host: string): boolean {
  return host.startsWith('/') || host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

/** What to type next where TLS fails: nothing else than a certificate can be helped from this side. */
export function hintOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /CERT|SELF_SIGNED|UNABLE_TO_/.test(code) ? 'NODE_EXTRA_CA_CERTS=/path/to/ca.pem vlab ...' : undefined;
}
