/** Fields that the configurations of several adapters have. */
import { z } from 'zod';
import { parseTimeNs } from '../../graph/units.js';

/** A time with its unit, at least 0; in ns. */
export const timeNs = (example: string) =>
  z
    .union([z.string(), z.number()], { error: `a time such as '${example}'` })
    .transform((value, context) => {
      try {
        return parseTimeNs(value);
      } catch {
        context.addIssue({ code: 'custom', message: `a time such as '${example}'` });
        return z.NEVER;
      }
    })
    .refine((ns) => ns >= 0, { error: 'a time of at least 0' });

/** Of UDP or TCP; 0 has a meaning of its own where it is allowed. */
export const port = z.number().int().min(0).max(65535);

export interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

/** `host:port`, `[::1]:port`; undefined where it is none that something can be sent to. */
export function hostAndPortOf(text: string): HostAndPort | undefined {
  const match = /^(?:\[([0-9a-f:.%]+)\]|([^[\]]+)):(\d{1,5})$/i.exec(text);
  if (match === null) return undefined;
  const number = Number(match[3]);
  return number >= 1 && number <= 65535 ? { host: match[1] ?? match[2], port: number } : undefined;
}

export const hostAndPort = z.string().transform((text, context) => {
  const found = hostAndPortOf(text);
  if (found !== undefined) return found;
  context.addIssue({ code: 'custom', message: "'HOST:PORT'" });
  return z.NEVER;
});
