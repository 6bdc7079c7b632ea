import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  COMMANDS,
  decodeEieio,
  type EieioData,
  encodeEieio,
  keysOf,
  payloadsOf,
} from '../../../adapters/spinnaker/eieio.js';
import {
  clearIpTagRequest,
  decodeSdp,
  encodeScpResponse,
  encodeSdp,
  encodeVersion,
  HOST,
  ipTagRequest,
  reverseIpTagRequest,
  scpDatagram,
  versionRequest,
} from '../../../adapters/spinnaker/scp.js';
import { ensureVenv } from '../../../bench/peers/venv.js';

const venv = ensureVenv('venv-spinnman', new URL('requirements.txt', import.meta.url));
const reason = 'missing' in venv ? `SpiNNMan can't be installed: ${venv.missing}` : undefined;
const PEER = fileURLToPath(new URL('peer.py', import.meta.url));

function ask(cases: readonly Readonly<Record<string, unknown>>[]): unknown[] {
  if ('missing' in venv) throw new Error(venv.missing);
  const input = cases.map((each) => `${JSON.stringify(each)}\n`).join('');
  const { status, stdout, stderr } = spawnSync(venv.python, [PEER], {
    input,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(`peer.py ended with ${status}: ${stderr}`);
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
}

let state = 99;
const draw = (below: number): number => {
  state = (Math.imul(state, 1103515245) + 12345) >>> 0;
  return Math.floor((state / 2 ** 32) * below);
};

/** Every header: both widths, payloads or none, no prefix or one of either half, a base or none, times or not, all tags; several sizes of each. */
function allHeaders(): EieioData[] {
  const all: EieioData[] = [];
  for (const keyBits of [16, 32] as const) {
    for (const payloads of [false, true]) {
      for (const half of [undefined, 'lower', 'upper'] as const) {
        for (const based of [false, true]) {
          for (const payloadIsTime of [false, true]) {
            for (const tag of [0, 1, 2, 3]) {
              for (const count of [0, 1, 2, 15, 30]) {
                const word = (): number => draw(2 ** keyBits);
                const keys = Uint32Array.from({ length: count }, word);
                all.push({
                  kind: 'data',
                  keyBits,
                  payloads,
                  ...(half === undefined ? {} : { prefix: { value: draw(65536), half } }),
                  ...(based ? { payloadBase: word() } : {}),
                  payloadIsTime,
                  tag,
                  keys,
                  ...(payloads ? { values: Uint32Array.from({ length: count }, word) } : {}),
                });
              }
            }
          }
        }
      }
    }
  }
  return all;
}

const plain = (data: EieioData) => ({
  ...data,
  keys: [...data.keys],
  values: data.values && [...data.values],
});
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const unhex = (text: unknown): Uint8Array => new Uint8Array(Buffer.from(text as string, 'hex'));

describe.skipIf(reason !== undefined)(
  `SpiNNMan${reason === undefined ? '' : ` (skipped: ${reason})`}`,
  () => {
    const cases = allHeaders();
    beforeAll(() => {
      process.stdout.write(
        `SpiNNMan: ${JSON.stringify(ask([{ do: 'version' }])[0])}, ${cases.length} EIEIO data packets\n`,
      );
    });

    it('writes the bytes that we write, and we read what it writes, of every header', () => {
      const written = ask(cases.map((data) => ({ do: 'encode-data', ...plain(data) })));
      cases.forEach((data, i) => {
        expect(written[i], JSON.stringify(plain(data))).toBe(hex(encodeEieio(data)));
        expect(decodeEieio(unhex(written[i]))).toEqual(data);
      });
    });

    it('reads what we write: keys with their prefix, payloads with their base', () => {
      const read = ask(cases.map((data) => ({ do: 'decode-data', bytes: hex(encodeEieio(data)) })));
      cases.forEach((data, i) => {
        const payloads = payloadsOf(data);
        expect(read[i], JSON.stringify(plain(data))).toEqual({
          tag: data.tag,
          count: data.keys.length,
          is_time: data.payloadIsTime,
          type: (data.keyBits === 32 ? 2 : 0) + (data.payloads ? 1 : 0),
          keys: [...keysOf(data)],
          payloads: payloads === undefined ? [...data.keys].map(() => null) : [...payloads],
        });
      });
    });

    it('has the same commands, by number and by bytes', () => {
      const [names] = ask([{ do: 'commands' }]) as [Record<string, number>];
      expect(Object.values(names).sort((a, b) => a - b)).toEqual(Object.values(COMMANDS));
      const named = Object.entries(COMMANDS).map(([name, command]) => ({
        name,
        command,
        body: new Uint8Array(0),
      }));
      const path = '/tmp/run_1/input_output_database.sqlite3';
      const cases = [...named, { name: 'database', command: 1, body: new TextEncoder().encode(path), path }];
      const written = ask(cases.map(({ body: _, ...each }) => ({ do: 'encode-command', ...each })));
      cases.forEach(({ command, body }, i) => {
        const packet = { kind: 'command', command, body } as const;
        expect(written[i]).toBe(hex(encodeEieio(packet)));
        expect(decodeEieio(unhex(written[i]))).toEqual(packet);
      });
      const short = named.filter(
        ({ name }) =>
          !['requestBuffers', 'hostSendSequencedData', 'requestReadData', 'hostDataRead'].includes(name),
      );
      const read = ask(
        short.map((each) => ({
          do: 'decode-command',
          bytes: hex(encodeEieio({ kind: 'command', ...each })),
        })),
      );
      expect(read).toEqual(short.map(({ command }) => command));
    });

    it('writes and reads the same SDP messages', () => {
      const place = () => ({ x: draw(256), y: draw(256), core: draw(32), port: draw(8) });
      const messages = Array.from({ length: 200 }, (_, i) => ({
        replyExpected: i % 2 === 0,
        tag: draw(256),
        to: place(),
        from: place(),
        data: Uint8Array.from({ length: draw(60) }, () => draw(256)),
      }));
      const texts = messages.map((each) => ({ ...each, data: hex(each.data) }));
      const written = ask(texts.map((each) => ({ do: 'encode-sdp', ...each })));
      const read = ask(messages.map((each) => ({ do: 'decode-sdp', bytes: hex(encodeSdp(each)) })));
      messages.forEach((each, i) => {
        expect(written[i]).toBe(hex(encodeSdp(each)));
        expect(decodeSdp(unhex(written[i]))).toEqual(each);
        expect(read[i]).toEqual(texts[i]);
      });
    });

    it('asks for versions and tags with the same bytes', () => {
      const chip = { x: 255, y: 255 };
      for (let sequence = 0; sequence < 60; sequence++) {
        const set = {
          tag: draw(8),
          host: [draw(256), draw(256), draw(256), draw(256)] as const,
          port: draw(65536),
          strip: draw(2) === 1,
          useSender: draw(2) === 1,
        };
        const reverse = {
          tag: draw(8),
          port: draw(65536),
          to: { x: draw(8), y: draw(8), core: draw(18), port: draw(8) },
        };
        const written = ask([
          { do: 'encode-request', kind: 'version', sequence },
          { do: 'encode-request', kind: 'set', sequence, ...set },
          { do: 'encode-request', kind: 'set-reverse', sequence, ...reverse },
          { do: 'encode-request', kind: 'clear', sequence, tag: set.tag },
        ]);
        const ours = [
          versionRequest(sequence),
          ipTagRequest(sequence, set),
          reverseIpTagRequest(sequence, reverse),
          clearIpTagRequest(sequence, set.tag),
        ];
        expect(written).toEqual(ours.map((request) => hex(scpDatagram(request, chip))));
        sequence += 19;
      }
    });

    it('reads the version that a board answers', () => {
      const version = {
        name: 'SC&MP',
        hardware: 'SpiNNaker',
        version: [4, 0, 1],
        x: 1,
        y: 2,
        core: 3,
        physicalCore: 4,
        bufferBytes: 256,
        builtAt: 1_700_000_000,
      } as const;
      const data = encodeScpResponse({ result: 0x80, sequence: 77, data: encodeVersion(version) });
      const bytes = encodeSdp({
        replyExpected: false,
        tag: 0xff,
        to: HOST,
        from: { ...HOST, port: 0, core: 0 },
        data,
      });
      const { physicalCore: _, bufferBytes: __, ...known } = version;
      expect(ask([{ do: 'decode-version', bytes: hex(bytes) }])[0]).toEqual({ ...known, sequence: 77 });
    });
  },
);
