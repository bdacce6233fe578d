/** The variables of the server's environment that every agent may see. None of them is a secret of the server. */
const HARMLESS = [
  ...['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'LANG', 'LC_*', 'TZ', 'TERM', 'TMPDIR', 'XDG_*'],
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'all_proxy', 'no_proxy'],
  ...['SSL_CERT_FILE', 'SSL_CERT_DIR', 'NODE_EXTRA_CA_CERTS'],
];

/**
 * Selects an agent's environment from the server's: the harmless variables and the names in `passEnv` (`NAME` or `PREFIX*`).
 * The variables of `set` are added and replace them. It is an allow list, so that a variable nobody thought of never leaks.
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
