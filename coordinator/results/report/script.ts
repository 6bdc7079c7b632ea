/** The page's script: inflates the raster, draws it in the colours of the scheme, tells what is under the pointer. */
export const SCRIPT = `
(async () => {
  const data = JSON.parse(document.getElementById('raster-data').textContent);
  const canvas = document.getElementById('raster');
  const told = document.getElementById('told');
  const packed = Uint8Array.from(atob(data.cells), (c) => c.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  const cells = new Uint8Array(await new Response(stream).arrayBuffer());
  const { columns, rows, bands, endMs } = data;
  const draw = () => {
    const ratio = window.devicePixelRatio || 1;
    const box = canvas.getBoundingClientRect();
    const width = (canvas.width = Math.round(box.width * ratio));
    const height = (canvas.height = Math.round(box.height * ratio));
    const style = getComputedStyle(document.documentElement);
    const pen = canvas.getContext('2d');
    const w = Math.max(1.8 * ratio, width / columns);
    const h = Math.max(1.2 * ratio, (height / rows) * 0.8);
    bands.forEach((band, i) => {
      pen.fillStyle = style.getPropertyValue('--c' + (i % 8));
      for (let row = band.firstRow; row < band.firstRow + band.rows; row++) {
        const y = height - ((row + 0.9) * height) / rows;
        for (let column = 0; column < columns; column++) {
          const count = cells[row * columns + column];
          if (count === 0) continue;
          pen.globalAlpha = Math.min(1, 0.7 + 0.15 * count);
          pen.fillRect((column * width) / columns, y, w, h);
        }
      }
    });
  };
  draw();
  let timer;
  addEventListener('resize', () => { clearTimeout(timer); timer = setTimeout(draw, 100); });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
  canvas.addEventListener('pointermove', (event) => {
    const box = canvas.getBoundingClientRect();
    const row = Math.floor((1 - (event.clientY - box.top) / box.height) * rows);
    const band = bands.find((b) => row >= b.firstRow && row < b.firstRow + b.rows);
    if (!band) return;
    const ms = ((event.clientX - box.left) / box.width) * endMs;
    told.textContent = band.name + ' neuron ' + (band.firstNeuron + (row - band.firstRow) * band.stride) + ', ' + ms.toFixed(1) + ' ms';
  });
  canvas.addEventListener('pointerleave', () => { told.textContent = ''; });
})();
`;
