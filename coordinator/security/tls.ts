/** Certificates for gRPC: what a server shows and whom it asks, what a client trusts and shows. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { BlockList, isIP } from 'node:net';
import { checkServerIdentity } from 'node:tls';
import * as grpc from '@grpc/grpc-js';
import { InputError } from '../../graph/index.js';
import type { TlsFiles } from '../../stream/nats/index.js';
import { CHANNEL_OPTIONS } from '../grpc/bridge.js';

/** Texts in PEM. */
export interface ServerTls {
  readonly cert: string;
  readonly key: string;
  /** Authorities that clients' certificates may come from; without it no client is asked for one. */
  readonly clientCa?: string;
}

/** How a client or a worker reaches a coordinator. */
export interface CoordinatorAccess {
  /** Undefined: without TLS. Without a `ca` the system's authorities are trusted. */
  readonly tls?: TlsFiles;
  /** A bearer token; a secret. */
  readonly token?: string;
  /** Sends the token to other machines without TLS, too. */
  readonly insecure?: boolean;
}

/**
 * A server that asks for client certificates but can also be called with a token: without either, the guard refuses. grpc-js itself only has
 * servers that insist on a certificate and ones that don't ask.
 */
class OptionalCertificates extends grpc.ServerCredentials {
  constructor({ cert, key, clientCa }: ServerTls) {
    super({ requestCert: true, rejectUnauthorized: false }, { ca: clientCa, cert, key });
  }

  override _equals(other: grpc.ServerCredentials): boolean {
    return this === other;
  }
}

/** @param tokens Whether there is another way in than by certificate. */
export function serverCredentials(tls: ServerTls | undefined, tokens: boolean): grpc.ServerCredentials {
  if (tls === undefined) return grpc.ServerCredentials.createInsecure();
  checkIdentity(tls, 'the coordinator');
  if (tls.clientCa !== undefined) checkCertificates(tls.clientCa, 'the client authority');
  if (tls.clientCa !== undefined && tokens) return new OptionalCertificates(tls);
  const ca = tls.clientCa === undefined ? null : Buffer.from(tls.clientCa);
  const pair = { cert_chain: Buffer.from(tls.cert), private_key: Buffer.from(tls.key) };
  return grpc.ServerCredentials.createSsl(ca, [pair], ca !== null);
}

/**
 * A channel to a coordinator; its certificate has to be for the address's host.
 * @throws InputError TLS_FILES for files that are none or don't fit together, TOKEN_IN_CLEAR for a token that would be sent to another
 * machine unencrypted
 */
export function connectGrpc(address: string, access: CoordinatorAccess = {}): grpc.Client {
  const { tls, token, insecure = false } = access;
  if (token !== undefined && tls === undefined && !insecure && !isLoopback(hostOf(address))) {
    throw new InputError(
      'TOKEN_IN_CLEAR',
      `coordinator ${address}: found a token but no TLS, expected --tls-ca FILE or --tls (or --insecure on a network that you trust)`,
    );
  }
  const options = {
    ...CHANNEL_OPTIONS,
    // TLS has no addresses as server names, and Node warns of them; what is checked is the address all the same.
    ...(tls !== undefined && isIP(hostOf(address)) !== 0 ? { 'grpc.ssl_target_name_override': 'nil' } : {}),
    interceptors: token === undefined ? [] : [bearer(token)],
  };
  return new grpc.Client(address, channelCredentials(tls, hostOf(address)), options);
}

function channelCredentials(tls: TlsFiles | undefined, host: string): grpc.ChannelCredentials {
  if (tls === undefined) return grpc.credentials.createInsecure();
  const { ca, cert, key } = tls;
  if (ca !== undefined) checkCertificates(ca, 'the authority');
  if (cert !== undefined || key !== undefined)
    checkIdentity({ cert: cert ?? '', key: key ?? '' }, 'the client');
  const bytes = (text: string | undefined): Buffer | null => (text === undefined ? null : Buffer.from(text));
  return grpc.credentials.createSsl(bytes(ca), bytes(key), bytes(cert), {
    checkServerIdentity: (_, certificate) => checkServerIdentity(host, certificate),
  });
}

function bearer(token: string): grpc.Interceptor {
  return (options, next) =>
    new grpc.InterceptingCall(next(options), {
      start(metadata, listener, pass) {
        metadata.set('authorization', `Bearer ${token}`);
        pass(metadata, listener);
      },
    });
}

/** @throws InputError TLS_FILES */
export function checkIdentity(
  { cert, key }: { readonly cert: string; readonly key: string },
  of: string,
): void {
  const certificate = checkCertificates(cert, of);
  let fits: boolean;
  try {
    fits = certificate.checkPrivateKey(createPrivateKey(key));
  } catch (cause) {
    throw new InputError('TLS_FILES', `key of ${of}: found no private key in PEM, expected one`, { cause });
  }
  if (!fits) {
    throw new InputError(
      'TLS_FILES',
      `key of ${of}: found another key than the certificate's, expected its own`,
    );
  }
}

function checkCertificates(text: string, of: string): X509Certificate {
  try {
    return new X509Certificate(text);
  } catch (cause) {
    throw new InputError('TLS_FILES', `certificate of ${of}: found no certificate in PEM, expected one`, {
      cause,
    });
  }
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** Whether a host can only be reached from its own machine. */
export function isLoopback(host: string): boolean {
  const family = isIP(host);
  if (family === 0) return host === 'localhost';
  return LOOPBACK.check(host, family === 4 ? 'ipv4' : 'ipv6');
}

/** `[::1]:7610` is `::1`. */
export function hostOf(address: string): string {
  return address.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
}
