import type { FragmentLoaderConstructor } from 'hls.js';
import { fragmentLoader, type LoaderComponents } from './fragment-loader.js';
import type { HlsPlayer } from './player.js';

/**
 * Puts Eddy's fragment loader in front of the one that the player uses. The returned function takes it out again,
 * unless somebody else has put theirs in front since.
 */
export function wrapFragmentLoader(player: HlsPlayer, components: LoaderComponents): () => void {
  const { config } = player;
  const before = config.fLoader;
  // Without a special one hls.js uses its general loader for fragments, by the same cast.
  const Wrapped = before ?? (config.loader as FragmentLoaderConstructor);
  const Ours = fragmentLoader(Wrapped, components);
  config.fLoader = Ours;
  return () => {
    if (config.fLoader !== Ours) return;
    if (before === undefined) delete config.fLoader;
    else config.fLoader = before;
  };
}
