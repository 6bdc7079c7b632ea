import type { NatsAuthority } from '../../stream/nats/index.js';

/**
 * A nats-server's configuration: TLS with certificates on both sides, and only users that the account's signing key vouches for. What they
 * may do stands in their JWTs, so nothing here changes when runs come and go.
 * @param host where it listens
 */
export function natsServerConfig(authority: NatsAuthority, host: string): string {
  const { operatorJwt, accountJwt, issuer, system, systemJwt } = authority;
  const listen = host.includes(':') ? `[${host}]` : host;
  return `# A nats-server for NIL Runtime, made by 'nil auth init'. In this folder: nats-server --config nats-server.conf
listen: "${listen}:4222"

# Both sides show a certificate of the same authority.
tls {
  cert_file: "cert.pem"
  key_file: "key.pem"
  ca_file: "ca.pem"
  verify: true
  timeout: 5
}

# For checkpoints: nil coordinator --store nats
jetstream {
  store_dir: "."
}

# Who vouches for the account, and the account: users come with a JWT that one of its keys has signed. The coordinator makes one for each
# federate of each run, which may publish nil.v1.<run>.<neighbour>.<itself>.* and hear nil.v1.<run>.<itself>.>
operator: ${operatorJwt}
system_account: ${system}
resolver: MEMORY
resolver_preload: {
  ${issuer.account}: ${accountJwt}
  ${system}: ${systemJwt}
}
`;
}
