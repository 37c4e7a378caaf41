import { describe, expect, it } from 'vitest';
import { dockerName } from './docker-name.ts';

describe('the name by which docker knows an image of an archive', () => {
  it.each([
    ['1.4', 'localhost:5000/team/app', 'localhost:5000/team/app:1.4'],
    ['1.4', 'app', 'app:1.4'],
    ['team/app:v1', 'other', 'team/app:v1'],
    ['docker.io/library/app:1.0', undefined, 'docker.io/library/app:1.0'],
    ['localhost/harbour/ltop:latest', undefined, 'localhost/harbour/ltop:latest'],
    ['registry.example:443/a/b__c:x_1', undefined, 'registry.example:443/a/b__c:x_1'],
  ])('is, for %s in %s, %s', (refName, repository, name) => {
    expect(dockerName(refName, repository)).toBe(name);
  });

  it.each([
    ['1.4', undefined],
    ['1.4', 'Team/App'],
    ['build of today', 'app'],
    ['', 'app'],
    [':1', undefined],
    ['Upper/case:1', undefined],
    [`app@sha256:${'0'.repeat(64)}`, undefined],
  ])('is none for %j in %s', (refName, repository) => {
    expect(dockerName(refName, repository)).toBeUndefined();
  });
});
