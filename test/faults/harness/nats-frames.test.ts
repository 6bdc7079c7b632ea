import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NatsFrames } from './nats-frames.js';

const message = (subject: string, payload: string): string =>
  `MSG ${subject} 1 ${payload.length}\r\n${payload}\r\n`;
const withHeaders = (subject: string, headers: string, payload: string): string =>
  `HMSG ${subject} 1 reply ${headers.length} ${headers.length + payload.length}\r\n${headers}${payload}\r\n`;

const stream = [
  'INFO {"server_id":"x"}\r\n',
  'PING\r\n',
  message('nil.v1.run.0.1.batch', 'MSG inside\r\nPING\r\n'),
  'PONG\r\n',
  withHeaders('nil.v1.run.0.1.ack', 'NATS/1.0\r\n\r\n', 'x'),
  message('empty', ''),
  '+OK\r\n',
];

describe('the stream of a nats-server', () => {
  it('is cut at its messages, wherever its pieces end, and nothing is lost', () => {
    const bytes = Buffer.from(stream.join(''), 'latin1');
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 })), (lengths) => {
        const frames = new NatsFrames();
        const found: { subject?: string; text: string }[] = [];
        let at = 0;
        for (const length of [...lengths, bytes.length]) {
          for (const frame of frames.push(bytes.subarray(at, at + length)))
            found.push({ subject: frame.subject, text: frame.bytes.toString('latin1') });
          at += length;
        }
        expect(found.map(({ text }) => text)).toEqual(stream);
        expect(found.flatMap(({ subject }) => subject ?? [])).toEqual([
          'nil.v1.run.0.1.batch',
          'nil.v1.run.0.1.ack',
          'empty',
        ]);
      }),
    );
  });
});
