import type { ErrorData } from '../errors/tallyman-error.ts';
import { field, isJsonObject, nameType, type JsonObject } from './json-object.ts';
import { malformed } from './malformed.ts';
import type { Platform } from './platform.ts';

/**
 * Reads the `platform` object of a descriptor or the same fields of an image config. Null, `{}` and the empty names that
 * Go programs write for "none" are no platform; an object with only one of `os` and `architecture` breaks the schema.
 */
export function readPlatform(value: unknown, where: string, problems: ErrorData[]): Platform | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isJsonObject(value)) {
    problems.push(malformed(where, `is ${nameType(value)}, not an object`));
    return undefined;
  }
  if (Object.keys(value).length === 0) return undefined;
  const os = field(value, 'os');
  const architecture = field(value, 'architecture');
  if (typeof os !== 'string' || typeof architecture !== 'string') {
    const [name, found] = typeof os === 'string' ? ['architecture', architecture] : ['os', os];
    problems.push(malformed(`${where}.${name}`, `is ${nameType(found)}, not a string`));
    return undefined;
  }
  if (os === '' && architecture === '') return undefined;
  const variant = optionalText(value, 'variant', where, problems);
  const osVersion = optionalText(value, 'os.version', where, problems);
  const osFeatures = optionalTexts(value, 'os.features', where, problems);
  return {
    os,
    architecture,
    ...(variant === undefined ? {} : { variant }),
    ...(osVersion === undefined ? {} : { osVersion }),
    ...(osFeatures === undefined ? {} : { osFeatures }),
  };
}

function optionalText(object: JsonObject, name: string, where: string, problems: ErrorData[]): string | undefined {
  const value = field(object, name);
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value === 'string') return value;
  problems.push(malformed(`${where}.${name}`, `is ${nameType(value)}, not a string`));
  return undefined;
}

function optionalTexts(object: JsonObject, name: string, where: string, problems: ErrorData[]): readonly string[] | undefined {
  const value = field(object, name);
  if (value === undefined || value === null) return undefined;
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
  problems.push(malformed(`${where}.${name}`, 'is not a list of strings'));
  return undefined;
}
