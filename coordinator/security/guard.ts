/** Asks every call who is calling before anything else of it is read: a server interceptor, so that no method can be forgotten. */
import { createHash } from 'node:crypto';
import type { PeerCertificate } from 'node:tls';
import * as grpc from '@grpc/grpc-js';
import { isRole, mayCall, ROLES, type Role } from './roles.js';
import { roleOfToken, type TokenEntry } from './tokens.js';

type Refusal = Pick<grpc.StatusObject, 'code' | 'details'>;

interface Caller {
  readonly role: Role;
  readonly id: string;
}

/** What is true of every caller when nobody is asked. */
const ANYBODY = 'anybody';

const ID_KEY = 'nil-caller';

export interface GuardOptions {
  /** Read anew for every call, so that a token that was taken out of the file is out. */
  readonly tokens?: () => readonly TokenEntry[];
  /** Certificates that the TLS layer has verified say a role in their organizational unit. */
  readonly certificates: boolean;
}

/**
 * Refuses with UNAUTHENTICATED who has no or wrong credentials, with PERMISSION_DENIED whose role isn't enough. Undefined lets everybody
 * through.
 */
export function guard(options: GuardOptions | undefined): grpc.ServerInterceptor {
  return ({ path }, call) => {
    let refused = false;
    return new grpc.ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata(metadata, pass) {
            const refusal = options === undefined ? admitted(metadata) : check(options, metadata, path, call);
            if (refusal === undefined) {
              pass(metadata);
              return;
            }
            refused = true;
            call.sendStatus(refusal);
          },
          // What comes after a refusal is nobody's.
          onReceiveMessage: (message, pass) => {
            if (!refused) pass(message);
          },
          onReceiveHalfClose: (pass) => {
            if (!refused) pass();
          },
        }),
    });
  };
}

/** Of a call that was let through, who it came from: the same text for the same credentials, and it tells nothing of them. */
export function callerId(metadata: grpc.Metadata): string {
  return String(metadata.get(ID_KEY)[0] ?? ANYBODY);
}

/** Callers can't say themselves who they are: what they wrote there is replaced. */
function admitted(metadata: grpc.Metadata, id = ANYBODY): undefined {
  metadata.set(ID_KEY, id);
}

function check(
  options: GuardOptions,
  metadata: grpc.Metadata,
  path: string,
  call: grpc.ServerInterceptingCallInterface,
): Refusal | undefined {
  const found = callerOf(options, metadata, call.getAuthContext().sslPeerCertificate);
  if ('reason' in found) return { code: grpc.status.UNAUTHENTICATED, details: found.reason };
  if (mayCall(found.role, path)) return admitted(metadata, found.id);
  const method = path.slice(path.lastIndexOf('/') + 1);
  const details = `the role ${found.role} may not call ${method}`;
  return { code: grpc.status.PERMISSION_DENIED, details };
}

function callerOf(
  { tokens, certificates }: GuardOptions,
  metadata: grpc.Metadata,
  certificate: PeerCertificate | undefined,
): Caller | { readonly reason: string } {
  const [authorization] = metadata.get('authorization');
  // A token that is given counts, also beside a certificate: a wrong one isn't forgiven.
  if (authorization !== undefined) {
    const token = /^Bearer ([\x21-\x7e]{1,512})$/i.exec(String(authorization))?.[1];
    const role = token === undefined || tokens === undefined ? undefined : roleOfToken(tokens(), token);
    if (token === undefined || role === undefined) return { reason: 'the token is none that it knows' };
    return { role, id: idOf(`token ${token}`) };
  }
  if (certificates && certificate !== undefined) {
    const unit = unitOf(certificate);
    if (!isRole(unit)) {
      return {
        reason: `the certificate's organizational unit is none of ${ROLES.join(', ')}`,
      };
    }
    return { role: unit, id: idOf(`certificate ${certificate.fingerprint256}`) };
  }
  return { reason: 'credentials are needed: a token or a client certificate' };
}

function unitOf({ subject }: PeerCertificate): string {
  const unit: unknown = subject?.OU;
  return typeof unit === 'string' ? unit : '';
}

const idOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32);
