import { quoteText } from '../../../shared/display/display-text.ts';
import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import { annotationsJson, goString, object } from '../push/manifest-json.ts';
import type { YamlMap, YamlScalar, YamlValue } from './yaml-value.ts';

/** What helm reads of Chart.yaml, in the order in which it writes it (helm's chart.Metadata); empty texts count as absent. */
export interface ChartMetadata {
  readonly name: string;
  readonly home: string;
  readonly sources: readonly string[];
  readonly version: string;
  readonly description: string;
  readonly keywords: readonly string[];
  readonly maintainers: readonly { readonly name: string; readonly email: string; readonly url: string }[];
  readonly icon: string;
  readonly apiVersion: string;
  readonly condition: string;
  readonly tags: string;
  readonly appVersion: string;
  readonly deprecated: boolean;
  readonly annotations: ReadonlyMap<string, string>;
  readonly kubeVersion: string;
  readonly dependencies: readonly ChartDependency[];
  readonly type: string;
}

interface ChartDependency {
  readonly name: string;
  readonly version: string;
  readonly repository: string;
  readonly condition: string;
  readonly tags: readonly string[];
  readonly enabled: boolean;
  /** JSON already. */
  readonly importValues: readonly string[];
  readonly alias: string;
}

/**
 * What a chart says of itself, checked and cleaned as helm does when it loads one.
 * @param requirements - `requirements.yaml` of charts of the first kind, whose dependencies it holds.
 * @throws TallymanError MALFORMED for what helm would not load.
 */
export function readChartMetadata(chart: YamlValue, requirements?: YamlValue): ChartMetadata {
  if (chart.kind !== 'map') throw malformed('is no map');
  const text = (name: string): string => textOf(chart.members.get(name), name);
  const clean = (name: string): string => sanitize(text(name));
  const dependencies =
    requirements?.kind === 'map' && requirements.members.has('dependencies') ? requirements : chart;
  const metadata: ChartMetadata = {
    name: clean('name'),
    home: clean('home'),
    sources: textsOf(chart, 'sources').map(sanitize),
    version: text('version'),
    description: clean('description'),
    keywords: textsOf(chart, 'keywords').map(sanitize),
    maintainers: mapsOf(chart, 'maintainers').map((each) => ({
      name: sanitize(textOf(each.members.get('name'), 'name')),
      email: sanitize(textOf(each.members.get('email'), 'email')),
      url: sanitize(textOf(each.members.get('url'), 'url')),
    })),
    icon: clean('icon'),
    apiVersion: text('apiVersion') || 'v1',
    condition: clean('condition'),
    tags: clean('tags'),
    appVersion: clean('appVersion'),
    deprecated: isTrue(chart.members.get('deprecated'), 'deprecated'),
    annotations: annotationsOf(chart),
    kubeVersion: clean('kubeVersion'),
    dependencies: mapsOf(dependencies, 'dependencies').map(dependencyOf),
    type: text('type'),
  };
  check(metadata);
  return metadata;
}

/** The config of a chart as helm writes it: the metadata by Go's encoding/json. */
export function chartConfig(metadata: ChartMetadata): Uint8Array {
  const { maintainers, dependencies, annotations } = metadata;
  return Buffer.from(
    object([
      ['name', filled(metadata.name)],
      ['home', filled(metadata.home)],
      ['sources', list(metadata.sources.map(goString))],
      ['version', filled(metadata.version)],
      ['description', filled(metadata.description)],
      ['keywords', list(metadata.keywords.map(goString))],
      [
        'maintainers',
        list(
          maintainers.map(({ name, email, url }) =>
            object([
              ['name', filled(name)],
              ['email', filled(email)],
              ['url', filled(url)],
            ]),
          ),
        ),
      ],
      ['icon', filled(metadata.icon)],
      ['apiVersion', filled(metadata.apiVersion)],
      ['condition', filled(metadata.condition)],
      ['tags', filled(metadata.tags)],
      ['appVersion', filled(metadata.appVersion)],
      ['deprecated', metadata.deprecated ? 'true' : undefined],
      ['annotations', annotationsJson(Object.fromEntries(annotations))],
      ['kubeVersion', filled(metadata.kubeVersion)],
      ['dependencies', list(dependencies.map(dependencyJson))],
      ['type', filled(metadata.type)],
    ]),
  );
}

/**
 * The annotations that helm gives the manifest of a chart.
 * @param created - when the chart's file was written, in RFC 3339.
 */
export function chartAnnotations(metadata: ChartMetadata, created: string): Readonly<Record<string, string>> {
  const annotations = Object.create(null) as Record<string, string>;
  const add = (key: string, value: string | undefined): void => {
    if (value !== undefined && value.trim() !== '') annotations[`org.opencontainers.image.${key}`] = value;
  };
  add('description', metadata.description);
  add('title', metadata.name);
  add('version', metadata.version);
  add('url', metadata.home);
  add('created', created);
  add('source', metadata.sources[0]);
  add(
    'authors',
    metadata.maintainers.map(({ name, email }) => name + (email === '' ? '' : ` (${email})`)).join(', '),
  );
  for (const [key, value] of metadata.annotations) {
    if (key !== 'org.opencontainers.image.version' && key !== 'org.opencontainers.image.title')
      annotations[key] = value;
  }
  return annotations;
}

function dependencyOf(each: YamlMap): ChartDependency {
  const clean = (name: string): string => sanitize(textOf(each.members.get(name), name));
  const values = each.members.get('import-values');
  return {
    name: clean('name'),
    version: clean('version'),
    repository: clean('repository'),
    condition: clean('condition'),
    tags: textsOf(each, 'tags').map(sanitize),
    enabled: isTrue(each.members.get('enabled'), 'enabled'),
    importValues: values?.kind === 'list' ? values.items.map(anyJson) : [],
    alias: textOf(each.members.get('alias'), 'alias'),
  };
}

function dependencyJson(each: ChartDependency): string {
  return object([
    ['name', goString(each.name)],
    ['version', filled(each.version)],
    ['repository', goString(each.repository)],
    ['condition', filled(each.condition)],
    ['tags', list(each.tags.map(goString))],
    ['enabled', each.enabled ? 'true' : undefined],
    ['import-values', list(each.importValues)],
    ['alias', filled(each.alias)],
  ]);
}

/** Values that helm keeps without looking at them: texts, and maps of texts. */
function anyJson(value: YamlValue): string {
  switch (value.kind) {
    case 'scalar':
      if (!value.quoted && textOf(value, 'import-values') !== value.text)
        throw malformed('has odd import-values');
      return goString(value.text);
    case 'list':
      return `[${value.items.map(anyJson).join(',')}]`;
    case 'map':
      return object(
        [...value.members]
          .sort(([left], [right]) => Buffer.compare(Buffer.from(left), Buffer.from(right)))
          .map(([key, each]) => [key, anyJson(each)]),
      );
  }
}

function filled(text: string): string | undefined {
  return text === '' ? undefined : goString(text);
}

function list(items: readonly string[]): string | undefined {
  return items.length === 0 ? undefined : `[${items.join(',')}]`;
}

function isNull(value: YamlValue | undefined): boolean {
  return (
    value === undefined ||
    (value.kind === 'scalar' && !value.quoted && /^(?:|~|null|Null|NULL)$/.test(value.text))
  );
}

/** A value where helm wants a text: numbers and truths become the text that Go's YAML makes of them. */
function textOf(value: YamlValue | undefined, name: string): string {
  if (value === undefined || isNull(value)) return '';
  if (value.kind !== 'scalar') throw malformed(`has a ${value.kind} for ${quoteText(name)}, not a text`);
  return value.quoted ? value.text : plainText(value, name);
}

function plainText({ text }: YamlScalar, name: string): string {
  if (/^(?:y|Y|yes|Yes|YES|true|True|TRUE|on|On|ON)$/.test(text)) return 'true';
  if (/^(?:n|N|no|No|NO|false|False|FALSE|off|Off|OFF)$/.test(text)) return 'false';
  if (/^(?:0|-?[1-9]\d{0,14})$/.test(text)) return text;
  if (/^-?\d{1,6}\.\d{1,8}$/.test(text) && !/^-?0\d/.test(text)) {
    const number = Number(text);
    // Go writes numbers outside of these with an exponent.
    if (Math.abs(number) < 1e6 && (number === 0 || Math.abs(number) >= 1e-4)) return String(number);
  }
  if (isOddNumber(text))
    throw malformed(
      `has ${quoteText(text)} for ${quoteText(name)}, which programs read differently: put it in quotes`,
    );
  return text;
}

/** The other spellings that Go's YAML takes for a number. */
function isOddNumber(text: string): boolean {
  const bare = text.replaceAll('_', '');
  if (/^[-+]?(?:\d+|0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO][0-7]+)$/.test(bare)) return true;
  if (/^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/.test(bare)) return true;
  return /^[-+]?\.(?:inf|Inf|INF)$|^\.(?:nan|NaN|NAN)$/.test(text);
}

function textsOf(map: YamlMap, name: string): readonly string[] {
  const value = map.members.get(name);
  if (value === undefined || isNull(value)) return [];
  if (value.kind !== 'list') throw malformed(`has a ${value.kind} for ${quoteText(name)}, not a list`);
  return value.items.map((item) => textOf(item, name));
}

function mapsOf(map: YamlMap, name: string): readonly YamlMap[] {
  const value = map.members.get(name);
  if (value === undefined || isNull(value)) return [];
  if (value.kind !== 'list') throw malformed(`has a ${value.kind} for ${quoteText(name)}, not a list`);
  return value.items.map((item) => {
    if (item.kind !== 'map') throw malformed(`has a ${item.kind} in ${quoteText(name)}, not a map`);
    return item;
  });
}

function annotationsOf(chart: YamlMap): ReadonlyMap<string, string> {
  const value = chart.members.get('annotations');
  if (value === undefined || isNull(value)) return new Map();
  if (value.kind !== 'map') throw malformed(`has a ${value.kind} for “annotations”, not a map`);
  return new Map([...value.members].map(([key, each]) => [key, textOf(each, key)]));
}

function isTrue(value: YamlValue | undefined, name: string): boolean {
  const text = textOf(value, name);
  if (text === '' || text === 'false') return false;
  if (text === 'true') return true;
  throw malformed(`has ${quoteText(text)} for ${quoteText(name)}, which is neither true nor false`);
}

/** As helm does: every white space is a blank, and what cannot be printed goes. */
function sanitize(text: string): string {
  return text.replace(/\p{White_Space}/gu, ' ').replace(/[^ \p{L}\p{M}\p{N}\p{P}\p{S}]/gu, '');
}

function check({ name, version, type }: ChartMetadata): void {
  if (name === '') throw malformed('has no name');
  if (name === '.' || name === '..' || /[/\\]/.test(name)) throw malformed(`has the name ${quoteText(name)}`);
  if (version === '') throw malformed('has no version');
  if (!/^v?\d+(?:\.\d+){0,2}(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/.test(version))
    throw malformed(`has the version ${quoteText(version)}, which is none`);
  if (type !== '' && type !== 'application' && type !== 'library')
    throw malformed(`has the type ${quoteText(type)}, which is neither application nor library`);
}

function malformed(fault: string): TallymanError {
  return new TallymanError({
    code: 'MALFORMED',
    message: `The chart’s Chart.yaml ${fault}.`,
    hint: 'helm would not take it either: helm lint says more.',
  });
}
