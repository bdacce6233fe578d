/** What every agent may see of the server's environment: nothing in it is a secret of the server. */
const HARMLESS = [
  ...['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'LANG', 'LC_*', 'TZ', 'TERM', 'TMPDIR', 'XDG_*'],
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy'],
  ...['SSL_CERT_FILE', 'SSL_CERT_DIR', 'NODE_EXTRA_CA_CERTS'],
];

/**
 * Picks an agent's environment from the server's: the harmless variables, the names on `passEnv` (`NAME` or `PREFIX*`),
 * and over them what is `set` for it. An allow list, so that a secret of the server never leaks by being forgotten.
 */
export function selectEnvironment(
  from: Readonly<Record<string, string | undefined>>,
  passEnv: readonly string[],
  set: Readonly<Record<string, string>>,
): Record<string, string> {
  const patterns = [...HARMLESS, ...passEnv];
  const names = new Set(patterns.filter((pattern) => !pattern.endsWith('*')));
  const prefixes = patterns.filter((pattern) => pattern.endsWith('*')).map((pattern) => pattern.slice(0, -1));
  const picked: Record<string, string> = {};
  for (const [name, value] of Object.entries(from)) {
    if (value === undefined) continue;
    if (names.has(name) || prefixes.some((prefix) => name.startsWith(prefix))) picked[name] = value;
  }
  return { ...picked, ...set };
}
