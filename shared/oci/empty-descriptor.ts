import type { Descriptor } from './descriptor.ts';
import { parseDigest } from './digest.ts';
import { MEDIA_TYPES } from './media-types.ts';

/** The descriptor of `{}`, for a config or layer that has nothing to say (image-spec manifest.md, Guidance for an Empty Descriptor). */
export const EMPTY_DESCRIPTOR: Descriptor = {
  mediaType: MEDIA_TYPES.empty,
  digest: parseDigest('sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a'),
  size: 2,
  data: 'e30=',
};
