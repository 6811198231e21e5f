import tls from 'node:tls';

/// Has this process trust the authority `ca` (PEM) in every connection it
/// makes from now on, as NODE_EXTRA_CA_CERTS does at its start: for clients
/// that cannot be told whom to trust.
export function trust(ca) {
  const create = tls.createSecureContext;
  tls.createSecureContext = (options) => {
    const made = create(options);
    made.context.addCACert(ca);
    return made;
  };
}
