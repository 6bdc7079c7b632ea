import { describe, expect, it } from 'vitest';
import { testIo } from '../test/cli-io.js';
import { checkHttp, httpOption, httpSecurity } from './http.js';
import { main } from './program.js';

describe('--http', () => {
  it('is a host and a port', () => {
    expect(httpOption('127.0.0.1:7611')).toEqual({ host: '127.0.0.1', port: 7611 });
    expect(httpOption('[::1]:0')).toEqual({ host: '::1', port: 0 });
    for (const text of ['7611', ':7611', 'a:65536', 'http://a:1', 'a:1/x', '']) {
      expect(() => httpOption(text)).toThrow(/expected HOST:PORT/);
    }
  });

  it('is for other machines only with who may see it, or --http-insecure', () => {
    const http = { host: '0.0.0.0', port: 0 };
    expect(() => checkHttp({ http }, {})).toThrow(/--http 0\.0\.0\.0:0: found nothing that asks/);
    expect(() => checkHttp({ http }, { tokens: () => [] })).toThrow(/tokens without TLS/);
    checkHttp({ http, httpInsecure: true }, {});
    checkHttp({ http }, { insecure: true });
    checkHttp({ http: { host: '127.0.0.1', port: 0 } }, {});
  });

  it('has no options without it, and no half of a certificate', () => {
    expect(() => checkHttp({ httpInsecure: true }, {})).toThrow(/expected it/);
    expect(() => httpSecurity({ httpCert: 'a' })).toThrow(/expected both or none/);
    expect(() => httpSecurity({ httpTokens: '/nowhere' })).toThrow(/no such file/);
  });

  it('is refused in one line before anything is started', async () => {
    for (const command of ['coordinator', 'worker']) {
      const io = testIo();
      expect(await main([command, '--http', '0.0.0.0:7611'], io)).toBe(2);
      expect(io.told.err).toMatch(
        /^nil: --http 0\.0\.0\.0:7611: found nothing that asks who is calling.*\n$/,
      );
    }
  });
});
