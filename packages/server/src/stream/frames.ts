import type { ClientFrame, ErrorDetail } from '@parleyhq/contract';

/** A client's frame, or what is wrong with it. */
export type ParsedFrame =
  | { readonly frame: ClientFrame }
  | { readonly problems: readonly ErrorDetail[]; readonly id: string | undefined };

/** Reads a client's text frame as the contract has it. */
export function parseClientFrame(text: string): ParsedFrame {
  const value: unknown = JSON.parse(text);
  return { frame: value as ClientFrame };
}
