import {execFileSync} from 'node:child_process';
import {X509Certificate} from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

/// A key and a certificate for `name`, valid for some days, self-signed or
/// `issued` by the site's authority; and its thumbprints.
export function certificate(site, name, {issued = false, days = 2} = {}) {
  const file = (end) => path.join(site.folder, `${name}.${end}`);
  const openssl = (...words) =>
    execFileSync('openssl', words, {stdio: ['ignore', 'pipe', 'pipe']});
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
    '-keyout', file('key'), '-subj', `/CN=${name}`];
  if (issued) {
    openssl('req', ...key, '-out', file('csr'));
    openssl('x509', '-req', '-in', file('csr'), '-days', `${days}`,
      '-CA', site.caFile, '-CAkey', path.join(site.certificates, 'ca.key'),
      '-CAcreateserial', '-out', file('pem'));
  } else {
    openssl('req', '-x509', ...key, '-days', `${days}`, '-out', file('pem'));
  }
  const cert = fs.readFileSync(file('pem'));
  const shown = new X509Certificate(cert);
  return {
    cert,
    key: fs.readFileSync(file('key')),
    sha1: shown.fingerprint.replaceAll(':', ''),
    sha256: shown.fingerprint256.replaceAll(':', ''),
  };
}
