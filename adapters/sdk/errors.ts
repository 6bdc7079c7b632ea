import { NilError } from '../../graph/errors.js';

/**
 * What goes wrong with an adapter in a way that a user can mend: `code` is stable and begins with `ADAPTER_`; exit status 2 for a wrong
 * configuration, 1 for a device that doesn't do what it should. One line: what was found, what would be right.
 */
export class AdapterError extends NilError {}
