import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { OptionError } from './option-error.js';

/** A certificate, followed by its chain, and its key: both as PEM. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
}

/**
 * Reads the files for TLS; undefined if neither is named.
 *
 * @throws OptionError if only one is named, if a file cannot be read or has another content, or if the key does not belong to
 * the certificate.
 */
export async function readTls(
  certPath: string | undefined,
  keyPath: string | undefined,
): Promise<TlsFiles | undefined> {
  if (certPath === undefined && keyPath === undefined) return undefined;
  if (certPath === undefined) throw new OptionError('tlsCert', 'expected the certificate of the key, got none');
  if (keyPath === undefined) throw new OptionError('tlsKey', 'expected the key of the certificate, got none');
  const cert = await read('tlsCert', certPath);
  const key = await read('tlsKey', keyPath);
  const certificate = parse('tlsCert', 'a certificate', certPath, () => new X509Certificate(cert));
  const privateKey = parse('tlsKey', 'a private key without a passphrase', keyPath, () => createPrivateKey(key));
  checkMatch(certificate, privateKey, keyPath, certPath);
  // Finds errors in the rest of the chain, and certificates that are too weak for TLS.
  parse('tlsCert', 'certificates that TLS takes', certPath, () => createSecureContext({ cert, key }));
  return { cert, key };
}

async function read(option: string, path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: Error) => {
    throw new OptionError(option, `expected a PEM file that can be read, got ${path} (${error.message})`);
  });
}

function parse<Parsed>(option: string, expected: string, path: string, make: () => Parsed): Parsed {
  try {
    return make();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new OptionError(option, `expected a PEM file with ${expected}, got ${path} (${reason})`);
  }
}

function checkMatch(certificate: X509Certificate, key: KeyObject, keyPath: string, certPath: string): void {
  if (certificate.checkPrivateKey(key)) return;
  throw new OptionError('tlsKey', `expected the key of the certificate in ${certPath}, got another one in ${keyPath}`);
}
