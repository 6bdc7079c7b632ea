/** Who may call what. */
import type { Control, Federation } from '../../proto/gen/nil/v1/control_pb.js';

/** `viewer` looks, `operator` looks and steers, `federate` joins as a worker. */
export const ROLES = ['viewer', 'operator', 'federate'] as const;
export type Role = (typeof ROLES)[number];

export const isRole = (text: string): text is Role => ROLES.some((role) => role === text);

type Methods = keyof (typeof Control)['method'] | keyof (typeof Federation)['method'];

const LOOK: readonly Role[] = ['viewer', 'operator'];
const STEER: readonly Role[] = ['operator'];

/** Complete by its type: a method that isn't here doesn't compile, and what isn't known is for nobody. */
const ALLOWED: { readonly [M in Methods]: readonly Role[] } = {
  status: LOOK,
  nodes: LOOK,
  watch: LOOK,
  results: LOOK,
  submit: STEER,
  stopRun: STEER,
  makeCheckpoint: STEER,
  resumeRun: STEER,
  join: ['federate'],
};

/** @param path `/nil.v1.Control/StopRun` */
export function mayCall(role: Role, path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const method = name.charAt(0).toLowerCase() + name.slice(1);
  return Object.hasOwn(ALLOWED, method) && ALLOWED[method as Methods].includes(role);
}
