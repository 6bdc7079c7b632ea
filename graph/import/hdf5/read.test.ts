import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { nirFile } from '../../../test/peers/nir/files.js';
import { readHdf5 } from './read.js';

const folder = mkdtempSync(join(tmpdir(), 'nil-damaged-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Files that were damaged until the library couldn't stand them (deflated, base64). */
const ABORTS =
  'eNrtXH9sE1Ucf3ft2q6jW7uVsTGQtg4yRJThgAXQDjrYBtPBJIKSMLq1WZutP2yvY2BkQDCpEUQCf6CJcRGjKIIgoCMBXZzGxaARNZEgAiIYkKEDQ5DEBHO971uvr3Qr6y2xz/smzev323fvfe9z3/fe9z73ri9WVy7UacdqWY0GYbkDsq5W0KeB/UTAfa6uurKeNX2Up2oRf9rZXPGBWLQsYhBS5SDEIKXX53D24C4WIGnkU+Xz2cN3iVvrdz7FCC2p9Lwpw+lodgYDbIyN9zz4sgK6HD+ES8t6Vi6OuGQmXUIMo0SIb1thREyhmUF6hCIfwQcNymARo2A1uQgpGAQXRI8b7kZpL0uOWk8mxKYYIZZlmAyoC9cAkXoy2OkLhLqduOPONMCm78/iBKGs1yOUuyh2MEIg63gAWLfXrISQzeYNimCosU8FFqFKU6llJhhG8QbG3VgRW6F1qo2AfN8/i/5KbXQdVsaMpKDL7nd+i5svHQZKL92cuVCK0XWggL7R5bpY6UqIjREhlmEYmO0QIxpNBpMVJpsKVJaFyu4okICVVsCqG7AaWCEOpB827zm0JamFcm9B/EJxsTB+oUBFYMvjbRqPk7M77Jw9WAaeqLBLN44cnVRnq1589/5VBv5wVVtDq9PeMu5BODafN2a1NXCugDPo8rU6yqfCL4Kjaxrc3mUPCaa31m4Y+kLx11SvicZEla2ulhENDAbFXvsnauqrAna/iyXiyI3jiSiDocZIqSRm8abWu8/u2K4i2vGFuEipTtCvJkH9zAT+aBPYswh/3F6hHEVMjTVef6QHXQJ8sgk/m6DMIewcip2HSLuBiBpfiIt0nJug/TzCTzf4aUzg/2jQMa62UKO9tmYhygcd47cMBxzoYwi/6sCvAsKvNigLifo2n7et1IHQWNBxfATtHidfFhHt1EA5jmwn4m80KyP9wTJNh2SRRRZZZJFFFllkkUUWWWQRCSviA7Lg/hjrPC0h1rVwf4Z1lqivINpTEnoGUV9FtKcmftfAMVgfNeC1vkIKTrDXFHsvTgMneNz8TfdQjLuC4Dzi9CSwOwXYrcYdpwHjvmbyr88MhxMUyL4Is7IDk30Cp9606r4YndMBLMDmCezNnlKCDIqKYkF4Y2o05SRgSMSM+3zMjgyHcT8W6rkixegqN9M3uhpVZ0pGgnGvNkdnvIikIeN+KWD6Y5DnWR3q2AkjLpCv46GUy5vUnD3UEFzr7S2Js3qcnouTY4ZdAE1B0SUsKl1h2yYpQnkJhaHcuz6jILWZx/8wXAQjb8oceESxBT+ynHqPLm1re2FesnXFzzF0RJ6QR+QVuYSeTeg5hK6H3ATrBqJ9oygPUYvsPLf+nHF/1S/rNluFcqdV+KXfGut9v3WoMlPUbn4Sx4n9HSPyT3xeBcR5FQ7SrlJUb2zCenfvp+ge/R2XBG7i+uNF/coZvCyyyCLL/0uSSeuGyrpXk1k3BWldVfFJlRTYuCjERnfw6d+kwMZPITYf5+29IQU27RRiU1Z8qUUKbDZQiM2K8+otQzEieK+P8h4YkTBgZUpjRmTCOx2zpKAf9lBIP9ywHF85EnHTRUHcHL/91ZOpUTNzpseTwssfSYEU3lZTdE2KUD5FYSjvfvyNV0eCFL5MASl8c7fBMZxQFnjdFtUMaKdaOpfCly1npQjlfgpD+d2O+kOpzTxH4KUTnvKfNxfyJxS1bX9U+D4d83oCr++3Oxxub3PmbDCrB1x6fcf1sCSvV1nou1wV638+mBCbMoRYRfzMQ27kJ+3JzEx6EstX/nvYfLD1ikmKpN1koS9pH730s9ekGFMlFI6p0/vbX5AibsopjBvFbfv7/BtM/ER+7jHBhh/2wetPDnernXP7vBPngN365vZ6KfCsoBDPXcZn92E8p8CjrFkYT2EHSXPAF/IHQ7CSos1dJs+IbECwpH+u6d3+pZdHE5Bb43Q3u7iTgCekKI1ue7AHUpC9F76TJDKXUBiZqLn2qgjLIBdwO5zXygFL4a3EyIaohsi9ZQ48p337/PezU8sfb+KXlGFnh2E+ODRjmCfyQ2uJSYq1bgWFa92xfXX3jwQJ47KkPwmz88PJWwfZzlQLLyhiUiUukLttMTc4sJ3pTGWc1eP0/L0gNuiNVdBq7HamT75Y+rUUoRymMJQ/L+nrlGIy30XhZH6VO/yjFNh0UoiNOa/vtBTY7KEQm582TnRJgc0BCrHZ9Ht+e5J/5jANyEvT8r0PpJYczV8UT+uvWpwCrX8iFFYOchbCf8v4QlwHrHZaQ/8tKVagLgpXoAu3JjpG4tasl4Jbs7mHJpz9FzI9MrA=';
const LEAVES_ITS_MEMORY =
  'eNrtW2toHFUUPjP7mmbz2CTrdpPWmsRAfdU+Eje2SnfLxiRrYxMjSMFIMtmdZLddN3Fn8jL4wPqoFvpDLFV8EBEq/RNDkZpS1BDBH/0hUUpFRKhtCULFVG2rhEp1ds5Ndm6yyWYf0B3mg+Vyzt499+y5371z77l33miqbyjIK89jOQ4IbiK2PazIW1A/slWsbWmqb2MrTpaa98d/htiS+B8S5LHAAJiLABgwRnoDwtekiUcgM/jK+Hxh6i5Jw33Ck4xiyWyTVSYh0COIUValkz0XDxtQVyrruGcEiQ/wEn/2QfTETFwa+XffVMylStolYBgjgGzbYAemrJIBG0Dso/jAgYkFxsByJQAGBrBDbMTwJOQ8Wk+5v0sYm2oAlmUYC9bFPgBaTiZ2NqdS9zxpePTWj8328MEdCahsswGcq1CqbcbqSOQCOQBsKFJpRBrmywpm8Dfko7lQlg3hUHf7epUmKviHNql+E/CSgW7C0vbxt3Ppja7PjKqRJAb5PmGamN+aQpQOXXM1ZGJ0XXFqb3QdZvfsSxgbOwDLMAzOdsDEjabiCjdONh6otULtTQMoscrDmagMMIKI8dyLzQlvz1/pUZnDKJiLZZV5UAj1BKXqclQq9bpCvOhZh03evoJLR2smr7Z4m3Yv3b7ZIVu0DnRIwaggBnvDgep7sK0S+RvLQEdUEAXJc++SzyUvThcWx6UTyzkh96mNW+BEo7elmYkbGAyo+36Pr60xyvcF52djLMOhbpVMyqjgj5XGBHpTAjvmBHoLxd8A5R+tX0M9PUQ/Tp8J9Faq3d5+KVbmU/YHsSxIoC9M4H8R1W4oop6HSDx8kb5Yy8XU8mJXd3coIgCUUPabfQ2xspSKh9jfJUV5v2Sn7DSHIgIfBbiNardeCPPDAOCg9E/4+bDwP2nXUnZa+qWYo04qDl0Uz8YLQIcOHTp06NChQ4cOHTp03EKQ96U23MQV4X6O5AfyKbkA959ELqRklpINlGykZBMlm6n2LJTMEX+5hb1+vJxH2bNiGzY6sw7gyUROkauk7Gogp7hzfOa1lTL2BiqnsUhOIsfoxNiRFHQuZOzfufPZmZXyrXQ+LJlYNGEsnPPJk9zjzexd7NgypxkvYh5PwOqLsq2z6tMKie+3bkCNcloR3XgHyko+dqAjLPD7ubth0dgmuPhTcDoTw7xTg8O88eVLPdmgcp8GqFzhGDiSjdgc1EBsrh87I6ZyrKIcB8YOMNrvQ1v1mXEpMvb6cflYRZ5mwi71UwWPS0V/YQ2pPmc3zeJag6wLiudtXXEv3QbR0yWN8+749YcckBH7WOMvz73iVsq33RMbXr38+MSH7tXZXa0f6nOeUur/2pO2v1I99fpKPlu4cfyP7x/ranUrZaebyPH1HIvteNBrT7yfaxf+jWeTd/3lC65yd/x60Kkv33Xo0KFDxyqRjQXeqAYWeAcsw7PZiM2EBmLz1lOB09mIzbQGYvP50YZjmdhs/6rBzfaj677xpXcXzXq/Kveh3EXbSK6Gblm9S1L45xcy0V3/aLC7pE/DZ5NNgSYskxj2XJVStymHUqB7XXMn06PyOWQrpgQC8v2zP8nN4FRuCG+bOXMqE1RurdIelS+aDvyejSdWZ1XuP7Gm2q8dSY/KH9WoqCzKVya/qE2Dyg03vtybCSoPaZDKP5R98FJWsrIaoPLcdVdRelR+36WmsvzexkRdGlTe+feFumUuuyunPL390o8P4LNvarOQCeqPapD67Wum7dl4z2O8aiFXnKvU/6TNLqVCfeVgICD1bEfik5cWJeHADrRdm5pL5VHf6WSovOKWme4eDVD53ad3v5dKdylnwLzjIaDWzOmjLjLly8TMM6nBmWfq6q43/wOybCCi';
const NEVER_ENDS =
  'eNrtmD9Lw0AYxp+72BBii/2TQv0zpJOOgkUXpYUW20EoOLhJKTZCaJsWroJfwMHFXTc3P4HoKI4uQncnBwt+BLGS5CJpJy11qLw/OF5yb973nnsIB5fzSmk3pi/pXNMQMJQUMv7zupw/qz9sViulfW7eptRmeJzyZLgwQOdggJoAGFTRtZuWeAwWKWIaKG/d90kkxVxJ3HYOmGxUxrTYPnzqTyIp7UrSe3bbEr16uysGUpqachOa02lYNbshIopcZ+3nkpY/j1c9SdlxSWDMADhjbE6+G0TFAEuYefifRQG5eeSGChDhYIquJQGFySRMWZNOuuXj+4tuAQpUGG7yxLF7AotZhjjgDX+bGjiAqNtMNvXma/hrXgYXN7/2JgoW90T73oQ9MTOjnuAOM8vO9asJgiD+K1eXLvf5DY/+d/SzRqFcrO55J3E8dCoDWJGxbbdatrCOOk5DhPs+L5C3xKygkQUEQRAEQRAEQRAYvfd/yBj8hf4CQ8ufzQ==';

let files = 0;
function damaged(packed: string): string {
  const path = join(folder, `${files++}.h5`);
  writeFileSync(path, inflateSync(Buffer.from(packed, 'base64')));
  return path;
}

const good = (): Promise<unknown> =>
  expect(readHdf5('nir', nirFile('lif_rockpool'))).resolves.toHaveProperty('type', 'NIRGraph');

describe('a file that the HDF5 library can not stand', () => {
  it.each([
    ['makes it abort', ABORTS],
    ['makes it leave its memory', LEAVES_ITS_MEMORY],
  ])('%s: that is one line, and the next file can be read', async (_, packed) => {
    const path = damaged(packed);
    const read = readHdf5('nir', path);
    await expect(read).rejects.toThrow(/damaged: (Aborted|memory access out of bounds)/);
    await expect(read).rejects.toMatchObject({ code: 'HDF5_UNREADABLE', exitStatus: 2 });
    await good();
  });

  it('keeps it for ever: it is ended, and the next file can be read', async () => {
    const path = damaged(NEVER_ENDS);
    await expect(readHdf5('sonata', path, 2000)).rejects.toThrow(
      `${path}: the HDF5 content is damaged: reading it took more than 2 s`,
    );
    await good();
  });

  it('is in nobody’s way: files that are read at once each have their own answer', async () => {
    const paths = [damaged(ABORTS), damaged(LEAVES_ITS_MEMORY), damaged(ABORTS)];
    const answers = await Promise.allSettled([
      ...paths.map((path) => readHdf5('nir', path)),
      readHdf5('nir', nirFile('lif_rockpool')),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected', 'fulfilled']);
    paths.forEach((path, i) => {
      expect((answers[i] as PromiseRejectedResult).reason.message).toContain(path);
    });
  });
});
