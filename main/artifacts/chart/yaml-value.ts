/** A single value, not yet taken for a text, a number or anything else: that depends on where it stands. */
export interface YamlScalar {
  readonly kind: 'scalar';
  readonly text: string;
  /** Written in quotes or as a block: a text whatever it looks like. */
  readonly quoted: boolean;
}

export interface YamlList {
  readonly kind: 'list';
  readonly items: readonly YamlValue[];
}

export interface YamlMap {
  readonly kind: 'map';
  readonly members: ReadonlyMap<string, YamlValue>;
}

export type YamlValue = YamlScalar | YamlList | YamlMap;

/** Deepest nesting that is read. */
export const YAML_DEPTH_LIMIT = 32;
