/**
 * A small HTTP server for what machines ask of a coordinator or a worker: metrics, health, readiness. It answers GET and HEAD only and
 * changes nothing. Metrics are for viewers and operators where anybody is asked who is calling; health and readiness are for
 * everybody, and say nothing else.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { TLSSocket } from 'node:tls';
import { InputError, RunError } from '../../graph/index.js';
import { type CoordinatorSecurity, guardOptions } from '../security/open.js';
import { isRole, type Role } from '../security/roles.js';
import { checkIdentity, isLoopback } from '../security/tls.js';
import { roleOfToken } from '../security/tokens.js';
import { CONTENT_TYPE } from './exposition.js';

export interface HttpAddress {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
}

export interface HttpOptions extends HttpAddress {
  readonly security?: CoordinatorSecurity;
  readonly pages: HttpPages;
}

export interface HttpPages {
  /** In Prometheus's text format. */
  metrics(): string;
  /** Undefined when it is ready, else why it isn't, in a few words. */
  unready(): string | undefined;
}

export interface HttpServer {
  /** `http://HOST:PORT`, or https. */
  readonly url: string;
  close(): Promise<void>;
}

const HEADERS_MS = 5000;
const REQUEST_MS = 10_000;
const IDLE_MS = 20_000;
const MOST_CONNECTIONS = 64;
const MOST_HEADER_BYTES = 8192;
const LOOKERS: readonly Role[] = ['viewer', 'operator'];

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * @throws InputError HTTP_OPEN for an address that other machines reach, where nobody would be asked who is calling or tokens would
 * travel unencrypted; RunError HTTP_BIND when the address is taken; InputError TLS_FILES
 */
export async function startHttp(options: HttpOptions): Promise<HttpServer> {
  const { host, port, security = {} } = options;
  checkHttpOpen(options, security);
  const server = makeServer(security, (request, response) => {
    const answer = answerTo(request, options);
    response.writeHead(answer.status, {
      'content-type': answer.type ?? 'text/plain; charset=utf-8',
      'content-length': Buffer.byteLength(answer.body),
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      ...answer.headers,
    });
    response.end(request.method === 'HEAD' ? undefined : answer.body);
  });
  server.maxConnections = MOST_CONNECTIONS;
  const shown = host.includes(':') ? `[${host}]` : host;
  const bound = await new Promise<number>((resolve, reject) => {
    server.once('error', (cause: Error) => {
      reject(new RunError('HTTP_BIND', `--http ${shown}:${port}: ${cause.message}`, { cause }));
    });
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
  return {
    url: `${security.tls === undefined ? 'http' : 'https'}://${shown}:${bound}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** @throws InputError HTTP_OPEN */
export function checkHttpOpen({ host, port }: HttpAddress, security: CoordinatorSecurity = {}): void {
  if (security.insecure === true || isLoopback(host)) return;
  const asks = guardOptions(security) !== undefined;
  if (asks && security.tls !== undefined) return;
  const found = asks
    ? 'tokens without TLS, which could be read on the way'
    : 'nothing that asks who is calling';
  throw new InputError(
    'HTTP_OPEN',
    `--http ${host}:${port}: found ${found}, expected a certificate and tokens (see 'Metrics' in docs/deploy.md), or --http-insecure on a network that you trust`,
  );
}

function makeServer(
  { tls, tokens }: CoordinatorSecurity,
  listener: (request: IncomingMessage, response: ServerResponse) => void,
): Server {
  const limits = {
    headersTimeout: HEADERS_MS,
    requestTimeout: REQUEST_MS,
    keepAliveTimeout: IDLE_MS,
    maxHeaderSize: MOST_HEADER_BYTES,
  };
  if (tls === undefined) return createServer(limits, listener);
  checkIdentity(tls, 'the HTTP server');
  const { cert, key, clientCa } = tls;
  const asked =
    clientCa === undefined
      ? {}
      : { ca: clientCa, requestCert: true, rejectUnauthorized: tokens === undefined };
  // Probes of Kubernetes show no certificate: where one is demanded, they have to look at another address.
  return createTlsServer({ ...limits, cert, key, minVersion: 'TLSv1.2', ...asked }, listener);
}

function answerTo(request: IncomingMessage, { pages, security = {} }: HttpOptions): Answer {
  const path = (request.url ?? '').split('?', 1)[0];
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return { status: 405, body: 'found another method, expected GET\n', headers: { allow: 'GET, HEAD' } };
  }
  switch (path) {
    case '/healthz':
      return { status: 200, body: 'ok\n' };
    case '/readyz': {
      const why = pages.unready();
      return why === undefined ? { status: 200, body: 'ok\n' } : { status: 503, body: `${why}\n` };
    }
    case '/metrics':
      return refusal(request, security) ?? { status: 200, body: pages.metrics(), type: CONTENT_TYPE };
    default:
      return { status: 404, body: 'found another path, expected /metrics, /healthz or /readyz\n' };
  }
}

/** Undefined for who may look. */
function refusal(request: IncomingMessage, security: CoordinatorSecurity): Answer | undefined {
  const options = guardOptions(security);
  if (options === undefined) return undefined;
  const role = roleOf(request, security);
  if (role === undefined) {
    return { status: 401, body: 'credentials are needed\n', headers: { 'www-authenticate': 'Bearer' } };
  }
  if (LOOKERS.includes(role)) return undefined;
  return { status: 403, body: `the role ${role} may not look at metrics\n` };
}

/** A token that is given counts, also beside a certificate: a wrong one isn't forgiven. */
function roleOf(
  { headers, socket }: IncomingMessage,
  { tokens, tls }: CoordinatorSecurity,
): Role | undefined {
  const { authorization } = headers;
  if (authorization !== undefined) {
    const token = /^Bearer ([\x21-\x7e]{1,512})$/i.exec(authorization)?.[1];
    return token === undefined || tokens === undefined ? undefined : roleOfToken(tokens(), token);
  }
  if (tls?.clientCa === undefined || !(socket instanceof TLSSocket) || !socket.authorized) return undefined;
  const unit: unknown = socket.getPeerCertificate().subject?.OU;
  return typeof unit === 'string' && isRole(unit) ? unit : undefined;
}
