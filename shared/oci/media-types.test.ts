import { describe, expect, it } from 'vitest';
import {
  bareMediaType,
  isArtifactManifestMediaType,
  isImageConfigMediaType,
  isIndexMediaType,
  isManifestMediaType,
  isMediaType,
  isSameMediaType,
  isSchemaOneMediaType,
  MANIFEST_MEDIA_TYPES,
  MEDIA_TYPES,
} from './media-types.ts';

describe('isMediaType', () => {
  const LONGEST = '1234567'.padEnd(127, 'x');

  // The cases of image-spec schema/descriptor_test.go about the pattern, as data.
  it.each([
    ...Object.values(MEDIA_TYPES),
    'a/b',
    `${LONGEST}/${LONGEST}`,
    'A9!#$&^_.+-/z',
    'application/vnd.example+type',
  ])('takes %s', (text) => {
    expect(isMediaType(text)).toBe(true);
  });

  it.each([
    '',
    '/',
    'application',
    'application/',
    '/json',
    '.foo/bar',
    'foo/.bar',
    'a/b/c',
    'a b/c',
    'a/b;c',
    'a/b ',
    'é/b',
    'a/b\n',
    "a/b'",
    'a/b*',
    'a/b%',
    `${LONGEST}1/bar`,
    `foo/${LONGEST}1`,
  ])('refuses %j', (text) => {
    expect(isMediaType(text)).toBe(false);
  });
});

describe('media types', () => {
  it('are compared without parameters and without case, and kept as they are', () => {
    expect(bareMediaType(' application/json ; charset=utf-8')).toBe('application/json');
    expect(bareMediaType('APPLICATION/JSON')).toBe('APPLICATION/JSON');
    expect(isSameMediaType('Application/JSON; charset=utf-8', 'application/json')).toBe(true);
    expect(isSameMediaType('application/json', 'application/jsonp')).toBe(false);
  });

  it('of every document that the walk descends into fall into index, manifest, withdrawn artifact manifest and schema 1', () => {
    for (const mediaType of MANIFEST_MEDIA_TYPES) {
      expect(isManifestMediaType(mediaType)).toBe(true);
      expect(isManifestMediaType(`${mediaType}; charset=utf-8`)).toBe(true);
      expect(isMediaType(mediaType)).toBe(true);
    }
    expect(new Set(MANIFEST_MEDIA_TYPES).size).toBe(8);
    expect(MANIFEST_MEDIA_TYPES.filter(isIndexMediaType)).toEqual([
      MEDIA_TYPES.index,
      MEDIA_TYPES.dockerManifestList,
    ]);
    expect(MANIFEST_MEDIA_TYPES.filter(isArtifactManifestMediaType)).toHaveLength(2);
    expect(MANIFEST_MEDIA_TYPES.filter(isSchemaOneMediaType)).toHaveLength(2);
  });

  it('of configs and layers are none of them', () => {
    for (const mediaType of [
      MEDIA_TYPES.imageConfig,
      MEDIA_TYPES.layerTarGzip,
      MEDIA_TYPES.empty,
      'application/json',
      'toString',
      '__proto__',
    ]) {
      expect(isManifestMediaType(mediaType)).toBe(false);
    }
    expect(isImageConfigMediaType(MEDIA_TYPES.dockerImageConfig)).toBe(true);
    expect(isImageConfigMediaType(MEDIA_TYPES.empty)).toBe(false);
  });
});
