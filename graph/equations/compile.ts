import type { ModelSpec } from '../model.js';
import type { Path, Reporter } from '../place.js';
import type { ModelInput } from './document.js';

export function compileModel(_name: string, _input: ModelInput): ModelSpec {
  throw new Error('not yet');
}

export function checkModel(_name: string, _input: ModelInput, _report: Reporter, _path: Path): void {}
