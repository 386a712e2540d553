import { fileURLToPath } from 'node:url';

/** The folder `deploy/`, from source and from `dist` alike. */
export const DEPLOY: string = fileURLToPath(new URL('..', import.meta.url));
/** The root of the repository. */
export const REPOSITORY: string = fileURLToPath(new URL('../..', import.meta.url));
