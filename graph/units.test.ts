import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from './errors.js';
import type { Unit } from './model.js';
import { formatTimeNs, parseQuantity, parseTimeNs, unitScale } from './units.js';

describe('parseQuantity', () => {
  it.each<[string, Unit, number]>([
    ['20 mV', 'mV', 20],
    ['-0.07 V', 'mV', -70],
    ['1.5 ms', 'ms', 1.5],
    ['0.1ms', 'ms', 0.1],
    ['0.1 ms', 's', 1e-4],
    ['100 us', 'ms', 0.1],
    ['100 µs', 'ms', 0.1],
    ['250 pF', 'pF', 250],
    ['0.25 nF', 'pF', 250],
    ['0.00025uF', 'pF', 250],
    ['8 Hz', 'Hz', 8],
    ['0.8 kHz', 'Hz', 800],
    ['10 nS', 'nS', 10],
    ['2 GOhm', 'MOhm', 2000],
    ['40 MΩ', 'MOhm', 40],
    ['1e3 pA', 'pA', 1000],
    ['+.5 nA', 'pA', 500],
    ['5.e-1 nA', 'pA', 500],
    ['0 mV', 'mV', 0],
  ])('%s in %s is %d', (text, unit, value) => {
    expect(parseQuantity(text, unit)).toBe(value);
  });

  it('moves the decimal point without rounding twice', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e9, max: 1e9 }), fc.integer({ min: 0, max: 9 }), (digits, places) => {
        const text = `${digits}e-${places}`;
        expect(parseQuantity(`${text} V`, 'mV')).toBe(Number(`${digits}e${3 - places}`));
        expect(parseQuantity(`${text} mV`, 'mV')).toBe(Number(text));
      }),
    );
  });

  it('takes plain numbers only where there is no unit', () => {
    expect(parseQuantity(0.5, '1')).toBe(0.5);
    expect(() => parseQuantity('0.5', '1')).toThrow("found '0.5', expected a plain number without a unit");
    expect(() => parseQuantity('1 mV', '1')).toThrow("found '1 mV', expected a plain number");
  });

  it.each<[unknown, Unit, string]>([
    [20, 'mV', "found 20 (the unit is missing), expected a voltage with its unit, such as '20 mV'"],
    ['20', 'mV', "found '20' (the unit is missing), expected a voltage with its unit, such as '20 mV'"],
    ['20 pF', 'mV', "found '20 pF' (a capacitance), expected a voltage with its unit, such as '20 mV'"],
    ['20 mv', 'mV', "found '20 mv' (unknown unit 'mv'), expected a voltage with its unit, such as '20 mV'"],
    ['twenty', 'mV', "found 'twenty', expected a voltage with its unit, such as '20 mV'"],
    ['', 'ms', "found '', expected a time with its unit, such as '1.5 ms'"],
    [null, 'pA', "found null, expected a current with its unit, such as '100 pA'"],
    [undefined, 'pA', "found nothing, expected a current with its unit, such as '100 pA'"],
    [[1, 2], 'pA', "found a list of 2, expected a current with its unit, such as '100 pA'"],
    [Number.NaN, '1', 'found NaN, expected a finite number'],
    [Infinity, '1', 'found Infinity, expected a finite number'],
    ['1e999 mV', 'mV', "found '1e999 mV', expected a finite number"],
    ['NaN mV', 'mV', "found 'NaN mV', expected a voltage with its unit, such as '20 mV'"],
    [
      '1 1 mV',
      'mV',
      "found '1 1 mV' (unknown unit '1 mV'), expected a voltage with its unit, such as '20 mV'",
    ],
    [
      '0x10 mV',
      'mV',
      "found '0x10 mV' (unknown unit 'x10 mV'), expected a voltage with its unit, such as '20 mV'",
    ],
  ])('%s as %s is refused', (input, unit, message) => {
    expect(() => parseQuantity(input, unit)).toThrow(InputError);
    expect(() => parseQuantity(input, unit)).toThrow(message);
  });
});

describe('unitScale', () => {
  it('converts plain numbers', () => {
    expect(unitScale('nF', 'pF')).toEqual({ multiply: 1000, divide: 1 });
    expect(unitScale('us', 'ms')).toEqual({ multiply: 1, divide: 1000 });
    expect(() => unitScale('pF', 'mV')).toThrow("found 'pF' (a capacitance), expected a unit such as 'mV'");
    expect(() => unitScale('mV', '1')).toThrow("found unit 'mV', expected plain numbers without a unit");
  });
});

describe('parseTimeNs', () => {
  it.each([
    ['1s', 1e9],
    ['0.1ms', 100_000],
    ['1.5 ms', 1_500_000],
    ['100 us', 100_000],
    ['7 ns', 7],
    ['1.0000 ns', 1],
    ['0 ms', 0],
    ['-1 ms', -1_000_000],
    ['1e-3 s', 1_000_000],
    ['0.000000001 s', 1],
    ['1000 ks', 1e15],
  ])('%s is %d ns', (text, ns) => {
    expect(parseTimeNs(text)).toBe(ns);
  });

  it('is exact and the inverse of formatTimeNs', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (ns) => {
        expect(parseTimeNs(`${ns} ns`)).toBe(ns);
        expect(parseTimeNs(`${ns}e-9 s`)).toBe(ns);
      }),
    );
    fc.assert(
      fc.property(fc.integer({ min: -1e13, max: 1e13 }), (ns) => {
        expect(parseTimeNs(formatTimeNs(ns))).toBe(ns);
      }),
    );
  });

  it.each<[unknown, string]>([
    ['0.1 ns', "found '0.1 ns', expected a whole number of nanoseconds"],
    ['1.0000001 ms', "found '1.0000001 ms', expected a whole number of nanoseconds"],
    ['1', "found '1' (the unit is missing), expected a time"],
    [1, 'found 1 (the unit is missing), expected a time'],
    ['1 mV', "found '1 mV' (a voltage), expected a time"],
    ['1 min', "found '1 min' (unknown unit 'min'), expected a time"],
    ['1e9 s', "found '1e9 s', expected a time below 2^53 ns (104 days)"],
    ['1e9999 s', "found '1e9999 s', expected a time below 2^53 ns (104 days)"],
    ['1e-9999 s', "found '1e-9999 s', expected a whole number of nanoseconds"],
    ['forever', "found 'forever', expected a time"],
  ])('%s is refused', (input, message) => {
    expect(() => parseTimeNs(input)).toThrow(InputError);
    expect(() => parseTimeNs(input)).toThrow(message);
  });
});
