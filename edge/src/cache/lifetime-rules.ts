import type { LifetimeRule } from '../config/edge-config.js';
import { extensionOf } from './content-type.js';

const YEAR_MS = 365 * 86_400_000;

/** For objects whose origin says nothing. Segments never change under their name; whatever does is short-lived. */
export const BUILT_IN_RULES: readonly LifetimeRule[] = [
  { extensions: ['m3u8', 'm3u'], freshMs: 'playlist' },
  {
    extensions: [
      ...['m4s', 'mp4', 'm4v', 'm4a', 'm4f', 'cmfv', 'cmfa', 'cmft', 'ts', 'm2ts', 'mts'],
      ...['aac', 'ac3', 'ec3', 'mp3', 'vtt', 'webvtt', 'bin'],
    ],
    freshMs: YEAR_MS,
    immutable: true,
  },
  { freshMs: 5_000 },
];

/** The first rule that matches. */
export function ruleFor(path: string, rules: readonly LifetimeRule[]): LifetimeRule | undefined {
  const extension = extensionOf(path);
  return rules.find(
    (rule) =>
      (rule.pathPrefix === undefined || path.startsWith(rule.pathPrefix)) &&
      (rule.extensions === undefined || (extension !== undefined && rule.extensions.includes(extension))),
  );
}
