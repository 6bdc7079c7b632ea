/** The stream that a worker joins a coordinator by. */
import * as grpc from '@grpc/grpc-js';
import { InputError, type NilError } from '../graph/errors.js';
import { Federation } from '../proto/gen/nil/v1/control_pb.js';
import { callBiDi, fromStatus } from './grpc/bridge.js';

export type JoinStream = ReturnType<typeof openJoin>;

export function openJoin(client: grpc.Client) {
  return callBiDi(client, Federation.method.join);
}

/** Resolves when the stream takes more, or has ended. */
export function drained(stream: JoinStream): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      for (const event of ENDS) stream.off(event, done);
      resolve();
    };
    for (const event of ENDS) stream.on(event, done);
  });
}
const ENDS = ['drain', 'status', 'close'];

/** The coordinator doesn't want this worker, and won't the next time either. */
export function isRefusal(error: grpc.ServiceError): boolean {
  return [
    grpc.status.FAILED_PRECONDITION,
    grpc.status.UNAUTHENTICATED,
    grpc.status.PERMISSION_DENIED,
  ].includes(error.code);
}

export function refused(error: grpc.ServiceError, client: grpc.Client): NilError {
  return new InputError('JOIN_REFUSED', fromStatus(error, client).message, { cause: error });
}
