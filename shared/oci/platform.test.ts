import { describe, expect, it } from 'vitest';
import type { ErrorData } from '../errors/tallyman-error.ts';
import { formatPlatform, readPlatform, selectPlatform, type Platform } from './platform.ts';

function platform(text: string, rest: Partial<Platform> = {}): Platform {
  const [os = '', architecture = '', variant] = text.split('/');
  return { os, architecture, ...(variant === undefined ? {} : { variant }), ...rest };
}

describe('selectPlatform', () => {
  const choose = (entries: readonly (Platform | undefined)[], wanted: Platform): number =>
    entries.length === 0
      ? -1
      : (selectPlatform(
          entries.map((entry, index) => ({ index, ...(entry === undefined ? {} : { platform: entry }) })),
          wanted,
        )?.index ?? -1);

  it('takes the first of several entries that match', () => {
    expect(
      choose(
        [platform('linux/arm64'), platform('linux/amd64'), platform('linux/amd64')],
        platform('linux/amd64'),
      ),
    ).toBe(1);
  });

  it('takes nothing where nothing matches, and never an entry without a platform', () => {
    expect(choose([], platform('linux/amd64'))).toBe(-1);
    expect(
      choose([undefined, platform('linux/arm64'), platform('windows/amd64')], platform('linux/amd64')),
    ).toBe(-1);
    expect(choose([platform('unknown/unknown')], platform('linux/amd64'))).toBe(-1);
  });

  it('takes a missing variant for the usual one, on both sides', () => {
    expect(choose([platform('linux/arm64/v8')], platform('linux/arm64'))).toBe(0);
    expect(choose([platform('linux/arm64')], platform('linux/arm64/v8'))).toBe(0);
    expect(choose([platform('linux/arm/v6'), platform('linux/arm')], platform('linux/arm/v7'))).toBe(1);
    expect(choose([platform('linux/amd64/v3'), platform('linux/amd64')], platform('linux/amd64'))).toBe(1);
  });

  it('falls back to the highest lower variant, never to a higher one', () => {
    expect(choose([platform('linux/arm/v5'), platform('linux/arm/v6')], platform('linux/arm/v7'))).toBe(1);
    expect(choose([platform('linux/arm/v7'), platform('linux/arm/v6')], platform('linux/arm/v5'))).toBe(-1);
    expect(
      choose([platform('linux/arm64/v8'), platform('linux/arm64/v8.2')], platform('linux/arm64/v8.4')),
    ).toBe(1);
    expect(choose([platform('linux/amd64/v3')], platform('linux/amd64/v2'))).toBe(-1);
  });

  it('compares variants it knows no order of for equality only', () => {
    expect(choose([platform('linux/riscv64/rva20u64')], platform('linux/riscv64/rva22u64'))).toBe(-1);
    expect(choose([platform('linux/riscv64/rva20u64')], platform('linux/riscv64/rva20u64'))).toBe(0);
    expect(choose([platform('linux/arm/vx'), platform('linux/arm/v6.0.0')], platform('linux/arm/v7'))).toBe(
      -1,
    );
  });

  it('matches Windows by build', () => {
    const wanted = platform('windows/amd64', { osVersion: '10.0.20348.2966' });
    expect(
      choose(
        [
          platform('windows/amd64', { osVersion: '10.0.26100.1' }),
          platform('windows/amd64', { osVersion: '10.0.20348.1' }),
        ],
        wanted,
      ),
    ).toBe(1);
    expect(choose([platform('windows/amd64')], wanted)).toBe(0);
  });
});

describe('formatPlatform', () => {
  it('writes what there is', () => {
    expect(formatPlatform(platform('linux/arm64/v8'))).toBe('linux/arm64/v8');
    expect(formatPlatform(platform('linux/amd64'))).toBe('linux/amd64');
    expect(formatPlatform(platform('windows/amd64', { osVersion: '10.0.20348.2966' }))).toBe(
      'windows/amd64 10.0.20348.2966',
    );
    expect(formatPlatform({ os: '', architecture: 'amd64', variant: '', osVersion: '' })).toBe('amd64');
  });
});

describe('readPlatform', () => {
  const read = (value: unknown): readonly [Platform | undefined, readonly string[]] => {
    const problems: ErrorData[] = [];
    const found = readPlatform(value, 'manifests[0].platform', problems);
    return [found, problems.map((problem) => problem.message)];
  };

  it('reads every field, and leaves out what nobody wrote', () => {
    expect(
      read({
        os: 'windows',
        architecture: 'amd64',
        'os.version': '10.0',
        'os.features': ['win32k'],
        variant: 'v1',
        features: ['sse4'],
      }),
    ).toEqual([
      { os: 'windows', architecture: 'amd64', osVersion: '10.0', osFeatures: ['win32k'], variant: 'v1' },
      [],
    ]);
    expect(
      read({ os: 'linux', architecture: 'amd64', variant: '', 'os.version': null, 'os.features': null }),
    ).toEqual([platform('linux/amd64'), []]);
  });

  it.each([[undefined], [null], [{}], [{ os: '', architecture: '' }]])(
    'takes %j for no platform, without a problem',
    (value) => {
      expect(read(value)).toEqual([undefined, []]);
    },
  );

  it.each([
    ['linux', 'manifests[0].platform is a string, not an object.'],
    [[], 'manifests[0].platform is a list, not an object.'],
    [{ os: 'linux' }, 'manifests[0].platform.architecture is absent, not a string.'],
    [{ architecture: 'amd64' }, 'manifests[0].platform.os is absent, not a string.'],
    [{ os: 1, architecture: 'amd64' }, 'manifests[0].platform.os is a number, not a string.'],
  ])('names what is wrong with %j', (value, message) => {
    expect(read(value)).toEqual([undefined, [message]]);
  });

  it('keeps the platform when only a detail of it is wrong', () => {
    expect(read({ os: 'linux', architecture: 'arm', variant: 7, 'os.features': [1] })).toEqual([
      platform('linux/arm'),
      [
        'manifests[0].platform.variant is a number, not a string.',
        'manifests[0].platform.os.features is not a list of strings.',
      ],
    ]);
  });
});
