import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import type { Digest } from '../../shared/oci/digest.ts';
import { MEDIA_TYPES } from '../../shared/oci/media-types.ts';

/** What cosign calls a signature, as the type of the statement that is signed. */
export const COSIGN_SIGN_PREDICATE = 'https://sigstore.dev/cosign/sign/v1';

/** A key pair of the sample; the private half is forgotten when the sample is made. */
export interface SampleKey {
  readonly privateKey: KeyObject;
  /** PEM. */
  readonly publicKey: string;
  /** How cosign names a key in a bundle: base64 of the SHA-256 of its DER form. */
  readonly hint: string;
}

/** A new ECDSA key on P-256, which is what cosign makes. */
export function makeSampleKey(): SampleKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const der = publicKey.export({ type: 'spki', format: 'der' });
  return {
    privateKey,
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    hint: createHash('sha256').update(der).digest('base64'),
  };
}

/**
 * A sigstore bundle that signs a digest, in the form of cosign 3: an in-toto statement in a DSSE envelope, really signed; by a
 * key, and with no entry in a transparency log.
 */
export function signSample(subject: Digest, { privateKey, hint }: SampleKey): object {
  const [algorithm = '', encoded = ''] = subject.split(':');
  const payload = Buffer.from(
    JSON.stringify({
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ digest: { [algorithm]: encoded } }],
      predicateType: COSIGN_SIGN_PREDICATE,
      predicate: {},
    }),
  );
  const signature = sign('sha256', preAuthenticationEncoding(MEDIA_TYPES.inToto, payload), privateKey);
  return {
    mediaType: MEDIA_TYPES.sigstoreBundle,
    verificationMaterial: { publicKey: { hint } },
    dsseEnvelope: {
      payload: payload.toString('base64'),
      payloadType: MEDIA_TYPES.inToto,
      signatures: [{ sig: signature.toString('base64') }],
    },
  };
}

/** The bytes that a DSSE signature is over (secure-systems-lab/dsse, protocol.md): type and payload, each with its length. */
function preAuthenticationEncoding(type: string, payload: Buffer): Buffer {
  return Buffer.concat([
    Buffer.from(`DSSEv1 ${Buffer.byteLength(type)} ${type} ${payload.byteLength} `),
    payload,
  ]);
}
