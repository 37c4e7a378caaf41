import { displayText } from '../../../../shared/display/display-text.ts';
import { shortDigest } from '../../../../shared/oci/digest.ts';
import type { TargetAddress } from '../../../../shared/contract/common.ts';
import type { Source } from '../../../../shared/contract/source.ts';
import { sourceName } from '../../places/source-name.ts';
import type { Thing } from '../../moving/thing.ts';

/** A thing in the title of a dialog: "team/app:1.8.2", or with its short digest where it has no tag. */
export function thingName({ target, tags, digest }: Pick<Thing, 'target' | 'tags' | 'digest'>): string {
  const where = target.repository ?? sourceName(target.source);
  const [tag] = tags;
  return displayText(tag === undefined ? `${where}@${shortDigest(digest)}` : `${where}:${tag}`);
}

/** A place as a person would say it: "localhost:5000/team/app", "Local store". */
export function placeName({ source, repository }: TargetAddress, sources: readonly Source[]): string {
  const label = sources.find(({ id }) => id === source)?.label ?? sourceName(source);
  return displayText(repository === undefined || repository === '' ? label : `${label}/${repository}`);
}

/** Tags as they are typed: separated by spaces or commas. */
export function typedTags(text: string): readonly string[] {
  return [...new Set(text.split(/[\s,]+/).filter((tag) => tag !== ''))];
}

/** Platforms as they are typed: "linux/amd64, linux/arm64/v8". Undefined when one of them is none. */
export function typedPlatforms(
  text: string,
): readonly { os: string; architecture: string; variant?: string }[] | undefined {
  const platforms: { os: string; architecture: string; variant?: string }[] = [];
  for (const word of text.split(/[\s,]+/).filter((each) => each !== '')) {
    const [os = '', architecture = '', variant, ...more] = word.split('/');
    if (os === '' || architecture === '' || variant === '' || more.length > 0) return undefined;
    platforms.push({ os, architecture, ...(variant === undefined ? {} : { variant }) });
  }
  return platforms;
}
