/** Where a coordinator or a worker shows its metrics, and to whom. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import {
  checkHttpOpen,
  type HttpAddress,
  type HttpPages,
  type HttpServer,
  startHttp,
} from '../coordinator/http/index.js';
import type { CoordinatorSecurity } from '../coordinator/index.js';
import { InputError } from '../graph/index.js';
import { read, watchedTokens } from './access.js';
import type { Io } from './io.js';

export interface HttpOptions {
  readonly http?: HttpAddress;
  readonly httpInsecure?: boolean;
  readonly httpCert?: string;
  readonly httpKey?: string;
  readonly httpTokens?: string;
}

export function addHttpOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--http <host:port>',
        'serve /metrics (Prometheus), /healthz and /readyz here, port 0 for any (default: off)',
      )
        .env('NIL_HTTP')
        .argParser(httpOption),
    )
    .option('--http-insecure', 'show metrics to whoever reaches that address, unencrypted');
}

/** For a worker, which has no callers otherwise. */
export function addHttpSecurity(command: Command): Command {
  return command
    .option('--http-cert <file>', 'certificate of --http, PEM')
    .option('--http-key <file>', 'its key, PEM')
    .option('--http-tokens <file>', "who may see metrics: lines of 'role:SHA-256 of a token'");
}

/** `0.0.0.0:7611`, `[::]:7611`. */
export function httpOption(text: string): HttpAddress {
  const match = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9_.-]+):(\d{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  if (match === null || port > 65_535) throw new InvalidArgumentError(`found '${text}', expected HOST:PORT`);
  return { host: match[1].replace(/^\[(.*)\]$/, '$1'), port };
}

/** @throws InputError OPTIONS for one of certificate and key, SECRET_FILE for what can't be read */
export function httpSecurity({ httpCert, httpKey, httpTokens }: HttpOptions): CoordinatorSecurity {
  if ((httpCert === undefined) !== (httpKey === undefined)) {
    throw new InputError('OPTIONS', 'found one of --http-cert and --http-key, expected both or none');
  }
  const tls =
    httpCert === undefined || httpKey === undefined
      ? undefined
      : { cert: read(httpCert), key: read(httpKey) };
  return { tls, ...(httpTokens === undefined ? {} : { tokens: watchedTokens(httpTokens) }) };
}

/** Before anything is started. @throws InputError HTTP_OPEN */
export function checkHttp(options: HttpOptions, security: CoordinatorSecurity): void {
  if (options.http === undefined) {
    const given = Object.entries(options).filter(([key, value]) => /^http./.test(key) && value !== undefined);
    if (given.length > 0) {
      throw new InputError('OPTIONS', 'found options of --http but no --http HOST:PORT, expected it');
    }
    return;
  }
  checkHttpOpen(options.http, shownTo(options, security));
}

/** Undefined where nobody asks for it. @throws RunError HTTP_BIND; InputError TLS_FILES */
export async function serveHttp(
  io: Io,
  who: string,
  options: HttpOptions,
  security: CoordinatorSecurity,
  pages: HttpPages,
): Promise<HttpServer | undefined> {
  if (options.http === undefined) return undefined;
  const server = await startHttp({ ...options.http, security: shownTo(options, security), pages });
  io.err.write(`${who}: metrics at ${server.url}/metrics\n`);
  return server;
}

/** `--http-insecure` asks nobody, whatever gRPC asks. */
function shownTo({ httpInsecure }: HttpOptions, security: CoordinatorSecurity): CoordinatorSecurity {
  return httpInsecure === true ? { insecure: true } : security;
}
