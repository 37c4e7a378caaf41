import { describe, expect, it } from 'vitest';
import { servedCommands } from './served-commands.ts';

const lines = (...[place]: Parameters<typeof servedCommands>): readonly string[] =>
  servedCommands(place).map(({ line }) => line);

describe('command lines for a served layout', () => {
  it('read what is there and write what is new, each with the flag that its client needs', () => {
    expect(
      lines({ address: 'localhost:5000', readOnly: false, example: { repository: 'team/app', tag: '1.0' } }),
    ).toEqual([
      'docker pull localhost:5000/team/app:1.0',
      'oras discover localhost:5000/team/app:1.0',
      'crane manifest localhost:5000/team/app:1.0',
      'skopeo inspect --tls-verify=false docker://localhost:5000/team/app:1.0',
      'oras push localhost:5000/my/artifact:1 ./FILE',
      'helm push --plain-http ./CHART.tgz oci://localhost:5000/charts',
    ]);
  });

  it('write nothing where nothing may be written, and list where nothing is there', () => {
    expect(lines({ address: 'localhost:5000', readOnly: true })).toEqual(['oras repo ls localhost:5000']);
    expect(lines({ address: 'localhost:1', readOnly: true, example: { repository: 'a' } })).toEqual([
      'oras repo tags localhost:1/a',
    ]);
  });

  it('log in first where a token is wanted, and never hold it', () => {
    const all = lines({ address: 'localhost:5000', readOnly: true, token: 'secret-token' });
    expect(all[0]).toBe('docker login --username tallyman localhost:5000');
    expect(all.join('\n')).not.toContain('secret-token');
    expect(all).toContain('oras repo ls localhost:5000');
  });
});
