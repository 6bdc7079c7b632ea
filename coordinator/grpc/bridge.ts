/**
 * protobuf-es services on grpc-js: definitions for servers, typed calls for clients. Nothing here knows a particular service.
 */
import type { EventEmitter } from 'node:events';
import {
  create,
  type DescMessage,
  type DescMethod,
  type DescMethodBiDiStreaming,
  type DescMethodServerStreaming,
  type DescMethodUnary,
  type DescService,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf';
import * as grpc from '@grpc/grpc-js';
import { InputError, NilError, RunError } from '../../graph/errors.js';
import { describeError } from '../../nodes/index.js';

/** Graphs and records are bigger than gRPC's default of 4 MiB. */
export const CHANNEL_OPTIONS: grpc.ChannelOptions = {
  'grpc.max_receive_message_length': -1,
  'grpc.max_send_message_length': -1,
  // Whoever comes back is found again soon.
  'grpc.initial_reconnect_backoff_ms': 200,
  'grpc.min_reconnect_backoff_ms': 200,
  'grpc.max_reconnect_backoff_ms': 1000,
};

export type DuplexOf<M> =
  M extends DescMethodBiDiStreaming<infer I, infer O>
    ? grpc.ServerDuplexStream<MessageShape<I>, MessageShape<O>>
    : never;

/** How a server answers each of a service's methods. */
export type Handlers<S extends DescService> = {
  readonly [K in keyof S['method']]: Handler<S['method'][K]>;
};

type Handler<M> =
  M extends DescMethodUnary<infer I, infer O>
    ? (request: MessageShape<I>) => Promise<MessageInitShape<O>> | MessageInitShape<O>
    : M extends DescMethodServerStreaming<infer I, infer O>
      ? (request: MessageShape<I>, signal: AbortSignal) => AsyncIterable<MessageInitShape<O>>
      : M extends DescMethodBiDiStreaming
        ? (call: DuplexOf<M>) => void
        : never;

type AnyHandler = (argument: unknown, signal: AbortSignal) => unknown;

export function addService<S extends DescService>(
  server: grpc.Server,
  service: S,
  handlers: Handlers<S>,
): void {
  const implementation: grpc.UntypedServiceImplementation = {};
  for (const method of service.methods) {
    const handler = handlers[method.localName as keyof S['method']] as AnyHandler;
    implementation[method.localName] = serverCall(method, handler);
  }
  server.addService(definitionOf(service), implementation);
}

function serverCall(method: DescMethod, handler: AnyHandler): grpc.UntypedHandleCall {
  const answer = (init: unknown) => create(method.output, init as MessageInitShape<DescMessage>);
  switch (method.methodKind) {
    case 'unary':
      return ((call: grpc.ServerUnaryCall<unknown, unknown>, reply: grpc.sendUnaryData<unknown>) => {
        const { signal } = new AbortController();
        Promise.resolve()
          .then(() => handler(call.request, signal))
          .then(
            (init) => reply(null, answer(init)),
            (error: unknown) => reply(toStatus(error)),
          );
      }) as grpc.UntypedHandleCall;
    case 'server_streaming':
      return ((call: grpc.ServerWritableStream<unknown, unknown>) => {
        const abort = new AbortController();
        call.on('cancelled', () => abort.abort());
        const source = (): AsyncIterable<unknown> =>
          handler(call.request, abort.signal) as AsyncIterable<unknown>;
        void pour(source, call, answer);
      }) as grpc.UntypedHandleCall;
    default:
      return handler as unknown as grpc.UntypedHandleCall;
  }
}

/** Until it takes more, or nobody wants it. Leaves no listener: a stream may wait very often. */
function drained(call: EventEmitter): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      call.off('drain', done);
      call.off('cancelled', done);
      resolve();
    };
    call.on('drain', done);
    call.on('cancelled', done);
  });
}

/** Writes what comes, no faster than the client reads. */
export async function pour(
  source: () => AsyncIterable<unknown>,
  call: grpc.ServerWritableStream<unknown, unknown>,
  answer: (init: unknown) => unknown,
): Promise<void> {
  try {
    for await (const init of source()) {
      if (call.cancelled) return;
      if (!call.write(answer(init))) {
        await drained(call);
      }
    }
    call.end();
  } catch (error) {
    call.emit('error', toStatus(error));
  }
}

function definitionOf(service: DescService): grpc.ServiceDefinition {
  return Object.fromEntries(service.methods.map((method) => [method.localName, methodDefinition(method)]));
}

function methodDefinition(method: DescMethod): grpc.MethodDefinition<unknown, unknown> {
  const requests = codec(method.input);
  const responses = codec(method.output);
  return {
    path: `/${method.parent.typeName}/${method.name}`,
    requestStream: method.methodKind === 'client_streaming' || method.methodKind === 'bidi_streaming',
    responseStream: method.methodKind === 'server_streaming' || method.methodKind === 'bidi_streaming',
    requestSerialize: requests.serialize,
    requestDeserialize: requests.deserialize,
    responseSerialize: responses.serialize,
    responseDeserialize: responses.deserialize,
  };
}

function codec<D extends DescMessage>(message: D) {
  return {
    serialize: (value: unknown): Buffer => {
      const bytes = toBinary(message, value as MessageShape<D>);
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    },
    deserialize: (bytes: Buffer): MessageShape<D> => fromBinary(message, bytes),
  };
}

/** Calls a unary method. Rejects with a NilError of the server's code. */
export function callUnary<I extends DescMessage, O extends DescMessage>(
  client: grpc.Client,
  method: DescMethodUnary<I, O>,
  request: MessageInitShape<I>,
): Promise<MessageShape<O>> {
  const { path, requestSerialize, responseDeserialize } = methodDefinition(method);
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(
      path,
      requestSerialize,
      responseDeserialize,
      create(method.input, request),
      (error, response) => {
        if (error === null) resolve(response as MessageShape<O>);
        else reject(fromStatus(error, client));
      },
    );
  });
}

/** Calls a server-streaming method; leaving the loop, or `signal`, ends the call. */
export async function* callServerStream<I extends DescMessage, O extends DescMessage>(
  client: grpc.Client,
  method: DescMethodServerStreaming<I, O>,
  request: MessageInitShape<I>,
  signal?: AbortSignal,
): AsyncGenerator<MessageShape<O>> {
  const { path, requestSerialize, responseDeserialize } = methodDefinition(method);
  const call = client.makeServerStreamRequest(
    path,
    requestSerialize,
    responseDeserialize,
    create(method.input, request),
  );
  const cancel = (): void => call.cancel();
  signal?.addEventListener('abort', cancel, { once: true });
  try {
    for await (const message of call) yield message as MessageShape<O>;
  } catch (error) {
    if (signal?.aborted) return;
    throw fromStatus(error as grpc.ServiceError, client);
  } finally {
    signal?.removeEventListener('abort', cancel);
    call.cancel();
  }
}

/** Opens a bidirectional stream. */
export function callBiDi<I extends DescMessage, O extends DescMessage>(
  client: grpc.Client,
  method: DescMethodBiDiStreaming<I, O>,
): grpc.ClientDuplexStream<MessageShape<I>, MessageShape<O>> {
  const { path, requestSerialize, responseDeserialize } = methodDefinition(method);
  return client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize) as grpc.ClientDuplexStream<
    MessageShape<I>,
    MessageShape<O>
  >;
}

const CODE_KEY = 'nil-code';
const EXIT_KEY = 'nil-exit-status';

/** A NilError with `grpc` statuses by what it is: wrong input, not found, or failed. */
function toStatus(error: unknown): grpc.ServerErrorResponse & { code: grpc.status } {
  const { code, message, exitStatus } = describeError(error);
  const metadata = new grpc.Metadata();
  metadata.set(CODE_KEY, code);
  metadata.set(EXIT_KEY, String(exitStatus));
  return Object.assign(new Error(message), { code: statusFor(code, exitStatus), details: message, metadata });
}

function statusFor(code: string, exitStatus: 1 | 2): grpc.status {
  if (code === 'INTERNAL') return grpc.status.INTERNAL;
  if (code.endsWith('_UNKNOWN')) return grpc.status.NOT_FOUND;
  return exitStatus === 2 ? grpc.status.INVALID_ARGUMENT : grpc.status.FAILED_PRECONDITION;
}

export function fromStatus(error: grpc.ServiceError, client: grpc.Client): NilError {
  const [code] = error.metadata?.get(CODE_KEY) ?? [];
  const [exit] = error.metadata?.get(EXIT_KEY) ?? [];
  if (code !== undefined) {
    return new NilError(String(code), error.details, { exitStatus: exit === '2' ? 2 : 1, cause: error });
  }
  const peer = client.getChannel().getTarget().replace(/^dns:/, '');
  if (error.code === grpc.status.UNAUTHENTICATED || error.code === grpc.status.PERMISSION_DENIED) {
    const refused = grpc.status[error.code];
    return new InputError(refused, `coordinator ${peer}: refused: ${error.details}`, { cause: error });
  }
  if (error.code === grpc.status.RESOURCE_EXHAUSTED) {
    return new InputError('MESSAGE_TOO_LARGE', `coordinator ${peer}: ${error.details}`, { cause: error });
  }
  if (error.code === grpc.status.UNAVAILABLE) {
    return new RunError('COORDINATOR_UNREACHABLE', `coordinator ${peer}: ${reachText(error.details)}`, {
      cause: error,
    });
  }
  return new RunError('CALL_FAILED', `coordinator ${peer}: ${error.details}`, { cause: error });
}

/** What grpc-js says of a connection that didn't come about, without its frame. */
function reachText(details: string): string {
  if (details.includes('Failed to connect'))
    return 'it ended the connection, expected one that begins with TLS (--auth, --tls-ca)';
  if (details.includes('ECONNREFUSED'))
    return `connection refused, expected 'nil coordinator' to listen there`;
  return details
    .replace(/^No connection established\. Last error: (Error: )?/, '')
    .replace(/\.? Resolution note:\s*$/, '');
}
