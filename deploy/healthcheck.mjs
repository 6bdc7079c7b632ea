// Asks the coordinator or worker of this container whether it is well. Exit status 0 or 1.
import { get as getHttp } from 'node:http';
import { get as getHttps } from 'node:https';

const port = /:(\d+)$/.exec(process.env.NIL_HTTP ?? '')?.[1] ?? '7611';
const path = process.argv[2] ?? '/healthz';

/** Of this container only, so it needn't prove who it is. */
const ask = (get, options) =>
  new Promise((resolve) => {
    const request = get({ host: '127.0.0.1', port, path, timeout: 3000, ...options }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(false));
  });

const well = (await ask(getHttp, {})) || (await ask(getHttps, { rejectUnauthorized: false }));
process.exitCode = well ? 0 : 1;
