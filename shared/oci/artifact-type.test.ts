import { describe, expect, it } from 'vitest';
import { artifactTypeOf } from './artifact-type.ts';
import { EMPTY_DESCRIPTOR } from './empty-descriptor.ts';
import { parseManifest } from './manifest.ts';
import { MEDIA_TYPES } from './media-types.ts';

function typeOf(document: object): string | undefined {
  return artifactTypeOf(
    parseManifest(new TextEncoder().encode(JSON.stringify({ schemaVersion: 2, ...document }))),
  );
}

function manifestWith(configMediaType: string, artifactType?: string): object {
  return { config: { ...EMPTY_DESCRIPTOR, mediaType: configMediaType }, layers: [], artifactType };
}

describe('artifactTypeOf', () => {
  it('is artifactType before anything else', () => {
    expect(typeOf(manifestWith(MEDIA_TYPES.empty, 'application/spdx+json'))).toBe('application/spdx+json');
    expect(typeOf(manifestWith(MEDIA_TYPES.helmConfig, 'application/vnd.example+type'))).toBe(
      'application/vnd.example+type',
    );
    expect(typeOf({ manifests: [], artifactType: 'application/vnd.example+type' })).toBe(
      'application/vnd.example+type',
    );
  });

  it('is the media type of a config that is neither an image config nor empty', () => {
    expect(typeOf(manifestWith(MEDIA_TYPES.helmConfig))).toBe(MEDIA_TYPES.helmConfig);
    expect(typeOf(manifestWith('application/vnd.unknown.config.v1+json', ''))).toBe(
      'application/vnd.unknown.config.v1+json',
    );
  });

  it('is none for images, for the empty config and for an index', () => {
    expect(typeOf(manifestWith(MEDIA_TYPES.imageConfig))).toBeUndefined();
    expect(typeOf(manifestWith(MEDIA_TYPES.dockerImageConfig))).toBeUndefined();
    expect(typeOf(manifestWith(MEDIA_TYPES.empty))).toBeUndefined();
    expect(typeOf({ manifests: [] })).toBeUndefined();
  });
});
