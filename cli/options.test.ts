import { describe, expect, it } from 'vitest';
import { addressOption, natsOption, splitInput, timeOption, wholeOption } from './options.js';
import { textFacts, textTable } from './text.js';

describe('options', () => {
  it('times have units and are above 0', () => {
    expect(timeOption('1.5 ms')).toBe(1_500_000);
    for (const text of ['1.5', '0ms', '-1ms', '', '1 mV', '0.1ns'])
      expect(() => timeOption(text)).toThrow(/found/);
  });

  it('counts are whole and within bounds', () => {
    const count = wholeOption(1, 64);
    expect([count('1'), count('64')]).toEqual([1, 64]);
    for (const text of ['0', '65', '1e1', '0x10', '1.0', '', ' ', '+1', 'NaN']) {
      expect(() => count(text)).toThrow(/expected a whole number from 1 to 64/);
    }
    expect(wholeOption(0, Number.MAX_SAFE_INTEGER)('9007199254740991')).toBe(Number.MAX_SAFE_INTEGER);
    expect(() => wholeOption(0, Number.MAX_SAFE_INTEGER)('9007199254740992')).toThrow();
  });

  it('addresses have a host and a port', () => {
    for (const text of ['localhost:7610', '10.0.0.1:1', '[::1]:65535', 'a-b.c_d:80'])
      expect(addressOption(text)).toBe(text);
    for (const text of ['localhost', ':7610', 'a:0', 'a:65536', 'a:b', 'http://a:1', 'a b:1']) {
      expect(() => addressOption(text)).toThrow(/expected HOST:PORT/);
    }
    expect(natsOption('nats://h:4222')).toBe('nats://h:4222');
    expect(natsOption('h:4222')).toBe('nats://h:4222');
    expect(natsOption('tls://user:secret@h:4222')).toBe('tls://user:secret@h:4222');
    expect(natsOption('nats://a:1,b:2,tls://c:3')).toBe('nats://a:1,nats://b:2,tls://c:3');
    expect(() => natsOption('nats://a:1,')).toThrow(/expected nats:\/\/HOST:PORT/);
    expect(() => natsOption('nats://h')).toThrow(/expected nats:\/\/HOST:PORT/);
  });

  it('an input may name its population', () => {
    expect(splitInput('a.csv')).toEqual({ file: 'a.csv' });
    expect(splitInput('in=a=b.csv')).toEqual({ name: 'in', file: 'a=b.csv' });
    expect(splitInput('./a=b.csv')).toEqual({ file: './a=b.csv' });
    expect(() => splitInput('in=')).toThrow(/expected FILE or NAME=FILE/);
  });
});

describe('aligned text', () => {
  it('puts words left and numbers right', () => {
    const rows = [
      { name: 'exc', n: 10_000 },
      { name: 'inhibitory', n: 5 },
    ];
    const columns = [
      { title: 'name', text: (row: (typeof rows)[0]) => row.name },
      { title: 'neurons', number: true, text: (row: (typeof rows)[0]) => String(row.n) },
    ];
    expect(textTable(rows, columns)).toBe('name        neurons\nexc           10000\ninhibitory        5\n');
    expect(textTable(rows, columns, true).split('\n')[0]).toBe('\u001b[1mname        neurons\u001b[22m');
    expect(textTable([], columns)).toBe('name  neurons\n');
    expect(
      textFacts([
        ['a', '1'],
        ['long', '2'],
      ]),
    ).toBe('a     1\nlong  2\n');
  });
});
